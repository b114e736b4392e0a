package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"kassa/cmd/app/people"
	"kassa/kiosk/barcode"
	"kassa/kiosk/staff"
	"kassa/store/roster"
)

// typed is a PIN as somebody types it.
func typed(pin string) func() (string, error) {
	return func() (string, error) { return pin, nil }
}

func TestStaffCommands(t *testing.T) {
	_, file := catalogLane(t)
	ana, err := (&people.Add{Config: file, Name: "Ana", Role: "supervisor"}).Do(t.Context(), openStaff, typed("391746"))
	if err != nil {
		t.Fatal(err)
	}
	if m := barcode.Parse([]byte(ana.Code), nil); m.Kind != barcode.Staff || m.Number != ana.Badge {
		t.Errorf("the printed badge %s scans as %s %s, want staff %s", ana.Code, m.Kind, m.Number, ana.Badge)
	}
	bo, err := (&people.Add{Config: file, Name: "Bo", Role: "attendant", Badge: barcode.StaffCode("17")}).Do(t.Context(), openStaff, typed("804153"))
	if err != nil || bo.Badge != "17" {
		t.Errorf("add with a badge as scanned = %+v, %v, want number 17", bo, err)
	}
	for _, tt := range []struct {
		c    people.Add
		pin  string
		want error
	}{
		{people.Add{Name: "Cy", Role: "attendant"}, "123456", staff.ErrPIN},
		{people.Add{Name: "Ana", Role: "attendant"}, "391746", roster.ErrTaken},
		{people.Add{Name: "Cy", Role: "attendant", Badge: "17"}, "391746", roster.ErrTaken},
		{people.Add{Name: "Cy", Role: "attendant", Badge: "not a code\x1b"}, "391746", nil},
	} {
		tt.c.Config = file
		if _, err := tt.c.Do(t.Context(), openStaff, typed(tt.pin)); err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("add %+v = %v, want %v", tt.c, err, tt.want)
		} else if strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%q is not one clean line", err)
		}
	}
	if err := (&people.Disable{Config: file, Name: "Bo"}).Run(t.Context(), openStaff); err != nil {
		t.Fatal(err)
	}
	if err := (&people.Disable{Config: file, Name: "Di"}).Run(t.Context(), openStaff); !errors.Is(err, roster.ErrUnknown) {
		t.Errorf("disable of nobody = %v", err)
	}
	var out bytes.Buffer
	if err := (&people.List{Config: file}).Print(t.Context(), openStaff, &out); err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(rows) != 3 || !strings.HasPrefix(rows[1], "a1  Ana") || !strings.HasSuffix(rows[2], "no") {
		t.Errorf("list prints\n%s", out.String())
	}
	out.Reset()
	if err := (&people.List{Config: file, JSON: true}).Print(t.Context(), openStaff, &out); err != nil || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("list --json, %v:\n%s", err, out.String())
	}
}
