// Package chain is how the records of a lane's journal hang together: each
// carries the hash of the one before, so that whoever has them can prove that
// none was changed, taken out or put in. It keeps nothing.
//
// Its one rule: the hash of a record is made of its bytes as they stand, never of
// what they mean, and never differently: a chain is read for ten years.
//
// So that anybody can verify it with other tools: a record's hash is the SHA-256
// of twelve fields, each written as a netstring, that is its length in bytes as a
// decimal number, a colon, its bytes, a comma:
//
//	kassa-journal-1  epoch  seq  run  at  mono  clock  txn  kind  event  facts  prev
//
// Text stands as it was written, byte for byte; numbers in decimal; prev, the hash
// of the record before, as 64 lower-case hexadecimal digits. That of record 1 is
// the anchor, the SHA-256 of the netstrings
//
//	kassa-anchor-1  epoch  store  lane  created_at
package chain

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// A Record is what a hash is made of.
type Record struct {
	Epoch string
	Seq   int64 // from 1, without holes
	Run   string
	At    string // wall time, RFC 3339 with offset
	Mono  int64  // nanoseconds since the run began
	Clock string
	Txn   int64
	Kind  string
	Event string // JSON
	Facts string // JSON, "" when nothing was decided
	Prev  [32]byte
}

// Sum works out the hash that the record must have.
func (r *Record) Sum() [32]byte {
	sum, _ := r.SumIn(make([]byte, 0, len(r.Event)+len(r.Facts)+384))
	return sum
}

// SumIn is Sum in the room of b, which it returns for the next.
func (r *Record) SumIn(b []byte) (sum [32]byte, room []byte) {
	var prev [64]byte
	hex.Encode(prev[:], r.Prev[:])
	n := netstrings(b[:0])
	n = n.text("kassa-journal-1").text(r.Epoch).number(r.Seq).text(r.Run).text(r.At).number(r.Mono).text(r.Clock)
	n = n.number(r.Txn).text(r.Kind).text(r.Event).text(r.Facts).text(string(prev[:]))
	return sha256.Sum256(n), n
}

// Anchor is what comes before record 1 of a journal.
func Anchor(epoch, store, lane, createdAt string) [32]byte {
	return sha256.Sum256(netstrings{}.text("kassa-anchor-1").text(epoch).text(store).text(lane).text(createdAt))
}

// netstrings are fields that cannot run into each other.
type netstrings []byte

func (n netstrings) text(field string) netstrings {
	n = append(strconv.AppendInt(n, int64(len(field)), 10), ':')
	return append(append(n, field...), ',')
}

func (n netstrings) number(i int64) netstrings { return n.text(strconv.FormatInt(i, 10)) }
