package roster

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/staff"
)

func mustOpen(t *testing.T, dir string) *Roster {
	t.Helper()
	r, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func mustAdd(t *testing.T, r *Roster, name string, role staff.Role, badge, pin string) Member {
	t.Helper()
	m, err := r.Add(t.Context(), name, role, badge, pin)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAddAndFind(t *testing.T) {
	dir := t.TempDir()
	r := mustOpen(t, dir)
	ana := mustAdd(t, r, "Ana", staff.Attendant, "", "391746")
	bo := mustAdd(t, r, "بو", staff.Supervisor, "KEY/17", "804153")
	if len(ana.Badge) != 8 || ana.Badge[0] == '0' || ana.ID == bo.ID || !ana.Active || bo.Badge != "KEY/17" {
		t.Errorf("Add() = %+v and %+v", ana, bo)
	}
	again := mustOpen(t, dir) // another process
	who, err := again.ByBadge(t.Context(), ana.Badge)
	if err != nil || who == nil || who.ID != ana.ID || who.Role != "attendant" {
		t.Fatalf("ByBadge() = %+v, %v", who, err)
	}
	var void flow.Permit
	for _, p := range who.May {
		if p.Deed == flow.DeedVoidSale {
			void = p
		}
		if p.Deed == flow.DeedPaid {
			t.Error("an attendant may say that a payment went through")
		}
	}
	if !void.PIN {
		t.Error("an attendant voids a sale without a PIN")
	}
	if who, err := r.ByBadge(t.Context(), "00000000"); who != nil || err != nil {
		t.Errorf("ByBadge() of nobody's = %+v, %v", who, err)
	}
	if name, err := r.Name(t.Context(), bo.ID); name != "بو" || err != nil {
		t.Errorf("Name() = %q, %v", name, err)
	}
	all, err := r.List(t.Context())
	if err != nil || len(all) != 2 || all[0].Name != "Ana" {
		t.Errorf("List() = %+v, %v", all, err)
	}
}

func TestDisableAndComeBack(t *testing.T) {
	r := mustOpen(t, t.TempDir())
	ana := mustAdd(t, r, "Ana", staff.Attendant, "", "391746")
	if err := r.Disable(t.Context(), "Ana"); err != nil {
		t.Fatal(err)
	}
	if who, err := r.ByBadge(t.Context(), ana.Badge); who != nil || err != nil {
		t.Errorf("a disabled badge is %+v's, %v", who, err)
	}
	if _, _, err := r.CheckPIN(t.Context(), ana.ID, "391746"); !errors.Is(err, ErrUnknown) {
		t.Errorf("CheckPIN() of somebody disabled = %v, want ErrUnknown", err)
	}
	back := mustAdd(t, r, "Ana", staff.Manager, "", "804153")
	if back.ID != ana.ID || back.Role != staff.Manager || back.Badge == ana.Badge {
		t.Errorf("Ana came back as %+v", back)
	}
	if err := r.Disable(t.Context(), "Nobody"); !errors.Is(err, ErrUnknown) {
		t.Errorf("Disable() of nobody = %v, want ErrUnknown", err)
	}
}

func TestAddRefuses(t *testing.T) {
	r := mustOpen(t, t.TempDir())
	mustAdd(t, r, "Ana", staff.Attendant, "77", "391746")
	for _, tt := range []struct {
		name, badge, pin string
		role             staff.Role
		want             error
	}{
		{"Ana", "", "391746", staff.Attendant, ErrTaken},
		{"Bo", "77", "391746", staff.Attendant, ErrTaken},
		{"Bo", "", "123456", staff.Attendant, staff.ErrPIN},
		{"Bo", "39174600", "391746", staff.Attendant, staff.ErrPIN},
		{"", "", "391746", staff.Attendant, ErrName},
		{" Bo", "", "391746", staff.Attendant, ErrName},
		{"B\x1b[2Jo", "", "391746", staff.Attendant, ErrName},
		{"B\xffo", "", "391746", staff.Attendant, ErrName},
		{strings.Repeat("o", 65), "", "391746", staff.Attendant, ErrName},
		{"Bo", "two words", "391746", staff.Attendant, ErrBadge},
		{"Bo", strings.Repeat("9", 41), "391746", staff.Attendant, ErrBadge},
		{"Bo", "", "391746", "admin", nil},
	} {
		if _, err := r.Add(t.Context(), tt.name, tt.role, tt.badge, tt.pin); err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("Add(%q, %s, %q) = %v, want %v", tt.name, tt.role, tt.badge, err, tt.want)
		} else if strings.Contains(err.Error(), tt.pin) {
			t.Errorf("%q tells the PIN", err)
		}
	}
}

func TestCheckPIN(t *testing.T) {
	dir := t.TempDir()
	r := mustOpen(t, dir)
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	r.now = func() time.Time { return now }
	ana := mustAdd(t, r, "Ana", staff.Attendant, "", "391746")
	try := func(r *Roster, pin string, ok bool, wait time.Duration) {
		t.Helper()
		gotOK, gotWait, err := r.CheckPIN(t.Context(), ana.ID, pin)
		if err != nil || gotOK != ok || gotWait != wait {
			t.Errorf("CheckPIN(%s) = %v, %v, %v, want %v, %v", pin, gotOK, gotWait, err, ok, wait)
		}
	}
	try(r, "391746", true, 0)
	for range 4 {
		try(r, "000000", false, 0)
	}
	try(r, "391746", true, 0) // and the count begins anew
	for range 4 {
		try(r, "000000", false, 0)
	}
	try(r, "000000", false, 30*time.Second)
	try(r, "391746", false, 30*time.Second) // right, but too early
	again := mustOpen(t, dir)               // a new start does not help
	again.now = r.now
	now = now.Add(29 * time.Second)
	try(again, "391746", false, time.Second)
	now = now.Add(time.Second)
	try(again, "391746", true, 0)
	for _, id := range []string{"", "a", "a999", "17", "a-1", "a1 OR 1=1"} {
		if ok, _, err := r.CheckPIN(t.Context(), id, "391746"); ok || !errors.Is(err, ErrUnknown) {
			t.Errorf("CheckPIN() of id %q = %v, %v", id, ok, err)
		}
	}
}

func TestAClockThatFellBackDoesNotLockForYears(t *testing.T) {
	r := mustOpen(t, t.TempDir())
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	r.now = func() time.Time { return now }
	ana := mustAdd(t, r, "Ana", staff.Attendant, "", "391746")
	for range 5 {
		if _, _, err := r.CheckPIN(t.Context(), ana.ID, "000000"); err != nil {
			t.Fatal(err)
		}
	}
	now = time.Date(1970, 1, 1, 0, 0, 30, 0, time.UTC)
	if ok, wait, err := r.CheckPIN(t.Context(), ana.ID, "391746"); ok || wait != 30*time.Second || err != nil {
		t.Errorf("after booting in 1970: %v, %v, %v, want the pause from now", ok, wait, err)
	}
	now = now.Add(30 * time.Second)
	if ok, _, err := r.CheckPIN(t.Context(), ana.ID, "391746"); !ok || err != nil {
		t.Errorf("30 s later: %v, %v, want it right", ok, err)
	}
}

func TestTriesAtOnceAreAllCounted(t *testing.T) {
	dir := t.TempDir()
	r := mustOpen(t, dir)
	ana := mustAdd(t, r, "Ana", staff.Attendant, "", "391746")
	var wg sync.WaitGroup
	var mu sync.Mutex
	judged := 0
	for _, list := range []*Roster{r, mustOpen(t, dir)} {
		for range 4 {
			wg.Go(func() {
				_, wait, err := list.CheckPIN(t.Context(), ana.ID, "000000")
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if wait == 0 {
					judged++
				}
			})
		}
	}
	wg.Wait()
	if judged > 4 {
		t.Errorf("%d of 8 wrong PINs cost nothing, want 4", judged)
	}
}

func TestPepper(t *testing.T) {
	dir := t.TempDir()
	r := mustOpen(t, dir)
	ana := mustAdd(t, r, "Ana", staff.Attendant, "", "391746")
	path := filepath.Join(dir, PepperName)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("pepper is %v, %v, want mode 0600", info, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir); !errors.Is(err, ErrPepper) || !strings.Contains(err.Error(), path) {
		t.Errorf("Open() without the pepper = %v, want ErrPepper naming the file", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a new pepper was made over a list that has members")
	}
	if ok, _, err := r.CheckPIN(context.Background(), ana.ID, "391746"); !ok || err != nil {
		t.Errorf("a running lane: %v, %v, want it to go on", ok, err)
	}
	empty := t.TempDir()
	if err := os.WriteFile(filepath.Join(empty, PepperName), []byte("cut"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, empty)
	if b, err := os.ReadFile(filepath.Join(empty, PepperName)); err != nil || len(b) != pepperBytes {
		t.Errorf("a cut pepper of an empty list became %d bytes, %v", len(b), err)
	}
}
