package flow

import (
	"kassa/kiosk/basket"
	"kassa/kiosk/weight"
)

// weighed notes a settled load on the checkout scale. A load that was sold, or
// that lay there before the sale, stays used until the scale has been empty. A
// scale that was lost in between changes nothing about that.
func (l *lane) weighed(ev Weighed) {
	used := l.Scale.Used
	l.Scale = Load{
		Shown: ev.Shown, Heavy: ev.Heavy, Lost: ev.Lost, Used: used, Light: ev.Light, Net: ev.Net, Frame: ev.Frame,
	}
	if l.Scale.empty() {
		l.Scale.Used = false
		if l.Sale != nil && l.Sale.Strip.Kind == HintScale {
			l.Sale.Strip = Strip{}
		}
	} else if l.Sale == nil {
		l.Scale.Used = true
	}
	if l.Sale == nil || l.Sale.Page != PageWeigh {
		return
	}
	if !ev.Lost {
		l.alive()
	}
	l.tryWeigh()
}

// tare is what is taken off the weight of a picked article.
func (p *Pick) tare(r *Rules) weight.Grams {
	if p.InBag {
		return p.Article.Tare + r.BagTare
	}
	return p.Article.Tare
}

// tryWeigh sells the picked article if the scale has a fresh weight for it.
// Nothing is ever sold by a load that was there before, is moving, or is less
// than may be sold.
func (l *lane) tryWeigh() {
	s := l.Sale
	if s.Pick == nil {
		return
	}
	p := s.Pick
	p.Light = false
	p.Blocked = l.Scale.Used && !l.Scale.empty() && !l.Scale.Lost
	if l.Scale.empty() || l.Scale.Used || l.Scale.Heavy || l.Scale.Lost {
		return
	}
	a, tare := p.Article, p.tare(l.rules)
	if l.Scale.Net && l.rules.ScaleTares {
		a.Tare, tare = 0, 0 // the scale was told, and shows what is sold
	}
	if g := l.Scale.Shown.Grams() - tare; g <= 0 || g < l.rules.MinWeight || l.Scale.Light {
		p.Light = true
		return
	}
	l.Scale.Used = true
	had := len(s.Basket.Lines)
	l.add(basket.NewLine{Article: a, Code: p.Code, Qty: 1, Weight: l.Scale.Shown, Tare: tare})
	if len(s.Basket.Lines) > had {
		s.prove(s.Newest, l.Scale.Frame)
	}
}
