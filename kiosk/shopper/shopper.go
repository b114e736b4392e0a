// Package shopper makes shoppers for tests and for the workbench: from a seed
// comes a person who scans, changes her mind, presses everything twice, walks
// away and comes back, and a world around her in which cables fall out, paper
// ends and the power goes. It is pure: the same seed makes the same day.
//
// It is not a model of how people shop (package bagging's tests have one of
// what they do to a scale); it looks for orders of events that nobody thought
// of.
//
// Its one rule: it acts on what the page shows, as a person does, and now and
// then on what it showed before.
package shopper

import (
	"slices"
	"strconv"
	"time"

	"kassa/kiosk/bagging"
	"kassa/kiosk/basket"
	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// Dice are reproducible random numbers (splitmix64, Steele et al. 2014).
type Dice struct{ state uint64 }

// NewDice returns the dice of a seed.
func NewDice(seed uint64) *Dice { return &Dice{seed} }

// Roll returns a number from 0 to n-1; n must be positive.
func (d *Dice) Roll(n int) int {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}

// One reports true once in n times.
func (d *Dice) One(n int) bool { return d.Roll(n) == 0 }

// A Shopper is one person at the lane, and the staff of the store.
type Shopper struct {
	dice  *Dice
	shelf []basket.Article
	staff []flow.Staff

	Balance func(voucher string) money.Amount // what the ledger says; nil: there is none
	Past    Past                              // nil: there is none
}

// New returns the shopper of a seed, who finds shelf in the store.
func New(dice *Dice, shelf []basket.Article, staff []flow.Staff) *Shopper {
	return &Shopper{dice: dice, shelf: shelf, staff: staff}
}

// Pause is how long she takes before the next thing: mostly a second or so,
// now and then nothing at all, seldom minutes.
func (s *Shopper) Pause() time.Duration {
	switch s.dice.Roll(20) {
	case 0:
		return 0
	case 1:
		return time.Duration(s.dice.Roll(180)) * time.Second
	default:
		return time.Duration(200+s.dice.Roll(3000)) * time.Millisecond
	}
}

// Act returns what she, or somebody near her, does next.
func (s *Shopper) Act(v flow.View, at flow.At) flow.Event {
	if v.Staff != nil && (v.Staff.Refund != nil || v.Staff.Parting) && !s.dice.One(4) {
		return s.touch(v, at)
	}
	if v.Pay != nil && v.Pay.Refund && v.Staff == nil && s.dice.One(3) {
		return flow.Badged{At: at, Staff: s.badge()}
	}
	switch s.dice.Roll(16) {
	case 0, 1, 2, 3, 4:
		return s.scan(at)
	case 5:
		return s.weigh(at)
	case 6:
		return flow.Badged{At: at, Staff: s.badge()}
	case 7:
		return s.bag(v, at)
	case 8:
		if v.Sale != nil && s.dice.One(4) {
			return s.withdrawal(v, at)
		}
		return s.trouble(at)
	default:
		return s.touch(v, at)
	}
}

func (s *Shopper) article() basket.Article { return s.shelf[s.dice.Roll(len(s.shelf))] }

func (s *Shopper) scan(at flow.At) flow.Event {
	if s.dice.One(10) {
		return flow.Scanned{At: at, Code: flow.Code{Raw: "<b>'; --", Kind: "unknown"}}
	}
	a := s.article()
	if s.dice.One(12) {
		return s.cheaper(at, a)
	}
	if s.dice.One(14) {
		return s.voucher(at)
	}
	if s.dice.One(20) {
		return s.paper(at)
	}
	return flow.Scanned{At: at, Code: flow.Code{Raw: a.GTIN, Kind: "article", GTIN: a.GTIN}, Article: &a}
}

// withdrawal is an import that stops the sale of something, mostly of what is in
// the basket, or takes it back.
func (s *Shopper) withdrawal(v flow.View, at flow.At) flow.Event {
	w := flow.Withdrawal{Line: 1 + s.dice.Roll(len(v.Sale.Lines)+1)}
	if s.dice.One(2) {
		w.Recall = &flow.Recall{Text: "it may hold glass"}
	}
	return flow.Withdrawn{At: at, Lines: []flow.Withdrawal{w}}
}

// vouchers are how many different ones she has; the number of one is its handle.
const vouchers = 5

// voucher is one of her vouchers, mostly with something on it, or one that pays
// nothing. What the store's ledger says of it stands in [Shopper.Balance].
func (s *Shopper) voucher(at flow.At) flow.Event {
	handle := "v" + strconv.Itoa(s.dice.Roll(vouchers))
	v := flow.Voucher{Handle: handle, Tail: "0042"}
	switch {
	case s.dice.One(8):
		v.Why = "unknown"
	case s.Balance != nil:
		v.Balance = s.Balance(handle)
	}
	return flow.Scanned{At: at, Code: flow.Code{Kind: "voucher", Number: handle}, Voucher: &v}
}

// paper is a ticket or a receipt that she has in her bag.
func (s *Shopper) paper(at flow.At) flow.Event {
	ev := flow.Scanned{At: at, Code: flow.Code{Raw: "9", Kind: "ticket", Number: "9"}}
	if s.Past == nil {
		return ev
	}
	if s.dice.One(2) {
		ev.Code.Kind = "receipt"
		ev.Original = s.Past.Original(s.dice)
		return ev
	}
	ev.Parked = s.Past.Parked(s.dice)
	return ev
}

// A Past is what the lane's journal says of sales that have ended; nil: of none.
type Past interface {
	Parked(dice *Dice) *flow.Parked
	Original(dice *Dice) *flow.Original
}

// cheaper is a coupon or a mark-down sticker.
func (s *Shopper) cheaper(at flow.At, a basket.Article) flow.Event {
	ev := flow.Scanned{At: at, Code: flow.Code{Raw: "2", Kind: "markdown"}}
	switch s.dice.Roll(4) {
	case 0:
		ev.Code = flow.Code{Raw: "98", Kind: "coupon", Coupons: []string{"98"}}
	case 1:
		ev.Code.PercentPPM = int64(s.dice.Roll(11)) * 100_000
	case 2:
		ev.Article, ev.Code.PercentPPM = &a, 300_000
	default:
		ev.Article, ev.Code.Price = &a, 99
	}
	return ev
}

func (s *Shopper) weigh(at flow.At) flow.Event {
	switch s.dice.Roll(8) {
	case 0:
		return flow.Weighed{At: at, Lost: true}
	case 1:
		return flow.Weighed{At: at, Heavy: true}
	case 2, 3, 4:
		return flow.Weighed{At: at, Shown: weight.Shown{Decimals: 3, Unit: weight.Kilogram}}
	default:
		shown := weight.Shown{Digits: int64(5 * s.dice.Roll(600)), Decimals: 3, Unit: weight.Kilogram}
		return flow.Weighed{At: at, Shown: shown, Light: shown.Digits < 100, Net: s.dice.One(5), Frame: shown.String()}
	}
}

func (s *Shopper) badge() *flow.Staff {
	if s.dice.One(8) {
		return nil
	}
	who := s.staff[s.dice.Roll(len(s.staff))]
	return &who
}

// bag is a decision of the bagging check about some line.
func (s *Shopper) bag(v flow.View, at flow.At) flow.Event {
	d := bagging.Decision{Verdict: bagging.OK, Settled: true, Line: s.line(v)}
	if s.dice.One(2) {
		d.Verdict = bagging.Hint
		kinds := []bagging.Kind{bagging.Unexpected, bagging.Missing, bagging.Wrong, bagging.Removed, bagging.ScaleFault}
		d.Kind = kinds[s.dice.Roll(len(kinds))]
		if s.dice.One(3) && (d.Kind == bagging.Unexpected || d.Kind == bagging.Wrong) {
			d.Verdict = bagging.Call
		}
	}
	return flow.Bagged{At: at, Decision: d}
}

// trouble is what goes wrong in a store.
func (s *Shopper) trouble(at flow.At) flow.Event {
	devices := []flow.Device{
		flow.DeviceScanner, flow.DeviceScale, flow.DeviceBagging, flow.DeviceTerminal, flow.DevicePrinter,
		flow.DevicePanel,
	}
	switch s.dice.Roll(10) {
	case 0:
		return flow.DiskChecked{At: at, Low: s.dice.One(2)}
	case 1:
		return flow.Ordered{At: at, Open: s.dice.One(2), By: "it"}
	case 2:
		return flow.ButtonPressed{At: at}
	case 3:
		return flow.DoorChanged{At: at, Open: s.dice.One(2)}
	default:
		return flow.DeviceChanged{At: at, Device: devices[s.dice.Roll(len(devices))], Up: !s.dice.One(3)}
	}
}

// line is the number of a line on the page, or of none.
func (s *Shopper) line(v flow.View) int {
	if v.Sale == nil || len(v.Sale.Lines) == 0 || s.dice.One(10) {
		return s.dice.Roll(5)
	}
	return v.Sale.Lines[s.dice.Roll(len(v.Sale.Lines))].N
}

// touch presses something that the page offers, and now and then something
// that it does not.
func (s *Shopper) touch(v flow.View, at flow.At) flow.Event {
	ev := flow.Touched{At: at, Line: s.line(v), Act: s.act(v)}
	switch ev.Act {
	case flow.ActLanguage:
		ev.Value = append(v.Languages, "", "xx")[s.dice.Roll(len(v.Languages)+2)]
	case flow.ActMode:
		ev.Value = []string{"large", "contrast", "light", "reach", "plain", "odd"}[s.dice.Roll(6)]
	case flow.ActAdd:
		if a := s.article(); !s.dice.One(8) {
			ev.Code, ev.Article = a.GTIN+a.PLU, &a
		}
	case flow.ActQuantity:
		ev.Value = []string{"", "0", "1", "2", "7", "99", "100", "-1", "x"}[s.dice.Roll(9)]
		if s.dice.One(3) {
			ev.Line = 0
		}
	case flow.ActBags, flow.ActRate:
		ev.Value = strconv.Itoa(s.dice.Roll(5))
	case flow.ActTender:
		ev.Value = []string{"card", "card", "card", "till", "gold", "voucher", "voucher"}[s.dice.Roll(7)]
	case flow.ActReceipt:
		ev.Value = []string{"print", "qr", "none"}[s.dice.Roll(3)]
	case flow.ActStaff:
		ev.Value = string(s.deed(v))
		s.moneyDeed(v, &ev)
		if ev.Value == string(flow.DeedPrice) && !s.dice.One(3) {
			ev.Value, ev.Code = ev.Value+":"+flow.PriceReasons()[s.dice.Roll(4)], strconv.Itoa(s.dice.Roll(2000))
		}
	default:
	}
	return ev
}

// moneyDeed is what staff press where a part or a refund is asked for.
func (s *Shopper) moneyDeed(v flow.View, ev *flow.Touched) {
	if v.Staff == nil {
		return
	}
	if ev.Value == string(flow.DeedPart) && !s.dice.One(3) {
		ev.Code = strconv.Itoa(s.dice.Roll(600))
	}
	f := v.Staff.Refund
	if f == nil || s.dice.One(6) {
		return
	}
	switch {
	case f.ID == "":
		ev.Value, ev.Code = string(flow.DeedRefundFind), "1"
		if s.Past != nil {
			ev.Original = s.Past.Original(s.dice)
		}
	case f.Total == 0 || s.dice.One(2):
		ev.Value, ev.Code = string(flow.DeedRefundLine), strconv.Itoa(s.dice.Roll(5))
		if len(f.Lines) > 0 {
			ev.Line = f.Lines[s.dice.Roll(len(f.Lines))].Line
		}
	default:
		ev.Value = string(flow.DeedRefundPay) + ":" + f.Reasons[s.dice.Roll(len(f.Reasons))]
	}
}

// act is something to press; paying a little more often than by chance.
func (s *Shopper) act(v flow.View) flow.Act {
	all := []flow.Act{
		flow.ActStart, flow.ActLanguage, flow.ActMode, flow.ActFind, flow.ActAdd, flow.ActWeigh, flow.ActQuantity,
		flow.ActVoidLine, flow.ActVoidSale, flow.ActUndo, flow.ActOwnBag, flow.ActBags, flow.ActKeep, flow.ActHelp,
		flow.ActArticle, flow.ActSolved, flow.ActCall, flow.ActCancelCall, flow.ActPay, flow.ActTender, flow.ActBack,
		flow.ActMoreTime, flow.ActReceipt, flow.ActRate, flow.ActStaff,
	}
	switch {
	case s.dice.One(12):
		return all[s.dice.Roll(len(all))]
	case v.Staff != nil:
		return flow.ActStaff
	case v.Acts[flow.ActTender] && !s.dice.One(4):
		return flow.ActTender
	case v.Acts[flow.ActPay] && s.dice.One(3):
		return flow.ActPay
	}
	for range 40 {
		if a := all[s.dice.Roll(len(all))]; v.Acts[a] {
			return a
		}
	}
	return flow.ActMode
}

// deed is something for staff to press.
func (s *Shopper) deed(v flow.View) flow.StaffDeed {
	if v.Staff == nil || len(v.Staff.Deeds) == 0 || s.dice.One(10) {
		return flow.DeedSettle
	}
	if v.Sale == nil && slices.Contains(v.Staff.Deeds, flow.DeedRefund) && s.dice.One(2) {
		return flow.DeedRefund
	}
	return v.Staff.Deeds[s.dice.Roll(len(v.Staff.Deeds))]
}
