// Package fiscal closes business days: it adds up what a lane's journal says of a
// day, puts the sums into the journal as a Z record, and proves them again. It
// also lays the terminal's own sums beside the journal's.
//
// It is not a certified fiscal memory and claims none. It decides no price and no
// tax: every figure was decided when it was sold.
//
// Its one rule: nothing is counted up anywhere but in the journal. Numbers and
// totals are worked out from its records and can be worked out again by anybody
// who has them; a Z record is chained like every other and repeats, before and
// after, the totals that never go back to nothing.
//
// A day is closed between two sales, in these steps, each a record:
//
//	day-closing    the wish: all that came before it is on the disk
//	day-z          the Z record: number, sums, the hash it follows
//	day-asked      the terminal is about to be told to close its own day
//	day-terminal   what it answered, beside our sums
//
// A terminal may close its day by itself, before it takes a payment: that is a
// day-terminal too, without a day-asked. What it said waits for the end of the sale
// under a key, and is written down once by that key, whatever it was. Each paper of
// a Z after the first is a day-copy, written before it is printed.
//
// What a crash leaves:
//
//	before day-z           no Z: whoever closes the day again makes it
//	after it               one Z; the terminal is asked at the next opportunity
//	after day-asked        the terminal is asked again, and the answer says so, as
//	                       it may have closed its day the first time already
//	before the paper       one Z; kassa day print prints it
//
// A Z takes in whole transactions, by their numbers: from the one after the last
// Z's to the newest. As one lane has one sale at a time and a day is closed
// between two, each transaction is in exactly one Z.
package fiscal
