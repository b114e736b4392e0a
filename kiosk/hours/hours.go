// Package hours says when a lane serves: a week of opening times, read from a
// short text ("mon-sat 07:00-22:00; sun 08:00-13:00"). It is a leaf and pure,
// and knows nothing of what a lane does when it opens or closes (package flow).
//
// Its one rule: times are those of the wall clock of the moment asked about,
// so a lane opens at seven on the days the clocks change too.
package hours

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Hours are a week's opening times. The zero Hours are always open.
type Hours struct {
	spans []span // empty: always open
}

// A span opens on a weekday and closes some minutes later, perhaps on the day
// after.
type span struct {
	day         time.Weekday
	open, close int // minutes since midnight of day; open < close <= open + 24 h
}

const day = 24 * 60

// ErrEmpty is returned for a text of opening hours that names no time.
var ErrEmpty = errors.New("no days and times")

// Parse reads opening hours: parts set apart by ";", each with days and one or
// more times set apart by ",": "mon-fri 07:00-12:00,14:00-22:00; sat
// 08:00-13:00". Days are mon to sun, alone, listed with "," or as a range that
// may go round the week; "daily" is all of them. A time that ends at or before
// its beginning ends on the next day ("22:00-06:00"; "00:00-24:00" is a whole
// day). A day not named is closed. The empty text is always open.
func Parse(text string) (Hours, error) {
	if strings.TrimSpace(text) == "" {
		return Hours{}, nil
	}
	var h Hours
	for part := range strings.SplitSeq(strings.ToLower(text), ";") {
		fields := strings.Fields(part)
		if len(fields) == 0 {
			continue // a ";" at the end
		}
		if len(fields) != 2 {
			return Hours{}, fmt.Errorf("%q: want days and times, as in \"mon-sat 07:00-22:00\"", strings.TrimSpace(part))
		}
		days, err := parseDays(fields[0])
		if err != nil {
			return Hours{}, err
		}
		times, err := parseTimes(fields[1])
		if err != nil {
			return Hours{}, err
		}
		for _, d := range days {
			for _, t := range times {
				h.spans = append(h.spans, span{d, t[0], t[1]})
			}
		}
	}
	if len(h.spans) == 0 {
		return Hours{}, ErrEmpty
	}
	return h, nil
}

func parseDays(text string) ([]time.Weekday, error) {
	if text == "daily" {
		return []time.Weekday{0, 1, 2, 3, 4, 5, 6}, nil
	}
	var days []time.Weekday
	for item := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(item, "-")
		from, err := parseDay(first)
		if err != nil {
			return nil, err
		}
		to := from
		if isRange {
			if to, err = parseDay(last); err != nil {
				return nil, err
			}
		}
		for d := from; ; d = (d + 1) % 7 {
			days = append(days, d)
			if d == to {
				break
			}
		}
	}
	return days, nil
}

func parseDay(text string) (time.Weekday, error) {
	i := slices.Index([]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, text)
	if i < 0 {
		return 0, fmt.Errorf("day is %q, want mon, tue, wed, thu, fri, sat, sun or daily", text)
	}
	return time.Weekday(i), nil
}

func parseTimes(text string) ([][2]int, error) {
	var times [][2]int
	for item := range strings.SplitSeq(text, ",") {
		first, last, ok := strings.Cut(item, "-")
		if !ok {
			return nil, fmt.Errorf("time is %q, want two, as in 07:00-22:00", item)
		}
		open, err := ParseClock(first)
		if err != nil {
			return nil, err
		}
		shut, err := ParseClock(last)
		if err != nil {
			return nil, err
		}
		from, to := int(open/time.Minute), int(shut/time.Minute)
		if from == day {
			return nil, fmt.Errorf("time is %q: a day begins at 00:00", item)
		}
		if to <= from {
			to += day
		}
		times = append(times, [2]int{from, to})
	}
	return times, nil
}

// ParseClock reads a time of day, "00:00" to "24:00", as the time since
// midnight.
func ParseClock(text string) (time.Duration, error) {
	var h, m int
	ok := len(text) == 5 && text[2] == ':'
	for i := 0; ok && i < 5; i++ {
		ok = i == 2 || text[i] >= '0' && text[i] <= '9'
	}
	if ok {
		h = int(text[0]-'0')*10 + int(text[1]-'0')
		m = int(text[3]-'0')*10 + int(text[4]-'0')
		ok = m < 60 && (h < 24 || h == 24 && m == 0)
	}
	if !ok {
		return 0, fmt.Errorf("time is %q, want HH:MM, 00:00 to 24:00", text)
	}
	return time.Duration(h*60+m) * time.Minute, nil
}

// Always reports whether the lane never closes by the clock.
func (h Hours) Always() bool { return len(h.spans) == 0 }

// Open reports whether the lane is open at t, by t's own wall clock: t must be
// in the store's time zone.
func (h Hours) Open(t time.Time) bool {
	if h.Always() {
		return true
	}
	for back := range 2 { // what opened yesterday may close today
		for _, s := range h.spans {
			from, to, on := s.on(t, -back)
			if on && !t.Before(from) && t.Before(to) {
				return true
			}
		}
	}
	return false
}

// on returns when s opens and closes on the day that is days away from t's,
// and whether that is a day of s.
func (s span) on(t time.Time, days int) (from, to time.Time, ok bool) {
	y, m, d := t.Date()
	if time.Date(y, m, d+days, 12, 0, 0, 0, t.Location()).Weekday() != s.day {
		return from, to, false
	}
	at := func(minutes int) time.Time {
		return time.Date(y, m, d+days, minutes/60, minutes%60, 0, 0, t.Location())
	}
	return at(s.open), at(s.close), true
}

// Next returns the first moment after t at which the lane opens or closes, and
// false where that never happens. t must be in the store's time zone.
func (h Hours) Next(t time.Time) (time.Time, bool) {
	var edges []time.Time
	for days := -1; days <= 8; days++ {
		for _, s := range h.spans {
			if from, to, on := s.on(t, days); on {
				edges = append(edges, from, to)
			}
		}
	}
	slices.SortFunc(edges, time.Time.Compare)
	now := h.Open(t)
	for _, e := range edges {
		if e.After(t) && h.Open(e) != now {
			return e, true
		}
	}
	return time.Time{}, false
}
