package uplink

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kassa/store/journal"
	"kassa/store/outbox"
	"kassa/store/wire"
)

// window is how many rows may be under way without an acknowledgement, one by one.
const window = 64

// ackWait is how long an acknowledgement may take. Each one is a flush on the
// hub's disk.
const ackWait = 10 * time.Second

// patience is how long rows that JetStream took may be missing at a keeper that
// has read all there is, before they are sent again: JetStream may have lost its
// folder. A keeper that is silent, or behind, has not missed them: sending again
// would only put more before it.
const patience = 60 * time.Second

// A Journal is where the rows come from.
type Journal interface {
	Since(ctx context.Context, seq int64) iter.Seq2[journal.Record, error]
	Epoch() string
	Store() string
	Lane() string
}

// A sender carries rows from the journal to JetStream, in order.
type sender struct {
	js      jetstream.JetStream
	journal Journal
	box     *outbox.Box
	log     *slog.Logger
	now     func() time.Time
	more    <-chan struct{}    // the journal has grown
	marks   <-chan wire.Mark   // from the keeper
	resend  <-chan wire.Resend // from the keeper

	sent    int64     // JetStream has all up to it
	batches int       // sent together, in this run
	single  time.Time // until then rows go one by one
	start   string    // random name of this run, for the same reason
	round   int       // how often it began again: JetStream must not take a row for a double
	marked  wire.Mark
	doubt   int64     // row that a keeper which had read all did not have, 0: none
	since   time.Time // when it was seen so first
	pause   time.Duration
}

// run sends until ctx ends. It never gives up: what cannot be sent now is sent
// later, after a pause that grows.
func (s *sender) run(ctx context.Context) error {
	var err error
	if s.marked, err = s.box.Mark(ctx, s.journal.Epoch()); err != nil {
		return err
	}
	s.sent = s.marked.Seq
	wait := time.NewTimer(0)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-wait.C:
		case <-s.more:
		case m := <-s.marks:
			if err := s.hear(ctx, m); err != nil {
				return err
			}
		case r := <-s.resend:
			s.again(ctx, r)
		}
		wait.Reset(s.send(ctx))
	}
}

// send sends what waits and returns when to look again.
func (s *sender) send(ctx context.Context) time.Duration {
	var following <-chan reading
	for {
		rows, err := s.rows(ctx, following)
		following = nil
		if err == nil && len(rows) > 0 {
			if len(rows) >= worthwhile { // of a backlog more is read while these are under way
				following = s.readOn(ctx, rows[len(rows)-1].seq)
			}
			err = s.publish(ctx, rows)
		}
		if following != nil && (err != nil || ctx.Err() != nil) {
			<-following
			following = nil
		}
		switch {
		case ctx.Err() != nil:
			return time.Hour
		case err != nil:
			s.pause = min(max(2*s.pause, 500*time.Millisecond), time.Minute)
			s.log.InfoContext(ctx, "rows wait for the hub", "from", s.sent+1, "err", err, "pause", s.pause)
			return s.pause/2 + rand.N(s.pause) // many lanes lost the same hub
		case len(rows) == 0:
			s.pause = 0
			return patience / 2
		}
		s.pause = 0
		s.sent = rows[len(rows)-1].seq
	}
}

// A reading is rows that were read, or why not.
type reading struct {
	rows []packed
	err  error
}

// A packed row is ready to be sent.
type packed struct {
	seq int64
	msg *nats.Msg
}

// String is what JetStream knows the row by.
func (p packed) String() string { return p.msg.Header.Get(jetstream.MsgIDHeader) }

// readOn reads the rows after a number meanwhile. What it says must be received.
func (s *sender) readOn(ctx context.Context, after int64) <-chan reading {
	read := make(chan reading, 1)
	go func() {
		rows, err := s.next(ctx, after)
		read <- reading{rows, err}
	}()
	return read
}

// rows are those after the last that was sent.
func (s *sender) rows(ctx context.Context, read <-chan reading) ([]packed, error) {
	if read == nil {
		return s.next(ctx, s.sent)
	}
	r := <-read
	return r.rows, r.err
}

// next reads the rows after a number, and packs them.
func (s *sender) next(ctx context.Context, after int64) ([]packed, error) {
	var rows []packed
	bytes := 0
	for r, err := range s.journal.Since(ctx, after) {
		if err != nil {
			return nil, err
		}
		row := Row(s.journal, r)
		if !fits(row) {
			s.log.ErrorContext(ctx, "a journal row is too large to send: those behind it go on", "seq", r.Seq)
			continue
		}
		if !row.Sound() {
			s.log.ErrorContext(ctx, "a journal row does not hold: see kassa verify", "seq", r.Seq)
		}
		msg, err := s.message(row)
		if err != nil {
			return nil, err
		}
		bytes += len(row.Event) + len(row.Facts)
		if rows = append(rows, packed{row.Seq, msg}); full(rows, bytes) {
			break
		}
	}
	return rows, nil
}

// oneByOne sends rows and returns when JetStream has all of them on its disk.
func (s *sender) oneByOne(ctx context.Context, rows []packed) error {
	ctx, cancel := context.WithTimeout(ctx, ackWait)
	defer cancel()
	var acks []jetstream.PubAckFuture
	for _, r := range rows {
		for _, h := range []string{batchID, batchSequence, batchCommit} {
			r.msg.Header.Del(h) // it was not taken together
		}
		ack, err := s.js.PublishMsgAsync(r.msg)
		if err != nil {
			return fmt.Errorf("row %s: %w", r, err)
		}
		acks = append(acks, ack)
	}
	for i, ack := range acks {
		select {
		case <-ack.Ok():
		case err := <-ack.Err():
			return fmt.Errorf("row %s: %w", rows[i], err)
		case <-ctx.Done():
			return fmt.Errorf("row %s: no acknowledgement: %w", rows[i], context.Cause(ctx))
		}
	}
	return nil
}

// msgID is what JetStream knows a row by. What the keeper asked for once more
// would else be taken for a double.
func (s *sender) msgID(r wire.Row) string {
	if s.round == 0 {
		return r.MsgID()
	}
	return fmt.Sprintf("%s/%s/%d", r.MsgID(), s.start, s.round)
}

// hear takes a mark. One that is lower than before says that the keeper lost
// what it had: sending begins again there.
func (s *sender) hear(ctx context.Context, m wire.Mark) error {
	if m.Epoch != s.journal.Epoch() {
		return nil // of a database that was replaced
	}
	if m.Seq < s.marked.Seq {
		s.log.WarnContext(ctx, "the keeper has less than it had: sending again", "had", s.marked.Seq, "has", m.Seq)
		s.sent = m.Seq
		s.round++
	}
	s.marked = m
	s.sent = max(s.sent, m.Seq)
	s.wonder(ctx)
	return s.box.Set(context.WithoutCancel(ctx), m, s.now()) // told is told, also while we stop
}

// wonder sees whether rows that JetStream took are lost: a keeper that has read
// all there is still lacks what was sent long ago.
func (s *sender) wonder(ctx context.Context) {
	switch m := s.marked; {
	case m.Behind > 0 || m.Seq >= s.sent || s.doubt > 0 && m.Seq >= s.doubt:
		s.doubt = 0
	case s.doubt == 0:
		s.doubt, s.since = s.sent, s.now()
	case s.now().Sub(s.since) > patience:
		s.log.WarnContext(ctx, "the keeper has not got rows that were taken: sending them again", "from", m.Seq+1)
		s.sent, s.doubt = m.Seq, 0
		s.round++
	}
}

// again sends the rows that the keeper misses.
func (s *sender) again(ctx context.Context, r wire.Resend) {
	if r.Epoch != s.journal.Epoch() || r.From < 1 || r.To < r.From {
		return
	}
	kept := s.sent
	s.round++
	defer func() { s.sent = max(kept, s.sent) }()
	s.sent = r.From - 1
	for s.sent < r.To {
		rows, err := s.next(ctx, s.sent)
		if err == nil && len(rows) > 0 {
			err = s.publish(ctx, rows)
		}
		if err != nil || len(rows) == 0 {
			if err != nil && !errors.Is(err, context.Canceled) {
				s.log.InfoContext(ctx, "missing rows not sent yet", "from", s.sent+1, "err", err)
			}
			return
		}
		s.sent = rows[len(rows)-1].seq
	}
}

// fits reports whether a row can travel at all. Its keeper will miss it, and all
// behind it are kept all the same.
func fits(r wire.Row) bool {
	if len(r.Event)+len(r.Facts) < wire.MaxSize/8 { // escaped it is six times as long at most
		return true
	}
	_, err := wire.Encode(r)
	return err == nil
}

// Row is a journal's record as it travels.
func Row(j Journal, r journal.Record) wire.Row {
	return wire.Row{
		Store: j.Store(), Lane: j.Lane(), Epoch: j.Epoch(), Seq: r.Seq, Run: r.Run, At: r.At.Format(time.RFC3339Nano), Mono: int64(r.Mono),
		Clock: r.Clock, Txn: r.Txn, Kind: r.Kind, Event: string(r.Event), Facts: string(r.Facts),
		Prev: hex.EncodeToString(r.Prev[:]), Hash: hex.EncodeToString(r.Hash[:]),
	}
}
