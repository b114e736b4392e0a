package shopper_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"kassa/kiosk/bagging"
	"kassa/kiosk/basket"
	"kassa/kiosk/flow"
	"kassa/kiosk/hours"
	"kassa/kiosk/money"
	"kassa/kiosk/shopper"
)

var (
	seeds = flag.Int("seeds", 200, "how many random days to play")
	first = flag.Int("first", 1, "the first seed")
)

func shop(t testing.TB) *flow.Rules {
	t.Helper()
	br, err := basket.NewRules(basket.Rules{
		Tax: basket.Tax{Inclusive: true, Classes: []basket.Class{{ID: "A", Name: "7 %", RatesPPM: []int64{70000}}}},
		Promotions: []basket.Promotion{
			{ID: "3for2", Name: "3 for 2", Kind: basket.NForM, Items: []string{"04006381333931"}, Buy: 3, Pay: 2},
			{ID: "off", Name: "Coupon", Kind: basket.Whole, Amount: 100, Least: 1000, Coupon: "98"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	open, err := hours.Parse("mon-sat 07:00-22:00")
	if err != nil {
		t.Fatal(err)
	}
	return &flow.Rules{
		Store: "1", Lane: "1", Currency: "EUR", Languages: []string{"en", "ar"}, Basket: br, Hours: open,
		Bagging: flow.BagCheck, Receipt: "ask", VoidSale: "staff", Reread: 400 * time.Millisecond, MaxQty: 99,
		Bags: flow.BagRules{Ask: true, Own: true, Article: basket.Article{PLU: "9001", Name: "Bag"}, Price: 25, Max: 4},
		Limits: []flow.Limit{
			{Items: []string{"04000000000013"}, Max: 3, Staff: true},
			{Items: []string{"04000000000020"}, Hours: open},
			{Items: []string{"04000000000044"}, Never: true, Staff: true},
		},
		Devices: []flow.Device{flow.DeviceScanner, flow.DeviceScale, flow.DeviceBagging, flow.DeviceTerminal, flow.DevicePrinter},
		Timing: flow.Timing{
			Hint: 6 * time.Second, Check: 9 * time.Second, Idle: time.Minute, Empty: 30 * time.Second, Grace: 20 * time.Second, Undo: 5 * time.Second,
			Receipt: 30 * time.Second, Thanks: 15 * time.Second, Staff: 30 * time.Second, Unsure: 30 * time.Second, PayCheck: 2 * time.Second,
		},
	}
}

func shelf() []basket.Article {
	return []basket.Article{
		{GTIN: "04006381333931", Name: "Pens", Price: 129},
		{GTIN: "04000000000013", Name: "Milk", Price: 119, Deposit: 25},
		{GTIN: "04000000000020", Name: "Wine", Price: 599, Age: 16},
		{GTIN: "04000000000037", Name: "Rum", Price: 1499, Age: 18, Deposit: 8},
		{GTIN: "04000000000044", Name: "Free", Price: 0},
		{GTIN: "04000000000082", Name: "Gift card", Price: 1000, Flags: basket.GiftCard},
		{GTIN: "04000000000051", Name: "Ferry", Price: 500, Flags: basket.AttendantOnly},
		{GTIN: "04000000000068", Name: "Rolls", Price: 45, Flags: basket.AskQuantity},
		{GTIN: "04000000000075", Name: "Jeans", Price: 3999, Flags: basket.RemoveTag},
		{PLU: "4011", Name: "Apples", Price: 299, Per: basket.PerKilogram, Tare: 5},
	}
}

func staff() []flow.Staff {
	var all []flow.Permit
	for _, d := range []flow.StaffDeed{
		flow.DeedSettle, flow.DeedAgeOK, flow.DeedAgeRefuse, flow.DeedBagOK, flow.DeedBagFixed, flow.DeedHelpDone,
		flow.DeedVoidSale, flow.DeedVoidLine, flow.DeedPark, flow.DeedReprint, flow.DeedPaid, flow.DeedNotPaid,
		flow.DeedOpen, flow.DeedClose, flow.DeedZero, flow.DeedTare, flow.DeedDrawer, flow.DeedAllow, flow.DeedPrice,
		flow.DeedPart, flow.DeedTakeBack, flow.DeedRefund, flow.DeedRefundAgain, flow.DeedRefundVoucher,
	} {
		all = append(all, flow.Permit{Deed: d, PIN: slices.Contains([]flow.StaffDeed{flow.DeedVoidSale, flow.DeedPaid, flow.DeedNotPaid, flow.DeedPrice, flow.DeedTakeBack, flow.DeedRefund}, d)})
	}
	return []flow.Staff{{ID: "a17", Role: "attendant", May: all[:6]}, {ID: "s02", Role: "supervisor", May: all}}
}

// day is one random day at one lane, with the world around it.
type day struct {
	t     *testing.T
	dice  *shopper.Dice
	rules *flow.Rules
	state flow.State
	now   time.Duration
	runs  int
	steps []string // what happened, for a failure

	todo    []func(flow.At) flow.Event // answers on their way
	charges map[string]money.Amount    // what the terminal has really taken, by key
	asked   map[string]bool            // keys that were charged
	wish    time.Duration              // the bagging check was asked at pay then and has not answered; 0: it has
	lane    flow.LaneFacts             // folded from facts
	txns    map[int64]flow.TxnFacts    // folded from facts
	lines   map[int64]map[int]flow.LineFacts
	tenders map[int64]map[int]flow.TenderFacts
	records []flow.Record // since the sale on the screen was opened
	money   *till
}

// TestRandomDays plays days of random shoppers and checks after each step what
// must hold, whatever they do.
func TestRandomDays(t *testing.T) {
	for seed := *first; seed < *first+*seeds; seed++ {
		d := &day{
			t: t, dice: shopper.NewDice(uint64(seed)), rules: shop(t), charges: map[string]money.Amount{}, asked: map[string]bool{},
			txns: map[int64]flow.TxnFacts{}, lines: map[int64]map[int]flow.LineFacts{}, tenders: map[int64]map[int]flow.TenderFacts{},
		}
		d.money = newTill(d, seed%2 == 0)
		d.rules.Partial = seed%3 != 0
		d.rules.VoucherMax = []money.Amount{0, 900}[seed%2]
		d.play(250)
		if t.Failed() {
			for _, s := range d.steps[max(0, len(d.steps)-25):] {
				t.Log(s)
			}
			t.Fatalf("seed %d: replay with -first %d -seeds 1", seed, seed)
		}
	}
}

func (d *day) at() flow.At {
	wall := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).Add(d.now)
	return flow.At{At: flow.Instant{Mono: d.now, Wall: wall, Clock: flow.ClockSynced}}
}

func (d *day) play(n int) {
	person := shopper.New(d.dice, shelf(), staff())
	person.Balance, person.Past = d.money.balance, d.money
	d.start()
	for range n {
		if d.t.Failed() {
			return
		}
		next := d.now + person.Pause()
		d.untilDue(next)
		d.now = next
		switch {
		case d.dice.One(60):
			d.crash()
		case len(d.todo) > 0 && !d.dice.One(4):
			answer := d.todo[0]
			d.todo = d.todo[1:]
			d.step(answer(d.at()))
		case d.state.Staff != nil && d.state.Staff.Want != "" && d.dice.One(2):
			d.step(flow.PINChecked{At: d.at(), Staff: d.state.Staff.ID, OK: !d.dice.One(4), Wait: time.Second})
		default:
			d.step(d.told(person.Act(flow.Look(d.rules, d.state), d.at())))
		}
	}
}

func (d *day) start() {
	d.runs++
	d.step(flow.Started{At: d.at(), Run: fmt.Sprint("run", d.runs), Rev: flow.Rev})
	for _, dev := range d.rules.Devices {
		d.step(flow.DeviceChanged{At: d.at(), Device: dev, Up: true})
	}
}

// untilDue ticks every deadline before the next thing happens.
func (d *day) untilDue(next time.Duration) {
	for range 100 {
		due, ok := d.state.Next(d.rules)
		if !ok || due > next {
			return
		}
		d.now = max(d.now, due)
		if !d.step(flow.Ticked{At: d.at()}) {
			d.t.Errorf("the deadline at %v changes nothing: the lane would spin", due)
			return
		}
	}
	d.t.Error("a hundred deadlines in one pause: the lane spins")
}

// crash stops the lane in the middle and takes it up from its records. Answers
// that were on their way are lost; what the terminal took, it took.
func (d *day) crash() {
	d.steps = append(d.steps, "crash")
	records := d.records
	if d.state.Sale == nil {
		records = nil
	}
	got := flow.Recover(d.rules, d.lane, nil, records)
	if !reflect.DeepEqual(saleView(d.rules, got), saleView(d.rules, d.state)) {
		g, _ := json.Marshal(saleView(d.rules, got))
		w, _ := json.Marshal(saleView(d.rules, d.state))
		d.t.Errorf("taken up as\n%s\nwant\n%s", g, w)
	}
	d.todo, d.state, d.now, d.wish = nil, got, 0, 0
	d.start()
}

// saleView is what the shopper would see of her basket.
func saleView(r *flow.Rules, s flow.State) any {
	if s.Sale == nil {
		return nil
	}
	v := flow.Look(r, s)
	return struct {
		*flow.ViewSale
		flow.Screen
		*flow.ViewLeave
		Phase flow.Phase
	}{v.Sale, v.Screen, v.Leave, s.Sale.Payment.Phase}
}

// step takes one event, notes it as the station would, and checks everything.
func (d *day) step(ev flow.Event) bool {
	before := d.state
	after, effects := flow.Step(d.rules, before, ev)
	raw, _ := json.Marshal(ev)
	d.steps = append(d.steps, fmt.Sprintf("%v %s %s -> %s", d.now, flow.Kind(ev), raw, flow.Look(d.rules, after).Screen))
	d.state = after
	facts := flow.Decided(d.rules, before, after)
	changed := flow.Changed(before, after) || len(effects) > 0
	if changed {
		if after.Sale != nil && (before.Sale == nil || before.Sale.Number != after.Sale.Number) {
			d.records = nil
		}
		d.records = append(d.records, flow.Record{Event: ev, Facts: facts})
	} else if !facts.Empty() {
		d.t.Errorf("facts without a change")
	}
	d.oneSale(before, after)
	d.fold(facts)
	d.money.remember(after)
	if bag, ok := ev.(flow.Bagged); ok && bag.Decision.AtPay && bag.Decision.T >= d.wish {
		d.wish = 0
	}
	for _, e := range effects {
		d.answer(e)
	}
	d.check(before, after)
	return changed
}

// oneSale checks that a step decides about one sale only: a journal record
// belongs to one.
func (d *day) oneSale(before, after flow.State) {
	onlyLast, onlySale := after, after
	onlyLast.Sale, onlySale.Last = nil, nil
	a, b := flow.Decided(d.rules, before, onlyLast), flow.Decided(d.rules, before, onlySale)
	a.Lane, b.Lane = nil, nil
	if !a.Empty() && !b.Empty() {
		d.t.Errorf("one step decided about two sales")
	}
}

// fold keeps what the journal's tables would hold.
func (d *day) fold(f flow.Facts) {
	if f.Lane != nil {
		d.lane = *f.Lane
	}
	n := d.lane.LastNumber
	if f.Txn != nil {
		n = f.Txn.Number
		d.txns[n] = *f.Txn
	}
	for _, l := range f.Lines {
		if d.lines[n] == nil {
			d.lines[n] = map[int]flow.LineFacts{}
		}
		d.lines[n][l.N] = l
	}
	for _, t := range f.Tenders {
		if d.tenders[n] == nil {
			d.tenders[n] = map[int]flow.TenderFacts{}
		}
		d.tenders[n][t.N] = t
	}
}

// answer is the world's answer to an effect.
func (d *day) answer(e flow.Effect) {
	switch e := e.(type) {
	case flow.Check:
		if _, pay := e.Input.(bagging.Pay); pay {
			d.payWish()
		}
	case flow.PrepareCharge:
		if d.wish != 0 && d.now < d.wish+d.rules.Timing.PayCheck {
			d.t.Errorf("payment %s begins while the bagging check is waited for", e.Key)
		}
		ev := flow.ChargePrepared{Key: e.Key, Evidence: json.RawMessage(`{}`)}
		if d.dice.One(6) {
			ev.Why = "terminal"
		}
		d.later(func(at flow.At) flow.Event { ev.At = at; return ev })
	case flow.Charge:
		if d.asked[e.Key] {
			d.t.Errorf("payment %s is asked for twice", e.Key)
		}
		d.asked[e.Key] = true
		taken := !d.dice.One(3)
		if taken {
			d.charges[e.Key] = d.money.some(e)
			e.Amount = d.charges[e.Key]
		}
		d.money.says(e, taken)
		ev := flow.Charged{Key: e.Key, Outcome: flow.ChargeDeclined}
		if taken {
			ev.Outcome, ev.Amount = flow.ChargeApproved, e.Amount
		}
		if d.dice.One(4) {
			ev.Outcome, ev.Amount = flow.ChargeUnknown, 0
		}
		d.later(func(at flow.At) flow.Event { ev.At = at; return ev })
	case flow.Resolve:
		ev := flow.Charged{Key: e.Key, Outcome: flow.ChargeDeclined}
		if sum, ok := d.charges[e.Key]; ok {
			ev.Outcome, ev.Amount = flow.ChargeApproved, sum
		}
		d.later(func(at flow.At) flow.Event { ev.At = at; return ev })
	case flow.Print:
		ok := !d.dice.One(4)
		d.later(func(at flow.At) flow.Event { return flow.Printed{At: at, Key: e.Key, OK: ok} })
	case flow.SetScale:
		why := []string{"", flow.ScaleMoving, flow.ScaleOwnKey}[d.dice.Roll(3)]
		d.later(func(at flow.At) flow.Event { return flow.ScaleSet{At: at, Deed: e.Deed, By: e.By, Why: why} })
	case flow.Reverse, flow.Redeem, flow.Issue:
		d.money.answer(e)
	case flow.Cue, flow.PriceScale, flow.AbortCharge, flow.OpenDrawer, flow.Train:
	}
}

// payWish is the bagging check being asked at pay: mostly it answers, soon or
// late, and now and then it does not.
func (d *day) payWish() {
	d.wish = d.now
	dec := bagging.Decision{Verdict: bagging.OK, AtPay: true}
	switch d.dice.Roll(6) {
	case 0:
		dec.Verdict, dec.Kind = bagging.Call, bagging.Unexpected
	case 1:
		dec.Verdict, dec.Kind = bagging.Hint, bagging.Missing
	case 2:
		return
	}
	d.later(func(at flow.At) flow.Event {
		dec.T = at.At.Mono
		return flow.Bagged{At: at, Decision: dec}
	})
}

// later keeps an answer of the world that is on its way.
func (d *day) later(answer func(flow.At) flow.Event) { d.todo = append(d.todo, answer) }

// check is what must hold after every step.
func (d *day) check(before, after flow.State) {
	if before.Sale != nil && after.Sale != nil && before.Sale.Number == after.Sale.Number &&
		before.Sale.State == flow.SalePaid && after.Sale.State != flow.SalePaid {
		d.t.Errorf("a paid sale became %s", after.Sale.State)
	}
	if s := after.Sale; s != nil && s.Hold.Since != 0 && d.now >= s.Hold.Since+d.rules.Timing.PayCheck {
		d.t.Errorf("a payment waits for the bagging check since %v", s.Hold.Since)
	}
	for _, s := range []*flow.Sale{after.Sale, after.Last} {
		if s != nil {
			d.checkSale(s, after)
		}
	}
	v := flow.Look(d.rules, after)
	if open := v.Acts[flow.ActStart]; after.Sale == nil && open != (v.Closed == nil) {
		d.t.Errorf("screen %q: a shopper can start: %t, closed: %+v", v.Screen, open, v.Closed)
	}
	if v.Screen == "" || after.Sale != nil && v.Lamp == flow.LampRed {
		d.t.Errorf("screen %q, lamp %q", v.Screen, v.Lamp)
	}
}

// checkLimits checks that nothing got around a limit that staff have not lifted.
func (d *day) checkLimits(s *flow.Sale) {
	for _, limit := range d.rules.Limits {
		if s.Lifts(limit) {
			continue
		}
		var pieces int64
		for _, l := range s.Basket.Lines {
			if !l.Voided && l.Of == 0 && l.Article.Named(limit.Items) {
				pieces += l.Qty
			}
		}
		if limit.Max > 0 && pieces > limit.Max || limit.Never && pieces > 0 {
			d.t.Errorf("sale %d has %d pieces of %v: %+v", s.Number, pieces, limit.Items, limit)
		}
	}
}

func (d *day) checkSale(s *flow.Sale, st flow.State) {
	txn, ok := d.txns[s.Number]
	if !ok || txn.State != s.State || txn.Total != s.Basket.Total {
		d.t.Errorf("sale %d is %s %d, its facts say %s %d", s.Number, s.State, s.Basket.Total, txn.State, txn.Total)
	}
	var lines money.Amount
	for _, l := range d.lines[s.Number] {
		if !l.Voided {
			lines += l.Amount
		}
		if l.Amount < 0 && s.Refund == nil {
			d.t.Errorf("line %d is worth %d", l.N, l.Amount)
		}
	}
	if lines != txn.Total {
		d.t.Errorf("sale %d: lines add up to %d, total is %d", s.Number, lines, txn.Total)
	}
	d.checkLimits(s)
	var paid money.Amount
	for _, t := range d.tenders[s.Number] {
		if t.Result == "approved" {
			paid += t.Amount
		}
	}
	d.money.check(s, paid)
	if (s.State == flow.SalePaid || s.State == flow.SaleRefund) && paid != txn.Total {
		d.t.Errorf("sale %d is paid with %d, total %d", s.Number, paid, txn.Total)
	}
	if s.State == flow.SalePaid && s == st.Sale && slices.ContainsFunc(s.Needs, func(n flow.Need) bool { return n.Blocks && !n.Settled }) {
		d.t.Errorf("sale %d was paid while it waited for a person", s.Number)
	}
}
