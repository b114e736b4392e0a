package barcode

import (
	"testing"
	"time"
)

// The century of a two-digit year: 50 years on, 49 back.
func TestYear(t *testing.T) {
	tests := []struct{ today, yy, want int }{
		{2026, 76, 2076},
		{2026, 77, 1977},
		{2026, 0, 2000},
		{2026, 25, 2025},
		{2026, 26, 2026},
		{2060, 10, 2110},
		{2060, 11, 2011},
		{2060, 0, 2100},
		{1999, 48, 2048},
		{1999, 49, 2049},
		{1999, 50, 1950},
		{2000, 50, 2050},
		{2000, 51, 1951},
		{0, 99, 2099},
	}
	for _, tt := range tests {
		if got := (Date{Year: tt.today}).year(tt.yy); got != tt.want {
			t.Errorf("year %02d read in %d = %d, want %d", tt.yy, tt.today, got, tt.want)
		}
	}
}

// Whatever the year, the nearest reading wins, and never one more than 50 years on.
func TestYearNearest(t *testing.T) {
	for today := 1950; today < 2150; today++ {
		for yy := range 100 {
			got := Date{Year: today}.year(yy)
			if got%100 != yy || got-today > 50 || got-today < -49 {
				t.Fatalf("year %02d read in %d = %d", yy, today, got)
			}
		}
	}
}

func TestResolve(t *testing.T) {
	today := Date{2026, 11, 22}
	tests := []struct {
		today        Date
		yymmdd, want string
	}{
		{today, "261130", "2026-11-30"},
		{today, "250200", "2025-02-28"},
		{today, "240200", "2024-02-29"},
		{today, "261200", "2026-12-31"},
		{today, "260400", "2026-04-30"},
		{Date{2060, 1, 1}, "000229", "2100-02-28"},
	}
	for _, tt := range tests {
		if got := tt.today.resolve(tt.yymmdd).String(); got != tt.want {
			t.Errorf("%s read on %s = %s, want %s", tt.yymmdd, tt.today, got, tt.want)
		}
	}
}

func TestParseDate(t *testing.T) {
	d, err := ParseDate("2026-11-22")
	if err != nil || d != (Date{2026, 11, 22}) || d.String() != "2026-11-22" {
		t.Errorf("ParseDate = %v, %v", d, err)
	}
	for _, bad := range []string{"", "2026-02-30", "22.11.2026", "2026-11-22T00:00", "2026-1-2"} {
		if _, err := ParseDate(bad); err == nil {
			t.Errorf("ParseDate(%q) took it", bad)
		}
	}
	if (Date{}).String() != "" {
		t.Error("the zero Date is printed")
	}
	if DateOf(time.Date(2026, 11, 22, 23, 59, 0, 0, time.UTC)) != d {
		t.Error("DateOf")
	}
	later := []Date{{2026, 11, 23}, {2026, 12, 1}, {2027, 1, 1}}
	for _, e := range later {
		if d.Compare(e) >= 0 || e.Compare(d) <= 0 || d.Compare(d) != 0 {
			t.Errorf("Compare(%s, %s)", d, e)
		}
	}
}
