package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"kassa/kiosk/config"
	"kassa/store/durable"
	"kassa/store/outbox"
	"kassa/store/uplink"
)

// enrolAtOffice makes a lane without a hub known to head office.
func enrolAtOffice(ctx context.Context, cfg *config.Lane, office, code string) error {
	fresh := cfg.HQ.Credentials + ".new" // the old ones stay until these are known to be ours
	got, err := uplink.Enrol(ctx, office, code, cfg.ID, fresh)
	if err != nil {
		return err
	}
	if got.Store != cfg.Store {
		return errors.Join(fmt.Errorf("the code is for a lane of store %q, this one stands in %q (%s: lane.store)", got.Store, cfg.Store, cfg.File),
			os.Remove(fresh))
	}
	if err := durable.Rename(fresh, cfg.HQ.Credentials); err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	fmt.Printf("lane %s of store %s is enrolled at head office; credentials in %s\n", cfg.ID, cfg.Store, cfg.HQ.Credentials)
	return nil
}

// An officeLane carries this lane's journal to head office.
type officeLane struct {
	lane   *lane
	box    *outbox.Box
	grown  chan struct{}
	linked atomic.Bool
}

func newOfficeLane(ctx context.Context, l *lane) (*officeLane, error) {
	box, err := outbox.Open(ctx, l.cfg.Data)
	if err != nil {
		return nil, err
	}
	return &officeLane{lane: l, box: box, grown: make(chan struct{}, 1)}, nil
}

// run carries until ctx ends. What is wrong with the way there is said, and is no
// reason to stop selling.
func (o *officeLane) run(ctx context.Context) error {
	select {
	case <-o.lane.station.Ready():
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	p, err := uplink.NewPoster(uplink.PostOptions{
		URL: o.lane.cfg.HQ.URL, Credentials: o.lane.cfg.HQ.Credentials, Journal: o.lane.journal, Box: o.box, Grown: o.grown,
		Linked: o.linked.Store, Log: o.lane.log,
	})
	if err == nil {
		err = p.Run(ctx)
	}
	if err != nil && ctx.Err() == nil {
		o.lane.log.ErrorContext(ctx, "rows stay at the lane", "err", err)
		<-ctx.Done()
	}
	return context.Cause(ctx)
}

// Grew says that the journal has grown.
func (o *officeLane) Grew() {
	select {
	case o.grown <- struct{}{}:
	default:
	}
}
