// Package money counts in whole minor units: cents, fils, or yen where there
// is nothing smaller. It is a leaf and pure, and knows nothing of how an amount
// is printed (package words) or rounded for tax (package basket).
//
// Its one rule: no float, and nothing overflows unseen.
package money

// Amount is a sum in minor units of the lane's one currency.
type Amount int64
