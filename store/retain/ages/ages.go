// Package ages says how old what is kept may become: an age for each class of
// data, and what the law asks for. It deletes nothing; lane, hub and head office
// each take out of their own databases what is older.
//
// Its one rule: when in doubt it is kept. An age in years is counted from the end
// of the year, as tax law counts, and a shorter age than the law's is refused
// where the last copy lies.
package ages

import (
	"fmt"
	"strconv"
	"time"
)

// An Age is how long something is kept: whole years to the end of the calendar
// year, or days. The zero Age is for ever.
type Age struct{ Years, Days int }

// Parse reads "10y", "400d", or "" for ever.
func Parse(text string) (Age, error) {
	if text == "" || text == "forever" {
		return Age{}, nil
	}
	n, err := strconv.Atoi(text[:len(text)-1])
	if err == nil && n > 0 && n <= 36500 {
		switch text[len(text)-1] {
		case 'y':
			return Age{Years: n}, nil
		case 'd':
			return Age{Days: n}, nil
		}
	}
	return Age{}, fmt.Errorf("age %q: want days or years, as 35d or 10y, or forever", text)
}

// String is the text that Parse reads.
func (a Age) String() string {
	switch {
	case a.Years > 0:
		return fmt.Sprintf("%dy", a.Years)
	case a.Days > 0:
		return fmt.Sprintf("%dd", a.Days)
	}
	return "forever"
}

// Day is the first day, YYYY-MM-DD, that is still kept; "" when all is.
func (a Age) Day(now time.Time) string {
	switch {
	case a.Years > 0:
		return time.Date(now.Year()-a.Years, 1, 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	case a.Days > 0:
		return now.AddDate(0, 0, -a.Days).Format(time.DateOnly)
	}
	return ""
}

// days is roughly how long an age is, to compare two; the longest for ever.
func (a Age) days() int {
	switch {
	case a.Years > 0:
		return a.Years * 366
	case a.Days > 0:
		return a.Days
	}
	return 1 << 30
}

// Shorter reports whether a keeps for less long than b.
func (a Age) Shorter(b Age) bool { return a.days() < b.days() }

// A Policy is an age for each class that has one. Classes without one go with the
// rows they stand in.
type Policy struct {
	Sale   Age // journal rows, and sums and lines made of them
	Person Age // what a shopper did beyond buying, and what stands for her
	Staff  Age // who of the staff did it
	Device Age // how machines behaved
}

// LaneSale is the shortest and the usual age of rows at a lane: so long a keeper
// that was put back from an old backup is filled again by the lanes.
func LaneSale() Age { return Age{Days: 35} }

// Lane is what a lane keeps unless it is told otherwise: the record lies with its
// keeper.
func Lane() Policy { return Policy{LaneSale(), Age{Days: 30}, Age{}, Age{}} }

// Kept is what the last keeper keeps unless it is told otherwise.
func Kept(country string) Policy {
	return Policy{Legal(country), Age{Days: 400}, Age{Years: 2}, Age{Days: 400}}
}

// Passed is what a hub keeps whose rows head office keeps.
func Passed() Policy { return Policy{Age{Years: 2}, Age{Days: 400}, Age{Years: 2}, Age{Days: 400}} }

// Legal is how long a country's law asks that vouchers of sales be kept, from the
// end of the year: Germany section 147 AO (since 2025 eight years for vouchers,
// ten for what a recording system writes, so ten here), Austria section 132 BAO,
// Switzerland OR art. 958f, France Code de commerce L123-22, Italy Codice civile
// 2220, Spain Codigo de comercio 30, Netherlands AWR 52, Belgium and Indonesia ten
// years, Britain and Ireland six. It is no legal advice: a store asks its own
// accountant. A country that is not listed gets the longest, ten.
func Legal(country string) Age {
	switch country {
	case "AT", "NL":
		return Age{Years: 7}
	case "GB", "IE", "ES":
		return Age{Years: 6}
	}
	return Age{Years: 10}
}

// Check says why a policy is shorter than what must be kept, nil if it is not.
func (p Policy) Check(least Age) error {
	if p.Sale.Shorter(least) {
		return fmt.Errorf("sale is %s, what must be kept is kept for %s", p.Sale, least)
	}
	return nil
}
