package uplink

import (
	"context"
	"errors"

	"kassa/store/wire"
)

// ErrAway says that the hub is not heard.
var ErrAway = errors.New("the hub is not heard")

// Take asks the hub for a parked basket, and says whose it is now.
func (u *Uplink) Take(ctx context.Context, t wire.Take) (answer wire.Taken, err error) {
	live := u.talking.Load()
	if live == nil || !live.IsConnected() {
		return answer, ErrAway
	}
	t.Epoch = u.o.Journal.Epoch()
	err = requestOn(ctx, live, wire.Up(u.o.Journal.Store(), u.o.Journal.Lane(), wire.UpTake), t, &answer)
	return answer, err
}
