package web

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"kassa/kiosk/basket"
	"kassa/kiosk/flow"
	"kassa/kiosk/words"
)

// The storybook shows every screen in every state, language and mode with made-up
// data, for eyes and for the browser tests. It is off in a shop.

// storyMode is one way to show a story.
type storyMode struct {
	Name  string     `json:"name"`
	Modes flow.Modes `json:"-"`
}

func storyModes() []storyMode {
	return []storyMode{
		{"default", flow.Modes{}},
		{"large", flow.Modes{Large: true}},
		{"contrast", flow.Modes{Contrast: true}},
		{"light", flow.Modes{Light: true}},
		{"reach", flow.Modes{Reach: true}},
		{"large-reach", flow.Modes{Large: true, Reach: true}},
	}
}

func storyLanguages() []string {
	return append(words.Languages(), words.Pseudo, words.PseudoRTL)
}

// index is what the storybook's first page lists.
type index struct {
	Build     string      `json:"-"`
	Stories   []string    `json:"stories"`
	Languages []string    `json:"languages"`
	Modes     []storyMode `json:"modes"`
}

// serveStorybook lists the stories, as a page or, with ?json, for programs.
func (s *site) serveStorybook(w http.ResponseWriter, r *http.Request) {
	x := index{Build: s.build, Languages: storyLanguages(), Modes: storyModes()}
	for _, story := range stories() {
		x.Stories = append(x.Stories, story.name)
	}
	if !r.URL.Query().Has("json") {
		s.write(w, r, x, "storybook")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(x); err != nil {
		s.Log.DebugContext(r.Context(), "storybook index not sent", "error", err)
	}
}

// serveStory shows one story: /storybook/NAME?lang=ar&mode=large.
func (s *site) serveStory(w http.ResponseWriter, r *http.Request) {
	all := stories()
	i := slices.IndexFunc(all, func(st story) bool { return st.name == r.PathValue("story") })
	if i < 0 {
		http.NotFound(w, r)
		return
	}
	v := all[i].view
	v.Languages = words.Languages()
	v.Language = "en"
	if lang := r.URL.Query().Get("lang"); s.Words.Has(lang) {
		v.Language = lang
	}
	for _, m := range storyModes() {
		if m.Name == r.URL.Query().Get("mode") {
			v.Modes = m.Modes
		}
	}
	staged := *s
	staged.Finder = stageFinder{}
	staged.Talk, staged.Call = all[i].talk, all[i].call
	staged.Code = func(context.Context, string) string {
		return "kassa 0421-1-000123\nMilk 1 l 1.29\nBananas 1.47\nTotal EUR 2.76"
	}
	q := all[i].query
	q.Topic = r.URL.Query().Get("topic") + q.Topic
	p := staged.page(r.Context(), v, q)
	p.Script = false
	s.write(w, r, p, "page")
}

// stageFinder has a made-up shelf.
type stageFinder struct{}

func (stageFinder) Groups(context.Context) ([]string, error) {
	return []string{"bakery", "fruit", "milk", "nuts", "vegetables", "spreads", "soft-drinks"}, nil
}

func (stageFinder) Browse(_ context.Context, _ string, page int) ([]basket.Article, int, error) {
	if page > 0 {
		return shelf()[:3], 2, nil
	}
	return shelf(), 2, nil
}

func (stageFinder) Search(_ context.Context, _, text string, limit int) ([]basket.Article, error) {
	if text == "xyz" {
		return nil, nil
	}
	return shelf()[:min(limit, 5)], nil
}
