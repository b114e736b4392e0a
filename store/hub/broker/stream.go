package broker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"kassa/store/wire"
)

// StreamName is the stream of a store's journals.
func StreamName(store string) string { return "JOURNAL-" + store }

// journalConfig is the stream as it must be. What is full refuses rather than
// forgets: a lane keeps its rows until the keeper has them anyway.
func journalConfig(store string) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: StreamName(store), Subjects: []string{wire.AllUp(store, wire.UpJournal)},
		Storage: jetstream.FileStorage, Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew,
		Duplicates: 10 * time.Minute, MaxMsgSize: 1 << 20, MaxBytes: 2 << 30, Replicas: 1,
		AllowAtomicPublish: true, // a lane's backlog comes in batches
	}
}

// keeps says why a stream could lose what it acknowledged, nil if it cannot.
func keeps(c jetstream.StreamConfig) error {
	switch {
	case c.Storage != jetstream.FileStorage:
		return errors.New("its storage is not file")
	case c.Discard != jetstream.DiscardNew:
		return errors.New("it discards old messages when it is full")
	case c.NoAck:
		return errors.New("it does not acknowledge")
	case c.PersistMode == jetstream.AsyncPersistMode:
		return errors.New("its persist mode is async, which switches flushing off")
	case c.MaxAge != 0 && c.MaxAge < 14*24*time.Hour:
		return fmt.Errorf("it forgets after %v, fourteen days are the least", c.MaxAge)
	}
	return nil
}

// Journal makes the stream of a store's journals, or takes the one that is there
// if nothing it acknowledges can be lost.
func Journal(ctx context.Context, js jetstream.JetStream, store string) (jetstream.Stream, error) {
	stream, err := js.Stream(ctx, StreamName(store))
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = js.CreateStream(ctx, journalConfig(store))
	}
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", StreamName(store), err)
	}
	info, err := stream.Info(ctx)
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", StreamName(store), err)
	}
	if err := keeps(info.Config); err != nil {
		return nil, fmt.Errorf("stream %s: %w: an acknowledgement would mean nothing, so the hub does not start", StreamName(store), err)
	}
	return batched(ctx, js, stream, info.Config), nil
}

// batched lets a stream of an older hub take batches. A server that cannot goes
// on without: lanes then send row by row.
func batched(ctx context.Context, js jetstream.JetStream, stream jetstream.Stream, config jetstream.StreamConfig) jetstream.Stream {
	if config.AllowAtomicPublish {
		return stream
	}
	config.AllowAtomicPublish = true
	updated, err := js.UpdateStream(ctx, config)
	if err != nil {
		return stream
	}
	return updated
}
