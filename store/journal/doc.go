// Package journal keeps what happened on one lane, in order, for good.
//
// Every event that changed the lane's state is a record, chained to the one
// before by its hash (hash.go). The tables that IT reads are derived from the
// records' decided part, [flow.Facts], in the same transaction (derive.go), and
// can be made anew from it at any time. Personal data lies beside the chain
// (personal.go). Raw scale samples and a terminal's progress never enter.
//
// It is not for deciding anything: it never works out a price or a total.
//
// Its one rule: what was acknowledged is there after a power cut, once, in the
// order of the calls. Commits are grouped: one goroutine ([Journal.Run]) writes
// all that waits in one transaction, flushes once, and only then acknowledges.
//
// What a crash leaves:
//
//	before the commit      none of the batch: nobody was told otherwise
//	in the commit          all of the batch or none of it
//	before the tickets     all of it; nobody acted on it yet, so the next start
//	                       finds the records and decides anew what to do
//	in a rebuild           the tables as they were; the next start begins again
//
// An error of the disk ends the journal: whoever waits gets it, and Append
// refuses from then on, since nobody can know whether the batch is there. The
// next Open reads what is.
package journal
