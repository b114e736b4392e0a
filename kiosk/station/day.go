package station

import (
	"context"
	"errors"
	"time"

	"kassa/store/fiscal"
)

// gapWait is how often the end of a sale is looked for by who waits for it.
const gapWait = 100 * time.Millisecond

// Between calls fn when no sale is on the screen and the terminal is not being made
// ready for one, as soon as that is so. fn writes records of its own, of no
// transaction; nothing else happens on the lane until it returns, so it must be
// quick.
func (s *Station) Between(ctx context.Context, fn func(context.Context, fiscal.Writing) error) error {
	look := time.NewTicker(gapWait)
	defer look.Stop()
	var why error // what it waits for, as far as is known
	for {
		answer := make(chan error, 1)
		err := s.post(ctx, input{run: func(ctx context.Context) error {
			if s.state.Sale != nil || s.settingUp.Load() > 0 { // the terminal may be closing its day, and says its sums once
				answer <- fiscal.ErrSale
				return nil
			}
			now := s.at().When()
			answer <- fn(ctx, fiscal.Writing{Journal: s.o.Journal, At: now.Wall, Mono: now.Mono, Clock: string(now.Clock)})
			return nil
		}})
		if err == nil {
			err = await(ctx, answer)
		}
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return errors.Join(why, err)
		case !errors.Is(err, fiscal.ErrSale):
			return err
		}
		why = fiscal.ErrSale
		select {
		case <-look.C:
		case <-ctx.Done():
			return errors.Join(why, context.Cause(ctx))
		}
	}
}
