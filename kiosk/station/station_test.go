package station_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"kassa/device/cash"
	"kassa/device/scale"
	"kassa/device/sim"
	"kassa/device/terminal"
	"kassa/device/terminal/zvt"
	"kassa/kiosk/barcode"
	"kassa/kiosk/basket"
	"kassa/kiosk/config"
	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/kiosk/station"
	"kassa/kiosk/weight"
	"kassa/store/catalog"
	"kassa/store/journal"
)

// articles are the shop of these tests.
const articles = `gtin,plu,name,price_minor,per,tax,age,weight_g
4006381333931,,Pens,129,each,A,,55
4000000000013,,Milk,119,each,A,,1035
4000000000020,,Wine,599,each,A,16,1250
,4011,Apples,299,kg,A,,
`

// settings are a kassa.toml without devices; the tests bring their own.
const settings = `
[lane]
id = "1"
store = "0421"
country = "DE"
timezone = "Europe/Berlin"
currency = "EUR"
languages = ["en", "fr"]
data = "data"
[shop]
name = "Test"
receipt = "ask"
[[tax.class]]
id = "A"
name = "7 %"
rates_ppm = [70000]
[screen]
listen = "127.0.0.1:0"
`

// bench is one lane under test. Its folder and its terminal outlive a run.
type bench struct {
	t        *testing.T
	dir      string
	cfg      *config.Lane
	terminal *sim.ZVT
	paper    *paperPrinter
	codes    barcode.Options
	log      *slog.Logger // may be nil
	scale    *board       // may be nil
	vouchers station.Vouchers
	cash     *cash.Recycler    // may be nil
	card     terminal.Terminal // instead of the driver's; may be nil
	noCard   bool              // the lane has no terminal
	patience time.Duration     // with a terminal that is not ready; 0: as in a store

	station *station.Station
	views   <-chan flow.View
	stop    context.CancelFunc
	done    chan error
	journal *journal.Journal
	stock   *catalog.Catalog
}

func newBench(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "kassa.toml")
	shelf := filepath.Join(dir, "articles.csv")
	for name, text := range map[string]string{file: settings, shelf: articles} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(cfg.Data, 0o750); err != nil {
		t.Fatal(err)
	}
	stock, err := catalog.Open(t.Context(), cfg.Data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stock.Import(t.Context(), []string{shelf}, catalog.Options{}, nil); err != nil {
		t.Fatal(err)
	}
	if err := stock.Close(); err != nil {
		t.Fatal(err)
	}
	term, err := sim.NewZVT("127.0.0.1:0", sim.NewClock(50), sim.ZVTOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = term.Close() })
	return &bench{t: t, dir: dir, cfg: cfg, terminal: term, paper: &paperPrinter{}, codes: barcode.Options{Currency: "EUR"}}
}

// start brings the lane up, as after a crash.
func (b *bench) start() {
	b.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	b.stop, b.done = stop, make(chan error, 1)
	var err error
	if b.journal, err = journal.Open(ctx, b.cfg.Data, journal.Options{Store: "0421", Lane: "1"}); err != nil {
		b.t.Fatal(err)
	}
	if b.stock, err = catalog.Open(ctx, b.cfg.Data); err != nil {
		b.t.Fatal(err)
	}
	dial, err := zvt.Dial("tcp://"+b.terminal.Addr(), "")
	if err != nil {
		b.t.Fatal(err)
	}
	euro := terminal.Currency{Numeric: 978, Exponent: 2}
	card, err := zvt.New(zvt.Config{Dial: dial, Password: "000000", Currency: euro})
	if err != nil {
		b.t.Fatal(err)
	}
	o := station.Options{
		Journal: b.journal, Catalogue: b.stock, Roster: people{}, Location: b.cfg.Location,
		Rules: func(ps []basket.Promotion) (*flow.Rules, error) {
			r, err := station.RulesFor(b.cfg, ps)
			if err == nil {
				r.Devices = []flow.Device{flow.DeviceTerminal, flow.DevicePrinter, flow.DeviceCash}
			}
			return r, err
		},
		Codes: b.codes, Bagging: station.BaggingFor(b.cfg),
		Terminal: card, Currency: euro, Printer: b.paper, Dir: b.cfg.Data, Log: b.log, Patience: b.patience,
	}
	if b.vouchers != nil {
		o.Vouchers = b.vouchers
	}
	if b.cash != nil {
		o.Cash = b.cash
	}
	if b.card != nil {
		o.Terminal = b.card
	}
	if b.noCard {
		o.Terminal = nil
	}
	if b.scale != nil {
		o.Scale = b.scale
	}
	if b.station, err = station.New(o); err != nil {
		b.t.Fatal(err)
	}
	b.views = b.station.Views(ctx)
	go func() { b.done <- b.station.Run(ctx) }()
	<-b.station.Ready()
	up := []flow.Device{flow.DevicePrinter}
	if !b.noCard {
		up = append(up, flow.DeviceTerminal)
	}
	if b.cash != nil {
		up = append(up, flow.DeviceCash)
	}
	for _, d := range up {
		if err := b.station.Device(ctx, d, true, ""); err != nil {
			b.t.Fatal(err)
		}
	}
}

// end stops the lane and checks that its journal holds.
func (b *bench) end() {
	b.t.Helper()
	b.stop()
	if err := <-b.done; err != nil {
		b.t.Fatalf("Run() = %v", err)
	}
	if err := errors.Join(b.journal.Close(), b.stock.Close()); err != nil {
		b.t.Fatal(err)
	}
	r, err := journal.OpenReader(context.Background(), b.cfg.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if _, err := r.Verify(context.Background(), nil); err != nil {
		b.t.Fatalf("the journal does not verify: %v", err)
	}
}

// until waits for a view that is as wanted.
func (b *bench) until(what string, ok func(flow.View) bool) flow.View {
	b.t.Helper()
	deadline := time.After(10 * time.Second)
	var last flow.View
	for {
		select {
		case v := <-b.views:
			if last = v; ok(v) {
				return v
			}
		case <-deadline:
			b.t.Fatalf("waited for %s, the lane shows %s: %+v %+v", what, last.Screen, last.Sale, last.Staff)
		}
	}
}

func (b *bench) screen(s flow.Screen) flow.View {
	b.t.Helper()
	return b.until(string(s), func(v flow.View) bool { return v.Screen == s })
}

func (b *bench) scan(code string) {
	b.t.Helper()
	if err := b.station.Scan(context.Background(), []byte(code)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) touch(act flow.Act, value string) {
	b.t.Helper()
	if err := b.station.Touch(context.Background(), flow.Touched{Act: act, Value: value}); err != nil {
		b.t.Fatalf("touch %s %s: %v", act, value, err)
	}
}

// tap holds a card to the terminal as soon as it asks for one.
func (b *bench) tap() {
	b.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !b.terminal.Tap(); {
		if time.Now().After(deadline) {
			b.t.Fatal("the terminal does not ask for a card")
		}
		<-time.After(time.Millisecond)
	}
}

// people has one attendant.
type people struct{}

func (people) ByBadge(_ context.Context, badge string) (*flow.Staff, error) {
	if badge == "2" {
		return supervisor(), nil
	}
	if badge != "17" {
		return nil, nil
	}
	return &flow.Staff{ID: "a17", Role: "attendant", May: []flow.Permit{{Deed: flow.DeedSettle}, {Deed: flow.DeedBagStory}, {Deed: flow.DeedVoidSale, PIN: true}, {Deed: flow.DeedZero}, {Deed: flow.DeedTare}}}, nil
}

func (people) CheckPIN(_ context.Context, id, pin string) (bool, time.Duration, error) {
	return (id == "a17" || id == "s02") && pin == "264891", 0, nil
}

// paperPrinter keeps what was printed.
type paperPrinter struct {
	mu   sync.Mutex
	jobs []station.Paper
}

func (p *paperPrinter) Print(_ context.Context, job station.Paper) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.jobs = append(p.jobs, job)
	return nil
}

func TestWholeTrip(t *testing.T) {
	b := newBench(t)
	b.start()
	b.scan("4006381333931")
	b.scan("4000000000013")
	b.touch(flow.ActAdd, "") // no code: a hint, no line
	if err := b.station.Touch(t.Context(), flow.Touched{Act: flow.ActAdd, Code: "4011"}); err != nil {
		t.Fatal(err)
	}
	b.screen(flow.ScreenWeigh)
	zero := scale.Reading{State: scale.Zero, Shown: weight.Shown{Decimals: 3, Unit: weight.Kilogram}}
	load := scale.Reading{State: scale.Stable, Shown: weight.Shown{Digits: 734, Decimals: 3, Unit: weight.Kilogram}}
	for _, r := range []scale.Reading{zero, load} {
		if err := b.station.Weigh(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	want := money.Amount(129 + 119 + 219)
	b.until("three lines", func(v flow.View) bool { return v.Sale != nil && v.Sale.Total == want })
	if err := b.station.Touch(t.Context(), flow.Touched{Act: flow.ActReceipt}); !errors.Is(err, station.ErrUnfit) {
		t.Errorf("a touch of another page: %v, want ErrUnfit", err)
	}
	b.touch(flow.ActPay, "")
	b.touch(flow.ActTender, "card")
	b.tap()
	b.screen(flow.ScreenReceipt)
	b.touch(flow.ActReceipt, "print")
	b.screen(flow.ScreenThanks)
	b.end()
	if n := len(b.terminal.Charges()); n != 1 {
		t.Errorf("%d charges, want 1", n)
	}
	if n := len(b.paper.jobs); n != 1 {
		t.Errorf("%d print jobs, want 1", n)
	}
}

// TestStopAnywhere stops the lane at each point of a trip and takes it up
// again: the basket is there, the payment is settled, one charge is made.
func TestStopAnywhere(t *testing.T) {
	steps := []struct {
		name string
		do   func(*bench)
		want flow.Screen // after the next start
	}{
		{"first scan", func(b *bench) { b.scan("4006381333931"); b.screen(flow.ScreenBasket) }, flow.ScreenBasket},
		{"age-restricted scan", func(b *bench) {
			b.scan("4000000000020")
			b.until("the wine", func(v flow.View) bool { return v.Sale != nil && v.Sale.AgePend })
		}, flow.ScreenBasket},
		{"pay", func(b *bench) { b.touch(flow.ActPay, ""); b.screen(flow.ScreenAge) }, flow.ScreenAge},
		{"badge", func(b *bench) {
			b.scan(barcode.StaffCode("17"))
			b.screen(flow.ScreenStaff)
			b.touch(flow.ActStaff, "settle")
			b.screen(flow.ScreenTender)
		}, flow.ScreenTender},
		{"tender", func(b *bench) {
			b.touch(flow.ActTender, "card")
			b.tap()
			b.screen(flow.ScreenReceipt)
		}, flow.ScreenReceipt},
		{"receipt", func(b *bench) { b.touch(flow.ActReceipt, "none"); b.screen(flow.ScreenThanks) }, flow.ScreenThanks},
	}
	b := newBench(t)
	b.start()
	for _, step := range steps {
		step.do(b)
		b.end()
		b.start()
		v := b.screen(step.want)
		if v.Sale == nil {
			t.Fatalf("after %s: no sale", step.name)
		}
	}
	b.end()
	if n := len(b.terminal.Charges()); n != 1 {
		t.Errorf("%d charges, want 1", n)
	}
}

// TestStopWhilePaying stops the lane while the card is being read: the next run
// asks the terminal and ends in exactly one of paid and not paid.
func TestStopWhilePaying(t *testing.T) {
	b := newBench(t)
	b.start()
	b.scan("4006381333931")
	b.touch(flow.ActPay, "")
	b.touch(flow.ActTender, "card")
	b.tap() // and at once
	b.end()
	b.start()
	v := b.until("an end of the payment", func(v flow.View) bool {
		return v.Screen == flow.ScreenReceipt || v.Screen == flow.ScreenTender
	})
	charged := 0
	for _, c := range b.terminal.Charges() {
		if !c.Reversed {
			charged++
		}
	}
	if paid := v.Screen == flow.ScreenReceipt; paid != (charged == 1) {
		t.Errorf("the lane shows %s, the terminal has %d charges", v.Screen, charged)
	}
	b.end()
}

// TestPIN checks that money moves only with a PIN, and that its digits stay out
// of the journal.
func TestPIN(t *testing.T) {
	b := newBench(t)
	b.start()
	b.scan("4006381333931")
	b.scan(barcode.StaffCode("17"))
	b.screen(flow.ScreenStaff)
	b.touch(flow.ActStaff, "void-sale")
	b.until("the PIN pad", func(v flow.View) bool { return v.Staff != nil && v.Staff.NeedPIN != "" })
	b.touch(flow.ActPIN, "111111")
	b.until("a refusal", func(v flow.View) bool { return v.Staff != nil && v.Staff.PINFailed })
	b.touch(flow.ActPIN, "264891")
	b.screen(flow.ScreenStart)
	b.end()
	records := b.kept()
	if len(records) < 6 {
		t.Errorf("only %d records", len(records))
	}
	for _, rec := range records {
		for _, pin := range []string{"111111", "264891"} {
			if contains(rec.Event, pin) || contains(rec.Facts, pin) {
				t.Errorf("record %d holds a PIN: %s", rec.Seq, rec.Event)
			}
		}
	}
}

// kept are all records of a lane that has ended.
func (b *bench) kept() []journal.Record {
	b.t.Helper()
	r, err := journal.OpenReader(context.Background(), b.cfg.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	var all []journal.Record
	for rec, err := range r.Since(context.Background(), 0) {
		if err != nil {
			b.t.Fatal(err)
		}
		all = append(all, rec)
	}
	return all
}

func contains(data []byte, s string) bool { return bytes.Contains(data, []byte(s)) }
