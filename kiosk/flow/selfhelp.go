package flow

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kassa/kiosk/help"
)

// This file is about the help that comes first: what the shopper read, what she
// searched for and did not find, and what she said of the help she got. All of
// it stands in the contact's facts, so that a store sees what it does not know.

// Acts of self-help.
const (
	ActSearch Act = "search" // Value: words that led to no article
	ActSurvey Act = "survey" // Value: yes, no, 1 to 3, or close
	ActTold   Act = "told"   // a message was read
)

// Outcomes of a contact that asked for nobody.
const (
	bySelfHelp = "self-help"
	onlyRead   = "read"
)

// A Read is an article the shopper looked at, or a search without a result.
type Read struct {
	Article string `json:"article,omitempty"`
	Search  string `json:"search,omitempty"`
	Did     string `json:"did,omitempty"` // what she touched there to solve it
}

// Bounds of what is kept of the self-help of one sale.
const (
	maxReads  = 24
	maxSearch = 40 // characters
)

// surveyFor is how long after a call the shopper is asked how it was.
const surveyFor = 2 * time.Minute

// selfHelp does what a touch means to self-help, and says whether that is all.
func (l *lane) selfHelp(ev Touched) bool {
	s := l.Sale
	switch ev.Act {
	case ActArticle:
		l.read(Read{Article: bounded(ev.Value, maxSearch)})
	case ActSearch:
		l.read(Read{Search: bounded(strings.TrimSpace(ev.Value), maxSearch)})
	case ActSurvey:
		l.survey(ev.Value)
	case ActTold:
		s.Message = nil
	case ActHelp:
		if n := s.urgent(); n != nil {
			l.call(string(s.needReason(*n)))
			return true
		}
		if s.Page != PageHelp {
			s.Below = s.Page
		}
		return false
	case ActCall, ActCancelCall:
		return l.callAfter(ev)
	case ActFind, ActWeigh, ActOwnBag, ActKeep, ActBags, ActVoidLine:
		l.did(ev)
		return false
	default:
		return false
	}
	return true
}

// urgent is what waits for a person and is no matter for an article.
func (s *Sale) urgent() *Need {
	for i := range s.Needs {
		if n := &s.Needs[i]; !n.Settled && n.asked(s) && s.needReason(*n).SkipsArticles() {
			return n
		}
	}
	return nil
}

// callAfter calls, or takes a call back, when the sale is decided: the receipt
// stays until somebody has been there.
func (l *lane) callAfter(ev Touched) bool {
	s := l.Sale
	if !s.over() {
		return false
	}
	if ev.Act == ActCancelCall {
		l.endCall(CallCancelled, "shopper", "cancelled")
		return true
	}
	l.call(ev.Value)
	s.EndAt = 0
	return true
}

// read notes an article or a search without result. A search that goes on from
// the one before is the same search.
func (l *lane) read(r Read) {
	s := l.Sale
	if r == (Read{}) || len(s.Reads) >= maxReads {
		return
	}
	if n := len(s.Reads); n > 0 {
		last := s.Reads[n-1]
		switch {
		case last == r, r.Search != "" && strings.HasPrefix(last.Search, r.Search):
			return
		case last.Search != "" && strings.HasPrefix(r.Search, last.Search):
			s.Reads = append(s.Reads[:n-1:n-1], r)
			return
		}
	}
	s.Reads = append(slices.Clip(s.Reads), r)
}

// did notes that something was touched on the help page that solves it there,
// and leaves the page for where it shows.
func (l *lane) did(ev Touched) {
	s := l.Sale
	if s.Page != PageHelp {
		return
	}
	if n := len(s.Reads); n > 0 && s.Reads[n-1].Article != "" {
		r := s.Reads[n-1]
		r.Did = string(ev.Act)
		s.Reads = append(s.Reads[:n-1:n-1], r)
	}
	s.Page = PageBasket
	if s.Pick != nil && ev.Act == ActWeigh {
		s.Page = PageWeigh
	}
}

// survey takes what the shopper says of the help she got.
func (l *lane) survey(value string) {
	c := l.Sale.surveyed(l.Now)
	if c == nil {
		return
	}
	switch value {
	case "yes", "no":
		solved := value == "yes"
		c.Solved = &solved
	case "1", "2", "3":
		c.Rating = int(value[0] - '0')
		c.Asked = true
	case "close":
		c.Asked = true
	default:
	}
}

// surveyed is the call that the shopper is asked about, or nil.
func (s *Sale) surveyed(now Instant) *Call {
	if s.call() != nil {
		return nil
	}
	for i := len(s.Calls) - 1; i >= 0; i-- {
		c := &s.Calls[i]
		if c.State != CallDone || !c.called() {
			continue
		}
		since := now.Mono - c.EndedAt.Mono
		if since < 0 { // it ended in a run before this one
			since = max(0, now.Wall.Sub(c.EndedAt.Wall))
		}
		if c.Asked || since > surveyFor {
			return nil
		}
		return c
	}
	return nil
}

// takeReads hands what was read to the contact it belongs to.
func (s *Sale) takeReads() []Read {
	reads := s.Reads
	s.Reads = nil
	return reads
}

// endHelp ends what is open of help when the visit ends: nobody is there any
// more.
func (l *lane) endHelp() {
	s := l.Sale
	if s.call() != nil {
		l.endCall(CallCancelled, "lane", "left")
	}
	l.keepReads()
}

// keepReads makes a contact of what was read without a call.
func (l *lane) keepReads() {
	s := l.Sale
	if s == nil || len(s.Reads) == 0 {
		return
	}
	c := Call{N: len(s.Calls) + 1, Reason: "how", State: CallDone, RaisedAt: l.Now, EndedAt: l.Now, By: "shopper", Outcome: onlyRead, Silent: true}
	for _, r := range s.Reads {
		if r.Article != "" && c.Reason == "how" {
			c.Reason = "how." + r.Article
		}
		if r.Did != "" {
			c.Reason, c.Outcome = "how."+r.Article, bySelfHelp
		}
	}
	c.Reads = s.takeReads()
	s.Calls = append(s.Calls, c)
}

// helpActs are what may be touched for help on every page, and what may not
// while the lane waits for a person.
func (s *Sale) helpActs(now Instant, m map[Act]bool) {
	m[ActCall] = true
	m[ActCancelCall] = s.call() != nil
	if s.Page == PageHelp && !s.over() {
		m[ActSearch] = true
	}
	m[ActSurvey] = s.surveyed(now) != nil
	m[ActTold] = s.Message != nil
	if !s.Locked || s.over() || s.paying() {
		return
	}
	for act := range m {
		switch act {
		case ActCall, ActCancelCall, ActTold, ActSurvey, ActLanguage, ActMode, ActStaff, ActPIN, ActMoreTime:
		default:
			delete(m, act)
		}
	}
}

// viewHelp is what the page needs to choose articles and to ask how it was.
func (s *Sale) viewHelp(v *View, now Instant) {
	m := &help.Moment{Screen: string(s.Below)}
	if v.Hint != nil {
		m.Hint = string(v.Hint.Kind)
	}
	for _, n := range s.Needs {
		if !n.Settled {
			m.Reason = s.needReason(n)
			break
		}
	}
	if l, ok := s.line(s.Newest); ok {
		m.Group = l.Article.Group
	}
	if s.Pick != nil {
		m.Group = s.Pick.Article.Group
	}
	v.Moment = m
	if c := s.surveyed(now); c != nil {
		v.Survey = &ViewSurvey{Solved: c.Solved, Rating: c.Rating}
	}
	if s.Message != nil {
		v.Message = s.Message.Text
	}
	v.Locked = s.Locked
}

// A ViewSurvey asks how the help was.
type ViewSurvey struct {
	Solved *bool
	Rating int
}

// bounded cuts a text to so many characters.
func bounded(text string, n int) string {
	text = strings.ToValidUTF8(text, "")
	for utf8.RuneCountInString(text) > n {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}
