package barcode

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// codesFile is codes.toml as written.
type codesFile struct {
	Country  string // ready set that the file adds to
	Currency string // of prices that name none
	Pattern  []struct {
		Match, Currency, Unit, Verify, Key, Kind string
		Decimals                                 int
	}
	Prefix []struct {
		Match, Kind, Check, Number string
		Length                     int
	}
}

// ParsePatterns reads a store's codes.toml: `[[pattern]]` tables with match,
// decimals, currency, unit, verify, key and kind, and `[[prefix]]` tables with match,
// kind, length, check and number, as the fields of Pattern and Prefix. A
// `country` at the top adds that ready set behind the file's own patterns, a
// `currency` counts for prices that name none. Unknown keys are errors.
func ParsePatterns(text string) (*Patterns, error) { return StorePatterns("", text) }

// StorePatterns is what a store knows of its own codes: the text of its
// codes.toml, which may be empty, before the ready set of its country, which
// may be "". Where both begin with the same digits the store's own stands.
func StorePatterns(country, text string) (*Patterns, error) {
	var file codesFile
	md, err := toml.Decode(text, &file)
	if err != nil {
		return nil, fmt.Errorf("codes: %w", err)
	}
	if unknown := md.Undecoded(); len(unknown) > 0 {
		return nil, fmt.Errorf("codes: key %s is not known", unknown[0])
	}
	if _, known := rules.byCode[file.Currency]; file.Currency != "" && !known {
		return nil, fmt.Errorf("codes: currency %q is not known", file.Currency)
	}
	own := file.patterns()
	var prefixes []Prefix
	for _, p := range file.Prefix {
		prefixes = append(prefixes, Prefix{p.Match, Kind(p.Kind), p.Length, p.Check, p.Number})
	}
	all, err := NewPatterns(own, prefixes)
	if err != nil {
		return nil, fmt.Errorf("codes: %w", err)
	}
	if file.Currency != "" {
		all.currency = file.Currency
	}
	if country == "" {
		country = file.Country
	}
	if country == "" {
		return all, nil
	}
	ready, err := countryPatterns(country)
	if err != nil {
		return nil, fmt.Errorf("codes: %w", err)
	}
	if all.currency == "" {
		all.currency = commonCurrency(ready)
	}
	ready = slices.DeleteFunc(ready, func(p Pattern) bool { return shadowed(p, own) })
	if err := all.addAll(ready); err != nil {
		return nil, fmt.Errorf("codes: %w", err)
	}
	return all, nil
}

func (f *codesFile) patterns() []Pattern {
	var own []Pattern
	for _, p := range f.Pattern {
		one := Pattern{p.Match, p.Decimals, p.Currency, p.Unit, p.Verify, p.Key, Kind(p.Kind)}
		if one.Currency == "" && strings.Contains(p.Match, "P") {
			one.Currency = f.Currency
		}
		own = append(own, one)
	}
	return own
}

// shadowed says whether one of the store's own patterns begins with the same
// digits as a ready one and so stands in its place.
func shadowed(ready Pattern, own []Pattern) bool {
	literal := strings.TrimRight(ready.Match, "CINLPVWX")
	return slices.ContainsFunc(own, func(p Pattern) bool { return strings.TrimRight(p.Match, "CINLPVWX") == literal })
}

// Country gives the ready set of in-store patterns of a country (ISO 3166
// letters, such as "DE"), or a variant of it ("US-5"). It fails when there is
// none: see Countries.
func Country(set string) (*Patterns, error) {
	patterns, err := countryPatterns(set)
	if err != nil {
		return nil, err
	}
	return NewPatterns(patterns, nil)
}

// Countries names the ready sets, in order.
func Countries() []string {
	rows, _ := tableRows(countryText, 6)
	var names []string
	for _, row := range rows {
		names = append(names, row[0])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func countryPatterns(set string) ([]Pattern, error) {
	rows, err := tableRows(countryText, 6)
	if err != nil {
		return nil, fmt.Errorf("countries: %w", err)
	}
	var patterns []Pattern
	for _, row := range rows {
		if !strings.EqualFold(row[0], set) {
			continue
		}
		decimals := strings.TrimSuffix(row[3], "~")
		if len(decimals) != 1 || !allDigits(decimals) {
			return nil, errors.New("countries: " + row[2] + ": no decimals")
		}
		patterns = append(patterns, Pattern{Match: row[2], Decimals: int(number(decimals)), Currency: row[1]})
	}
	if patterns == nil {
		return nil, fmt.Errorf("no in-store patterns for country %q", set)
	}
	return patterns, nil
}
