package station

import (
	"fmt"

	"kassa/kiosk/bagging"
	"kassa/kiosk/basket"
	"kassa/kiosk/config"
	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// maxQty is how many pieces one line may have.
const maxQty = 99

// RulesFor makes the lane's rules from its configuration and the promotions of
// the day.
func RulesFor(c *config.Lane, promotions []basket.Promotion) (*flow.Rules, error) {
	br, err := basket.NewRules(basket.Rules{Tax: taxOf(c.Tax), CashStep: c.Tax.CashStep, Promotions: promotions})
	if err != nil {
		return nil, fmt.Errorf("price rules: %w", err)
	}
	voidSale := "shopper"
	if c.Staff.VoidSaleNeedsStaff {
		voidSale = "staff"
	}
	t := c.Timing
	return &flow.Rules{
		AtLane: atLane(c.Hub),
		Store:  c.Store, Lane: c.ID, Currency: c.Currency, Languages: c.Languages, Basket: br,
		DayEnds: c.DayEnds, Hours: c.Hours, Bagging: bagMode(c), BagOrClose: c.Bagging != nil && c.Bagging.Close, Bags: bagsOf(c.Bags),
		Receipt: string(c.Shop.Receipt), VoidSale: voidSale, Reread: t.Reread, Dual: t.Dual, MaxQty: maxQty,
		BagTare: weight.Grams(c.Bags.ProduceTareG), MinWeight: leastOf(c.Scale), ScaleTares: c.Scale != nil && c.Scale.Protocol == "dialog06",
		Devices: devicesOf(c), Limits: limitsOf(c.Restrictions),
		Partial: c.Terminal != nil && c.Terminal.Partial, VoucherMax: voucherMax(c),
		Timing: flow.Timing{
			Hint: 2 * t.BagHint, Say: max(t.BagSay-t.BagHint, 0), Check: t.BagCheck - t.BagHint, Idle: t.IdleAsk, Empty: t.IdleEmpty, Grace: t.IdleGrace, Undo: t.Undo,
			Receipt: t.Receipt, Thanks: t.Thanks, Staff: t.StaffPage, Unsure: t.UnsureCall,
			PayCheck: t.PayCheck,
		},
	}, nil
}

func voucherMax(c *config.Lane) money.Amount {
	if c.Voucher == nil {
		return 0
	}
	return c.Voucher.Limit
}

// atLane are the interventions that nobody settles from afar; nil: as the flow
// has it.
func atLane(h *config.Hub) []flow.InterventionKind {
	if h == nil || h.Presence == nil {
		return nil
	}
	kinds := make([]flow.InterventionKind, 0, len(h.Presence))
	for _, kind := range h.Presence {
		kinds = append(kinds, flow.InterventionKind(kind))
	}
	return kinds
}

// leastOf is what a scale may sell at least, net.
func leastOf(s *config.Scale) weight.Grams {
	if s == nil || s.Min.Unit == 0 {
		return 0
	}
	return s.Min.Grams()
}

func limitsOf(all []config.Restriction) []flow.Limit {
	var limits []flow.Limit
	for _, r := range all {
		items := make([]string, 0, len(r.Items))
		for _, text := range r.Items {
			if item, err := basket.ItemOf(text); err == nil { // the configuration has checked them
				items = append(items, item)
			}
		}
		limits = append(limits, flow.Limit{Items: items, Never: r.Never, Hours: r.Hours, AtPay: r.AtPay, Max: r.MaxQty, Staff: r.Staff})
	}
	return limits
}

// BaggingFor makes the bagging check's settings from the configuration.
func BaggingFor(c *config.Lane) bagging.Settings {
	t := c.Timing
	set := bagging.Settings{Settle: t.BagSettle, Hint: t.BagHint, CallAfter: t.BagCall, WriteOff: t.BagCall + t.BagHint}
	if c.Bagging != nil {
		set.CallAt = float64(c.Bagging.CallAtPPM) / 1e6
		set.DivisionG = float64(c.Bagging.Division.Grams())
	}
	return set
}

func taxOf(t config.Tax) basket.Tax {
	tax := basket.Tax{Inclusive: !t.Exclusive, PerReceipt: t.PerReceipt}
	for _, c := range t.Classes {
		tax.Classes = append(tax.Classes, basket.Class{ID: c.ID, Name: c.Name, RatesPPM: c.RatesPPM})
	}
	return tax
}

func bagMode(c *config.Lane) flow.BagMode {
	switch {
	case c.Bagging == nil:
		return flow.BagOff
	case c.Bagging.Watch:
		return flow.BagWatch
	default:
		return flow.BagCheck
	}
}

func bagsOf(b config.Bags) flow.BagRules {
	rules := flow.BagRules{Ask: b.Ask, Own: b.Own, Price: b.Price}
	if b.Sell {
		rules.Max = b.Max
		rules.Article = basket.Article{
			GTIN: b.GTIN, PLU: b.PLU, Name: b.Name, Names: b.Names, Price: b.Price, Tax: b.Tax,
			MeanMg: b.WeightG * 1000, Picture: "bag",
		}
	}
	return rules
}

func devicesOf(c *config.Lane) []flow.Device {
	var ds []flow.Device
	for _, d := range []struct {
		device flow.Device
		has    bool
	}{
		{flow.DeviceScanner, len(c.Scanners) > 0},
		{flow.DeviceScale, c.Scale != nil},
		{flow.DeviceBagging, c.Bagging != nil},
		{flow.DeviceTerminal, c.Terminal != nil},
		{flow.DevicePrinter, c.Printer != nil},
		{flow.DevicePanel, c.Panel != nil},
		{flow.DeviceCash, c.Cash != nil},
		{flow.DeviceHub, c.Hub != nil},
	} {
		if d.has {
			ds = append(ds, d.device)
		}
	}
	return ds
}
