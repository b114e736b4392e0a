package hub

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kassa/store/hub/broker"
	"kassa/store/hub/keeper"
	"kassa/store/wire"
)

const (
	batchRows = 500                    // at most, in one transaction
	batchWait = 100 * time.Millisecond // from the first row of one on
	idleWait  = time.Second            // without a row, until the loop turns
	lookEvery = 10 * time.Second       // at the stream itself
	// maxPause is the longest pause before a stream that cannot be read is tried
	// again.
	maxPause = 30 * time.Second
)

// errRemade says that the stream is not the one that was being read.
var errRemade = errors.New("the stream was made anew")

// takeRows carries rows from the stream into the keeper until ctx ends. What
// fails is tried again: rows wait on the lanes, and help goes on meanwhile.
func (h *Hub) takeRows(ctx context.Context) error {
	js, err := jetstream.New(h.rows)
	if err != nil {
		return fmt.Errorf("hub: rows: %w", err)
	}
	pause := time.Duration(0)
	for ctx.Err() == nil {
		began := h.o.Now()
		why := h.readStream(ctx, js)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // told to stop: that is no fault
		}
		if h.o.Now().Sub(began) > time.Minute {
			pause = 0
		}
		pause = min(max(2*pause, 200*time.Millisecond), maxPause)
		h.o.Log.WarnContext(ctx, "rows are not read", "err", why, "pause", pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause/2 + rand.N(pause)):
		}
	}
	return nil
}

// reading is one session at the stream.
type reading struct {
	*Hub
	stream   jetstream.Stream
	config   jetstream.StreamConfig
	messages jetstream.MessagesContext
	at       keeper.Position
	looked   time.Time
	purged   time.Time
}

// readStream reads the stream from the keeper's own position on.
func (h *Hub) readStream(ctx context.Context, js jetstream.JetStream) error {
	defer h.idle.Store(false)
	open, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	stream, err := broker.Journal(open, js, h.o.Store)
	if err != nil {
		return err
	}
	info, err := stream.Info(open)
	if err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	r := &reading{Hub: h, stream: stream, config: info.Config, looked: h.o.Now()}
	if r.at, err = h.begin(ctx, info); err != nil {
		return err
	}
	consumer, err := stream.OrderedConsumer(open, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: r.at.Seq + 1,
	})
	if err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	if r.messages, err = consumer.Messages(jetstream.PullMaxMessages(2 * batchRows)); err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	defer r.messages.Stop()
	h.o.Log.InfoContext(ctx, "rows are read", "from", r.at.Seq+1, "last", info.State.LastSeq)
	return r.run(ctx)
}

// begin is where reading goes on. The keeper may have been put back to an older
// state, or the stream: what one has read of another stream says nothing, and a
// stream that ends before what was read is not the same either.
func (h *Hub) begin(ctx context.Context, info *jetstream.StreamInfo) (keeper.Position, error) {
	at, err := h.keeper.Position(ctx, info.Config.Name)
	if err != nil {
		return at, err
	}
	if at.Seq > 0 && (!at.Created.Equal(info.Created) || at.Seq > info.State.LastSeq) {
		h.o.Log.WarnContext(ctx, "the stream is another than the one that was read: beginning at its first row", "read", at.Seq, "last", info.State.LastSeq)
		at.Seq = 0
	}
	at.Created = info.Created
	return at, nil
}

// run takes batch after batch.
func (r *reading) run(ctx context.Context) error {
	for ctx.Err() == nil {
		r.beat.Store(r.o.Now().UnixNano())
		if err := r.look(ctx); err != nil {
			return err
		}
		l, err := r.batch()
		if err != nil {
			return err
		}
		r.idle.Store(len(l.Rows)+len(l.Strays) == 0)
		if r.idle.Load() {
			continue
		}
		if err := r.take(context.WithoutCancel(ctx), l); err != nil {
			return err
		}
		r.at = l.Position
	}
	return nil
}

// batch gathers what comes within a moment.
func (r *reading) batch() (l keeper.Load, err error) {
	l.Position = r.at
	wait := idleWait
	var until time.Time
	for len(l.Rows)+len(l.Strays) < batchRows {
		m, err := r.messages.Next(jetstream.NextMaxWait(wait))
		if errors.Is(err, nats.ErrTimeout) {
			return l, nil
		}
		if err != nil {
			return l, fmt.Errorf("stream: %w", err)
		}
		if err := r.sort(m, &l); err != nil {
			return l, err
		}
		if until.IsZero() {
			until = time.Now().Add(batchWait)
		}
		if wait = time.Until(until); wait <= 0 {
			return l, nil
		}
	}
	return l, nil
}

// sort puts a message among the rows, or among what is none: a lane speaks for
// itself and for no other.
func (r *reading) sort(m jetstream.Msg, l *keeper.Load) error {
	meta, err := m.Metadata()
	if err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	l.Position.Seq = meta.Sequence.Stream
	store, lane, _, _, ok := wire.Parse(m.Subject())
	if !ok {
		return fmt.Errorf("stream: a message on %q: the stream's subjects are not those of the hub", m.Subject())
	}
	var row wire.Row
	stray := keeper.Stray{Store: store, Lane: lane, Data: m.Data()}
	if err := wire.Decode(m.Data(), &row); err != nil {
		stray.Why = "it cannot be read: " + err.Error()
	} else if row.Store != store || row.Lane != lane {
		stray.Why = fmt.Sprintf("it says that it is of store %.40q, lane %.40q", row.Store, row.Lane)
	}
	if stray.Why != "" {
		l.Strays = append(l.Strays, stray)
		return nil
	}
	l.Rows = append(l.Rows, row)
	return nil
}

// take keeps a batch and says so to the lanes.
func (r *reading) take(ctx context.Context, l keeper.Load) error {
	taken, err := r.keeper.TakeLoad(ctx, l)
	if err != nil {
		return err
	}
	for _, v := range taken.Verdicts {
		switch v {
		case keeper.Kept:
			r.count.rows.Add(1)
		case keeper.Known:
			r.count.known.Add(1)
		case keeper.Refused:
			r.count.refused.Add(1)
		}
	}
	r.count.strays.Add(int64(len(l.Strays)))
	for i, lane := range taken.Lanes {
		r.mark(ctx, lane.Lane, taken.Marks[i].Epoch)
	}
	for _, a := range taken.Alarms {
		r.o.Log.ErrorContext(ctx, "a row went to quarantine", "lane", a.Key.Lane, "row", a.Key.Seq, "why", a.Why)
	}
	return nil // sound raises calls of them
}

// look sees now and then that the stream is still the one that is read, and
// makes room in it.
func (r *reading) look(ctx context.Context) error {
	now := r.o.Now()
	if now.Sub(r.looked) < lookEvery {
		return nil
	}
	r.looked = now
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	info, err := r.stream.Info(ctx)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return errRemade
	case err != nil: // a cluster that is away for a while says nothing of the stream
		r.o.Log.InfoContext(ctx, "the stream was not looked at", "err", err)
		return nil
	}
	if !info.Created.Equal(r.at.Created) || info.State.LastSeq < r.at.Seq {
		return errRemade
	}
	if r.config.MaxBytes > 0 && info.State.Bytes > uint64(r.config.MaxBytes)/2 && now.Sub(r.purged) > time.Minute { //nolint:gosec // positive
		r.purged = now
		r.purge(ctx)
	}
	return nil
}

// purge takes out of the stream what everybody who reads it for good has kept. A
// stream that is full refuses rows; they would wait on the lanes.
func (r *reading) purge(ctx context.Context) {
	upTo := r.at.Seq
	all := r.stream.ListConsumers(ctx)
	for c := range all.Info() {
		if c.Config.Durable != "" {
			upTo = min(upTo, c.AckFloor.Stream)
		}
	}
	err := all.Err()
	if err == nil && upTo > 0 {
		err = r.stream.Purge(ctx, jetstream.WithPurgeSequence(upTo+1)) // keeps what follows
	}
	if err != nil {
		r.o.Log.WarnContext(ctx, "the stream is more than half full and was not emptied", "err", err)
		return
	}
	r.o.Log.InfoContext(ctx, "rows that are kept were taken out of the stream", "up_to", upTo)
}
