package flow

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kassa/kiosk/basket"
	"kassa/kiosk/money"
)

// This file is about what changes prices besides the store's own rules:
// coupons, mark-down stickers, and prices that staff set.

// coupon takes a coupon's code. It opens the rules that wait for it; what they
// take off shows when their articles are in the basket.
func (l *lane) coupon(c Code) {
	s := l.Sale
	until := l.Now.Mono + l.rules.Timing.Hint
	i := slices.IndexFunc(c.Coupons, func(id string) bool { return l.rules.Basket.HasCoupon(claimOf(c, id)) })
	past := c.Expires != "" && c.Expires < l.Now.Wall.Format("2006-01-02")
	if i < 0 || past {
		l.hint(Strip{Kind: HintCoupon, Until: until})
		l.cue(SoundAgain)
		return
	}
	if slices.Contains(s.Basket.Coupons, c.Coupons[i]) {
		l.hint(Strip{Kind: HintCouponHere, Until: until})
		l.cue(SoundAgain)
		return
	}
	b, err := s.Basket.AddCoupon(l.rules.Basket, claimOf(c, c.Coupons[i]))
	if err != nil {
		return // unreachable: fewer discounts never make a sum larger
	}
	s.Basket, s.WantsPay = b, false
	l.backToBasket()
	l.hint(Strip{Kind: HintCouponHere, Until: until})
	l.cue(SoundScan)
}

// claimOf is a coupon under one of its ids, with what it says it is worth.
func claimOf(c Code, id string) basket.Coupon {
	return basket.Coupon{ID: id, Amount: c.Price, PercentPPM: c.PercentPPM}
}

// backToBasket leaves the pages before a payment; their sums have changed.
func (l *lane) backToBasket() {
	if s := l.Sale; s.Page == PageTender || s.Page == PageAge || s.Page == PageCheck {
		s.Page = PageBasket
	}
}

// sticker takes the code of a mark-down sticker. One that names an article sells
// a piece of it so; any other lowers the piece that was entered last.
func (l *lane) sticker(ev Scanned) {
	mark := basket.Mark{Price: ev.Code.Price, PercentPPM: ev.Code.PercentPPM}
	if mark.Price <= 0 && mark.PercentPPM <= 0 {
		l.noSticker() // printed without its value: nothing is given away
		return
	}
	if ev.Article == nil {
		if l.mark(l.Sale.Newest, mark) {
			l.cue(SoundScan)
		}
		return
	}
	if strip, detail := l.notSold(ev); strip.Kind != HintNone {
		l.stop(strip, detail)
		return
	}
	l.sellMarked(ev, mark)
}

// sellMarked sells the article that a sticker names. The price of what is sold
// by weight stands on the sticker alone.
func (l *lane) sellMarked(ev Scanned, mark basket.Mark) {
	a, code := *ev.Article, ev.Code
	if a.Per.ByWeight() {
		if mark.Price <= 0 {
			l.noSticker()
			return
		}
		code.Measure = "price"
		l.offer(a, code, 0)
		return
	}
	s := l.Sale
	had := s.Basket.Count()
	l.offer(a, Code{Raw: code.Raw, Kind: codeArticle}, 1)
	if s.Basket.Count() > had {
		l.mark(s.Newest, mark)
	}
}

// mark puts a sticker on one more piece of a line, and says whether it could.
func (l *lane) mark(n int, m basket.Mark) bool {
	s := l.Sale
	b, err := s.Basket.MarkDown(l.rules.Basket, n, m)
	if err != nil {
		l.noSticker()
		return false
	}
	s.Basket, s.Newest, s.WantsPay, s.Strip = b, n, false, Strip{}
	l.backToBasket()
	return true
}

// noSticker says that a sticker comes after its article.
func (l *lane) noSticker() {
	l.hint(Strip{Kind: HintSticker, Until: l.Now.Mono + l.rules.Timing.Hint})
	l.cue(SoundAgain)
}

// A newPrice is what staff say an article costs, and why.
type newPrice struct {
	Price  money.Amount `json:"price"`
	Reason string       `json:"reason"`
}

// PriceReasons are why staff may set a price.
func PriceReasons() []string { return []string{"shelf", "damaged", "date", "other"} }

// deedOf takes a touch of staff apart: the value is a deed, for a price with a
// reason behind it ("price:shelf"), whose sum in minor units is the touch's
// code. A price that cannot be read is none: then it is asked for.
func deedOf(ev Touched) (StaffDeed, *newPrice) {
	deed, reason, _ := strings.Cut(ev.Value, ":")
	if StaffDeed(deed) != DeedPrice {
		return StaffDeed(ev.Value), nil
	}
	n, err := strconv.ParseInt(ev.Code, 10, 64)
	if err != nil || n < 0 || money.Amount(n) > basket.MaxPrice || !slices.Contains(PriceReasons(), reason) {
		return DeedPrice, nil
	}
	return DeedPrice, &newPrice{money.Amount(n), reason}
}

// setPrice sells a line at a price that staff set, on record with who and why.
func (l *lane) setPrice(n int, p *newPrice, by string) {
	s := l.Sale
	if p == nil {
		return
	}
	line, ok := s.line(n)
	if !ok {
		return
	}
	b, err := s.Basket.SetPrice(l.rules.Basket, n, basket.Set{Price: p.Price, By: by, Reason: p.Reason})
	if err != nil {
		return
	}
	s.Basket, s.WantsPay = b, false
	l.backToBasket()
	s.Needs = append(s.Needs, Need{
		N: len(s.Needs) + 1, Kind: NeedPrice, RaisedAt: l.Now, Settled: true, At: l.Now, By: by, Reason: p.Reason,
		Line: n, Detail: fmt.Sprintf("%d instead of %d", p.Price, line.Article.Price), From: l.from(),
	})
}
