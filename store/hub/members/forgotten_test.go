package members

import (
	"errors"
	"fmt"
	"strings"
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
	if err := l.Prune(t.Context(), time.Now(), ""); err != nil {
		t.Fatal(err)
	}
	whom, serial, err := l.Forgotten(t.Context(), 0)
	if err != nil || len(whom) != 1 || serial != n+1 {
		t.Errorf("%d left, the last is %d, %v: want the new one as %d", len(whom), serial, err, n+1)
	}
}

// What was erased goes at its age without anybody else being erased, and so do the
// calls of members.
func TestPrune(t *testing.T) {
	l := open(t, t.TempDir())
	if _, err := l.Import(t.Context(), strings.NewReader("number,consent\n42,yes\n")); err != nil {
		t.Fatal(err)
	}
	m, err := l.Find(t.Context(), "42")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for call, days := range map[string]int{"old": 401, "new": 399} {
		if err := l.Called(t.Context(), m.Handle, call, now.AddDate(0, 0, -days)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Erase(t.Context(), "4711"); !errors.Is(err, ErrUnknown) {
		t.Fatal(err)
	}
	left := func() int {
		whom, _, err := l.Forgotten(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		return len(whom)
	}
	for _, tt := range []struct{ days, want int }{{89, 1}, {91, 0}} {
		if err := l.Prune(t.Context(), now.AddDate(0, 0, tt.days), ""); err != nil || left() != tt.want {
			t.Errorf("after %d days %d are left, %v", tt.days, left(), err)
		}
	}
	if n, err := l.Calls(t.Context(), m.Handle, time.Time{}); n != 2 || err != nil {
		t.Errorf("%d calls, %v: without an age all stay", n, err)
	}
	if err := l.Prune(t.Context(), now, now.AddDate(0, 0, -400).Format(time.DateOnly)); err != nil {
		t.Fatal(err)
	}
	if n, err := l.Calls(t.Context(), m.Handle, time.Time{}); n != 1 || err != nil {
		t.Errorf("%d calls, %v: want the one that is 399 days old", n, err)
	}
}

// Whoever has the database alone finds no number by trying all there are. What an
// older hub has written is still told.
func TestForgottenCannotBeGuessedFromTheDatabase(t *testing.T) {
	l := open(t, t.TempDir())
	if err := l.Erase(t.Context(), "4711"); !errors.Is(err, ErrUnknown) {
		t.Fatal(err)
	}
	var row wire.Forgotten
	if err := l.db.Reader().QueryRowContext(t.Context(), `SELECT salt, hash FROM forgotten`).Scan(&row.Salt, &row.Hash); err != nil {
		t.Fatal(err)
	}
	if row.Is("4711") {
		t.Error("the row alone tells the number")
	}
	old := wire.NewForgotten("salt", "42")
	if _, err := l.db.Writer().ExecContext(t.Context(), `INSERT INTO forgotten (salt, hash, at) VALUES (?, ?, ?)`,
		old.Salt, old.Hash, time.Now().UTC().Format(time.RFC3339)); err != nil {
		t.Fatal(err)
	}
	whom, _, err := l.Forgotten(t.Context(), 0)
	if err != nil || len(whom) != 2 || !whom[0].Is("4711") || whom[0].Is("42") || !whom[1].Is("42") {
		t.Errorf("%+v, %v", whom, err)
	}
}
