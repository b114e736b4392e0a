// Package hq keeps the journals of all stores in PostgreSQL: each row once,
// checked on arrival, with the ledger's tables made from them for whoever asks
// questions. It carries nothing: rows come from JetStream (consume.go) or over
// HTTPS (post.go), and both hand them to Take.
//
// Its one rule: a row is confirmed when PostgreSQL has committed it and not
// before; the mark that says so covers only what is here without a hole.
//
// One process at a time writes (an advisory lock); one that has lost the lock
// tells nothing any more and ends. The ledger's tables follow a moment behind the
// rows, by a position kept in the same transaction: a question asked in between
// sees a little less, never something wrong.
package hq
