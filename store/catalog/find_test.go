package catalog

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"kassa/kiosk/basket"
)

func names(found []basket.Article) []string {
	var all []string
	for _, a := range found {
		all = append(all, a.Name)
	}
	return all
}

func TestSearch(t *testing.T) {
	l := newLab(t)
	l.take(t, Options{}, "a.csv", assortment)
	tests := []struct {
		lang, text string
		want       []string
	}{
		{"en", "ban", []string{"Bananas"}},
		{"en", "BANANES", []string{"Bananas"}},
		{"fr", "biere", []string{"Beer"}},
		{"fr", "brulee creme", []string{"Crème brûlée"}},
		{"en", "crème br", []string{"Crème brûlée"}},
		{"ar", "موز", []string{"Bananas"}},
		{"ar", "مُوز", []string{"Bananas"}},
		{"ar", "تفاح", []string{"Apples"}},
		{"ar", "التفاح", []string{"Apples"}},
		{"ar", "الموز", []string{"Bananas"}}, // its name stands without the article
		{"ar", "المُو", []string{"Bananas"}},
		{"ar", "ٱلتُّفَّاح", []string{"Apples"}},
		{"ar", "ال", []string{"Apples"}}, // no article yet
		{"en", "4011", []string{"Bananas"}},
		{"ar", "٤٠١١", []string{"Bananas"}},
		{"en", "pils", []string{"Beer"}},
		{"en", "lager beer", []string{"Beer"}},
		{"en", "lager milk", nil},
		{"id", "pi", []string{"Bananas", "Beer"}},                      // pisang begins so; pils is a synonym
		{"fr", "p", []string{"Apples", "Bananas", "Beer", "Felt pen"}}, // pommes; pisang, pils, pen
		{"en", "razor", nil},                                           // not sold here
		{"en", "milk", nil},                                            // sale stop
		{"en", "", nil},
		{"en", " -%_*' ", nil},
		{"en", "\xff", nil},
		{"en", strings.Repeat("x", 1000), nil},
		{"en", strings.Repeat("b ", 100), []string{"Bananas", "Beer", "Crème brûlée"}},
	}
	for _, tt := range tests {
		found, err := l.Search(t.Context(), tt.lang, tt.text, 10)
		if err != nil || !slices.Equal(names(found), tt.want) {
			t.Errorf("search %s %q = %v, %v, want %v", tt.lang, tt.text, names(found), err, tt.want)
		}
	}
	if found, err := l.Search(t.Context(), "fr", "p", 1); err != nil || len(found) != 1 {
		t.Errorf("one is %v, %v", names(found), err)
	}
	if found, err := l.Search(t.Context(), "fr", "p", 0); err != nil || found != nil {
		t.Errorf("none is %v, %v", names(found), err)
	}
}

func TestGrid(t *testing.T) {
	l := newLab(t)
	l.take(t, Options{}, "a.csv", assortment)
	found, err := l.Produce(t.Context(), 4)
	if want := []string{"Apples", "Bananas", "Beer", "Crème brûlée"}; err != nil || !slices.Equal(names(found), want) {
		t.Errorf("the grid is %v, %v, want %v", names(found), err, want)
	}
	found, err = l.Browse(t.Context(), "fruit", 10)
	if want := []string{"Apples", "Bananas"}; err != nil || !slices.Equal(names(found), want) {
		t.Errorf("fruit is %v, %v, want %v", names(found), err, want)
	}
	found, err = l.Browse(t.Context(), "dairy", 10)
	if err != nil || len(found) != 0 {
		t.Errorf("dairy is %v, %v", names(found), err)
	}
}

func TestFold(t *testing.T) {
	for s, want := range map[string]string{
		"Crème Brûlée": "creme brulee",
		"ŒUF Straße":   "oeuf strasse",
		"أحمر إلى آخر": "احمر الي اخر",
		"تُفَّاحَة":    "تفاحه",
		"تـــفاح":      "تفاح",
		"مسؤول هيئة":   "مسوول هييه",
		"۱۲۳ ٤٥٦ ９":    "123 456 9",
		"ﻗﻠﻢ":          "قلم", // presentation forms
		"Łódź Ørsted":  "lodz orsted",
		"ไข่ นม":       "ไข นม",
		"牛奶":           "牛奶",
	} {
		if got := fold(s); got != want {
			t.Errorf("fold(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestTermsOf(t *testing.T) {
	got := termsOf("L'eau de l'eau", "الماء", "ال")
	if want := []string{"l", "eau", "de", "الماء", "ماء", "ال"}; !slices.Equal(got, want) {
		t.Errorf("terms are %q, want %q", got, want)
	}
	long := termsOf(strings.Repeat("ماء", 100))
	if len(long) != 1 || len(long[0]) > maxTerm || !utf8.ValidString(long[0]) {
		t.Errorf("a long term is %q", long)
	}
}

func FuzzTerms(f *testing.F) {
	for _, s := range []string{"Crème brûlée", "التُّفَّاح", "\xff\u202e", "Straße 12", "𝟙𝟚"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, term := range termsOf(s) {
			if term == "" || len(term) > maxTerm {
				t.Fatalf("%q has the term %q", s, term)
			}
			if again := fold(term); utf8.ValidString(s) && again != term {
				t.Fatalf("%q folds to %q, and that to %q", s, term, again)
			}
		}
	})
}
