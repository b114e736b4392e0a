package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"kassa/kiosk/flow"
)

// The chain, so that anybody can verify it with other tools:
//
// A record's hash is the SHA-256 of twelve fields, each written as a netstring,
// that is its length in bytes as a decimal number, a colon, its bytes, a comma:
//
//	kassa-journal-1  epoch  seq  run  at  mono  clock  txn  kind  event  facts  prev
//
// Text stands as in table record, byte for byte; numbers in decimal; prev as 64
// lower-case hexadecimal digits. prev is the hash of the record before. That of
// record 1 is the anchor, the SHA-256 of the netstrings
//
//	kassa-anchor-1  epoch  store  lane  created_at
//
// of table identity. Where the beginning was pruned, table anchor holds the
// number and the hash of the last record that went.

// A row is a record as it stands in the file: times as text.
type row struct {
	seq, mono, txn                     int64
	run, at, clock, kind, event, facts string
	prev, hash                         []byte
	decided                            flow.Facts // facts, read
}

// sum works out the hash that r must have.
func (r *row) sum(epoch string) [32]byte {
	sum, _ := r.sumIn(make(netstrings, 0, len(r.event)+len(r.facts)+384), epoch)
	return sum
}

// sumIn works in the room of b, which it returns for the next.
func (r *row) sumIn(b netstrings, epoch string) ([32]byte, netstrings) {
	b = b[:0]
	b = b.text("kassa-journal-1").text(epoch).number(r.seq).text(r.run).text(r.at).number(r.mono).text(r.clock)
	b = b.number(r.txn).text(r.kind).text(r.event).text(r.facts).text(hex.EncodeToString(r.prev))
	return sha256.Sum256(b), b
}

// An identity says whose journal it is.
type identity struct{ epoch, store, lane, createdAt string }

// anchor is what comes before record 1.
func (id identity) anchor() [32]byte {
	return sha256.Sum256(netstrings{}.text("kassa-anchor-1").text(id.epoch).text(id.store).text(id.lane).text(id.createdAt))
}

// netstrings are fields that cannot run into each other.
type netstrings []byte

func (n netstrings) text(field string) netstrings {
	n = append(strconv.AppendInt(n, int64(len(field)), 10), ':')
	return append(append(n, field...), ',')
}

func (n netstrings) number(i int64) netstrings { return n.text(strconv.FormatInt(i, 10)) }
