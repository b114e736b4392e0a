// Package money counts in whole minor units: cents, fils, or yen where there
// is nothing smaller. It is a leaf and pure, and knows nothing of how an amount
// is printed (package words) or which rule rounds what (package basket).
//
// Its one rule: no float, and nothing overflows unseen. Every operation that
// can leave the range of an Amount returns [ErrRange] instead of a number; none
// saturates and none panics.
package money

import (
	"cmp"
	"errors"
	"math"
	"math/bits"
	"slices"
)

// Amount is a sum in minor units of the lane's one currency.
type Amount int64

// Errors of this package's arithmetic.
var (
	ErrRange  = errors.New("amount out of range")
	ErrDivide = errors.New("amount divided by zero or less")
	ErrShare  = errors.New("amount cannot be shared by these weights")
)

// Rounding says what becomes of a fraction of a minor unit. Every mode mirrors
// at zero, so that a refund is the sale with its sign turned.
type Rounding uint8

// The modes. The zero Rounding is HalfUp.
const (
	HalfUp   Rounding = iota // to the nearest; a half goes away from zero
	HalfEven                 // to the nearest; a half goes to the even neighbour
	Down                     // towards zero
	Up                       // away from zero
)

// Add returns a + b.
func (a Amount) Add(b Amount) (Amount, error) {
	sum := a + b
	if (b > 0 && sum < a) || (b < 0 && sum > a) {
		return 0, ErrRange
	}
	return sum, nil
}

// Sub returns a - b.
func (a Amount) Sub(b Amount) (Amount, error) {
	diff := a - b
	if (b > 0 && diff > a) || (b < 0 && diff < a) {
		return 0, ErrRange
	}
	return diff, nil
}

// Neg returns -a. The lowest Amount has no opposite.
func (a Amount) Neg() (Amount, error) { return Amount(0).Sub(a) }

// Mul returns a x n.
func (a Amount) Mul(n int64) (Amount, error) { return a.MulDiv(n, 1, Down) }

// MulDiv returns a x num / den, rounded once. The product is held in 128 bits.
// den must be positive.
func (a Amount) MulDiv(num, den int64, mode Rounding) (Amount, error) {
	if den <= 0 {
		return 0, ErrDivide
	}
	hi, lo := bits.Mul64(magnitude(int64(a)), magnitude(num))
	if hi >= uint64(den) {
		return 0, ErrRange // the quotient needs more than 64 bits
	}
	quo, rem := bits.Div64(hi, lo, uint64(den))
	if roundsUp(quo, rem, uint64(den), mode) {
		if quo == math.MaxUint64 {
			return 0, ErrRange
		}
		quo++
	}
	return signed(quo, (a < 0) != (num < 0))
}

// roundsUp reports whether quo + rem/den goes to quo+1.
func roundsUp(quo, rem, den uint64, mode Rounding) bool {
	if rem == 0 {
		return false
	}
	// rem < den < 2^63, so 2*rem fits.
	half := cmp.Compare(2*rem, den)
	switch mode {
	case HalfUp:
		return half >= 0
	case HalfEven:
		return half > 0 || half == 0 && quo%2 == 1
	case Up:
		return true
	case Down:
		return false
	default:
		return half >= 0
	}
}

// RoundTo returns the multiple of step nearest to a by mode: cash rounding to
// five or ten minor units. step must be positive.
func (a Amount) RoundTo(step Amount, mode Rounding) (Amount, error) {
	n, err := a.MulDiv(1, int64(step), mode)
	if err != nil {
		return 0, err
	}
	return n.Mul(int64(step))
}

// Sum adds all amounts.
func Sum(all ...Amount) (Amount, error) {
	var total Amount
	for _, a := range all {
		var err error
		if total, err = total.Add(a); err != nil {
			return 0, err
		}
	}
	return total, nil
}

// Share splits total over weights, none negative, so that the parts add up to
// total exactly: each gets its part rounded down, and the units left go one
// each to those that lost most, the first among equals (largest remainder).
// A weight of nought gets nothing. All weights nought is an error, unless total
// is nought too.
func Share(total Amount, weights []Amount) ([]Amount, error) {
	parts := make([]Amount, len(weights))
	if total == 0 {
		return parts, nil
	}
	for _, w := range weights {
		if w < 0 {
			return nil, ErrShare
		}
	}
	whole, err := Sum(weights...)
	if err != nil {
		return nil, err
	}
	if whole == 0 {
		return nil, ErrShare
	}
	size := magnitude(int64(total))
	left := size
	quotas := make([]uint64, len(weights))
	rests := make([]uint64, len(weights))
	order := make([]int, len(weights))
	for i, w := range weights {
		hi, lo := bits.Mul64(size, uint64(w)) // w <= whole: the quotient fits
		quotas[i], rests[i] = bits.Div64(hi, lo, uint64(whole))
		left -= quotas[i]
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(rests[j], rests[i]) })
	for _, i := range order[:left] { // the rests add up to left wholes, so left < len
		quotas[i]++
	}
	for i, q := range quotas {
		if parts[i], err = signed(q, total < 0); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func signed(n uint64, negative bool) (Amount, error) {
	switch {
	case negative && n <= 1<<63:
		return Amount(-n), nil
	case !negative && n <= math.MaxInt64:
		return Amount(n), nil
	default:
		return 0, ErrRange
	}
}
