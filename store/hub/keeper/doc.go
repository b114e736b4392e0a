// Package keeper is the hub's copy of every lane's journal, in SQLite: each row
// once, checked on arrival, with the tables that reports read made beside it in
// the same transaction. Who carries the rows is not its matter.
//
// Its one rule: what it once kept it never changes. A row that comes again is
// counted once; one that says something else under the same number, or whose
// hash does not hold, goes to quarantine and raises an alarm, and those behind
// it are kept all the same.
//
// The mark of a lane is the highest row up to which there is no hole and the
// chain holds; only what the mark covers may be pruned on the lane. A keeper
// that was restored from an old backup says a lower mark, and gets the rest again.
package keeper
