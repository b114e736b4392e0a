package wire

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"kassa/store/chain"
)

// A Row is one record of a lane's journal on its way to the keeper, with all
// its hash is made from: whoever has the rows can check the chain by himself.
type Row struct {
	Store string `json:"store"`
	Lane  string `json:"lane"`
	Epoch string `json:"epoch"`
	Seq   int64  `json:"seq"`
	Run   string `json:"run"`
	At    string `json:"at"`   // as it stands in the journal, RFC 3339 with offset
	Mono  int64  `json:"mono"` // ns
	Clock string `json:"clock"`
	Txn   int64  `json:"txn,omitempty"`
	Kind  string `json:"kind"`
	Event string `json:"event"` // JSON as a text: the hash is made of its very bytes
	Facts string `json:"facts,omitempty"`
	Prev  string `json:"prev"` // hex
	Hash  string `json:"hash"` // hex
}

// A Key is what makes a row one of its kind anywhere.
type Key struct {
	Store, Lane, Epoch string
	Seq                int64
}

// Key returns the row's key.
func (r Row) Key() Key { return Key{r.Store, r.Lane, r.Epoch, r.Seq} }

// MsgID is the message id by which JetStream knows a row that comes again.
func (r Row) MsgID() string { return fmt.Sprintf("%s:%s:%s:%d", r.Store, r.Lane, r.Epoch, r.Seq) }

// Check says what is wrong with the form of a row, nil for nothing. Whether the
// hash is right is the chain's matter.
func (r Row) Check() error {
	switch {
	case !Token(r.Store) || !Token(r.Lane):
		return fmt.Errorf("row of store %q, lane %q: not names of a store and a lane", r.Store, r.Lane)
	case len(r.Epoch) == 0 || len(r.Epoch) > 64:
		return fmt.Errorf("row of lane %s: epoch of %d characters", r.Lane, len(r.Epoch))
	case r.Seq < 1:
		return fmt.Errorf("row of lane %s: number %d", r.Lane, r.Seq)
	}
	for _, s := range []string{r.Epoch, r.Run, r.At, r.Clock, r.Kind, r.Event, r.Facts} {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return fmt.Errorf("row %s: a text is not UTF-8, or holds a NUL", r.MsgID())
		}
	}
	for _, h := range []string{r.Prev, r.Hash} {
		if b, err := hex.DecodeString(h); err != nil || len(b) != 32 {
			return fmt.Errorf("row %s: a hash is not 64 hexadecimal digits", r.MsgID())
		}
	}
	if _, err := time.Parse(time.RFC3339Nano, r.At); err != nil {
		return fmt.Errorf("row %s: time %q: %w", r.MsgID(), r.At, err)
	}
	return nil
}

// Sound reports whether the row has the hash that it must have. The form must
// have been checked.
func (r Row) Sound() bool {
	c := chain.Record{
		Epoch: r.Epoch, Seq: r.Seq, Run: r.Run, At: r.At, Mono: r.Mono, Clock: r.Clock, Txn: r.Txn, Kind: r.Kind,
		Event: r.Event, Facts: r.Facts,
	}
	if n, err := hex.Decode(c.Prev[:], []byte(r.Prev)); err != nil || n != len(c.Prev) {
		return false
	}
	sum := c.Sum()
	return hex.EncodeToString(sum[:]) == r.Hash
}

// Follows says what is wrong with a row that stands after another where rows
// are kept by store, lane, epoch and number; "" for nothing.
func (r Row) Follows(last Row) string {
	same := last.Store == r.Store && last.Lane == r.Lane && last.Epoch == r.Epoch
	switch {
	case !r.Sound():
		return "its hash does not fit what it says"
	case !same && r.Seq != 1:
		return fmt.Sprintf("rows 1 to %d are missing before it", r.Seq-1)
	case same && r.Seq != last.Seq+1:
		return fmt.Sprintf("rows %d to %d are missing before it", last.Seq+1, r.Seq-1)
	case same && r.Prev != last.Hash:
		return "it does not follow the row before it"
	default:
		return ""
	}
}

// A Mark says up to which row the keeper has a lane's journal without a hole.
// It may go down: a keeper restored from an old backup has less than it had.
type Mark struct {
	Epoch  string `json:"epoch"`
	Seq    int64  `json:"seq"`
	Hash   string `json:"hash"`   // of that row
	Number int64  `json:"number"` // highest transaction number seen, of any epoch
	Keeper string `json:"keeper"` // hub or hq
	// Behind is how many rows lie in the stream that the keeper has not read yet:
	// what it lacks may be among them, and is not lost.
	Behind int64 `json:"behind,omitempty"`
}

// Resend asks a lane for rows that are missing: From up to To, both included.
type Resend struct {
	Epoch string `json:"epoch"`
	From  int64  `json:"from"`
	To    int64  `json:"to"`
}
