package outbox

import (
	"testing"
	"time"

	"kassa/store/wire"
)

func TestMarkGoesUpAndDown(t *testing.T) {
	dir := t.TempDir()
	b, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, seq := range []int64{0, 7, 5} {
		if seq > 0 {
			if err := b.Set(t.Context(), wire.Mark{Epoch: "e", Seq: seq, Hash: "h", Keeper: "hub"}, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		if m, err := b.Mark(t.Context(), "e"); err != nil || m.Seq != seq {
			t.Errorf("mark %+v, %v, want %d", m, err, seq)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if b, err = Open(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	if m, err := b.Mark(t.Context(), "e"); err != nil || m.Seq != 5 || m.Keeper != "hub" {
		t.Errorf("after a restart: %+v, %v", m, err)
	}
	if m, err := b.Mark(t.Context(), "other"); err != nil || m.Seq != 0 {
		t.Errorf("another journal: %+v, %v", m, err)
	}
}
