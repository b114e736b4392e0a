package flow

import (
	"slices"

	"kassa/kiosk/basket"
)

// This file is about symbols: one piece may be read twice, may bear two of
// them, and may tell more than which article it is.

// doubleRead reports whether a scanner has read one symbol twice: the same code
// within the re-read time, and the piece read first has not been bagged in
// between.
func (l *lane) doubleRead(ev Scanned) bool {
	c := ev.Code
	again := c.Raw != "" && c.Raw == l.last.raw && l.Now.Mono-l.last.at < l.rules.Reread && !l.last.laidDown(ev)
	if again {
		l.last.at = l.Now.Mono
	}
	return again
}

// laidDown reports whether the piece read before is in the bagging area by now:
// the load there has settled higher since, and nothing else was on its way. Where
// something else was, nobody can tell, and the shopper does not pay twice.
func (r lastRead) laidDown(ev Scanned) bool { return r.alone && ev.Bagged > r.bagged }

// scannedArticle takes the code of an article: sells it, finds that it is the
// other symbol of the piece just read, or stops it politely.
func (l *lane) scannedArticle(ev Scanned) {
	before := l.last
	l.last = lastRead{
		raw: ev.Code.Raw, gtin: ev.Code.GTIN, twoD: ev.Code.TwoD, at: l.Now.Mono,
		bagged: ev.Bagged, alone: len(l.Sale.Unbagged) == 0,
	}
	same := l.otherSymbol(before, ev)
	if strip, detail := l.notSold(ev); strip.Kind != HintNone {
		l.stop(strip, detail)
		if same {
			l.takeBack(before.line)
		}
		return
	}
	if same {
		l.amend(before.line, ev.Code)
		return
	}
	l.offer(*ev.Article, ev.Code, 0)
	if s := l.Sale; s.Pick == nil && s.Strip.Kind == HintNone {
		l.last.line = s.Newest
	}
}

// otherSymbol reports whether a code is the second symbol of the piece just
// read: the same GTIN from the other kind of symbol, within the dual-marking
// window (GS1, "2D Barcodes at Retail Point-of-Sale", two codes on one item), and
// that piece has not been bagged in between.
func (l *lane) otherSymbol(before lastRead, ev Scanned) bool {
	c := ev.Code
	return before.line != 0 && !before.laidDown(ev) && before.gtin != "" && before.gtin == c.GTIN && before.twoD != c.TwoD &&
		l.Now.Mono-before.at < l.rules.Dual
}

// notSold says why a piece may not be sold: recalled, past its date, or this
// very piece is in the basket. Detail is for staff; "" calls nobody.
func (l *lane) notSold(ev Scanned) (strip Strip, detail string) {
	strip, detail = l.whyNotSold(ev)
	if detail != "" && l.Rev >= revLimit {
		detail += ": " + ev.Article.Name
	}
	return strip, detail
}

func (l *lane) whyNotSold(ev Scanned) (strip Strip, detail string) {
	today := l.Now.Wall.Format("2006-01-02")
	c := ev.Code
	switch {
	case ev.Recall != nil:
		return Strip{Kind: HintRecall, Recall: ev.Recall}, l.recalled(c.Lot)
	case c.Expires != "" && c.Expires < today:
		return Strip{Kind: HintExpired}, "expired " + c.Expires
	case c.Best != "" && c.Best < today:
		return Strip{Kind: HintExpired}, "best before " + c.Best
	case c.Serial != "" && l.hasSerial(c):
		return Strip{Kind: HintTwice}, ""
	default:
		return Strip{}, ""
	}
}

// recalled names a recall for staff.
func (l *lane) recalled(lot string) string {
	if lot == "" && l.Rev >= revLimit {
		return "recalled"
	}
	return "recalled, lot " + lot
}

func (l *lane) hasSerial(c Code) bool {
	return slices.ContainsFunc(l.Sale.Basket.Lines, func(line basket.Line) bool {
		return !line.Voided && line.Article.GTIN == c.GTIN && line.Serial == c.Serial
	})
}

// stop keeps a piece out of the basket, says why, and tells staff.
func (l *lane) stop(strip Strip, detail string) {
	strip.Until = l.Now.Mono + 2*l.rules.Timing.Hint
	l.hint(strip)
	l.cue(SoundAgain)
	if detail != "" {
		l.raise(Need{Kind: NeedLimit, Detail: detail})
	}
}

// takeBack takes the piece off the basket whose second symbol told that it may
// not be sold.
func (l *lane) takeBack(n int) {
	strip := l.Sale.Strip
	line, ok := l.Sale.line(n)
	switch {
	case !ok:
		return
	case line.Qty > 1:
		l.setQuantity(n, line.Qty-1)
	default:
		l.voidLine(n, "lane")
		l.Sale.Undo = Undo{}
	}
	l.hint(strip)
}

// amend adds what the second symbol tells to the line that the first one made.
func (l *lane) amend(n int, c Code) {
	s := l.Sale
	if line, ok := s.line(n); !ok || line.Qty != 1 || c.Lot+c.Serial+c.Expires == "" {
		return
	}
	if b, err := s.Basket.Mark(l.rules.Basket, n, c.Lot, c.Serial, c.Expires); err == nil {
		s.Basket = b
	}
}
