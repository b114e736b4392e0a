package flow

import (
	"math/bits"

	"kassa/kiosk/basket"
	"kassa/kiosk/money"
)

// This file is about a parked basket that comes back by its ticket.

const codeTicket = "ticket"

// A Parked is a basket as it was parked.
type Parked struct {
	ID      string        `json:"id"` // of the parked sale
	Basket  basket.Basket `json:"basket"`
	Age     int           `json:"age,omitempty"`
	AgeBy   string        `json:"age_by,omitempty"`
	Member  string        `json:"member,omitempty"`
	Allowed []string      `json:"allowed,omitempty"` // limits that staff had lifted
	Lifted  []int         `json:"lifted,omitempty"`  // the same, in journals of an older program
}

// A NoTicket says why a ticket's basket cannot be taken up. It is never changed in
// place.
type NoTicket struct {
	Why  TicketWhy `json:"why"`
	Lane string    `json:"lane,omitempty"` // where it is; not on [TicketBusy] and [TicketHere]
}

// A TicketWhy is why a ticket's basket cannot be taken up.
type TicketWhy string

// Reasons.
const (
	TicketBusy      TicketWhy = "busy"      // another basket is on the screen
	TicketHere      TicketWhy = "here"      // it is the basket on the screen
	TicketTaken     TicketWhy = "taken"     // it was taken up at Lane
	TicketElsewhere TicketWhy = "elsewhere" // it was parked at Lane, and nobody can say here what is in it
)

// TakesUp reports whether the basket of a ticket would be taken up now: somebody
// has to know before the store gives it to this lane, and to no other.
func TakesUp(r *Rules, s State, at At, c Code) bool {
	probe := &Parked{ID: "-"}
	after, _ := Step(r, s, Scanned{At: at, Code: c, Parked: probe})
	return after.Sale != nil && after.Sale.Recalled == probe.ID
}

// ParkedOf makes what a ticket brings back from the sale as it was parked; nil
// if that sale was not parked.
func ParkedOf(r *Rules, s *Sale) *Parked {
	if s == nil || s.State != SaleParked || s.Refund != nil {
		return nil
	}
	return &Parked{ID: saleID(r, s.Number), Basket: s.Basket, Age: s.Age, AgeBy: s.AgeBy, Member: s.Member, Allowed: s.Allowed}
}

// ticket takes a parked basket up, with the prices that were quoted. It does so
// once: whoever looks the ticket up knows whether it has been taken up before.
func (l *lane) ticket(p *Parked, no *NoTicket) {
	if l.Sale != nil && (!l.Sale.empty() || l.Sale.Refund != nil || l.Sale.parted()) || p == nil {
		if l.Sale == nil {
			l.ensureSale()
		}
		l.alive()
		if no == nil || no.Why != TicketHere {
			l.hint(Strip{Kind: HintTicket, Ticket: no, Until: l.Now.Mono + l.rules.Timing.Hint})
		}
		l.cue(SoundAgain)
		return
	}
	l.ensureSale()
	l.alive()
	s := l.Sale
	s.Recalled, s.Basket, s.Member, s.Allowed, s.Lifted = p.ID, p.Basket, p.Member, p.Allowed, p.Lifted
	s.Page, s.Newest, s.Strip = PageBasket, 0, Strip{}
	if p.Age > 0 {
		s.Age, s.AgeBy = p.Age, p.AgeBy
		if p.AgeBy == "" {
			l.raise(Need{Kind: NeedAge, Blocks: true})
		}
	}
	for _, line := range s.Basket.Lines {
		if !line.Voided && line.Of == 0 {
			s.Newest = line.N
			l.expectInBag(line.N, basket.NewLine{Article: line.Article, Qty: line.Qty, Weight: line.Weight})
			if line.Article.Flags.Has(basket.RemoveTag) {
				l.raise(Need{Kind: NeedTag, Line: line.N, Blocks: true})
			}
		}
	}
	l.cue(SoundScan)
}

// share is part of a sum that is given back bit by bit: what parts-of-whole done
// so far, and now one more, come to. All bits together are the sum, to the minor
// unit, however it is cut.
func share(sum money.Amount, before, after, whole int64) money.Amount {
	if whole <= 0 {
		return 0
	}
	at := func(n int64) money.Amount {
		n = min(max(n, 0), whole)                               // so that the quotient is no larger than sum
		hi, lo := bits.Mul64(uint64(max(sum, -sum)), uint64(n)) //nolint:gosec // neither is negative
		lo, carry := bits.Add64(lo, uint64(whole)/2, 0)         //nolint:gosec // positive
		q, _ := bits.Div64(hi+carry, lo, uint64(whole))         //nolint:gosec // positive
		if sum < 0 {
			return -money.Amount(q) //nolint:gosec // at most sum
		}
		return money.Amount(q) //nolint:gosec // at most sum
	}
	return at(after) - at(before)
}
