package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"kassa/kiosk/basket"
	"kassa/kiosk/words"
)

// Limits of what a browser may ask the finder for.
const (
	maxText = 40
	maxPage = 999
)

// groupsShown is how many groups stand in a row; the rest are a touch away.
const groupsShown = 5

// found is one state of the find page.
type found struct {
	Text     string
	Typing   bool
	Groups   []groupLink
	Tiles    []tile
	Keys     [][]string
	Pages    int
	PageText string

	Previous, PreviousLoad string // links, "" for none
	Next, NextLoad         string
}

type groupLink struct {
	Name, Href, Load string
	On               bool
}

type tile struct{ Code, Name, Price, Picture string }

// parseQuery reads the browser's own part of the page. What does not fit is cut
// or left out.
func parseQuery(v url.Values) query {
	q := query{Group: v.Get("group"), Topic: v.Get("topic"), Typing: v.Get("typing") != ""}
	if n, err := strconv.Atoi(v.Get("row")); err == nil {
		q.Row = min(max(n, 0), maxPage)
	}
	text := strings.TrimSpace(strings.ToValidUTF8(v.Get("q"), ""))
	for utf8.RuneCountInString(text) > maxText {
		_, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
	}
	q.Text = text
	if n, err := strconv.Atoi(v.Get("page")); err == nil {
		q.Page = min(max(n, 0), maxPage)
	}
	return q
}

// encode writes a query as the page's links have it.
func (q query) encode() string {
	v := url.Values{}
	for name, value := range map[string]string{"q": q.Text, "group": q.Group} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.Page > 0 {
		v.Set("page", strconv.Itoa(q.Page))
	}
	if q.Row > 0 {
		v.Set("row", strconv.Itoa(q.Row))
	}
	if q.Typing {
		v.Set("typing", "1")
	}
	return v.Encode()
}

// find looks up what the page shows. A finder that cannot answer shows as
// nothing found: a colleague is offered there.
func (s *site) find(ctx context.Context, w words.Words, q query) *found {
	f := &found{Text: q.Text, Typing: q.Typing, Pages: 1}
	if q.Typing {
		f.Keys = keyboard(w)
	}
	if s.Finder == nil {
		return f
	}
	groups, err := s.Finder.Groups(ctx)
	if err != nil {
		s.Log.WarnContext(ctx, "groups not found", "error", err)
	}
	f.choose(w, groups, q)
	var articles []basket.Article
	if q.Text != "" {
		articles, err = s.Finder.Search(ctx, w.Tag(), ascii(q.Text), PageSize)
	} else {
		articles, f.Pages, err = s.Finder.Browse(ctx, q.Group, q.Page)
	}
	if err != nil {
		s.Log.WarnContext(ctx, "articles not found", "error", err)
	}
	for _, a := range articles {
		f.Tiles = append(f.Tiles, s.tile(w, a))
	}
	f.turn(w, q)
	return f
}

// choose sets one row of groups: what has no barcode first, and a way to the
// other rows, round and round.
func (f *found) choose(w words.Words, groups []string, q query) {
	fresh := []string{"fruit", "vegetables", "herbs", "bakery", "nuts"}
	rank := func(g string) int {
		if i := slices.Index(fresh, g); i >= 0 {
			return i
		}
		return len(fresh)
	}
	groups = slices.Clone(groups)
	slices.SortStableFunc(groups, func(a, b string) int { return rank(a) - rank(b) })
	rows := slices.Collect(slices.Chunk(groups, groupsShown))
	q.Row = min(q.Row, max(0, len(rows)-1))
	f.link(w, w.T("find.all"), query{Row: q.Row}, q)
	if len(rows) == 0 {
		return
	}
	for _, g := range rows[q.Row] {
		f.link(w, groupName(w, g), query{Group: g, Row: q.Row}, q)
	}
	if len(rows) > 1 {
		next := q
		next.Row = (q.Row + 1) % len(rows)
		f.link(w, w.T("act.more"), next, q)
		f.Groups[len(f.Groups)-1].On = false
	}
}

// link adds a group to choose.
func (f *found) link(w words.Words, name string, to, now query) {
	f.Groups = append(f.Groups, groupLink{
		Name: name, Href: "/?" + to.encode(), Load: "/find?lang=" + w.Tag() + "&" + to.encode(),
		On: now.Text == "" && to.Group == now.Group,
	})
}

// turn sets the links to the pages before and after.
func (f *found) turn(w words.Words, q query) {
	f.Pages = max(f.Pages, 1)
	f.PageText = w.T("find.page", "Page", q.Page+1, "Pages", f.Pages)
	to := func(page int) (string, string) {
		q := query{Text: q.Text, Group: q.Group, Page: page, Row: q.Row}.encode()
		return "/?" + q, "/find?lang=" + w.Tag() + "&" + q
	}
	if q.Page > 0 {
		f.Previous, f.PreviousLoad = to(q.Page - 1)
	}
	if q.Page+1 < f.Pages {
		f.Next, f.NextLoad = to(q.Page + 1)
	}
}

// tile prepares an article to be chosen. One without a drawing of its own gets
// its group's.
func (s *site) tile(w words.Words, a basket.Article) tile {
	t := tile{Code: a.PLU, Name: w.Name(a.Name, a.Names), Price: w.Money(a.Price), Picture: a.Picture}
	if t.Code == "" {
		t.Code = a.GTIN
	}
	if !s.art[plain(t.Picture)] {
		t.Picture = a.Group
	}
	if a.Per.ByWeight() {
		t.Price = w.T("price.per", "Unit", w.Money(a.Price), "Per", w.Per(a.Per))
	}
	return t
}

// groupName is the words' name of a group, or the catalogue's own.
func groupName(w words.Words, id string) string {
	key := "group." + plain(id)
	if name := w.T(key); name != key {
		return name
	}
	return strings.ReplaceAll(id, "-", " ")
}

// serveFind returns the find page's inner part for another text, group or page.
func (s *site) serveFind(w http.ResponseWriter, r *http.Request) {
	s.fragment(w, r, "finder")
}

func (s *site) fragment(w http.ResponseWriter, r *http.Request, name string) {
	q := parseQuery(r.URL.Query())
	v := s.Now()
	if lang := r.URL.Query().Get("lang"); s.Words.Has(lang) {
		v.Language = lang
	}
	p := s.page(r.Context(), v, q)
	if p.Found == nil && name == "finder" {
		p.Found = s.find(r.Context(), p.W, q)
	}
	s.write(w, r, p, name)
}

// ascii turns Arabic-Indic digits (and the Persian ones) into those that numbers
// are kept in.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		default:
			return r
		}
	}, s)
}

// keyboard returns the rows of a language's keyboard, digits first.
func keyboard(w words.Words) [][]string {
	rows := []string{"1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"}
	switch w.Tag() {
	case "fr":
		rows = []string{"1234567890", "azertyuiop", "qsdfghjklm", "wxcvbnéèç"}
	case "ar":
		rows = []string{"1234567890", "ضصثقفغعهخحج", "شسيبلاتنمكط", "ئءؤرىةوزظدذ"}
	}
	keys := make([][]string, len(rows))
	for i, row := range rows {
		for _, r := range w.Digits(row) {
			keys[i] = append(keys[i], string(r))
		}
	}
	return keys
}
