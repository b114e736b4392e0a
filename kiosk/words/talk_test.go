package words

import (
	"testing"

	"kassa/kiosk/help/talk"
)

// Whatever a colleague taps, a shopper reads in her own language, and the other
// way round: no phrase of the book is without its words anywhere.
func TestPhraseBookIsComplete(t *testing.T) {
	for _, lang := range Languages() {
		texts := read(t, lang)
		own := map[string]string{}
		for _, g := range append(talk.Agent(), talk.Shopper()...) {
			if texts[g.ID][""] == "" {
				t.Errorf("%s: the group %s has no name", lang, g.ID)
			}
			for _, p := range g.Phrases {
				text := texts[p][""]
				if text == "" {
					t.Errorf("%s: %s has no words", lang, p)
				}
				if other := own[text]; other != "" && text != "" && talk.Known(talk.FromAgent, p) == talk.Known(talk.FromAgent, other) {
					t.Errorf("%s: %s and %s say the same", lang, p, other)
				}
				own[text] = p
			}
		}
	}
}
