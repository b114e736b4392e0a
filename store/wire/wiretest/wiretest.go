// Package wiretest makes rows for the tests of those who keep them, as a lane would
// send them. It is for nothing else.
//
// Its one rule: a row from here is sound.
package wiretest

import (
	"encoding/hex"
	"fmt"

	"kassa/store/chain"
	"kassa/store/wire"
)

// Seal gives a row the hash that it must have by its other fields. A Prev that is
// no hash is a mistake of the test, and panics.
func Seal(r wire.Row) wire.Row {
	c := chain.Record{
		Epoch: r.Epoch, Seq: r.Seq, Run: r.Run, At: r.At, Mono: r.Mono, Clock: r.Clock, Txn: r.Txn, Kind: r.Kind, Event: r.Event, Facts: r.Facts,
	}
	if n, err := hex.Decode(c.Prev[:], []byte(r.Prev)); err != nil || n != len(c.Prev) {
		panic(fmt.Sprintf("row %s follows %q", r.MsgID(), r.Prev))
	}
	sum := c.Sum()
	r.Hash = hex.EncodeToString(sum[:])
	return r
}

// Chain seals rows one behind the other. What the first follows is left as it is.
func Chain(rows []wire.Row) {
	for i := range rows {
		if i > 0 {
			rows[i].Prev = rows[i-1].Hash
		}
		rows[i] = Seal(rows[i])
	}
}

// Anchor is what the first row of a journal follows, as it stands in its Prev.
func Anchor(epoch, store, lane, at string) string {
	sum := chain.Anchor(epoch, store, lane, at)
	return hex.EncodeToString(sum[:])
}
