package shopper_test

import (
	"encoding/json"
	"slices"
	"strconv"

	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/kiosk/shopper"
)

// till is the world's money of a random day: what terminal and ledger have really
// taken and given, each key once, and the sales of the past.
type till struct {
	d        *day
	parts    bool // the terminal approves less than was asked now and then
	reversed map[string]bool
	balances map[string]money.Amount
	moves    map[string]money.Amount // of the ledger, by key
	past     map[int64]*flow.Sale
	refunds  int64 // the newest number seen
}

func newTill(d *day, parts bool) *till {
	t := &till{
		d: d, parts: parts, reversed: map[string]bool{}, balances: map[string]money.Amount{}, moves: map[string]money.Amount{},
		past: map[int64]*flow.Sale{},
	}
	for i := range 5 {
		t.balances["v"+strconv.Itoa(i)] = money.Amount(i * 400)
	}
	return t
}

func (t *till) balance(handle string) money.Amount { return t.balances[handle] }

// some is what the terminal takes of what it is asked for.
func (t *till) some(e flow.Charge) money.Amount {
	if t.parts && !e.Refund && e.Amount > 1 && t.d.dice.One(5) {
		return e.Amount / 2
	}
	return e.Amount
}

// says is what the terminal says before its last word, now and then.
func (t *till) says(e flow.Charge, taken bool) {
	d := t.d
	if taken && !d.dice.One(3) {
		d.later(func(at flow.At) flow.Event {
			return flow.ChargeSeen{At: at, Key: e.Key, Approval: json.RawMessage(`{"outcome":1,"receipt":"0022"}`)}
		})
	}
	if d.dice.One(6) {
		d.later(func(at flow.At) flow.Event {
			return flow.ChargeDoubt{At: at, Key: e.Key, Why: flow.WhyOther, Terminal: "2"}
		})
	}
}

// told adds to a touch of staff what the station adds.
func (d *day) told(ev flow.Event) flow.Event {
	t, ok := ev.(flow.Touched)
	if !ok || t.Act != flow.ActStaff || d.state.Staff == nil {
		return ev
	}
	t.By = d.state.Staff.ID
	if len(t.Value) > 10 && t.Value[:10] == string(flow.DeedRefundPay) {
		t.Refund = d.state.Staff.Refund
	}
	return t
}

// answer is the answer of terminal and ledger to what moves money once by key.
func (t *till) answer(e flow.Effect) {
	d := t.d
	//nolint:gochecksumtype // the others are answered by the day
	switch e := e.(type) {
	case flow.Reverse:
		ev := flow.Charged{Key: e.Key, Outcome: flow.ChargeApproved, Amount: e.Amount}
		switch {
		case t.reversed[e.Key]:
		case d.dice.One(4):
			ev.Outcome = flow.ChargeDeclined
		default:
			t.reversed[e.Key] = true
		}
		d.later(func(at flow.At) flow.Event { ev.At = at; return ev })
	case flow.Redeem:
		amount, done := t.moves[e.Key]
		if !done {
			amount = min(e.Amount, t.balances[e.Voucher])
			if e.Back {
				amount = e.Amount
				t.balances[e.Voucher] += amount
			} else {
				t.balances[e.Voucher] -= amount
			}
			t.moves[e.Key] = amount
		}
		v := flow.Voucher{Handle: e.Voucher, Balance: t.balances[e.Voucher]}
		ev := flow.VoucherDone{Key: e.Key, Outcome: flow.ChargeApproved, Amount: amount, Left: v.Balance, Voucher: v}
		if amount == 0 {
			ev.Outcome = flow.ChargeDeclined
		}
		d.later(func(at flow.At) flow.Event { ev.At = at; return ev })
	case flow.Issue:
		handle := "i" + e.Key
		if _, done := t.moves[e.Key]; !done {
			t.moves[e.Key], t.balances[handle] = e.Amount, e.Amount
		}
		v := flow.Voucher{Handle: handle, Tail: "1234", Balance: t.balances[handle]}
		ev := flow.VoucherDone{Key: e.Key, Outcome: flow.ChargeApproved, Amount: e.Amount, Left: v.Balance, Voucher: v}
		d.later(func(at flow.At) flow.Event { ev.At = at; return ev })
	default:
	}
}

// remember keeps the sales as the journal would have them.
func (t *till) remember(s flow.State) {
	for _, sale := range []*flow.Sale{s.Sale, s.Last} {
		if sale != nil {
			t.past[sale.Number] = sale
		}
	}
	if s.Refunds != t.refunds && s.Refunds != t.refunds+1 {
		t.d.t.Errorf("refund number %d after %d", s.Refunds, t.refunds)
	}
	t.refunds = s.Refunds
}

// one returns one of the last sales.
func (t *till) one(dice *shopper.Dice) *flow.Sale {
	numbers := make([]int64, 0, len(t.past))
	for n, s := range t.past {
		if t.d.state.Sale == nil || t.d.state.Sale.Number != n {
			if s.State == flow.SalePaid || s.State == flow.SaleParked || s.State == flow.SaleRefund {
				numbers = append(numbers, n)
			}
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	slices.Sort(numbers)
	return t.past[numbers[dice.Roll(len(numbers))]]
}

// Parked is what a ticket brings back, once.
func (t *till) Parked(dice *shopper.Dice) *flow.Parked {
	p := flow.ParkedOf(t.d.rules, t.one(dice))
	for _, s := range t.past {
		if p != nil && s.Recalled == p.ID {
			return nil
		}
	}
	return through(p)
}

// Original is what a receipt finds, with what has come back of it.
func (t *till) Original(dice *shopper.Dice) *flow.Original {
	s := t.one(dice)
	if s == nil {
		return nil
	}
	var refunds []*flow.Sale
	for _, f := range t.past {
		if f.Refund != nil {
			refunds = append(refunds, f)
		}
	}
	return through(flow.OriginalOf(t.d.rules, s, refunds))
}

// through takes a value through JSON, as the journal keeps it.
func through[T any](v *T) *T {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	var out *T
	if err := json.Unmarshal(data, &out); err != nil {
		panic(err)
	}
	return out
}

// check is what must hold of a sale's money, given what its tenders come to.
func (t *till) check(s *flow.Sale, paid money.Amount) {
	d := t.d
	ended := s.State != flow.SaleOpen && s.State != flow.SaleInDoubt
	if ended && s.State != flow.SalePaid && s.State != flow.SaleRefund && paid != 0 {
		d.t.Errorf("sale %d ended %s with %d paid", s.Number, s.State, paid)
	}
	var vouchers money.Amount
	for _, x := range s.Tenders {
		if x.Result != "approved" {
			continue
		}
		sum := max(x.Amount, -x.Amount)
		if x.Kind == flow.TenderVoucher && x.Way != flow.WayIssue {
			vouchers += x.Amount
		}
		if x.Kind == flow.TenderVoucher && t.moves[x.Key] != sum {
			d.t.Errorf("tender %s of %d: the ledger moved %d", x.Key, x.Amount, t.moves[x.Key])
		}
		if x.Way == flow.WayReverse && !t.reversed[x.Key] && s.State != flow.SaleOpen {
			staff := slices.ContainsFunc(s.Needs, func(n flow.Need) bool { return n.Kind == flow.NeedPayment && n.Reason == "paid" })
			if !staff {
				d.t.Errorf("tender %s was not reversed", x.Key)
			}
		}
	}
	if r := d.rules.VoucherMax; r > 0 && s.Refund == nil && s.State == flow.SalePaid && vouchers > r {
		d.t.Errorf("sale %d: vouchers paid %d, more than %d", s.Number, vouchers, r)
	}
	if s.State == flow.SaleRefund && s.Document == 0 || s.State != flow.SaleRefund && s.Document != 0 {
		d.t.Errorf("sale %d is %s, refund number %d", s.Number, s.State, s.Document)
	}
	if s.Refund == nil || s.State == flow.SaleVoided {
		return
	}
	back := map[int]int64{}
	for _, f := range t.past {
		if f.Refund != nil && f.Refund.Of.ID == s.Refund.Of.ID && f.State != flow.SaleVoided {
			for n, q := range f.Refund.Pieces {
				back[n] += q
			}
		}
	}
	for _, l := range s.Refund.Of.Lines {
		if back[l.N] > l.Qty {
			d.t.Errorf("%d of %d pieces of line %d of %s came back", back[l.N], l.Qty, l.N, s.Refund.Of.ID)
		}
	}
}
