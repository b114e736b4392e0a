package members

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"kassa/store/wire"
)

// Lanes are told of everybody who was erased, in parts, and no longer than needed.
func TestForgottenComesInParts(t *testing.T) {
	l := open(t, t.TempDir())
	const n = wire.MaxForget + 7
	for i := range n {
		if err := l.Erase(t.Context(), fmt.Sprint(i)); !errors.Is(err, ErrUnknown) {
			t.Fatal(err)
		}
	}
	var told []wire.Forgotten
	var at int64
	for {
		whom, serial, err := l.Forgotten(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		if len(whom) == 0 {
			break
		}
		told, at = append(told, whom...), serial
	}
	if len(told) != n {
		t.Fatalf("%d of %d", len(told), n)
	}
	for i, f := range told {
		if !f.Is(fmt.Sprint(i)) {
			t.Errorf("number %d is not the one that was told", i)
		}
	}
	if _, err := l.db.Writer().ExecContext(t.Context(), `UPDATE forgotten SET at = ?`, time.Now().Add(-2*forgottenFor).UTC().Format(time.RFC3339)); err != nil {
		t.Fatal(err)
	}
	if err := l.Erase(t.Context(), "new"); !errors.Is(err, ErrUnknown) {
		t.Fatal(err)
	}
	whom, serial, err := l.Forgotten(t.Context(), 0)
	if err != nil || len(whom) != 1 || serial != n+1 {
		t.Errorf("%d left, the last is %d, %v: want the new one as %d", len(whom), serial, err, n+1)
	}
}
