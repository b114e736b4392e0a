package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"kassa/kiosk/flow"
	"kassa/kiosk/help"
	"kassa/kiosk/words"
)

// articlesShown is how many articles help offers by itself; searched is how many
// a search shows.
const (
	articlesShown = 3
	searchedShown = 5
)

// leastSearch is how many letters without a result are a gap in what the store
// knows; fewer are still being typed.
const leastSearch = 3

// helper is one state of the help page.
type helper struct {
	Text    string
	Typing  bool
	Keys    [][]string
	List    []help.Article
	Nothing bool          // searched, and not found
	Open    *help.Article // being read
	Acts    []choice      // that solve it there and then
	Reason  string        // of a call from here
	Wants   []choice      // a person who is asked for something, not about trouble
}

// wants are the reasons of who wants to buy something or to know about it: no
// trouble, and nobody runs for them. They stand in contacts and must not change.
func wants(w words.Words) []choice {
	return []choice{
		{Act: flow.ActCall, Value: "buy.want", Label: w.T("help.buy.want"), Picture: "basket"},
		{Act: flow.ActCall, Value: "buy.ask", Label: w.T("help.buy.ask"), Picture: "search"},
	}
}

// ownShelf is the articles that come with kassa, found by whole lower-case words:
// for a page that was given no library.
func ownShelf() (*help.Library, error) {
	l := help.NewLibrary(func(text string) []string { return strings.Fields(strings.ToLower(text)) })
	all, err := help.Shelf()
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	for _, a := range all {
		l.Add(a)
	}
	return l, nil
}

// helper prepares the help page: an article, what a search found, or the three
// articles that fit this moment.
func (s *site) helper(v flow.View, w words.Words, q query) *helper {
	h := &helper{Text: q.Text, Typing: q.Typing, Reason: "asked"}
	if q.Typing {
		h.Keys = keyboard(w)
	}
	if a, ok := s.Help.Get(q.Topic, w.Tag(), "en"); ok && q.Topic != "" {
		h.Open = &a
		h.Acts = s.solving(v, w, a)
		if len(a.About) > 0 {
			h.Reason = string(a.About[0])
		}
		return h
	}
	if q.Text != "" {
		h.List = s.Help.Search(q.Text, w.Tag(), searchedShown)
		h.Nothing = len(h.List) == 0
		if !h.Nothing {
			return h
		}
	}
	h.List = s.fitting(v.Moment, w.Tag())
	if v.Acts[flow.ActCall] && v.Call == nil {
		h.Wants = wants(w)
	}
	return h
}

// fitting are the articles that fit a moment, filled up with what is asked most.
func (s *site) fitting(m *help.Moment, lang string) []help.Article {
	if m == nil {
		m = &help.Moment{}
	}
	list := s.Help.Suggest(*m, lang, articlesShown)
	for _, id := range []string{"scan", "price", "remove"} { // what is asked most
		if a, ok := s.Help.Get(id, lang, "en"); ok && len(list) < articlesShown && !hasArticle(list, id) {
			list = append(list, a)
		}
	}
	return list
}

func hasArticle(list []help.Article, id string) bool {
	for _, a := range list {
		if a.ID == id {
			return true
		}
	}
	return false
}

// solving are the acts of an article that fit now.
func (s *site) solving(v flow.View, w words.Words, a help.Article) []choice {
	var all []choice
	for _, text := range a.Acts {
		name, value, _ := strings.Cut(text, ":")
		c := choice{Act: flow.Act(name), Value: value}
		switch c.Act {
		case flow.ActFind:
			c.Label, c.Picture = w.T("act.find"), "search"
		case flow.ActOwnBag:
			c.Label, c.Picture = w.T("bags.own"), "own-bag"
		case flow.ActKeep:
			c.Label, c.Picture = w.T("act.keep"), "hand"
		case flow.ActWeigh:
			if v.Moment == nil || v.Moment.Screen != string(flow.ScreenWeigh) {
				continue // nothing waits for a weight
			}
			c.Label, c.Picture = w.T("weigh.again"), "scale"
		case flow.ActVoidLine:
			l, ok := lastLine(v)
			if !ok {
				continue // there is nothing to take off, or another matter comes first
			}
			c.Line, c.Picture = l.N, "bin"
			c.Label = w.T("act.void-line") + ": \u2068" + w.Name(l.Name, l.Names) + "\u2069"
		default:
			continue // not known to this page
		}
		if v.Acts[c.Act] {
			all = append(all, c)
		}
	}
	return all
}

// lastLine is the line that was entered last, if the shopper came from the basket.
func lastLine(v flow.View) (flow.ViewLine, bool) {
	if v.Moment == nil || v.Moment.Screen != string(flow.ScreenBasket) || v.Sale == nil {
		return flow.ViewLine{}, false
	}
	last := flow.ViewLine{}
	for _, l := range v.Sale.Lines {
		if !l.Fixed && (l.Newest || !last.Newest && l.N > last.N) {
			last = l
		}
	}
	return last, last.N != 0
}

// serveHelp returns the help page's inner part for another article or search. A
// search that finds nothing is told to the lane: it is on record what the store
// does not know.
func (s *site) serveHelp(w http.ResponseWriter, r *http.Request) {
	q := parseQuery(r.URL.Query())
	v := s.Now()
	if lang := r.URL.Query().Get("lang"); s.Words.Has(lang) {
		v.Language = lang
	}
	p := s.page(r.Context(), v, q)
	p.Helper = s.helper(v, p.W, q)
	if p.Helper.Nothing && utf8.RuneCountInString(q.Text) >= leastSearch && v.Acts[flow.ActSearch] {
		if err := s.Post(r.Context(), Touch{Act: flow.ActSearch, Value: q.Text}); err != nil {
			s.Log.DebugContext(r.Context(), "search not noted", "error", err)
		}
	}
	s.write(w, r, p, "help-topics")
}

// CallQueue says where in the queue her call is, "" if nobody knows or somebody
// has seen it.
func (p *page) CallQueue() string {
	c := p.V.Call
	if c == nil || c.State != flow.CallCalled || c.Place < 1 {
		return ""
	}
	if c.Wait <= 0 {
		return p.T("call.place", "Place", c.Place)
	}
	return p.T("call.place-wait", "Place", c.Place, "Minutes", int64((c.Wait+time.Minute-1)/time.Minute))
}

// Coming says that somebody is on the way to what waits, "" if nobody is.
func (p *page) Coming() string {
	c := p.V.Coming
	switch {
	case c == nil || p.V.Call != nil:
		return ""
	case c.State == flow.CallComing && c.Who != "":
		return p.T("call.coming-who", "Who", words.Code(c.Who))
	case c.State == flow.CallComing:
		return p.T("call.coming")
	case c.State == flow.CallSeen:
		return p.T("call.seen")
	default:
		return ""
	}
}

// Faces are the three answers to how it was.
func (p *page) Faces() []choice {
	var all []choice
	for n := 1; n <= 3; n++ {
		all = append(all, choice{
			Act: flow.ActSurvey, Value: fmt.Sprint(n), Picture: fmt.Sprintf("face-%d", n), Label: p.T(fmt.Sprintf("thanks.rate-%d", n)),
		})
	}
	return all
}

// Message is what somebody far away says: a phrase that the words know, or the
// text as it came.
func (p *page) Message() string { return p.V.Message }
