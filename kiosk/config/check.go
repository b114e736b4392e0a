package config

import (
	"cmp"
	"fmt"
	"math"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a small board may have no time zones of its own

	"github.com/bojanz/currency"
	"golang.org/x/text/language"

	"kassa/kiosk/hours"
	"kassa/kiosk/money"
)

// Shipped returns the tags of the languages that kassa speaks.
func Shipped() []string { return []string{"en", "fr", "ar", "id"} }

// lane turns the file into a lane; the first fault is in f.Err.
func (f *file) lane(raw *rawFile) *Lane {
	l := &Lane{File: f.Path()}
	f.identity(l, &raw.Lane)
	f.place(l, &raw.Lane)
	f.tongue(l, &raw.Lane)
	l.Shop = f.shop(raw.Shop)
	l.Tax = f.tax(raw.Tax)
	l.Tax.CashStep = f.cashStep(raw.Tax.CashStep, l.Currency)
	l.Codes = f.codes(raw.Codes, l.Country)
	l.Screen = f.screen(raw.Screen)
	for i, s := range raw.Scanner {
		l.Scanners = append(l.Scanners, f.scanner(fmt.Sprintf("scanner[%d]", i), s))
	}
	l.Scale = f.scale(raw.Scale, len(l.Scanners) > 0)
	l.Bagging = f.bagging(raw.Bagging, len(l.Scanners) > 0)
	f.sharing(l)
	l.Terminal = f.terminal(raw.Terminal, l.Store+"-"+l.ID)
	l.Printer = f.printer(raw.Printer)
	l.Panel = f.panel(raw.Panel)
	l.Hub = f.hub(raw.Hub)
	l.HQ = f.hq(raw.HQ, raw.Hub != nil)
	if l.Call = raw.Call.On; l.Call && raw.Hub == nil {
		f.bad("call.on", "is true, but a call needs the store's hub: add [hub], or remove it")
	}
	l.Articles = f.Beside(raw.Help.Articles)
	l.Timing = f.timing(raw.Timing)
	l.Bags = f.bags(&raw.Bags, l)
	l.Staff = f.staff(raw.Staff)
	l.DayAuto = f.oneOf("day.close", raw.Day.Close, "manual", "auto") == "auto"
	l.Disk = f.disk(raw.Disk)
	l.Retention = f.retention(raw.Retention)
	l.Voucher = f.voucher(raw.Voucher)
	l.Cash = f.cash(raw.Cash, l.ID)
	for i, r := range raw.Restriction {
		l.Restrictions = append(l.Restrictions, f.restriction(fmt.Sprintf("restriction[%d]", i), r))
	}
	return l
}

// need notes that a key without which no lane can be is not there.
func (f *file) need(key, value, example string) bool {
	if value != "" {
		return true
	}
	name := key[strings.LastIndexByte(key, '.')+1:]
	if f.Has(key) {
		f.bad(key, "is empty: write %s = %s", name, example)
	} else {
		f.bad(key, "is missing: add %s = %s", name, example)
	}
	return false
}

// oneOf checks a word of a closed set; an empty one takes the first.
func (f *file) oneOf(key, value string, words ...string) string {
	if value == "" && !f.Has(key) {
		return words[0]
	}
	if !slices.Contains(words, value) {
		f.bad(key, "is %q, want %s", short(value), either(words))
	}
	return value
}

func either(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

func (f *file) match(key, value, pattern, want string) {
	if !regexp.MustCompile(pattern).MatchString(value) {
		f.bad(key, "is %q, want %s", short(value), want)
	}
}

func (f *file) identity(l *Lane, raw *rawLane) {
	if f.need("lane.id", raw.ID, `"1"`) {
		f.match("lane.id", raw.ID, `^[a-z0-9-]{1,32}$`, "1 to 32 of a-z, 0-9 and -")
	}
	if f.need("lane.store", raw.Store, `"0421"`) {
		f.match("lane.store", raw.Store, `^[A-Za-z0-9-]{1,32}$`, "1 to 32 letters, figures and -")
	}
	if f.need("lane.country", raw.Country, `"DE"`) {
		f.country("lane.country", raw.Country)
	}
	f.need("lane.data", raw.Data, `"/var/lib/kassa"`)
	l.ID, l.Store, l.Country, l.Data = raw.ID, raw.Store, raw.Country, f.Beside(raw.Data)
}

func (f *file) country(key, code string) {
	r, err := language.ParseRegion(code)
	if err != nil || !r.IsCountry() || len(code) != 2 || code != strings.ToUpper(code) {
		f.bad(key, "is %q, want a country by two capital letters, as in \"DE\"", short(code))
	}
}

func (f *file) place(l *Lane, raw *rawLane) {
	if f.need("lane.timezone", raw.Timezone, `"Europe/Berlin"`) {
		loc, err := time.LoadLocation(raw.Timezone)
		if err != nil || raw.Timezone == "Local" {
			f.bad("lane.timezone", "is %q, which is no time zone: want a name as in \"Europe/Berlin\"", short(raw.Timezone))
			loc = time.UTC
		}
		l.Location = loc
	}
	if raw.DayEnds != "" {
		var err error
		if l.DayEnds, err = hours.ParseClock(raw.DayEnds); err != nil || l.DayEnds > 12*time.Hour {
			f.bad("lane.day_ends", "is %q, want a time from \"00:00\" to \"12:00\"", short(raw.DayEnds))
		}
	}
	var err error
	if l.Hours, err = hours.Parse(raw.Hours); err != nil {
		f.bad("lane.hours", "cannot be read: %v: write \"mon-sat 07:00-22:00; sun 08:00-13:00\"", err)
	}
	if f.need("lane.currency", raw.Currency, `"EUR"`) {
		digits, ok := currency.GetDigits(raw.Currency)
		if !ok {
			f.bad("lane.currency", "is %q, want a currency by three capital letters, as in \"EUR\"", short(raw.Currency))
		}
		l.Currency, l.Decimals = raw.Currency, int(digits)
	}
}

func (f *file) tongue(l *Lane, raw *rawLane) {
	l.Languages = raw.Languages
	if raw.Languages == nil {
		l.Languages = []string{"en"}
	}
	if len(l.Languages) == 0 {
		f.bad("lane.languages", "is empty: name at least one of %s", either(Shipped()))
	}
	for i, tag := range l.Languages {
		if !slices.Contains(Shipped(), tag) {
			f.bad("lane.languages", "has %q, which kassa does not speak: want %s", short(tag), either(Shipped()))
		}
		if slices.Contains(l.Languages[:i], tag) {
			f.bad("lane.languages", "has %q twice: name each language once", tag)
		}
	}
	l.Digits = f.oneOf("lane.digits", raw.Digits, "latn", "arab")
}

func (f *file) shop(raw rawShop) Shop {
	rule := f.oneOf("shop.receipt", raw.Receipt, string(ReceiptAsk), string(ReceiptAlways), string(ReceiptNever))
	return Shop{raw.Name, raw.Address, raw.TaxNumber, ReceiptRule(rule), f.Beside(raw.Logo)}
}

func (f *file) tax(raw rawTax) Tax {
	t := Tax{
		Exclusive:  f.oneOf("tax.prices", raw.Prices, "inclusive", "exclusive") == "exclusive",
		PerReceipt: f.oneOf("tax.round", raw.Round, "line", "receipt") == "receipt",
	}
	for i, c := range raw.Class {
		at := fmt.Sprintf("tax.class[%d]", i)
		if f.need(at+".id", c.ID, `"A"`) {
			f.match(at+".id", c.ID, `^[A-Za-z0-9_-]{1,16}$`, "1 to 16 letters, figures, _ and -")
		}
		if slices.ContainsFunc(t.Classes, func(o TaxClass) bool { return o.ID == c.ID }) {
			f.bad(at+".id", "is %q a second time: give each class its own id", c.ID)
		}
		if len(c.RatesPPM) == 0 {
			f.bad(at+".rates_ppm", "is missing: add rates_ppm = [70000] for 7 %%")
		}
		for _, r := range c.RatesPPM {
			if r < 0 || r > 1_000_000 {
				f.bad(at+".rates_ppm", "has %d, want 0 to 1000000 parts per million", r)
			}
		}
		t.Classes = append(t.Classes, TaxClass{c.ID, cmp.Or(c.Name, c.ID), c.RatesPPM})
	}
	return t
}

func (f *file) codes(raw rawCodes, country string) Codes {
	if raw.Country != "" {
		f.country("codes.country", raw.Country)
	}
	return Codes{cmp.Or(raw.Country, country), f.Beside(raw.File)}
}

func (f *file) screen(raw rawScreen) Screen {
	s := Screen{cmp.Or(raw.Listen, "127.0.0.1:8080"), raw.Storybook, f.oneOf("screen.terminal_at", raw.TerminalAt, "right", "left", "below", "above")}
	f.listen("screen.listen", s.Listen)
	return s
}

// listen checks an address to serve at. Port 0 lets the kernel choose.
func (f *file) listen(key, addr string) {
	_, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		f.bad(key, "is %q, want host:port, as in \"127.0.0.1:8080\"", short(addr))
	}
}

func (f *file) hub(raw *rawHub) *Hub {
	if raw == nil {
		return nil
	}
	if f.need("hub.url", raw.URL, `"tls://hub.store:4222"`) {
		u, err := url.Parse(raw.URL)
		if err != nil || u.Scheme != "tls" && u.Scheme != "nats" || u.Host == "" {
			f.bad("hub.url", "is %q, want tls://host:port or nats://host:port", short(raw.URL))
		}
	}
	for i, kind := range raw.Presence {
		if !slices.Contains(interventions(), kind) {
			f.bad(fmt.Sprintf("hub.presence[%d]", i), "is %q, want some of %s", short(kind), strings.Join(interventions(), ", "))
		}
	}
	return &Hub{
		URL: raw.URL, Credentials: f.Beside(raw.Credentials), Presence: raw.Presence,
		ShareWeights: raw.ShareWeights == nil || *raw.ShareWeights, Receipts: f.receipts(raw.Receipts),
	}
}

// receipts checks where e-receipts are. Off this machine it must be TLS: the code
// in the address is all that keeps a receipt from others.
func (f *file) receipts(text string) string {
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || len(text) > 120:
		f.bad("hub.receipts", `is %q, want an address as in "https://receipts.example.org"`, short(text))
	case u.Scheme == "http" && !onThisMachine(u.Hostname()), u.Scheme != "http" && u.Scheme != "https":
		f.bad("hub.receipts", "is %q, want https://: the code in it is all that keeps a receipt from others", short(text))
	}
	return strings.TrimRight(text, "/")
}

func onThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// interventions are what a person may be needed for at a lane.
func interventions() []string {
	return strings.Fields("age bagging price unknown quantity limit tag refund audit payment device help")
}

func (f *file) timing(raw rawTiming) Timing {
	read := func(key, text string, otherwise time.Duration) time.Duration {
		if text == "" && !f.Has("timing."+key) {
			return otherwise
		}
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 || d > time.Hour {
			f.bad("timing."+key, "is %q, want a time up to an hour, as in \"%v\"", short(text), otherwise)
		}
		return d
	}
	t := Timing{
		BagSettle:  read("bag_settle", raw.BagSettle, 300*time.Millisecond),
		BagHint:    read("bag_hint", raw.BagHint, 3*time.Second),
		BagCheck:   read("bag_check", raw.BagCheck, 12*time.Second),
		BagCall:    read("bag_call", raw.BagCall, 20*time.Second),
		IdleAsk:    read("idle_ask", raw.IdleAsk, time.Minute),
		IdleGrace:  read("idle_grace", raw.IdleGrace, 20*time.Second),
		IdleEmpty:  read("idle_empty", raw.IdleEmpty, 30*time.Second),
		Undo:       read("undo", raw.Undo, 5*time.Second),
		Receipt:    read("receipt", raw.Receipt, 30*time.Second),
		Thanks:     read("thanks", raw.Thanks, 15*time.Second),
		StaffPage:  read("staff_page", raw.StaffPage, 30*time.Second),
		UnsureCall: read("unsure_call", raw.UnsureCall, 30*time.Second),
		PayCheck:   read("pay_check", raw.PayCheck, 2*time.Second),
		Reread:     read("reread", raw.Reread, 400*time.Millisecond),
		Dual:       read("dual", raw.Dual, 1500*time.Millisecond),
	}
	t.BagSay = read("bag_say", raw.BagSay, 2*t.BagHint)
	if f.Err() != nil {
		return t
	}
	f.ordered(t)
	return t
}

// ordered checks that the bagging hint, the page and the call come in order.
func (f *file) ordered(t Timing) {
	steps := []struct {
		key string
		at  time.Duration
	}{
		{"bag_settle", t.BagSettle}, {"bag_hint", t.BagHint}, {"bag_check", t.BagCheck}, {"bag_call", t.BagCall},
	}
	for i, s := range steps[1:] {
		if before := steps[i]; s.at < before.at {
			f.bad("timing."+s.key, "is %v, before %s (%v): write a longer time", s.at, before.key, before.at)
		}
	}
}

func (f *file) bags(raw *rawBags, l *Lane) Bags {
	b := Bags{
		Ask: raw.Ask != nil && *raw.Ask, Own: raw.Own == nil || *raw.Own, Sell: raw.PriceMinor != nil,
		Name: raw.Name, Names: map[string]string{}, Tax: raw.Tax,
		GTIN: raw.GTIN, PLU: raw.PLU, Max: raw.Max, WeightG: raw.WeightG,
	}
	for tag, name := range map[string]string{"en": raw.NameEN, "fr": raw.NameFR, "ar": raw.NameAR, "id": raw.NameID} {
		if name != "" {
			b.Names[tag] = name
		}
	}
	if raw.Max == 0 {
		b.Max = 9
	}
	if b.Max < 1 || b.Max > 99 {
		f.bad("bags.max", "is %d, want 1 to 99", b.Max)
	}
	if b.WeightG < 0 || b.WeightG > 10_000 {
		f.bad("bags.weight_g", "is %d, want 0 to 10000 grams", b.WeightG)
	}
	b.ProduceTareG = 5
	if raw.ProduceTareG != nil {
		b.ProduceTareG = *raw.ProduceTareG
	}
	if b.ProduceTareG < 0 || b.ProduceTareG > 100 {
		f.bad("bags.produce_tare_g", "is %d, want 0 to 100 grams", b.ProduceTareG)
	}
	if b.GTIN != "" {
		f.match("bags.gtin", b.GTIN, `^([0-9]{8}|[0-9]{12,14})$`, "8, 12, 13 or 14 figures")
	}
	if b.PLU != "" {
		f.match("bags.plu", b.PLU, `^[0-9]{1,8}$`, "1 to 8 figures")
	}
	if !b.Sell {
		return b
	}
	b.Price = money.Amount(*raw.PriceMinor)
	if b.Price < 0 || b.Price > 1_000_000_00 {
		f.bad("bags.price_minor", "is %d, want 0 to 100000000 minor units", b.Price)
	}
	f.need("bags.name", b.Name, `"Carrier bag"`)
	if b.Tax != "" && !slices.ContainsFunc(l.Tax.Classes, func(c TaxClass) bool { return c.ID == b.Tax }) {
		f.bad("bags.tax", "is %q, which is no [[tax.class]]: write the id of one", short(b.Tax))
	}
	return b
}

func (f *file) staff(raw rawStaff) Staff {
	return Staff{
		VoidSaleNeedsStaff: f.oneOf("staff.void_sale", raw.VoidSale, "staff", "shopper") == "staff",
	}
}

func (f *file) disk(raw rawDisk) Disk {
	if raw.ReserveMB == nil {
		return Disk{ReserveMB: 256}
	}
	if *raw.ReserveMB < 0 || *raw.ReserveMB > 1_000_000 {
		f.bad("disk.reserve_mb", "is %d, want 0 to 1000000 megabytes", *raw.ReserveMB)
	}
	return Disk{*raw.ReserveMB}
}

// ppm turns a probability into parts per million.
func (f *file) ppm(key string, p *float64, otherwise int64) int64 {
	if p == nil {
		return otherwise
	}
	if math.IsNaN(*p) || *p < 0 || *p > 1 {
		f.bad(key, "is %v, want a probability from 0 to 1", *p)
		return otherwise
	}
	return int64(math.Round(*p * 1e6))
}
