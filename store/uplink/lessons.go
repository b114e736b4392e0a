package uplink

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"kassa/kiosk/bagging"
	"kassa/store/wire"
)

// lessonsEvery is how often a lane says what it has learned and asks what others
// have.
const lessonsEvery = time.Minute

// Lessons is what a lane learns of the weights of articles.
type Lessons interface {
	// Learned is what the lane has learned up to now.
	Learned(ctx context.Context) (bagging.Weights, error)
	// Learn takes what another lane has learned, for between two sales.
	Learn(ctx context.Context, all []wire.Lesson) error
}

// A pupil carries lessons between the lane and the hub. What it remembers is of
// this run and of one run of the hub's: either begun anew, all is said again.
type pupil struct {
	lane  Lessons
	ask   func(ctx context.Context, said wire.Learned) (wire.Lessons, error)
	boot  string
	since int64
	said  map[string][sha256.Size]byte // article -> what the hub has of it
}

// carry says what is new at the lane and takes what is new elsewhere.
func (p *pupil) carry(ctx context.Context) error {
	mine, err := p.lane.Learned(ctx)
	if err != nil {
		return err
	}
	for {
		part, sums, more, err := p.next(mine)
		if err != nil {
			return err
		}
		got, err := p.ask(ctx, wire.Learned{Boot: p.boot, Since: p.since, Weights: part})
		if err != nil {
			return err
		}
		if p.boot != got.Boot { // it may be a hub restored from a backup
			p.said, more = nil, true
		}
		if p.said == nil {
			p.said = map[string][sha256.Size]byte{}
		}
		maps.Copy(p.said, sums)
		if len(got.Weights) > 0 {
			if err := p.lane.Learn(ctx, got.Weights); err != nil {
				return err // and asked for again
			}
		}
		p.boot, p.since = got.Boot, got.Serial
		if !more && !got.More {
			return nil
		}
	}
}

// next returns some of what the hub does not have yet, and whether there is more.
func (p *pupil) next(mine bagging.Weights) (part []wire.Lesson, sums map[string][sha256.Size]byte, more bool, err error) {
	sums = map[string][sha256.Size]byte{}
	part = []wire.Lesson{}
	for _, key := range slices.Sorted(maps.Keys(mine)) {
		w := mine[key].Share()
		if w.Check(key) != nil {
			continue // the hub would refuse the others with it
		}
		text, err := json.Marshal(w)
		if err != nil {
			return nil, nil, false, err
		}
		sum := sha256.Sum256(text)
		if have := p.said[key]; bytes.Equal(have[:], sum[:]) {
			continue
		}
		if len(part) == wire.MaxLessons {
			return part, sums, true, nil
		}
		part = append(part, wire.Lesson{Key: key, Weight: w})
		sums[key] = sum
	}
	return part, sums, false, nil
}

// learn carries lessons while the hub is heard, until ctx ends.
func (u *Uplink) learn(ctx context.Context) error {
	if u.o.Lessons == nil {
		return nil
	}
	p := &pupil{lane: u.o.Lessons, ask: func(ctx context.Context, said wire.Learned) (got wire.Lessons, err error) {
		err = u.request(ctx, wire.UpLearned, said, &got)
		return got, err
	}}
	t := time.NewTicker(cmp.Or(u.o.LearnEvery, lessonsEvery))
	defer t.Stop()
	for {
		if u.live.IsConnected() {
			if err := p.carry(ctx); err != nil && ctx.Err() == nil {
				u.o.Log.InfoContext(ctx, "learned weights not shared yet", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		case <-u.heard:
		}
	}
}
