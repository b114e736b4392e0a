package hours

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func berlin(t *testing.T, wall string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", wall, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// 2026-11-22 is a Sunday; clocks went back on 2026-10-25 and go forward on
// 2026-03-29, both Sundays.
func TestOpenAndNext(t *testing.T) {
	week := "mon-sat 07:00-22:00; sun 08:00-13:00"
	tests := []struct {
		hours, at string
		open      bool
		next      string // "": never
	}{
		{"", "2026-11-22 03:00", true, ""},
		{week, "2026-11-22 07:59", false, "2026-11-22 08:00"},
		{week, "2026-11-22 08:00", true, "2026-11-22 13:00"},
		{week, "2026-11-22 13:00", false, "2026-11-23 07:00"},
		{week, "2026-11-21 21:59", true, "2026-11-21 22:00"},
		{"mon-sat 07:00-22:00", "2026-11-21 23:00", false, "2026-11-23 07:00"},
		{"fri,sat 22:00-06:00", "2026-11-21 05:59", true, "2026-11-21 06:00"},
		{"fri,sat 22:00-06:00", "2026-11-22 05:59", true, "2026-11-22 06:00"},
		{"fri,sat 22:00-06:00", "2026-11-23 05:59", false, "2026-11-27 22:00"},
		{"sat-mon 10:00-12:00", "2026-11-23 11:00", true, "2026-11-23 12:00"},
		{"sat-mon 10:00-12:00", "2026-11-24 11:00", false, "2026-11-28 10:00"},
		{"mon-fri 08:00-12:00,14:00-18:00", "2026-11-24 13:00", false, "2026-11-24 14:00"},
		{"daily 00:00-24:00", "2026-11-24 13:00", true, ""},
		{"daily 06:00-06:00", "2026-11-24 05:00", true, ""},
		{"mon 00:00-24:00; tue 00:00-08:00", "2026-11-23 13:00", true, "2026-11-24 08:00"}, // no gap at midnight
		{"wed 09:00-10:00", "2026-11-25 10:00", false, "2026-12-02 09:00"},                 // a week away
		{"sun 07:00-22:00", "2026-03-29 06:59", false, "2026-03-29 07:00"},
		{"sun 07:00-22:00", "2026-10-25 06:59", false, "2026-10-25 07:00"},
		{"SUN 07:00-22:00 ;", "2026-10-25 07:00", true, "2026-10-25 22:00"},
	}
	for _, tt := range tests {
		h, err := Parse(tt.hours)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.hours, err)
			continue
		}
		at := berlin(t, tt.at)
		if got := h.Open(at); got != tt.open {
			t.Errorf("%q at %s: open = %v, want %v", tt.hours, tt.at, got, tt.open)
		}
		next, ok := h.Next(at)
		if got := next.Format("2006-01-02 15:04"); ok != (tt.next != "") || ok && got != tt.next {
			t.Errorf("%q at %s: next = %s, %v, want %q", tt.hours, tt.at, got, ok, tt.next)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		";":                       "no days and times",
		"mon-sat":                 `"mon-sat": want days and times, as in "mon-sat 07:00-22:00"`,
		"mo 07:00-22:00":          `day is "mo", want mon, tue, wed, thu, fri, sat, sun or daily`,
		"mon-son 07:00-22:00":     `day is "son", want mon, tue, wed, thu, fri, sat, sun or daily`,
		"mon 07:00":               `time is "07:00", want two, as in 07:00-22:00`,
		"mon 7:00-22:00":          `time is "7:00", want HH:MM, 00:00 to 24:00`,
		"mon 07:00-25:00":         `time is "25:00", want HH:MM, 00:00 to 24:00`,
		"mon 07:60-22:00":         `time is "07:60", want HH:MM, 00:00 to 24:00`,
		"mon 24:00-24:00":         `time is "24:00-24:00": a day begins at 00:00`,
		"mon 07:00 - 22:00":       `"mon 07:00 - 22:00": want days and times, as in "mon-sat 07:00-22:00"`,
		"mon, tue 07:00-22:00; x": `"mon, tue 07:00-22:00": want days and times, as in "mon-sat 07:00-22:00"`,
	} {
		if _, err := Parse(text); err == nil || err.Error() != want {
			t.Errorf("Parse(%q) = %v, want %s", text, err, want)
		}
	}
}

// What Parse takes can be asked about, and Next is a moment of change.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "mon-sat 07:00-22:00", "fri,sat 22:00-06:00;sun 08:00-13:00", "daily 00:00-24:00", "x;"} {
		f.Add(seed)
	}
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 200 {
			return
		}
		h, err := Parse(text)
		if err != nil {
			return
		}
		if next, ok := h.Next(at); ok && (h.Open(next) == h.Open(at) || !next.After(at)) {
			t.Errorf("Parse(%q).Next = %v: nothing changes then", text, next)
		}
	})
}
