package help

import (
	"slices"
	"strings"
	"testing"
)

const scanArticle = `screens: basket
hints: unknown
about: article.scan
acts: find
words: sticker
---
# The scanner does not read my item
1. Smooth the code. ![a hand smooths a bag](smooth)
2. Turn it to the glass,
   not too fast.
`

func contains(s, part string) bool { return strings.Contains(s, part) }

func library(t *testing.T) *Library {
	t.Helper()
	l := NewLibrary(func(s string) []string { return strings.Fields(strings.ToLower(s)) })
	for id, text := range map[string]string{
		"scan": scanArticle,
		"pay":  "screens: tender\nabout: payment\n---\n# Paying by card\n1. Hold the card to the terminal.\n",
		"bag":  "hints: too-much missing\nscreens: basket check\nabout: bagging\n---\n# Bagging\n1. Put each item into the bagging area.\n",
	} {
		a, err := ParseArticle(id, "en", text)
		if err != nil {
			t.Fatal(err)
		}
		l.Add(a)
	}
	return l
}

func ids(all []Article) []string {
	var out []string
	for _, a := range all {
		out = append(out, a.ID)
	}
	return out
}

func TestParseArticle(t *testing.T) {
	a, err := ParseArticle("scan", "en", scanArticle)
	if err != nil {
		t.Fatal(err)
	}
	if a.Title != "The scanner does not read my item" || len(a.Steps) != 2 {
		t.Fatalf("%+v", a)
	}
	if a.Steps[0] != (Step{"Smooth the code.", "smooth"}) || a.Steps[1].Text != "Turn it to the glass, not too fast." {
		t.Errorf("steps %+v", a.Steps)
	}
	for text, want := range map[string]string{
		"# no head":                         "three dashes",
		"nonsense\n---\n# T\n1. x":          "line 1",
		"screens: a\ncolour: b\n---\n# T":   "line 2",
		"about: pets\n---\n# T\n1. x":       `"pets"`,
		"screens: a\n---\nfree text":        "line 3",
		"screens: a\n---\n# T\n":            "a step",
		"screens: a\n---\n# T\n# U\n1. x\n": "line 4",
		strings.Repeat("x", maxArticle+1):   "bytes",
	} {
		if _, err := ParseArticle("x", "en", text); err == nil || !contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want it to name %s", text, err, want)
		}
	}
}

func TestSuggestFitsTheMoment(t *testing.T) {
	l := library(t)
	for _, tt := range []struct {
		m    Moment
		want []string
	}{
		{Moment{Screen: "basket", Hint: "unknown"}, []string{"scan", "bag"}},
		{Moment{Screen: "basket", Hint: "too-much"}, []string{"bag", "scan"}},
		{Moment{Screen: "tender"}, []string{"pay"}},
		{Moment{Screen: "check", Reason: "bagging.too-much"}, []string{"bag"}},
		{Moment{Screen: "thanks"}, nil},
	} {
		if got := ids(l.Suggest(tt.m, "en", 3)); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %v, want %v", tt.m, got, tt.want)
		}
	}
	if got := l.Suggest(Moment{Screen: "basket"}, "fr", 3); got != nil {
		t.Errorf("French has none: %v", ids(got))
	}
}

func TestSearchFindsWhileTyping(t *testing.T) {
	l := library(t)
	for query, want := range map[string][]string{
		"card":       {"pay"},
		"ca":         {"pay"},
		"item":       {"scan", "bag"},
		"stick":      {"scan"},
		"item pony":  nil,
		"":           nil,
		"terminal h": {"pay"},
	} {
		got := ids(l.Search(query, "en", 3))
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", query, got, want)
		}
	}
}

func TestStoresOwnTextWins(t *testing.T) {
	l := library(t)
	own, _ := ParseArticle("pay", "en", "screens: tender\n---\n# Paying here\n1. We take shells.\n")
	l.Add(own)
	got := l.Suggest(Moment{Screen: "tender"}, "en", 3)
	if len(got) != 1 || got[0].Title != "Paying here" {
		t.Errorf("%+v", got)
	}
}

func FuzzParseArticle(f *testing.F) {
	f.Add(scanArticle)
	f.Add("\n---\n# \n1. ![")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseArticle("x", "en", text)
		if err == nil && (a.Title == "" || len(a.Steps) == 0) {
			t.Errorf("an article without title or steps: %+v", a)
		}
	})
}
