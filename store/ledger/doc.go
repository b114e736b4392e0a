// Package ledger says what the tables are that reports and IT read of many
// lanes, and which of their rows a journal record makes. The hub keeps them in
// SQLite and head office in PostgreSQL; both are made from this one description,
// so that a question has one answer. It keeps nothing itself and works nothing
// out: every sum was decided by the lane when it sold.
//
// Its one rule: the order in which records come does not matter. Each row says
// which record made it, and an older record never overwrites what a newer one
// said, however often and in whatever order they arrive.
package ledger
