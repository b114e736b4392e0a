package journal

import (
	"kassa/kiosk/flow"
	"kassa/store/chain"
)

// A row is a record as it stands in the file: times as text.
type row struct {
	seq, mono, txn                     int64
	run, at, clock, kind, event, facts string
	prev, hash                         []byte
	decided                            flow.Facts // facts, read
}

// sum works out the hash that r must have. Package chain says how.
func (r *row) sum(epoch string) [32]byte {
	sum, _ := r.sumIn(nil, epoch)
	return sum
}

// sumIn works in the room of b, which it returns for the next.
func (r *row) sumIn(b []byte, epoch string) ([32]byte, []byte) {
	c := chain.Record{
		Epoch: epoch, Seq: r.seq, Run: r.run, At: r.at, Mono: r.mono, Clock: r.clock, Txn: r.txn, Kind: r.kind, Event: r.event, Facts: r.facts,
	}
	copy(c.Prev[:], r.prev)
	return c.SumIn(b)
}

// An identity says whose journal it is. Its anchor comes before record 1; where
// the beginning was pruned, table anchor holds the number and the hash of the
// last record that went.
type identity struct{ epoch, store, lane, createdAt string }

func (id identity) anchor() [32]byte { return chain.Anchor(id.epoch, id.store, id.lane, id.createdAt) }
