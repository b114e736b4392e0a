package station

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"kassa/kiosk/bagging"
)

// TestTraceCountsFromTheTrip checks that a trace says when things happened, by
// the clock of its trip.
func TestTraceCountsFromTheTrip(t *testing.T) {
	dir := t.TempDir()
	tr := newTrace(dir)
	for _, in := range []struct {
		in bagging.Input
		at time.Duration
	}{
		{bagging.Sample{T: time.Second}, time.Second},
		{bagging.Start{T: 5 * time.Second, Trip: "1"}, 5 * time.Second},
		{bagging.Sample{T: 6500 * time.Millisecond, Grams: 7, Stable: true}, 6500 * time.Millisecond},
	} {
		tr.input(in.in, in.at)
	}
	tr.close()
	files, err := filepath.Glob(filepath.Join(dir, "trace", "*.jsonl"))
	if err != nil || len(files) != 1 {
		t.Fatalf("traces %v, %v", files, err)
	}
	got, err := os.ReadFile(files[0])
	want := "{\"t\":1000,\"bag\":0}\n{\"t\":0,\"trip\":\"1\"}\n{\"t\":1500,\"bag\":7,\"stable\":true}\n"
	if err != nil || string(got) != want {
		t.Errorf("trace is\n%swant\n%s%v", got, want, err)
	}
}
