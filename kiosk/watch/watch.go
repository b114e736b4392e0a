// Package watch tells those who show something that it has changed. It says not
// what: whoever is told looks. It is not for events that must not be lost or that
// have an order.
//
// Its one rule: it never waits for anybody, so it may be rung under any lock.
package watch

import (
	"context"
	"sync"
)

// A Bell is what watchers listen to. The zero Bell is ready; it must not be copied.
type Bell struct {
	mu  sync.Mutex // guards all
	all map[chan struct{}]bool
}

// Ring tells everybody who watches. Who has not looked since the last time is
// told once.
func (b *Bell) Ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for w := range b.all {
		select {
		case w <- struct{}{}:
		default: // it will look anyway
		}
	}
}

// Watch tells of each change from now on until ctx ends. The channel is never
// closed.
func (b *Bell) Watch(ctx context.Context) <-chan struct{} {
	w := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all == nil {
		b.all = map[chan struct{}]bool{}
	}
	b.all[w] = true
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.all, w)
	})
	return w
}
