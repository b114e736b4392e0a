package flow

import (
	"slices"

	"kassa/kiosk/bagging"
	"kassa/kiosk/basket"
	"kassa/kiosk/weight"
)

// Kinds of code, as package barcode names them.
const (
	codeArticle = "article"
	codeMember  = "member"
	codeCoupon  = "coupon"
	codeSticker = "markdown"
)

// scanned takes a code of any kind.
func (l *lane) scanned(ev Scanned) {
	if l.doubleRead(ev) {
		return
	}
	if !l.ready() {
		l.cue(SoundAgain)
		return
	}
	if l.scannedMoney(ev) {
		return
	}
	l.ensureSale()
	l.alive()
	switch {
	case ev.Code.Kind == codeMember:
		l.member(ev.Code.Number)
	case ev.Code.Kind == codeArticle && ev.Article != nil:
		l.scannedArticle(ev)
	case ev.Code.Kind == codeCoupon:
		l.last = lastRead{raw: ev.Code.Raw, at: l.Now.Mono}
		l.coupon(ev.Code)
	case ev.Code.Kind == codeSticker:
		l.last = lastRead{raw: ev.Code.Raw, at: l.Now.Mono}
		l.sticker(ev)
	default:
		l.hint(Strip{Kind: HintUnknown, Until: l.Now.Mono + l.rules.Timing.Hint})
		l.cue(SoundAgain)
	}
}

// member notes a member's card; from now on her prices count.
func (l *lane) member(handle string) {
	l.Sale.Member = handle
	if b, err := l.Sale.Basket.SetMember(l.rules.Basket, true); err == nil {
		l.Sale.Basket = b
	}
	l.cue(SoundScan)
}

// ready reports whether an article can be taken now: the lane serves, and no
// payment is under way or about to begin. A finished sale makes room for the next shopper.
func (l *lane) ready() bool {
	if l.Sale != nil && l.Sale.over() {
		if l.Sale.Paper.Key != "" {
			return false // let the paper come out first
		}
		waits := l.Sale.call() != nil
		l.leave()
		if waits { // her call ends with this step, the next sale begins with another
			return false
		}
	}
	if l.Sale == nil {
		return l.serves()
	}
	return !l.Sale.paying() && !l.Sale.begins() && !l.Sale.Locked
}

// serves reports whether a new sale may start.
func (l *lane) serves() bool { return l.State.serves(l.rules) }

// ensureSale opens a sale if there is none.
func (l *lane) ensureSale() {
	if l.Sale != nil {
		return
	}
	l.Number++
	lang := l.Lang
	if lang == "" {
		lang = l.rules.Languages[0]
	}
	l.Sale = &Sale{
		Number: l.Number, State: SaleOpen, OpenedAt: l.Now, Language: lang, Page: PageBasket,
		Day: businessDay(l.Now.Wall, l.rules.DayEnds), TouchedAt: l.Now.Mono,
	}
	l.Choose = 0
	if !l.Scale.empty() {
		l.Scale.Used = true // it is not this shopper's
		if !l.Scale.Lost {
			l.hint(Strip{Kind: HintScale})
		}
	}
	if l.rules.Has(DevicePrinter) && !l.up(DevicePrinter) && l.Sale.Strip.Kind == HintNone {
		l.hint(Strip{Kind: HintPrinter})
	}
	l.do(Check{Input: bagging.Start{T: l.Now.Mono, Trip: saleID(l.rules, l.Number)}})
}

// alive notes that the shopper is there.
func (l *lane) alive() {
	l.Sale.TouchedAt, l.Sale.AskedAt = l.Now.Mono, 0
}

// hint sets the strip in the basket. What the bagging check asks stands beside it,
// in Sale.Bag, and is shown first.
func (l *lane) hint(s Strip) { l.Sale.Strip = s }

// offer sells an article, or asks first for what is missing: a weight, a
// quantity, a person.
func (l *lane) offer(a basket.Article, code Code, qty int64) {
	s := l.Sale
	s.Strip = Strip{}
	raw := code.Raw
	a = quoted(s.Basket, a)
	if l.barred(a, code, qty) {
		return
	}
	switch {
	case a.Flags.Has(basket.SaleStop), a.Flags.Has(basket.AttendantOnly):
		l.hint(Strip{Kind: HintNotHere, Article: &a, Until: l.Now.Mono + l.rules.Timing.Hint})
		l.cue(SoundAgain)
	case code.Measure != "" && code.Price <= 0 && code.Grams <= 0 && code.Count <= 0:
		// The label was printed without its price or weight: never sold for nothing.
		l.hint(Strip{Kind: HintUnknown, Article: &a, Until: l.Now.Mono + l.rules.Timing.Hint})
		l.cue(SoundAgain)
	case a.Per.ByWeight() && code.Grams > 0:
		shown := weight.Shown{Digits: int64(code.Grams), Decimals: 3, Unit: weight.Kilogram}
		l.add(basket.NewLine{Article: a, Code: raw, Qty: 1, Weight: shown})
	case a.Per.ByWeight() && code.Price == 0:
		s.Pick = &Pick{Article: a, Code: raw}
		s.Page = PageWeigh
		l.tryWeigh()
	case a.Flags.Has(basket.AskQuantity) && qty == 0:
		s.Pick = &Pick{Article: a, Code: raw}
		s.Page, s.Line = PageQuantity, 0
	default:
		labelled := code.Price > 0
		if labelled {
			a.Price = code.Price
		}
		if code.Count > 0 {
			qty = code.Count
		}
		l.add(basket.NewLine{
			Article: a, Code: raw, Qty: max(qty, 1), Labelled: labelled,
			Lot: code.Lot, Serial: code.Serial, Expires: code.Expires,
		})
	}
}

// quoted returns an article at the price at which the basket has it already: a
// lane that starts again looks into a newer catalogue.
func quoted(b basket.Basket, a basket.Article) basket.Article {
	for _, l := range slices.Backward(b.Lines) {
		same := l.Article.Item == a.Item && l.Article.Per == a.Per && l.Article.Pack == a.Pack
		if same && a.Item != "" && !l.Voided && l.Of == 0 && !l.Labelled {
			a.Price, a.Member = l.Article.Price, l.Article.Member
			return a
		}
	}
	return a
}

// add puts a line into the basket, or another piece onto the line that has the
// article already.
func (l *lane) add(nl basket.NewLine) {
	s := l.Sale
	nl.At = basket.WallOf(l.Now.Wall)
	if l.beyond(nl.Article, nl.Qty*max(1, nl.Article.Pack), Held{New: nl}) {
		return
	}
	if n := joins(s.Basket, nl); n != 0 {
		line, _ := s.line(n)
		if line.Qty+nl.Qty > l.rules.MaxQty {
			l.tooMany(nl.Article)
			return
		}
		b, err := s.Basket.SetQty(l.rules.Basket, n, line.Qty+nl.Qty)
		if err != nil {
			l.tooMany(nl.Article)
			return
		}
		s.Basket = b
		l.added(n, nl)
		return
	}
	b, n, err := s.Basket.Add(l.rules.Basket, nl)
	if err != nil {
		l.tooMany(nl.Article)
		return
	}
	s.Basket = b
	l.added(n, nl)
}

// joins returns the line that another piece of nl's article can join, or 0.
func joins(b basket.Basket, nl basket.NewLine) int {
	if nl.Article.Per.ByWeight() || nl.Labelled || nl.Lot+nl.Serial+nl.Expires != "" {
		return 0
	}
	code := nl.Article.GTIN
	if code == "" {
		code = nl.Article.PLU
	}
	return b.FindOpen(code, nl.Article.Price)
}

// tooMany says that this many, or this much, cannot be sold here.
func (l *lane) tooMany(a basket.Article) {
	l.hint(Strip{Kind: HintNotHere, Article: &a, Until: l.Now.Mono + l.rules.Timing.Hint})
	l.cue(SoundAgain)
}

// added does what follows from a new piece on line n.
func (l *lane) added(n int, nl basket.NewLine) {
	s := l.Sale
	s.Newest, s.Page, s.Pick, s.Undo = n, PageBasket, nil, Undo{}
	s.WantsPay = false
	l.cue(SoundScan)
	l.expectInBag(n, nl)
	l.askAge(nl.Article)
	if nl.Article.Flags.Has(basket.RemoveTag) {
		l.raise(Need{Kind: NeedTag, Line: n, Blocks: true})
	}
}

// setQuantity changes how many pieces a line has; 0 removes it.
func (l *lane) setQuantity(n int, qty int64) {
	s := l.Sale
	line, ok := s.line(n)
	if !ok || line.Of != 0 {
		return
	}
	if qty == 0 {
		l.voidLine(n, "shopper")
		return
	}
	if qty < 0 || qty > l.rules.MaxQty || line.Article.Per.ByWeight() {
		return
	}
	if l.beyond(line.Article, (qty-line.Qty)*max(1, line.Article.Pack), Held{Line: n, Qty: qty}) {
		return
	}
	b, err := s.Basket.SetQty(l.rules.Basket, n, qty)
	if err != nil {
		l.tooMany(line.Article)
		return
	}
	s.Basket, s.Newest, s.Page = b, n, PageBasket
	l.do(Check{Input: bagging.Quantity{T: l.Now.Mono, Line: n, Qty: qty}})
	l.noteUnbagged(n)
}

// voidLine takes a line off the basket, on record.
func (l *lane) voidLine(n int, by string) {
	s := l.Sale
	line, ok := s.line(n)
	if !ok || line.Of != 0 {
		return
	}
	b, err := s.Basket.Void(l.rules.Basket, n)
	if err != nil {
		return // unreachable: the line is open
	}
	s.Basket, s.Page = b, PageBasket
	s.Undo = Undo{Line: n, Until: l.Now.Mono + l.rules.Timing.Undo}
	s.Unbagged = slices.DeleteFunc(slices.Clone(s.Unbagged), func(u int) bool { return u == n })
	l.do(Check{Input: bagging.Void{T: l.Now.Mono, Line: n}})
	l.settleGone(line, by)
}

// settleGone settles what waited for a line that is gone.
func (l *lane) settleGone(line basket.Line, by string) {
	s := l.Sale
	if s.Held != nil && s.Held.Line == line.N && l.Rev >= revLimit {
		l.letGo(by, "line removed")
	}
	for i := range s.Needs {
		if n := &s.Needs[i]; !n.Settled && n.Line == line.N && n.Kind != NeedAge {
			l.settle(n, by, "line removed")
		}
	}
	if line.Article.Age > 0 && s.Age > 0 {
		s.Age = s.Basket.Age()
		if n := s.need(NeedAge); n != nil && s.Age == 0 {
			l.settle(n, by, "line removed")
			l.unblock()
		}
	}
}

// undo brings a removed line back.
func (l *lane) undo() {
	s := l.Sale
	n := s.Undo.Line
	if n == 0 {
		return
	}
	gone, _ := s.Basket.Line(n)
	again := basket.NewLine{Article: gone.Article, Code: gone.Code, Qty: gone.Qty, At: gone.At}
	if !gone.ByWeight() && l.beyond(gone.Article, gone.Qty*max(1, gone.Article.Pack), Held{New: again}) {
		s.Undo = Undo{}
		return
	}
	b, err := s.Basket.Restore(l.rules.Basket, n)
	if err != nil {
		return // unreachable: Undo names a voided line
	}
	s.Basket, s.Undo, s.Newest = b, Undo{}, n
	line, ok := s.line(n)
	if !ok {
		return // unreachable: it was just restored
	}
	l.expectInBag(n, basket.NewLine{Article: line.Article, Qty: line.Qty, Weight: line.Weight})
	l.askAge(line.Article)
}

// pick sells what was chosen by hand: an article of the look-up page.
func (l *lane) pick(ev Touched) {
	if ev.Article == nil {
		l.hint(Strip{Kind: HintUnknown, Until: l.Now.Mono + l.rules.Timing.Hint})
		return
	}
	if ev.Recall != nil {
		l.Sale.Page = PageBasket
		l.stop(Strip{Kind: HintRecall, Recall: ev.Recall}, "recalled")
		return
	}
	l.offer(*ev.Article, Code{Raw: ev.Code, Kind: codeArticle}, 0)
}
