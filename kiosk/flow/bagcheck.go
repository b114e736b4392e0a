package flow

import (
	"fmt"
	"slices"
	"time"

	"kassa/kiosk/bagging"
	"kassa/kiosk/basket"
)

// expectInBag tells the bagging check that line n grew by what nl says.
func (l *lane) expectInBag(n int, nl basket.NewLine) {
	in := l.bagScan(n, nl)
	l.do(Check{Input: in})
	if !in.NoBag {
		l.noteUnbagged(n)
	}
}

// bagScan is a line in the bagging check's words.
func (l *lane) bagScan(n int, nl basket.NewLine) bagging.Scan {
	key := nl.Article.GTIN
	if key == "" {
		key = nl.Article.PLU
	}
	in := bagging.Scan{
		T: l.Now.Mono, Line: n, Key: key, Qty: max(nl.Qty, 1),
		MeanG: float64(nl.Article.MeanMg) / 1000, SDG: float64(nl.Article.SDMg) / 1000,
		NoBag: nl.Article.Flags.Has(basket.NoBag),
	}
	if nl.Weight.Unit != 0 {
		in.WeightG = float64(nl.Weight.Grams())
	}
	return in
}

// noteUnbagged remembers a line that the bagging check has not seen settle, so
// that a restart can tell it again.
func (l *lane) noteUnbagged(n int) {
	if !slices.Contains(l.Sale.Unbagged, n) {
		l.Sale.Unbagged = append(l.Sale.Unbagged, n)
	}
}

// recheckBags tells the bagging check of a new run what the old one knew: the
// load that lies there is taken as it is, what was on its way is expected.
func (l *lane) recheckBags() {
	s := l.Sale
	if s.over() || s.Refund != nil {
		return
	}
	l.do(Check{Input: bagging.Start{T: l.Now.Mono, Trip: saleID(l.rules, s.Number)}})
	for _, line := range s.Basket.Lines {
		if line.Voided || line.Of != 0 {
			continue
		}
		in := l.bagScan(line.N, basket.NewLine{Article: line.Article, Qty: line.Qty, Weight: line.Weight})
		in.Bagged = !slices.Contains(s.Unbagged, line.N)
		l.do(Check{Input: in})
	}
}

// bagged takes a decision of the bagging check. If it is the answer at pay, what
// waited for it begins.
func (l *lane) bagged(ev Bagged) {
	s, d := l.Sale, ev.Decision
	if s == nil || s.over() || s.Refund != nil || l.rules.Bagging != BagCheck {
		return
	}
	answer := s.Hold.answers(d)
	if d.Verdict == bagging.OK {
		if d.Settled {
			s.Unbagged = nil
		}
		l.bagIsFine("shopper", bagPutRight)
	} else {
		l.question(d, ev.Question)
	}
	if answer {
		l.release()
	}
}

// question shows what the bagging check asks, or calls a person about it.
func (l *lane) question(d bagging.Decision, q *Question) {
	s := l.Sale
	if l.Now.Mono-s.TouchedAt < l.rules.Timing.Idle {
		l.alive()
	}
	if s.Bag.Since == 0 || s.Bag.Decision.Kind != d.Kind {
		s.Bag = BagView{Since: l.Now.Mono}
		l.cue(SoundLook)
	}
	s.Bag.Decision = d
	s.asked(q)
	if d.Verdict == bagging.Call {
		l.callAboutBag()
	}
}

// Why a question of the bagging check was settled, as it stands on record.
const (
	bagPutRight = "put right"
	bagAsItIs   = "accepted as it is"
)

// bagIsFine closes the bagging check's hint, and what was raised for it.
func (l *lane) bagIsFine(by, reason string) {
	s := l.Sale
	s.Bag = BagView{}
	n := s.need(NeedBagging)
	if n != nil {
		l.settle(n, by, reason)
	}
	if s.Page == PageCheck && (!s.WantsPay || !s.blocked()) { // else the page is about something else by now
		s.Page = PageBasket
	}
	if n != nil {
		l.unblock()
	}
}

// bagWaits reports whether the standing question goes on to a person if nobody
// settles it. What is missing or was taken away only ever hints.
func (s *Sale) bagWaits() bool {
	k := s.Bag.Decision.Kind
	return k == bagging.Unexpected || k == bagging.Wrong
}

// callAboutBag shows the mismatch and asks quietly for a person.
func (l *lane) callAboutBag() {
	s := l.Sale
	s.Bag.Looked = true
	d := s.Bag.Decision
	if s.need(NeedBagging) != nil {
		return
	}
	l.raise(Need{
		Kind: NeedBagging, Line: d.Line, Blocks: true,
		Detail: fmt.Sprintf("%s: expected %.0f g, seen %.0f g, p %.3f", d.Kind, d.ExpectedG, d.SeenG, d.PUnpaid),
	})
	switch s.Page {
	case PageTender:
		s.Page, s.WantsPay = PageCheck, true
	case PageBasket:
		s.Page = PageCheck
	default: // the shopper is in the middle of something: the strip tells her after it
	}
}

// sayAt is when the standing hint is said aloud, once, while the page shows it.
func (s *Sale) sayAt(r *Rules) (time.Duration, bool) {
	at := s.Bag.Since + r.Timing.Say
	return at, s.Bag.Since != 0 && r.Timing.Say > 0 && !s.Bag.Said && s.Page == PageBasket && !s.paying() && !s.over()
}

// tickBagging moves a standing question on: from the hint to looking at it
// together. Whether a person is called is the check's own decision.
func (l *lane) tickBagging(now time.Duration) {
	s := l.Sale
	if s.Bag.Since == 0 || s.paying() || s.over() {
		return
	}
	if at, due := s.sayAt(l.rules); due && now >= at {
		s.Bag.Said = true
		l.cue(SoundSay)
	}
	if s.bagWaits() && !s.Bag.Looked && now >= s.Bag.Since+l.rules.Timing.Check {
		s.Bag.Looked = true
		if s.Page == PageBasket {
			s.Page = PageCheck
			l.cue(SoundLook)
		}
	}
}

// keep says that something stays in the shopper's hand or trolley.
func (l *lane) keep(n int) {
	s := l.Sale
	l.do(Check{Input: bagging.Keep{T: l.Now.Mono, Line: n}})
	s.Unbagged = slices.DeleteFunc(slices.Clone(s.Unbagged), func(u int) bool { return n == 0 || u == n })
	if k := s.Bag.Decision.Kind; k == bagging.Missing || k == bagging.Removed {
		l.bagIsFine("shopper", bagPutRight)
	}
}

// ownBag says that the shopper puts a bag of her own on the scale.
func (l *lane) ownBag() {
	s := l.Sale
	s.OwnBag, s.Page = true, PageBasket
	l.do(Check{Input: bagging.OwnBag{T: l.Now.Mono}})
	l.bagIsFine("shopper", bagPutRight)
	if l.rules.Bagging == BagCheck {
		l.hint(Strip{Kind: HintBag, Until: l.Now.Mono + l.rules.Timing.Hint})
	}
}

// buyBags sells carrier bags; none is fine too.
func (l *lane) buyBags(n int64) {
	l.Sale.Page = PageBasket
	if n <= 0 || n > l.rules.Bags.Max {
		return
	}
	a := l.rules.Bags.Article
	a.Price = l.rules.Bags.Price
	a.Flags |= basket.NoBag // the goods are put into it wherever it hangs
	l.do(Check{Input: bagging.OwnBag{T: l.Now.Mono}})
	l.add(basket.NewLine{Article: a, Code: a.PLU, Qty: n})
}
