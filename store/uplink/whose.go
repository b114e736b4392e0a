package uplink

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"

	"kassa/store/wire"
)

// Whose asks the lane that parked a basket for the member's number behind a handle
// in it; "" where that lane does not know it, or no longer. It fails with
// [wire.ErrAway] where the hub is not there.
func (u *Uplink) Whose(ctx context.Context, w wire.Whose) (number string, err error) {
	live := u.talking.Load()
	if live == nil || !live.IsConnected() {
		return "", wire.ErrAway
	}
	var owner wire.Owner
	err = requestOn(ctx, live, wire.Up(u.o.Journal.Store(), u.o.Journal.Lane(), wire.UpWhose), w, &owner)
	return owner.Number, err
}

// whose answers another lane's question. One that cannot be answered gets none.
func (u *Uplink) whose(ctx context.Context, m *nats.Msg) error {
	var w wire.Whose
	if err := wire.Decode(m.Data, &w); err != nil {
		return err
	}
	if w.Lane != u.o.Journal.Lane() {
		return errors.New("it is about another lane's basket")
	}
	number, err := u.o.Whose(ctx, w.Handle)
	if err != nil {
		return err
	}
	data, err := wire.Encode(wire.Owner{Number: number})
	if err != nil {
		return err
	}
	return m.Respond(data)
}
