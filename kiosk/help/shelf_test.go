package help

import (
	"slices"
	"strings"
	"testing"
)

// Each article exists in each language, with the same steps, pictures and acts,
// and says nothing that nobody could read standing.
func TestShelfIsComplete(t *testing.T) {
	all, err := Shelf()
	if err != nil {
		t.Fatal(err)
	}
	if gaps := Gaps(all, Languages()); len(gaps) > 0 {
		t.Errorf("missing: %v", gaps)
	}
	first := map[string]Article{}
	for _, a := range all {
		if a.Lang == "en" {
			first[a.ID] = a
		}
	}
	for _, a := range all {
		en := first[a.ID]
		if len(a.Steps) != len(en.Steps) || !slices.Equal(a.Acts, en.Acts) || !slices.Equal(a.Screens, en.Screens) ||
			!slices.Equal(a.Hints, en.Hints) || !slices.Equal(a.About, en.About) || len(a.Words) == 0 {
			t.Errorf("%s/%s is not the same article as in English", a.Lang, a.ID)
		}
		for i, s := range a.Steps {
			if i < len(en.Steps) && s.Picture != en.Steps[i].Picture {
				t.Errorf("%s/%s: step %d has picture %q, in English %q", a.Lang, a.ID, i+1, s.Picture, en.Steps[i].Picture)
			}
			if n := len(strings.Fields(s.Text)); n > 12 {
				t.Errorf("%s/%s: step %d has %d words, 12 at most", a.Lang, a.ID, i+1, n)
			}
		}
	}
}

func TestGapsNamesWhatIsMissing(t *testing.T) {
	got := Gaps([]Article{{ID: "a", Lang: "en"}, {ID: "a", Lang: "fr"}, {ID: "b", Lang: "fr"}}, []string{"en", "fr"})
	if !slices.Equal(got, []string{"en/b"}) {
		t.Errorf("%v", got)
	}
}
