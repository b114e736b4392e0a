package hq

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"kassa/store/wire"
)

// StreamPrefix begins the name of every store's stream of journals.
const StreamPrefix = "JOURNAL-"

// durable is the name of head office's place in a stream.
const durable = "hq"

// How much is taken at a time, and how long a small batch waits for more.
const (
	batchRows = 1000
	batchWait = 200 * time.Millisecond
)

// A Consumer carries rows from JetStream to PostgreSQL and marks back.
type Consumer struct {
	HQ  *HQ
	NC  *nats.Conn
	Log *slog.Logger
	// Marks says that head office is the last keeper, so that its marks are the
	// ones lanes go by.
	Marks bool

	behind sync.Map // store -> rows in its stream that were not read yet
}

// Run carries until ctx ends, or until this process is no longer the one that
// writes ([ErrLost]). A store's stream that appears is taken up within a minute;
// one that cannot be read is tried again.
func (c *Consumer) Run(ctx context.Context) error {
	js, err := jetstream.New(c.NC)
	if err != nil {
		return fmt.Errorf("hq: %w", err)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return c.repeat(ctx) })
	g.Go(func() error { return c.heads(ctx) })
	running := map[string]bool{}
	look := time.NewTimer(0)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return g.Wait()
		case <-look.C:
		}
		names := js.StreamNames(ctx)
		for name := range names.Name() {
			if strings.HasPrefix(name, StreamPrefix) && !running[name] {
				running[name] = true
				g.Go(func() error { return c.stream(ctx, js, name) })
			}
		}
		if err := names.Err(); err != nil && ctx.Err() == nil {
			c.Log.WarnContext(ctx, "streams not listed", "err", err)
		}
		look.Reset(time.Minute)
		if len(running) == 0 {
			look.Reset(2 * time.Second)
		}
	}
}

// stream carries one store's rows for good.
func (c *Consumer) stream(ctx context.Context, js jetstream.JetStream, name string) error {
	pause := time.Duration(0)
	for ctx.Err() == nil {
		begin := time.Now()
		err := c.carry(ctx, js, name)
		if errors.Is(err, ErrLost) {
			return err
		}
		if time.Since(begin) > time.Minute { // it went well for a while
			pause = 0
		}
		pause = min(max(2*pause, time.Second), 30*time.Second)
		if ctx.Err() == nil {
			c.Log.WarnContext(ctx, "rows of a store wait", "stream", name, "err", err, "pause", pause)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
	return nil
}

// consumer finds head office's place in a stream. What was given out and not
// acknowledged is given out anew at once, in its order: with a later message's
// acknowledgement it would count as acknowledged too.
func (c *Consumer) consumer(ctx context.Context, js jetstream.JetStream, name string) (jetstream.Consumer, error) {
	cfg := jetstream.ConsumerConfig{Durable: durable, AckPolicy: jetstream.AckAllPolicy, AckWait: time.Minute, MaxAckPending: 4 * batchRows}
	have, err := js.Consumer(ctx, name, durable)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return js.CreateConsumer(ctx, name, cfg)
	}
	if err != nil {
		return nil, err
	}
	info, err := have.Info(ctx)
	if err != nil || info.NumAckPending == 0 {
		return have, err
	}
	// A crash in between begins at the stream's beginning: what is known is known.
	if err := js.DeleteConsumer(ctx, name, durable); err != nil {
		return nil, err
	}
	cfg.DeliverPolicy, cfg.OptStartSeq = jetstream.DeliverByStartSequencePolicy, info.AckFloor.Stream+1
	return js.CreateConsumer(ctx, name, cfg)
}

// carry takes batch after batch until something fails. A message is acknowledged
// when PostgreSQL has committed it.
func (c *Consumer) carry(ctx context.Context, js jetstream.JetStream, name string) error {
	consumer, err := c.consumer(ctx, js, name)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		batch, err := consumer.Fetch(batchRows, jetstream.FetchMaxWait(batchWait))
		if err != nil {
			return err
		}
		var last jetstream.Msg
		var rows []wire.Row
		var bad error
		for m := range batch.Messages() { // all of them, or the fetch does not end
			last = m
			if bad == nil {
				rows, bad = c.read(ctx, rows, m)
			}
		}
		if bad != nil {
			return bad
		}
		if err := batch.Error(); err != nil && !errors.Is(err, nats.ErrTimeout) && !errors.Is(err, jetstream.ErrNoMessages) {
			return err
		}
		if last == nil {
			c.behind.Store(strings.TrimPrefix(name, StreamPrefix), int64(0))
			continue
		}
		if meta, err := last.Metadata(); err == nil {
			c.behind.Store(strings.TrimPrefix(name, StreamPrefix), int64(min(meta.NumPending, 1<<62))) //nolint:gosec // bounded
		}
		if err := c.take(ctx, rows); err != nil {
			return err
		}
		if err := last.DoubleAck(ctx); err != nil {
			return err
		}
	}
	return nil
}

// read adds a message's row. One that cannot be read is put aside for good: it
// would never become readable, and others wait behind it. After an error it was
// not put aside, and must come again.
func (c *Consumer) read(ctx context.Context, rows []wire.Row, m jetstream.Msg) ([]wire.Row, error) {
	var r wire.Row
	err := wire.Decode(m.Data(), &r)
	store, lane, _, _, ok := wire.Parse(m.Subject())
	if err == nil && (!ok || store != r.Store || lane != r.Lane) {
		err = fmt.Errorf("row %s came on %s", r.MsgID(), m.Subject())
	}
	if err == nil {
		return append(rows, r), nil
	}
	c.Log.ErrorContext(ctx, "a message is no row of its lane", "subject", m.Subject(), "err", err)
	return rows, c.HQ.Aside(ctx, store, lane, err.Error(), m.Data())
}

func (c *Consumer) take(ctx context.Context, rows []wire.Row) error {
	if len(rows) == 0 {
		return nil
	}
	taken, err := c.HQ.Take(ctx, rows)
	if err != nil {
		return err
	}
	for _, m := range taken.Marks {
		c.tell(ctx, m)
	}
	return nil
}

// repeat says every mark again now and then, and asks for what is missing: a
// lane that was away, or a database that was restored, finds out.
func (c *Consumer) repeat(ctx context.Context) error {
	tick := time.NewTimer(0)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		marks, err := c.HQ.Marks(ctx)
		if errors.Is(err, ErrLost) {
			return err
		}
		if err != nil && ctx.Err() == nil {
			c.Log.WarnContext(ctx, "marks not told", "err", err)
		}
		for _, m := range marks {
			c.tell(ctx, m)
		}
		gaps, err := c.HQ.Gaps(ctx)
		if err != nil && ctx.Err() == nil {
			c.Log.WarnContext(ctx, "gaps not looked for", "err", err)
		}
		for _, g := range gaps {
			c.Log.WarnContext(ctx, "rows are missing: asking for them", "store", g.Store, "lane", g.Lane, "from", g.From, "to", g.To)
			c.say(ctx, wire.Down(g.Store, g.Lane, wire.DownResend), g.Resend)
		}
		tick.Reset(20 * time.Second)
	}
}

func (c *Consumer) tell(ctx context.Context, m Told) {
	if behind, ok := c.behind.Load(m.Store); ok {
		m.Behind, _ = behind.(int64)
	} else {
		m.Behind = 1 // nothing was read yet: it may all be there
	}
	if c.Marks {
		c.say(ctx, wire.Down(m.Store, m.Lane, wire.DownMark), m.Mark)
	}
}

func (c *Consumer) say(ctx context.Context, subject string, body any) {
	data, err := wire.Encode(body)
	if err == nil {
		err = c.NC.Publish(subject, data)
	}
	if err != nil {
		c.Log.WarnContext(ctx, "not said", "subject", subject, "err", err)
	}
}
