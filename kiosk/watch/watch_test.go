package watch

import (
	"context"
	"testing"
	"testing/synctest"
)

func told(w <-chan struct{}) bool {
	select {
	case <-w:
		return true
	default:
		return false
	}
}

func TestBell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b Bell
		b.Ring() // nobody listens
		ctx, cancel := context.WithCancel(t.Context())
		one, two := b.Watch(ctx), b.Watch(t.Context())
		if told(one) {
			t.Error("told of what was before")
		}
		b.Ring()
		b.Ring()
		if !told(one) || told(one) || !told(two) {
			t.Error("want each told once")
		}
		cancel()
		synctest.Wait()
		b.Ring()
		if told(one) || !told(two) {
			t.Error("want only the one told who still watches")
		}
		if len(b.all) != 1 {
			t.Errorf("%d are kept, want 1", len(b.all))
		}
	})
}
