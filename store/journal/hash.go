package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
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
	h := netstrings{sha256.New()}
	h.text("kassa-journal-1", epoch)
	h.number(r.seq)
	h.text(r.run, r.at)
	h.number(r.mono)
	h.text(r.clock)
	h.number(r.txn)
	h.text(r.kind, r.event, r.facts, hex.EncodeToString(r.prev))
	return h.sum()
}

// An identity says whose journal it is.
type identity struct{ epoch, store, lane, createdAt string }

// anchor is what comes before record 1.
func (id identity) anchor() [32]byte {
	h := netstrings{sha256.New()}
	h.text("kassa-anchor-1", id.epoch, id.store, id.lane, id.createdAt)
	return h.sum()
}

// netstrings feeds a hash with fields that cannot run into each other.
type netstrings struct{ hash.Hash }

func (n netstrings) text(fields ...string) {
	for _, f := range fields {
		buf := strconv.AppendInt(make([]byte, 0, len(f)+24), int64(len(f)), 10)
		buf = append(buf, ':')
		buf = append(buf, f...)
		_, _ = n.Write(append(buf, ',')) // a hash never fails
	}
}

func (n netstrings) number(i int64) { n.text(strconv.FormatInt(i, 10)) }

func (n netstrings) sum() (sum [32]byte) {
	copy(sum[:], n.Sum(nil))
	return sum
}
