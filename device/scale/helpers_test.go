package scale_test

import (
	"context"
	"errors"
	"testing"
	"time"
)

var errEnough = errors.New("enough")

// contextWithCause ends by itself after half a minute.
func contextWithCause(t *testing.T) (context.Context, context.CancelCauseFunc) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(stop)
	return context.WithCancelCause(ctx)
}
