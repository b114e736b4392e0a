package station

import (
	"context"
	"slices"
	"strings"
	"time"

	"kassa/kiosk/barcode"
	"kassa/kiosk/basket"
	"kassa/kiosk/flow"
	"kassa/kiosk/weight"
)

// Scan takes what a scanner read. It is called by the scanner's own goroutine
// and waits when the lane is behind.
func (s *Station) Scan(ctx context.Context, code []byte) error {
	opts := s.o.Codes
	opts.Today = barcode.DateOf(time.Now().In(s.o.Location))
	m := barcode.Parse(code, &opts)
	switch m.Kind {
	case barcode.Staff:
		return s.badge(ctx, m.Number)
	case barcode.Member:
		return s.member(ctx, m.Number)
	case barcode.Voucher:
		return s.voucher(ctx, m.Number)
	case barcode.Ticket:
		if s.refunding() { // a ticket names its sale as a receipt does
			return s.receiptRead(ctx, m.Number)
		}
		return s.ticket(ctx, m.Number)
	default:
	}
	if s.refunding() {
		return s.receiptRead(ctx, m.Input)
	}
	c := codeOf(m, opts.Today)
	article, err := s.lookup(ctx, m.GTIN, m.PLU)
	if err != nil {
		s.o.Log.ErrorContext(ctx, "catalogue", "err", err)
	}
	if article != nil && c.Kind == string(barcode.Unknown) {
		c.Kind = string(barcode.Article) // sound, claimed by nobody, and on the store's list
	}
	if article == nil && len(m.Input) <= badgeMax {
		// A store may use cards of its own as badges, without a prefix.
		if who, err := s.o.Roster.ByBadge(ctx, m.Input); err == nil && who != nil {
			return s.say(ctx, func(at flow.At) flow.Event { return s.badged(at, who) })
		}
	}
	recall, err := s.recalled(ctx, m.GTIN, m.Lot, m.Serial)
	if err != nil {
		article = nil // nobody can say that it is safe to sell
	}
	return s.say(ctx, func(at flow.At) flow.Event {
		return flow.Scanned{At: at, Code: c, Article: article, Recall: recall, Bagged: s.scale.bagged}
	})
}

// recalled says why a maker takes this piece back; nil where nobody does.
func (s *Station) recalled(ctx context.Context, gtin, lot, serial string) (*flow.Recall, error) {
	if gtin == "" {
		return nil, nil //nolint:nilnil // nothing is recalled that has no number
	}
	ctx = context.WithoutCancel(ctx) // as in lookup
	r, found, err := s.o.Catalogue.Recalled(ctx, gtin, lot, serial)
	if err != nil {
		s.o.Log.ErrorContext(ctx, "recalls", "err", err)
		return nil, err
	}
	if !found {
		return nil, nil //nolint:nilnil // no recall
	}
	return &flow.Recall{Text: r.Text, Texts: r.Texts}, nil
}

// codeOf keeps of a meaning what the flow needs. What was read is cleaned for
// the journal: it may hold anything.
func codeOf(m barcode.Meaning, today barcode.Date) flow.Code {
	if m.Kind == barcode.Coupon {
		m.PriceMinor = m.CouponMinor
	}
	return flow.Code{
		Raw: clean(m.Input), Kind: string(m.Kind), GTIN: m.GTIN, Number: m.Number, Lot: clean(m.Lot),
		Serial: clean(m.Serial), Expires: m.Expires, Best: m.BestBefore, TwoD: twoD(m.Symbology), Price: m.PriceMinor, Grams: weight.Grams(m.NetWeightG), Count: m.Count, Measure: m.Measure,
		PercentPPM: m.PercentPPM, Coupons: couponsOf(m, today),
	}
}

// serialFrom is where a coupon number (255) ends and its serial begins.
const serialFrom = 13

// couponsOf returns the ids by which a rule of the store may wait for a coupon,
// the most exact first: all that was read; a GS1 coupon number (255) without its
// serial; company and offer of a North American coupon (8110), "0614141-654321";
// the look-up number, or item digits, of an in-store code. A coupon that begins
// later has none.
func couponsOf(m barcode.Meaning, today barcode.Date) []string {
	if m.Kind != barcode.Coupon {
		return nil
	}
	ids := []string{clean(m.Coupon)}
	for _, e := range m.Elements {
		switch {
		case e.AI == "255" && len(e.Value) > serialFrom:
			ids = append(ids, e.Value[:serialFrom])
		case e.AI == "8110":
			c, err := barcode.ParseCoupon8110(e.Value)
			if err == nil && "20"+c.Starts > strings.ReplaceAll(today.String(), "-", "") {
				return nil
			}
			if err == nil {
				ids = append(ids, c.Prefix+"-"+c.Offer)
			}
		}
	}
	if m.Pattern != "" {
		ids = append(ids, m.GTIN, m.PLU)
	}
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" })
}

// twoD reports whether a symbology is two-dimensional, as package barcode names
// them; web addresses come from nothing else.
func twoD(symbology string) bool {
	return strings.Contains(symbology, "matrix") || strings.Contains(symbology, "qr") || strings.Contains(symbology, "link") ||
		strings.Contains(symbology, "dotcode") || strings.Contains(symbology, "aztec")
}

// badgeMax is the longest text that is looked up as a badge.
const badgeMax = 64

// rawMax is how much of a code is kept; nothing sold has a longer one.
const rawMax = 256

// clean makes a code safe to keep: printable, and not endless.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return '·'
		}
		return r
	}, s)
	if len(s) > rawMax {
		s = strings.ToValidUTF8(s[:rawMax], "") + "…"
	}
	return s
}

// lookup finds an article by GTIN, else by PLU; nil if there is none.
func (s *Station) lookup(ctx context.Context, gtin, plu string) (*basket.Article, error) {
	// A look-up takes microseconds; one that could be broken off would start a
	// goroutine for each of its statements.
	ctx = context.WithoutCancel(ctx)
	for _, q := range []struct {
		code string
		find func(context.Context, string) (basket.Article, bool, error)
	}{{gtin, s.o.Catalogue.Lookup}, {plu, s.o.Catalogue.LookupPLU}} {
		if q.code == "" {
			continue
		}
		a, found, err := q.find(ctx, q.code)
		if err != nil {
			return nil, err
		}
		if found {
			return &a, nil
		}
	}
	return nil, nil
}

// badge says whose badge was read.
func (s *Station) badge(ctx context.Context, number string) error {
	who, err := s.o.Roster.ByBadge(ctx, number)
	if err != nil {
		s.o.Log.ErrorContext(ctx, "roster", "err", err)
		who = nil
	}
	return s.say(ctx, func(at flow.At) flow.Event { return s.badged(at, who) })
}

// memberClass is the class of members' numbers beside the journal.
const memberClass = "member"

// member keeps a member's number beside the journal and says its handle.
func (s *Station) member(ctx context.Context, number string) error {
	handle, err := s.o.Journal.PutPersonal(ctx, memberClass, number)
	if err != nil {
		return err
	}
	c := flow.Code{Kind: string(barcode.Member), Number: handle}
	return s.say(ctx, func(at flow.At) flow.Event { return flow.Scanned{At: at, Code: c} })
}

// Touch takes what somebody touched on the page. It returns ErrUnfit when that
// does not belong to what the page shows now.
func (s *Station) Touch(ctx context.Context, t flow.Touched) error {
	if t.Act == flow.ActPIN {
		return s.pin(ctx, t.Value)
	}
	t.Code, t.Value = clean(t.Code), clean(t.Value)
	if t.Act == flow.ActStaff && t.Value == string(flow.DeedRefundFind) {
		t.Original = s.original(ctx, t.Code)
	}
	t.Refund = nil // the loop says what is put together
	if t.Act == flow.ActAdd {
		article, err := s.lookup(ctx, gtin14(t.Code), t.Code)
		if err != nil {
			return err
		}
		t.Article = article
		if article != nil {
			if t.Recall, err = s.recalled(ctx, article.GTIN, "", ""); err != nil {
				return err
			}
		}
	}
	answer := make(chan error, 1)
	err := s.post(ctx, input{answer: answer, make: func(at flow.At) flow.Event {
		t.At = at
		return t
	}})
	if err != nil {
		return err
	}
	return await(ctx, answer)
}

// gtin14 is the catalogue's form of a GTIN, or "" if it is none.
func gtin14(code string) string {
	if !barcode.ValidGTIN(code) {
		return ""
	}
	n, err := barcode.Normal(code)
	if err != nil {
		return ""
	}
	return n
}

// pin checks the PIN of whoever is at the lane. The digits go no further.
func (s *Station) pin(ctx context.Context, digits string) error {
	v, ok := s.views.last()
	if !ok || v.Staff == nil || v.Staff.NeedPIN == "" {
		return ErrUnfit
	}
	id := v.Staff.ID
	right, wait, err := s.o.Roster.CheckPIN(ctx, id, digits)
	if err != nil {
		return err
	}
	return s.say(ctx, func(at flow.At) flow.Event {
		return flow.PINChecked{At: at, Staff: id, OK: right, Wait: wait}
	})
}

// Order opens or closes the lane, from outside.
func (s *Station) Order(ctx context.Context, open bool, by string) error {
	return s.sayDurable(ctx, func(at flow.At) flow.Event { return flow.Ordered{At: at, Open: open, By: by} })
}

// Button says that the call button was pressed.
func (s *Station) Button(ctx context.Context) error {
	return s.say(ctx, func(at flow.At) flow.Event { return flow.ButtonPressed{At: at} })
}

// Door says that a door of the lane was opened or closed.
func (s *Station) Door(ctx context.Context, open bool) error {
	return s.say(ctx, func(at flow.At) flow.Event { return flow.DoorChanged{At: at, Open: open} })
}

// Device says that a peripheral came or went. The same news twice is no news.
func (s *Station) Device(ctx context.Context, d flow.Device, up bool, why string) error {
	return s.post(ctx, input{run: func(ctx context.Context) error {
		have, known := s.state.Devices[d]
		if known && have.Up == up {
			return nil
		}
		if d == flow.DeviceBagging {
			if err := s.bagScale(ctx, up); err != nil {
				return err
			}
		}
		return s.handle(ctx, flow.DeviceChanged{At: s.at(), Device: d, Up: up, Why: clean(why)}, nil)
	}})
}
