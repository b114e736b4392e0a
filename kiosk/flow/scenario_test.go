package flow

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/bagging"
	"kassa/kiosk/basket"
	"kassa/kiosk/hours"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

var update = flag.Bool("update", false, "rewrite testdata with what Step does now")

// TestScenarios plays every script of testdata and compares what the lane does
// and shows. It also replays each script from its own journal: a lane that
// starts again must stand where it stood.
func TestScenarios(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	if len(files) == 0 {
		t.Fatal("no scenarios in testdata")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(want) {
				t.Errorf("the script now plays as:\n%s", diff(string(want), got))
			}
		})
	}
}

// diff shows the first lines that differ.
func diff(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			from := max(0, i-3)
			return fmt.Sprintf("line %d\n%s\nwant  %s\ngot   %s", i+1, strings.Join(w[from:i], "\n"), w[i], g[i])
		}
	}
	return fmt.Sprintf("want %d lines, got %d:\n%s", len(w), len(g), got)
}

// testShop is the shop of the scenarios.
func testShop(t testing.TB) *Rules {
	t.Helper()
	br, err := basket.NewRules(basket.Rules{
		Tax: basket.Tax{Inclusive: true, Classes: []basket.Class{
			{ID: "A", Name: "7 %", RatesPPM: []int64{70000}}, {ID: "B", Name: "19 %", RatesPPM: []int64{190000}},
		}},
		Promotions: []basket.Promotion{
			{ID: "3for2", Name: "Pens 3 for 2", Kind: basket.NForM, Items: []string{"04006381333931"}, Buy: 3, Pay: 2},
			{ID: "milk20", Name: "Milk coupon", Kind: basket.Off, Items: []string{"04000000000013"}, Amount: 20, Coupon: "9800012345678"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	open, err := hours.Parse("mon-sat 07:00-22:00")
	if err != nil {
		t.Fatal(err)
	}
	return &Rules{
		Store: "0421", Lane: "1", Currency: "EUR", Languages: []string{"en", "fr", "ar", "id"}, Basket: br,
		DayEnds: 4 * time.Hour, Hours: open, Bagging: BagCheck, Receipt: "ask", VoidSale: "staff",
		Bags:   BagRules{Ask: true, Own: true, Article: basket.Article{PLU: "9001", Name: "Carrier bag", Tax: "B"}, Price: 25, Max: 10},
		Limits: testLimits(t), Partial: true,
		Reread: 400 * time.Millisecond, Dual: 1500 * time.Millisecond, MaxQty: 99, BagTare: 5,
		Devices: []Device{DeviceScanner, DeviceScale, DeviceBagging, DeviceTerminal, DevicePrinter, DevicePanel},
		Timing: Timing{
			Hint: 6 * time.Second, Say: 3 * time.Second, Check: 9 * time.Second, Idle: time.Minute, Empty: 30 * time.Second,
			Grace: 20 * time.Second, Undo: 5 * time.Second, Receipt: 30 * time.Second, Thanks: 15 * time.Second,
			Staff: 30 * time.Second, Unsure: 30 * time.Second, PayCheck: 2 * time.Second,
		},
	}
}

// testLimits are what the scenarios' shop does not sell to everybody.
func testLimits(t testing.TB) []Limit {
	t.Helper()
	morning, err := hours.Parse("daily 06:00-13:00")
	if err != nil {
		t.Fatal(err)
	}
	return []Limit{
		{Items: []string{"group:tablets"}, Max: 2, Staff: true},
		{Items: []string{"group:beer"}, Hours: morning},
		{Items: []string{"group:rockets"}, Never: true},
		{Items: []string{"group:spirits"}, Hours: morning, AtPay: true},
		{Items: []string{"group:cigars"}, Hours: morning, AtPay: true, Staff: true},
	}
}

// shelf is what the scenarios' shop sells, by the name the scripts use.
var shelf = map[string]basket.Article{
	"pens":  {GTIN: "04006381333931", Name: "Pens", Price: 129, Tax: "B", MeanMg: 55000, SDMg: 900},
	"milk":  {GTIN: "04000000000013", Name: "Milk", Price: 119, Tax: "A", MeanMg: 1035000, SDMg: 5000},
	"wine":  {GTIN: "04000000000020", Name: "Wine", Price: 599, Tax: "B", Age: 16, MeanMg: 1250000},
	"rum":   {GTIN: "04000000000037", Name: "Rum", Price: 1499, Tax: "B", Age: 18},
	"cola":  {GTIN: "04000000000044", Name: "Cola", Price: 99, Tax: "B", Deposit: 25},
	"ferry": {GTIN: "04000000000051", Name: "Ferry ticket", Price: 500, Tax: "A", Flags: basket.AttendantOnly},
	"rolls": {GTIN: "04000000000068", Name: "Rolls", Price: 45, Tax: "A", Flags: basket.AskQuantity},
	"jeans": {GTIN: "04000000000075", Name: "Jeans", Price: 3999, Tax: "B", Flags: basket.RemoveTag},
	"pills": {GTIN: "04000000000082", Name: "Tablets", Price: 199, Tax: "B", Group: "tablets"},
	"beer":  {GTIN: "04000000000099", Name: "Beer", Price: 119, Tax: "B", Group: "beer"},
	"bang":  {GTIN: "04000000000105", Name: "Rocket", Price: 999, Tax: "B", Group: "rockets"},
	"gin":   {GTIN: "04000000000136", Name: "Gin", Price: 1299, Tax: "B", Group: "spirits"},
	"cigar": {GTIN: "04000000000143", Name: "Cigar", Price: 399, Tax: "B", Group: "cigars"},
	"card":  {GTIN: "04000000000129", Name: "Gift card", Price: 2000, Tax: "A", Flags: basket.GiftCard},
	"gift":  {GTIN: "04000000000112", Name: "Leaflet", Tax: "A"},
	"apple": {PLU: "4011", Name: "Apples", Price: 299, Per: basket.PerKilogram, Tax: "A"},
}

// staffOf are the people of the scenarios.
var staffOf = map[string]*Staff{
	"anna": {ID: "a17", Role: "attendant", May: permits(false)},
	"sam":  {ID: "s02", Role: "supervisor", May: permits(true)},
	"tom":  {ID: "t03", Role: "service", May: []Permit{{Deed: DeedTraining}, {Deed: DeedOpen}, {Deed: DeedClose}}},
}

func permits(money bool) []Permit {
	ps := []Permit{
		{Deed: DeedSettle},
		{Deed: DeedAgeOK},
		{Deed: DeedAgeRefuse},
		{Deed: DeedBagOK},
		{Deed: DeedBagFixed},
		{Deed: DeedBagStory},
		{Deed: DeedHelpDone},
		{Deed: DeedVoidLine},
		{Deed: DeedPark},
		{Deed: DeedPart},
		{Deed: DeedReprint},
		{Deed: DeedZero},
		{Deed: DeedTare},
		{Deed: DeedOpen},
		{Deed: DeedClose},
	}
	if money {
		ps = append(ps, Permit{DeedTakeBack, true}, Permit{DeedRefund, true}, Permit{DeedRefundAgain, true}, Permit{DeedRefundVoucher, true})
		ps = append(ps, Permit{DeedVoidSale, true}, Permit{DeedPaid, true}, Permit{DeedNotPaid, true}, Permit{DeedDrawer, true},
			Permit{DeedPrice, true}, Permit{DeedAllow, false})
	}
	return ps
}

// player plays one script.
type player struct {
	rules  *Rules
	state  State
	seen   string
	out    strings.Builder
	all    []Record // of this lane's whole life
	opened int      // index of the record that opened the sale on the screen
	lane   LaneFacts
	asked  bool // the newest step asked the bagging check at pay
	past   map[int64]*Sale
	slow   bool // the bagging check answers at pay only when the script says so
}

func play(t *testing.T, script string) string {
	p := &player{rules: testShop(t)}
	for no, line := range strings.Split(strings.TrimSuffix(script, "\n"), "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || strings.HasPrefix(trimmed, "#"):
			p.out.WriteString(line + "\n")
		case strings.HasPrefix(line, " "):
			// what the lane did last time
		default:
			p.out.WriteString(line + "\n")
			if err := p.act(strings.Fields(line)); err != nil {
				t.Fatalf("line %d %q: %v", no+1, line, err)
			}
			p.checkRecovery(t, no+1)
		}
	}
	return p.out.String()
}

// act plays "TIME EVENT ...".
func (p *player) act(f []string) error {
	at, err := time.ParseDuration(f[0])
	if err != nil {
		return err
	}
	// Sunday is closed; the scripts play on Monday, 2026-11-23, from noon.
	when := At{Instant{Mono: at, Wall: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).Add(at), Clock: ClockSynced}}
	// Every deadline before that comes first, as the station would have it.
	for {
		due, ok := p.state.Next(p.rules)
		if !ok || due > at || p.state.Run == "" {
			break
		}
		tick := At{Instant{Mono: due, Wall: when.At.Wall.Add(due - at), Clock: ClockSynced}}
		if !p.step(Ticked{tick}, "  "+due.String()+" ticked") {
			return fmt.Errorf("the deadline at %v changes nothing: the lane would spin", due)
		}
	}
	if f[1] == "slow" {
		p.slow = true
		return nil
	}
	ev, err := p.moneyEvent(when, f[1], f[2:])
	if ev == nil && err == nil {
		ev, err = event(when, f[1], f[2:])
	}
	if err != nil {
		return err
	}
	if t, ok := ev.(Touched); ok && t.Act == ActStaff && p.state.Staff != nil { // as the station does
		t.By = p.state.Staff.ID
		if strings.HasPrefix(t.Value, string(DeedRefundPay)) {
			t.Refund = p.state.Staff.Refund
		}
		ev = t
	}
	p.step(ev, "")
	if f[1] == "start" && !slices.Contains(f, "dark") { // the scripts' scanner is there unless they take it away
		p.step(DeviceChanged{At: when, Device: DeviceScanner, Up: true}, "")
	}
	for p.asked && !p.slow { // as long as the load lies still the check answers at once
		p.step(Bagged{At: when, Decision: bagging.Decision{T: at, Verdict: bagging.OK, AtPay: true}}, "")
	}
	return nil
}

// step takes one event, notes it in the journal and writes down what it did.
func (p *player) step(ev Event, title string) bool {
	before := p.state
	after, effects := Step(p.rules, before, ev)
	p.state = after
	facts := Decided(p.rules, before, after)
	if facts.Lane != nil {
		p.lane = *facts.Lane
	}
	p.remember(after)
	p.checkWhose(before, facts)
	changed := Changed(before, after)
	if changed || len(effects) > 0 {
		p.all = append(p.all, Record{ev, facts})
	}
	if after.Sale != nil && (before.Sale == nil || before.Sale.Number != after.Sale.Number) {
		p.opened = len(p.all) - 1
	}
	if title != "" {
		fmt.Fprintln(&p.out, title)
	}
	p.asked = false
	for _, e := range effects {
		if c, ok := e.(Check); ok {
			_, pay := c.Input.(bagging.Pay)
			p.asked = p.asked || pay
		}
		fmt.Fprintf(&p.out, "     -> %s\n", show(e))
	}
	if now := p.glance(); now != p.seen {
		fmt.Fprintf(&p.out, "     %s\n", now)
		p.seen = now
	}
	return changed || len(effects) > 0
}

// checkWhose finds what was decided in the sale that a journal files it under: the
// one whose header comes with it, else the open one.
func (p *player) checkWhose(before State, f Facts) {
	number := int64(0)
	switch {
	case f.Txn != nil:
		number = f.Txn.Number
	case p.state.Sale != nil:
		number = p.state.Sale.Number
	case before.Sale != nil:
		number = before.Sale.Number
	}
	s := find(p.state, number)
	if !within(lineFacts(s), f.Lines) || !within(tenderFacts(s), f.Tenders) || !within(needFacts(s), f.Interventions) ||
		!within(callFacts(s), f.Contacts) {
		fmt.Fprintf(&p.out, "     FILED UNDER %d: %+v\n", number, f)
	}
}

// within reports whether all of some are rows of all.
func within[T any](all, some []T) bool {
	for _, row := range some {
		if !slices.ContainsFunc(all, func(have T) bool { return reflect.DeepEqual(have, row) }) {
			return false
		}
	}
	return true
}

// checkRecovery restarts the lane from its journal and compares.
func (p *player) checkRecovery(t *testing.T, no int) {
	t.Helper()
	if p.state.Sale == nil {
		return
	}
	var records []Record
	for _, r := range p.all[p.opened:] { // through JSON, as the journal keeps it
		data, err := json.Marshal(r.Event)
		if err != nil {
			t.Fatal(err)
		}
		ev, err := Decode(Kind(r.Event), data)
		if err != nil {
			t.Fatal(err)
		}
		facts, _ := json.Marshal(r.Facts)
		rec := Record{Event: ev}
		if err := json.Unmarshal(facts, &rec.Facts); err != nil {
			t.Fatal(err)
		}
		records = append(records, rec)
	}
	got := Recover(p.rules, p.lane, nil, records)
	g, _ := json.MarshalIndent(Look(p.rules, got), "", " ")
	w, _ := json.MarshalIndent(Look(p.rules, p.state), "", " ")
	if string(g) != string(w) {
		t.Errorf("line %d: a replay of the journal shows something else: %s", no, diff(string(w), string(g)))
	}
	if !reflect.DeepEqual(got.Sale.Basket, p.state.Sale.Basket) {
		t.Errorf("line %d: a replay of the journal has another basket", no)
	}
}

// glance is what a person sees, in one line.
func (p *player) glance() string {
	v := Look(p.rules, p.state)
	words := []string{"[" + string(v.Screen)}
	if v.Sale != nil {
		words = append(words, "total "+strconv.FormatInt(int64(v.Sale.Total), 10))
		for _, l := range slices.Backward(v.Sale.Lines) {
			w := l.Name
			if w == "" {
				w = "deposit"
			}
			if l.Qty > 1 {
				w += "*" + strconv.FormatInt(l.Qty, 10)
			}
			if l.Weight.Unit != 0 {
				w += " " + l.Weight.String()
			}
			words = append(words, fmt.Sprintf("%s=%d", w, l.Net))
		}
	}
	if v.Hint != nil {
		words = append(words, "hint "+string(v.Hint.Kind))
	}
	if v.Undo != 0 {
		words = append(words, "undo")
	}
	if v.Weigh != nil && (v.Weigh.Blocked || v.Weigh.TooLight || v.Weigh.NoScale) {
		words = append(words, fmt.Sprintf("blocked=%t light=%t noscale=%t", v.Weigh.Blocked, v.Weigh.TooLight, v.Weigh.NoScale))
	}
	if v.Pay != nil && v.Pay.Chosen != "" {
		words = append(words, "chosen "+string(v.Pay.Chosen))
	}
	if v.Pay != nil && (v.Pay.Paid != 0 || v.Pay.Part != 0 || v.Pay.Now < 0) {
		words = append(words, fmt.Sprintf("due %d paid %d part %d now %d", v.Pay.Due, v.Pay.Paid, v.Pay.Part, v.Pay.Now))
	}
	if v.Pay != nil && v.Pay.Failed != "" {
		words = append(words, "failed "+v.Pay.Failed)
	}
	if v.Call != nil {
		words = append(words, "call "+string(v.Call.State))
	}
	if v.Leave != nil && (v.Leave.QR || v.Leave.Printing) {
		words = append(words, fmt.Sprintf("qr=%t printing=%t", v.Leave.QR, v.Leave.Printing))
	}
	if v.Staff != nil {
		for _, d := range v.Staff.Deeds {
			words = append(words, string(d))
		}
		if d := v.Staff.Doubt; d != nil {
			words = append(words, fmt.Sprintf("doubt %s %d terminal %s receipt %s trace %s other %s", d.Key, d.Amount, d.Terminal, d.Receipt, d.Trace, d.Other))
		}
		if f := v.Staff.Refund; f != nil {
			words = append(words, fmt.Sprintf("refund of %s %d %s", f.ID, f.Total, f.Failed))
			for _, l := range f.Lines {
				words = append(words, fmt.Sprintf("%s %d/%d", l.Name, l.Pieces, l.Left))
			}
		}
		if v.Staff.NeedPIN != "" {
			words = append(words, "pin for "+string(v.Staff.NeedPIN))
		}
		if b := v.Staff.Bag; b != nil {
			for _, s := range b.Stories {
				words = append(words, fmt.Sprintf("story %s %.2f", s.ID, s.P))
			}
		}
		if v.Staff.Said != "" {
			words = append(words, "said "+string(v.Staff.SaidOf)+" "+v.Staff.Said)
		}
	}
	if v.Training {
		words = append(words, "training")
	}
	if v.NoScanner {
		words = append(words, "no scanner")
	}
	if v.NoCard && v.Sale == nil {
		words = append(words, "no card")
	}
	if v.Closed != nil {
		words = append(words, "closed "+v.Closed.Reason)
	}
	words = append(words, "lamp "+string(v.Lamp))
	if p.state.Sale != nil {
		words = append(words, string(p.state.Sale.State))
	} else if p.state.Last != nil {
		words = append(words, "last "+string(p.state.Last.State))
	}
	return strings.Join(words, ", ") + "]"
}

// show prints an effect.
func show(e Effect) string {
	switch e := e.(type) {
	case Check:
		return fmt.Sprintf("Check %s", strings.TrimPrefix(fmt.Sprintf("%T", e.Input), "bagging."))
	case Cue:
		return "Cue " + string(e.Sound)
	case PrepareCharge:
		if e.Kind == TenderCash {
			return fmt.Sprintf("PrepareCharge %s %d cash out=%t", e.Key, e.Amount, e.Refund)
		}
		return fmt.Sprintf("PrepareCharge %s %d", e.Key, e.Amount)
	case Charge:
		if e.Refund {
			return fmt.Sprintf("Charge %s %d refund", e.Key, e.Amount)
		}
		return fmt.Sprintf("Charge %s %d", e.Key, e.Amount)
	case Resolve:
		return fmt.Sprintf("Resolve %s %d", e.Key, e.Amount)
	case AbortCharge:
		return "AbortCharge " + e.Key
	case Reverse:
		return fmt.Sprintf("Reverse %s %d %s", e.Key, e.Amount, e.Paid)
	case Redeem:
		return fmt.Sprintf("Redeem %s %s %d back=%t", e.Key, e.Voucher, e.Amount, e.Back)
	case Issue:
		return fmt.Sprintf("Issue %s %d", e.Key, e.Amount)
	case Print:
		return fmt.Sprintf("Print %s %s copy %d", e.Key, e.What, e.Copy)
	case OpenDrawer:
		return "OpenDrawer"
	case Train:
		return fmt.Sprintf("Train on=%t by %s", e.On, e.By)
	case PriceScale:
		unit, per := e.PerWhole()
		return fmt.Sprintf("PriceScale %d per %s, tare %d g", unit, per, e.Tare)
	case SetScale:
		return fmt.Sprintf("SetScale %s by %s", e.Deed, e.By)
	default:
		return fmt.Sprintf("%T", e)
	}
}

// event reads an event of a script.
func event(at At, verb string, f []string) (Event, error) {
	arg := func(i int) string {
		if i < len(f) {
			return f[i]
		}
		return ""
	}
	switch verb {
	case "start":
		return Started{At: at, Run: "run" + arg(0), Rev: Rev}, nil
	case "scan":
		a, ok := shelf[arg(0)]
		if !ok {
			return Scanned{At: at, Code: Code{Raw: arg(0), Kind: "unknown"}}, nil
		}
		return scan(at, a, f[1:]), nil
	case "coupon":
		return Scanned{At: at, Code: Code{Raw: arg(0), Kind: "coupon", Coupons: f[:1], Expires: arg(1)}}, nil
	case "sticker":
		return sticker(at, f), nil
	case "touch":
		return touch(at, f)
	case "weigh":
		return weigh(at, f)
	case "set":
		return ScaleSet{At: at, Deed: StaffDeed(arg(0)), By: staffOf[arg(1)].ID, Why: arg(2)}, nil
	case "bag":
		return bag(at, f)
	case "prepared":
		return ChargePrepared{At: at, Key: arg(0), Evidence: json.RawMessage(`{"last":"0021"}`), Why: arg(1)}, nil
	case "seen":
		return ChargeSeen{At: at, Key: arg(0), Approval: json.RawMessage(`{"outcome":1}`)}, nil
	case "charged":
		n, _ := strconv.ParseInt(arg(2), 10, 64)
		rec := ChargeReceipt{Terminal: "29001006", Receipt: "0022", Trace: "000022", Card: "************5726"}
		return Charged{At: at, Key: arg(0), Outcome: ChargeOutcome(arg(1)), Amount: money.Amount(n), Receipt: rec}, nil
	case "printed":
		return Printed{At: at, Key: arg(0), OK: arg(1) == "", Partly: arg(1) == "partly"}, nil
	case "up", "down":
		return DeviceChanged{At: at, Device: Device(arg(0)), Up: verb == "up"}, nil
	case "badge":
		return Badged{At: at, Staff: staffOf[arg(0)]}, nil
	case "pin":
		return PINChecked{At: at, Staff: staffOf[arg(0)].ID, OK: arg(1) == "right"}, nil
	case "order":
		return Ordered{At: at, Open: arg(0) == "open", By: "it"}, nil
	case "button":
		return ButtonPressed{at}, nil
	case "disk":
		return DiskChecked{At: at, Low: arg(0) == "low"}, nil
	case "withdraw":
		return withdraw(at, f), nil
	case "tick":
		return Ticked{at}, nil
	default:
		return nil, fmt.Errorf("no such event %q", verb)
	}
}

// scan reads [bagged=N], how often the bagging load has settled higher, and
// [expires=DATE] [best=DATE] [lot=L] [serial=S] [2d] [recalled].
func scan(at At, a basket.Article, f []string) Event {
	ev := Scanned{At: at, Code: Code{Raw: a.GTIN + strings.Join(f, " "), Kind: "article", GTIN: a.GTIN}, Article: &a}
	for _, w := range f {
		k, v, _ := strings.Cut(w, "=")
		switch k {
		case "expires":
			ev.Code.Expires = v
		case "best":
			ev.Code.Best = v
		case "lot":
			ev.Code.Lot = v
		case "serial":
			ev.Code.Serial = v
		case "2d":
			ev.Code.TwoD = true
		case "bagged":
			ev.Bagged, _ = strconv.ParseInt(v, 10, 64)
			ev.Code.Raw = a.GTIN
		case "recalled":
			ev.Recall = &Recall{Text: "may hold glass"}
		}
	}
	return ev
}

// withdraw reads LINE..., each perhaps with =recalled.
func withdraw(at At, f []string) Event {
	ev := Withdrawn{At: at}
	for _, w := range f {
		n, recalled, _ := strings.Cut(w, "=")
		out := Withdrawal{}
		out.Line, _ = strconv.Atoi(n)
		if recalled != "" {
			out.Recall = &Recall{Text: "may hold glass"}
		}
		ev.Lines = append(ev.Lines, out)
	}
	return ev
}

// sticker reads [ARTICLE] price=N or percent=N.
func sticker(at At, f []string) Event {
	ev := Scanned{At: at, Code: Code{Raw: strings.Join(f, " "), Kind: "markdown"}}
	for _, w := range f {
		k, v, _ := strings.Cut(w, "=")
		n, _ := strconv.ParseInt(v, 10, 64)
		switch k {
		case "price":
			ev.Code.Price = money.Amount(n)
		case "percent":
			ev.Code.PercentPPM = n * 10_000
		default:
			a := shelf[w]
			ev.Article, ev.Code.GTIN = &a, a.GTIN
		}
	}
	return ev
}

// touch reads "ACT key=value...".
func touch(at At, f []string) (Event, error) {
	ev := Touched{At: at, Act: Act(f[0])}
	for _, kv := range f[1:] {
		k, v, _ := strings.Cut(kv, "=")
		switch k {
		case "value":
			ev.Value = v
		case "line":
			ev.Line, _ = strconv.Atoi(v)
		case "code":
			ev.Code = v
			if a, ok := shelf[v]; ok {
				ev.Article = &a
			}
		default:
			return nil, fmt.Errorf("no such field %q", k)
		}
	}
	return ev, nil
}

// weigh reads a weight in kg [light] [net], "lost" or "heavy".
func weigh(at At, f []string) (Event, error) {
	switch f[0] {
	case "lost":
		return Weighed{At: at, Lost: true}, nil
	case "heavy":
		return Weighed{At: at, Heavy: true}, nil
	}
	shown, err := weight.ParseShown(f[0], weight.Kilogram)
	return Weighed{At: at, Shown: shown, Light: slices.Contains(f, "light"), Net: slices.Contains(f, "net"), Frame: f[0]}, err
}

// bag reads a decision: VERDICT [KIND] [line=N] [at-pay] [KIND=P], stories with
// how likely they are.
func bag(at At, f []string) (Event, error) {
	var e bagging.Explanation
	d := bagging.Decision{T: at.At.Mono, Verdict: bagging.Verdict(f[0]), ExpectedG: 500, SeenG: 700, PUnpaid: 0.4, Settled: true}
	for _, w := range f[1:] {
		n, line := strings.CutPrefix(w, "line=")
		story, odds, told := strings.Cut(w, "=")
		switch {
		case told && !line:
			p, err := strconv.ParseFloat(odds, 64)
			if err != nil {
				return nil, err
			}
			e.Stories = append(e.Stories, bagging.Story{Kind: bagging.StoryKind(story), P: p, Lines: []int{1}})
		case line:
			d.Line, _ = strconv.Atoi(n)
		case w == "at-pay":
			d.AtPay = true
		default:
			d.Kind = bagging.Kind(w)
		}
	}
	ev := Bagged{At: at, Decision: d}
	if e.Stories != nil {
		e.Event, e.FromG, e.ToG, e.ExpectedG = 3, 500, 700, 500
		ev.Question = QuestionOf(e, true)
	}
	return ev, nil
}
