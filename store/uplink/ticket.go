package uplink

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"

	"kassa/store/wire"
)

// Take asks the hub for a parked basket, and says whose it is now. It fails with
// [wire.ErrAway] where the hub cannot have heard it.
func (u *Uplink) Take(ctx context.Context, t wire.Take) (answer wire.Taken, err error) {
	live := u.talking.Load()
	if live == nil || !live.IsConnected() {
		return answer, wire.ErrAway
	}
	t.Epoch = u.o.Journal.Epoch()
	err = requestOn(ctx, live, wire.Up(u.o.Journal.Store(), u.o.Journal.Lane(), wire.UpTake), t, &answer)
	if errors.Is(err, nats.ErrNoResponders) {
		err = errors.Join(wire.ErrAway, err)
	}
	return answer, err
}
