package console

import (
	"context"
	"fmt"
	"slices"

	"kassa/kiosk/help"
	"kassa/store/hub/desk"
	"kassa/store/hub/fleet"
	"kassa/store/roster"
	"kassa/store/wire"
)

// snapshot is the desk as it is now.
func (c *Console) snapshot(ctx context.Context) (desk.Snapshot, error) {
	snaps, leave, err := c.o.Desk.Watch(ctx)
	if err != nil {
		return desk.Snapshot{}, fmt.Errorf("console: desk: %w", err)
	}
	defer leave()
	select {
	case s, ok := <-snaps:
		if !ok {
			return s, fmt.Errorf("console: the desk is closed")
		}
		return s, nil
	case <-ctx.Done():
		return desk.Snapshot{}, ctx.Err()
	}
}

// call returns an open call and what is known around it.
func (c *Console) call(ctx context.Context, id string) (help.Call, wire.Context, bool, error) {
	s, err := c.snapshot(ctx)
	if err != nil {
		return help.Call{}, wire.Context{}, false, err
	}
	for _, w := range s.Calls {
		if w.ID == id {
			return w.Call, w.Context, true, nil
		}
	}
	return help.Call{}, wire.Context{}, false, nil
}

func (c *Console) lane(id string) (fleet.Lane, bool) {
	for _, l := range c.o.Fleet.Lanes() {
		if l.ID == id {
			return l, true
		}
	}
	return fleet.Lane{}, false
}

func errTaken(by string) error { return fmt.Errorf("%w: %s", help.ErrTaken, by) }

// nameOf is what colleagues call somebody.
func (c *Console) nameOf(ctx context.Context, id string) string {
	all, err := c.o.Staff.List(ctx)
	if err == nil {
		if i := slices.IndexFunc(all, func(m roster.Member) bool { return m.ID == id }); i >= 0 {
			return first(all[i].Name)
		}
	}
	return id
}

// names are what colleagues call everybody, by id.
func (c *Console) names(ctx context.Context) func(string) string {
	all, err := c.o.Staff.List(ctx)
	if err != nil {
		all = nil
	}
	return func(id string) string {
		if i := slices.IndexFunc(all, func(m roster.Member) bool { return m.ID == id }); i >= 0 {
			return first(all[i].Name)
		}
		return id
	}
}
