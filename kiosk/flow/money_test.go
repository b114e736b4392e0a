package flow

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kassa/kiosk/money"
)

// remember keeps every sale as the journal would have it.
func (p *player) remember(s State) {
	if p.past == nil {
		p.past = map[int64]*Sale{}
	}
	for _, sale := range []*Sale{s.Sale, s.Last} {
		if sale != nil {
			p.past[sale.Number] = sale
		}
	}
}

// moneyEvent reads the events of tenders; nil: it is none of them.
//
//	voucher HANDLE BALANCE [EXPIRES] | redeemed KEY AMOUNT LEFT HANDLE | refused KEY WHY
//	step MINOR | cash KEY IN OUT [give]
//	ticket NUMBER | receipt NUMBER | find NUMBER | partly KEY AMOUNT | doubt KEY WHY TERMINAL
func (p *player) moneyEvent(at At, verb string, f []string) (Event, error) {
	arg := func(i int) string {
		if i < len(f) {
			return f[i]
		}
		return ""
	}
	sum := func(i int) money.Amount {
		n, _ := strconv.ParseInt(arg(i), 10, 64)
		return money.Amount(n)
	}
	switch verb {
	case "training":
		r := *p.rules
		r.Training = true
		p.rules = &r
		return Ticked{at}, nil
	case "step":
		r, prices := *p.rules, *p.rules.Basket
		prices.CashStep = sum(0)
		r.Basket, p.rules = &prices, &r
		return Ticked{at}, nil
	case "cash":
		ev := Charged{At: at, Key: arg(0), Outcome: ChargeAborted, Why: "cancelled", In: sum(1), Out: sum(2), Receipt: ChargeReceipt{Receipt: "1001"}}
		if ev.Amount = ev.In - ev.Out; arg(3) == "give" {
			ev.Amount = -ev.Amount
		}
		if ev.Amount != 0 {
			ev.Outcome, ev.Why = ChargeApproved, ""
		}
		return ev, nil
	case "voucher":
		v := Voucher{Handle: arg(0), Tail: "7788", Balance: sum(1), Expires: arg(2)}
		return Scanned{At: at, Code: Code{Kind: codeVoucher, Number: arg(0)}, Voucher: &v}, nil
	case "redeemed":
		v := Voucher{Handle: arg(3), Tail: "7788", Balance: sum(2)}
		return VoucherDone{At: at, Key: arg(0), Outcome: ChargeApproved, Amount: sum(1), Left: sum(2), Voucher: v}, nil
	case "refused":
		return VoucherDone{At: at, Key: arg(0), Outcome: ChargeDeclined, Why: arg(1)}, nil
	case "partly":
		return Charged{At: at, Key: arg(0), Outcome: ChargeApproved, Amount: sum(1)}, nil
	case "doubt":
		return ChargeDoubt{At: at, Key: arg(0), Why: arg(1), Terminal: arg(2)}, nil
	case "ticket":
		ev := Scanned{At: at, Code: Code{Raw: arg(0), Kind: codeTicket, Number: arg(0)}}
		taken := func(s *Sale) bool { return s.Recalled == saleID(p.rules, int64(sum(0))) }
		if s := p.past[int64(sum(0))]; s != nil && !p.any(taken) {
			ev.Parked = ParkedOf(p.rules, s)
		}
		return through(ev)
	case "receipt":
		return through(Scanned{At: at, Code: Code{Raw: arg(0), Kind: "receipt"}, Original: p.original(int64(sum(0)))})
	case "find":
		return through(Touched{At: at, Act: ActStaff, Value: string(DeedRefundFind), Code: arg(0), Original: p.original(int64(sum(0)))})
	default:
		return nil, nil
	}
}

// through takes an event through JSON, as the journal keeps it.
func through(ev Event) (Event, error) {
	data, err := json.Marshal(ev)
	if err != nil {
		return nil, err
	}
	if strings.Contains(string(data), "4111") {
		return nil, fmt.Errorf("a card number in %s", data)
	}
	return Decode(Kind(ev), data)
}

func (p *player) any(is func(*Sale) bool) bool {
	for _, s := range p.past {
		if is(s) {
			return true
		}
	}
	return false
}

func (p *player) original(number int64) *Original {
	s := p.past[number]
	if s == nil {
		return nil
	}
	var refunds []*Sale
	for _, f := range p.past {
		if f.Refund != nil {
			refunds = append(refunds, f)
		}
	}
	slices.SortFunc(refunds, func(a, b *Sale) int { return int(a.Number - b.Number) })
	return OriginalOf(p.rules, s, refunds)
}
