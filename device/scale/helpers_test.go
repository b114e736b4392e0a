package scale_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"testing"
	"time"
)

var errEnough = errors.New("enough")

// TestMain runs the suites side by side: they wait for scales, hardly for the
// processor.
func TestMain(m *testing.M) {
	flag.Parse()
	fuzz := flag.Lookup("test.fuzz").Value.String() != "" // then it counts the workers
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue && !fuzz {
		_ = f.Value.Set("256")
	}
	os.Exit(m.Run())
}

// contextWithCause ends by itself after half a minute.
func contextWithCause(t *testing.T) (context.Context, context.CancelCauseFunc) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(stop)
	return context.WithCancelCause(ctx)
}
