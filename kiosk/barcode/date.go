package barcode

import (
	"fmt"
	"time"
)

// Date is a day of the calendar without a time zone, as a label prints it. The
// zero value is no day.
type Date struct{ Year, Month, Day int }

// ParseDate reads YYYY-MM-DD. It fails on anything else and on days that do
// not exist.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q: not a day as YYYY-MM-DD", s)
	}
	return DateOf(t), nil
}

// DateOf is the day of t in t's own time zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, int(m), d}
}

// String is the day as YYYY-MM-DD, and "" for the zero Date.
func (d Date) String() string {
	if d == (Date{}) {
		return ""
	}
	b := [10]byte{4: '-', 7: '-'}
	put(b[0:4], d.Year)
	put(b[5:7], d.Month)
	put(b[8:10], d.Day)
	return string(b[:])
}

// put writes n into all of b, with zeros on the left.
func put(b []byte, n int) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
}

// Compare is negative when d lies before e, zero on the same day.
func (d Date) Compare(e Date) int {
	if d.Year != e.Year {
		return d.Year - e.Year
	}
	if d.Month != e.Month {
		return d.Month - e.Month
	}
	return d.Day - e.Day
}

// year gives a two-digit year its century: at most 50 years on and at most 49
// back (General Specifications 7.12).
func (d Date) year(yy int) int {
	if d.Year == 0 {
		return 2000 + yy
	}
	century := d.Year - d.Year%100
	switch diff := yy - d.Year%100; {
	case diff >= 51:
		return century - 100 + yy
	case diff <= -50:
		return century + 100 + yy
	default:
		return century + yy
	}
}

// resolve turns six digits YYMMDD, checked before, into a day. Day 00 is the
// last of the month.
func (d Date) resolve(yymmdd string) Date {
	r := Date{d.year(num2(yymmdd)), num2(yymmdd[2:]), num2(yymmdd[4:])}
	last := monthDays(r.Year, r.Month)
	if r.Day == 0 || r.Day > last { // 000229 read in 2060 means 2100, no leap year
		r.Day = last
	}
	return r
}

func num2(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

func monthDays(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	default:
		return 31
	}
}

// dayFault judges six digits YYMMDD; with day00 a day of 00 is the whole month.
func dayFault(v string, day00 bool) *fault {
	return ymdFault(2000+num2(v), v[2:], day00)
}

func ymdFault(year int, mmdd string, day00 bool) *fault {
	month, day := num2(mmdd), num2(mmdd[2:])
	if month < 1 || month > 12 {
		return &fault{"date", "no such month"}
	}
	if day == 0 && day00 {
		return nil
	}
	if day < 1 || day > monthDays(year, month) {
		return &fault{"date", "no such day"}
	}
	return nil
}
