package flow

import (
	"fmt"
	"slices"

	"kassa/kiosk/basket"
)

// This file is about what the store does not sell here, now, or in such numbers.

// revLimit: each thing that may not be sold is a call of its own, and what is held
// ends with its own call.
const revLimit = 4

// Held is an article that a limit keeps out of the basket until staff allow it.
type Held struct {
	Limit   int // position in Rules.Limits
	Article basket.Article
	Code    Code           // of an article not yet weighed or counted
	Qty     int64          // with Code, or what Line should have
	Line    int            // whose quantity would change, 0: none
	New     basket.NewLine // of an article that would be a line by now
	Need    int            // number of its call
}

// Lifts reports whether staff have lifted a limit for this sale. A limit is known
// by what it says, not by where it stands: a store may change its limits while a
// basket lies parked.
func (s *Sale) Lifts(limit Limit) bool { return slices.Contains(s.Allowed, limit.key()) }

// key tells a limit from others that say something else.
func (limit Limit) key() string {
	return fmt.Sprintf("%q never=%t hours=%v max=%d", limit.Items, limit.Never, limit.Hours, limit.Max)
}

// limits returns the limits that name an article and are not lifted.
func (l *lane) limits(a basket.Article) []int {
	var found []int
	for i, limit := range l.rules.Limits {
		if a.Named(limit.Items) && !l.Sale.Lifts(limit) && !slices.Contains(l.Sale.Lifted, i) {
			found = append(found, i)
		}
	}
	return found
}

// barred keeps out what is not sold here or not at this time, and says so.
func (l *lane) barred(a basket.Article, code Code, qty int64) bool {
	for _, i := range l.limits(a) {
		limit := l.rules.Limits[i]
		strip := Strip{Kind: HintNotHere, Article: &a}
		switch {
		case limit.Never:
		case !limit.Hours.Always() && !limit.Hours.Open(l.Now.Wall):
			strip.Kind = HintHours
		default:
			continue
		}
		l.hold(strip, Held{Limit: i, Article: a, Code: code, Qty: qty})
		return true
	}
	return false
}

// beyond keeps out pieces above a limit's number, and says so. more is what
// would come on top of what the basket has.
func (l *lane) beyond(a basket.Article, more int64, h Held) bool {
	for _, i := range l.limits(a) {
		limit := l.rules.Limits[i]
		if limit.Max == 0 || more <= 0 {
			continue
		}
		have := more
		for _, line := range l.Sale.Basket.Lines {
			if !line.Voided && line.Of == 0 && line.Article.Named(limit.Items) {
				have += line.Qty * max(1, line.Article.Pack)
			}
		}
		if have > limit.Max {
			h.Limit, h.Article = i, a
			l.hold(Strip{Kind: HintLimit, Article: &a}, h)
			return true
		}
	}
	return false
}

// late looks at the hours again when the shopper pays, for limits that say so,
// and reports whether that is why she does not pay yet. What may no longer be
// sold is taken out; where staff may allow it, it stays in until they look. Once
// a part is paid the sale is made.
func (l *lane) late() bool {
	s := l.Sale
	if s.parted() {
		return false
	}
	var out, asked int
	for _, line := range s.Basket.Lines {
		i, ok := l.shutNow(line)
		switch {
		case !ok:
		case !l.rules.Limits[i].Staff:
			out = line.N
			l.voidLine(out, "lane")
			s.Undo = Undo{}
			l.hold(Strip{Kind: HintHours, Article: &line.Article}, Held{Limit: i})
		case asked == 0:
			asked = line.N
		}
	}
	if line, ok := s.line(asked); ok && out == 0 { // one thing at a time
		i, _ := l.shutNow(line)
		l.hold(Strip{Kind: HintHours, Article: &line.Article}, Held{Limit: i, Article: line.Article, Line: asked, Qty: line.Qty})
	}
	if out+asked == 0 {
		return false
	}
	s.Page, s.WantsPay = PageBasket, false
	return true
}

// shutNow returns the limit by whose hours a line may not be paid for now.
func (l *lane) shutNow(line basket.Line) (int, bool) {
	if line.Voided || line.Of != 0 {
		return 0, false
	}
	for _, i := range l.limits(line.Article) {
		if limit := l.rules.Limits[i]; limit.AtPay && !limit.Hours.Always() && !limit.Hours.Open(l.Now.Wall) {
			return i, true
		}
	}
	return 0, false
}

// hold shows why an article stays out. Where staff may allow it a person is
// asked to look; scanning goes on.
func (l *lane) hold(strip Strip, h Held) {
	s := l.Sale
	strip.Until = l.Now.Mono + 2*l.rules.Timing.Hint
	l.hint(strip)
	l.cue(SoundAgain)
	s.Pick = nil
	if s.Page == PageWeigh || s.Page == PageQuantity {
		s.Page = PageBasket
	}
	if !l.rules.Limits[h.Limit].Staff {
		return
	}
	need := Need{Kind: NeedLimit, Detail: fmt.Sprintf("%s: %s", strip.Kind, h.Article.Name)}
	h.Need = l.raise(need)
	if s.Held != nil && s.Held.Need != h.Need {
		l.letGo("lane", "another is held")
	}
	s.Held = &h
}

// letGo forgets what is held back, and ends its call.
func (l *lane) letGo(by, reason string) {
	n := l.heldNeed()
	l.Sale.Held = nil
	if n != nil && l.Rev >= revLimit {
		l.settle(n, by, reason)
	}
}

// heldNeed is the open call about what is held back, nil if there is none.
func (l *lane) heldNeed() *Need {
	s := l.Sale
	switch {
	case s.Held == nil:
		return nil
	case l.Rev < revLimit:
		return s.need(NeedLimit)
	case s.Held.Need < 1 || s.Held.Need > len(s.Needs) || s.Needs[s.Held.Need-1].Settled:
		return nil
	}
	return &s.Needs[s.Held.Need-1]
}

const byAllowing = "allowed"

// Lifted reports whether this is a limit, and somebody has sold beyond it.
func (n Need) Lifted() bool { return n.Kind == NeedLimit && n.Settled && n.Reason == byAllowing }

// allow lifts the limit for this sale and sells what was held back.
func (l *lane) allow(by string) {
	s := l.Sale
	h := s.Held
	if h == nil {
		return
	}
	n := l.heldNeed()
	s.Held, s.Strip = nil, Strip{}
	s.Allowed = append(s.Allowed, l.rules.Limits[h.Limit].key())
	if n != nil {
		l.settle(n, by, byAllowing)
	}
	line, in := s.line(h.Line)
	switch {
	case in && line.Qty == h.Qty: // it was late, and stays
	case h.Line != 0:
		l.setQuantity(h.Line, h.Qty)
	case h.New.Qty != 0:
		l.add(h.New)
	default:
		l.offer(h.Article, h.Code, h.Qty)
	}
}
