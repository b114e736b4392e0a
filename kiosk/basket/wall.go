package basket

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Wall is what the shop's clock on the wall shows, in seconds since the first
// of January 1970 there. It has no zone: rules speak of five o'clock, not of an
// instant. The zero Wall is not known, and no timed rule holds then.
type Wall int64

const (
	secondsPerDay = 24 * 60 * 60
	minutesPerDay = 24 * 60
	wallFormat    = "2006-01-02T15:04:05"
)

// WallOf takes the wall-clock parts of t as they stand; the caller puts t into
// the shop's zone first.
func WallOf(t time.Time) Wall {
	if t.IsZero() {
		return 0
	}
	_, offset := t.Zone()
	return Wall(t.Unix() + int64(offset))
}

// ParseWall reads "2026-11-22", "2026-11-22T17:05" or "2026-11-22T17:05:09".
func ParseWall(s string) (Wall, error) {
	for _, form := range []string{wallFormat, "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(form, s); err == nil {
			return WallOf(t), nil
		}
	}
	return 0, fmt.Errorf("time %q: want a form like 2026-11-22 or 2026-11-22T17:05", s)
}

// Weekday returns the day of the week.
func (w Wall) Weekday() time.Weekday { return w.time().Weekday() }

// minute returns the minute of the day.
func (w Wall) minute() int { t := w.time(); return t.Hour()*60 + t.Minute() }

func (w Wall) time() time.Time { return time.Unix(int64(w), 0).UTC() }

// String returns the wall time as 2026-11-22T17:05:09.
func (w Wall) String() string { return w.time().Format(wallFormat) }

// MarshalText writes String's form, and nothing for the zero Wall.
func (w Wall) MarshalText() ([]byte, error) {
	if w == 0 {
		return nil, nil
	}
	return []byte(w.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (w *Wall) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*w = 0
		return nil
	}
	parsed, err := ParseWall(string(text))
	*w = parsed
	return err
}

// Days is a set of days of the week, bit 0 Sunday. The zero Days means every
// day.
type Days uint8

// Has reports whether d is in the set.
func (ds Days) Has(d time.Weekday) bool { return ds == 0 || ds&(1<<d) != 0 }

// ParseDays reads "mon-fri", "sat,sun" or "fri-mon"; "" is every day.
func ParseDays(s string) (Days, error) {
	var set Days
	if s == "" {
		return 0, nil
	}
	for part := range strings.SplitSeq(s, ",") {
		first, last, ranged := strings.Cut(strings.TrimSpace(part), "-")
		if !ranged {
			last = first
		}
		from, to := weekday(first), weekday(last)
		if from < 0 || to < 0 {
			return 0, fmt.Errorf("days %q: want names like mon-fri or sat,sun", s)
		}
		for d := from; ; d = (d + 1) % 7 {
			set |= 1 << d
			if d == to {
				break
			}
		}
	}
	return set, nil
}

func weekday(s string) int {
	for i, name := range [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} {
		if strings.EqualFold(strings.TrimSpace(s), name) {
			return i
		}
	}
	return -1
}

// Hours is a part of the day in minutes since midnight, From inclusive, Until
// not. Where Until is not later than From it runs over midnight and belongs to
// the day it began on.
type Hours struct {
	From  int `json:"from"`  // 0 to 1439
	Until int `json:"until"` // 0 to 1440
}

// ParseHours reads "17:00-19:00", several separated by commas; "" is all day.
func ParseHours(s string) ([]Hours, error) {
	var all []Hours
	if s == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(s, ",") {
		first, last, ranged := strings.Cut(part, "-")
		from, ok1 := minuteOf(first)
		until, ok2 := minuteOf(last)
		if !ranged || !ok1 || !ok2 || from == minutesPerDay || from == until {
			return nil, fmt.Errorf("hours %q: want a form like 17:00-19:00", s)
		}
		all = append(all, Hours{from, until})
	}
	return all, nil
}

func minuteOf(s string) (int, bool) {
	hour, minute, ok := strings.Cut(strings.TrimSpace(s), ":")
	h, err1 := strconv.ParseUint(hour, 10, 8)
	m, err2 := strconv.ParseUint(minute, 10, 8)
	if !ok || err1 != nil || err2 != nil || len(minute) != 2 || m > 59 || h*60+m > minutesPerDay {
		return 0, false
	}
	return int(h*60 + m), true
}

// During reports whether w lies in one of the hours of one of the days. No
// hours mean all day.
func During(w Wall, days Days, hours []Hours) bool {
	if days == 0 && len(hours) == 0 {
		return true
	}
	if w == 0 {
		return false
	}
	today, minute := w.Weekday(), w.minute()
	yesterday := (today + 6) % 7
	if len(hours) == 0 {
		return days.Has(today)
	}
	for _, h := range hours {
		overnight := h.Until <= h.From
		switch {
		case !overnight && minute >= h.From && minute < h.Until && days.Has(today),
			overnight && minute >= h.From && days.Has(today),
			overnight && minute < h.Until && days.Has(yesterday):
			return true
		}
	}
	return false
}
