package web

import (
	"fmt"
	"math"
	"time"

	"kassa/kiosk/bagging"
	"kassa/kiosk/basket"
	"kassa/kiosk/flow"
	"kassa/kiosk/help"
	"kassa/kiosk/help/talk"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// story is one state of one screen.
type story struct {
	name  string
	view  flow.View
	query query
	talk  Talk
	call  Call
}

func shelf() []basket.Article {
	type names = map[string]string
	a := func(plu, name, picture string, price int64, n names) basket.Article {
		return basket.Article{PLU: plu, Name: name, Names: n, Price: money.Amount(price), Per: basket.PerKilogram, Picture: picture}
	}
	return []basket.Article{
		a("4011", "Bananas", "banana", 199, names{"fr": "Bananes", "ar": "موز", "id": "Pisang"}),
		a("4017", "Green apples", "apple", 299, names{"fr": "Pommes vertes", "ar": "تفاح أخضر", "id": "Apel hijau"}),
		a("4409", "Pears", "pear", 279, names{"fr": "Poires", "ar": "كمثرى", "id": "Pir"}),
		a("3107", "Oranges", "orange", 219, names{"fr": "Oranges", "ar": "برتقال", "id": "Jeruk"}),
		a("4053", "Lemons", "lemon", 349, names{"fr": "Citrons", "ar": "ليمون", "id": "Lemon"}),
		a("4022", "White grapes", "grapes", 399, names{"fr": "Raisin blanc", "ar": "عنب أبيض", "id": "Anggur hijau"}),
		a("4664", "Vine tomatoes", "tomato", 329, names{"fr": "Tomates grappe", "ar": "طماطم", "id": "Tomat"}),
		a("4562", "Carrots", "carrot", 149, names{"fr": "Carottes", "ar": "جزر", "id": "Wortel"}),
		a("4072", "Potatoes, floury, from the region", "potato", 129, names{"fr": "Pommes de terre farineuses de la région", "ar": "بطاطس من المنطقة", "id": "Kentang lokal"}),
		a("4093", "Onions", "onion", 119, names{"fr": "Oignons", "ar": "بصل", "id": "Bawang bombai"}),
		a("4688", "Red peppers", "pepper", 499, names{"fr": "Poivrons rouges", "ar": "فلفل أحمر", "id": "Paprika merah"}),
		a("3082", "Broccoli", "broccoli", 259, names{"fr": "Chou vert", "ar": "بروكلي", "id": "Brokoli"}),
	}
}

func milk() map[string]string {
	return map[string]string{"fr": "Lait entier 1 l", "ar": "حليب كامل الدسم 1 لتر", "id": "Susu murni 1 l"}
}

// sale is a basket with a bit of everything.
func sale() *flow.ViewSale {
	return &flow.ViewSale{
		ID: "0421-1-000123", Count: 6, Total: 1243, Savings: 129,
		Taxes: []basket.TaxGroup{{Class: "A", RatePPM: 70000, Net: 1162, Tax: 81, Gross: 1243}},
		Lines: []flow.ViewLine{
			{N: 5, GTIN: "04006381333931", Name: "Whole milk 1 l", Names: milk(), Picture: "milk", Qty: 1, Unit: 129, Amount: 129, Net: 129, Newest: true},
			{
				N: 4, PLU: "4011", Name: "Bananas", Names: map[string]string{"fr": "Bananes", "ar": "موز", "id": "Pisang"}, Picture: "banana", Qty: 1,
				Weight: weight.Shown{Digits: 734, Decimals: 3, Unit: weight.Kilogram}, Unit: 199, Per: basket.PerKilogram, Amount: 146, Net: 146,
			},
			{
				N: 3, GTIN: "05449000000996", Name: "Cola 1.5 l", Picture: "cola", Qty: 3, Unit: 129, Amount: 387, Net: 258,
				Discounts: []basket.Discount{{Rule: "3for2", Name: "3 for 2", Names: map[string]string{"fr": "3 pour 2", "ar": "3 بسعر 2", "id": "3 bayar 2"}, Amount: -129}},
			},
			{N: 2, Name: "Deposit bottle", Names: map[string]string{"fr": "Bouteille consignée", "ar": "زجاجة مسترجعة", "id": "Botol deposit"}, Qty: 3, Unit: 25, Amount: 75, Net: 75, Of: 3, Fixed: true},
			{N: 1, GTIN: "04000417025005", Name: "A very long product name that somebody typed without thinking of narrow columns", Picture: "chocolate", Qty: 1, Unit: 635, Amount: 635, Net: 635},
		},
	}
}

// long is a basket longer than its place.
func long() *flow.ViewSale {
	s := sale()
	for n := 6; n < 24; n++ {
		l := s.Lines[0]
		l.N, l.Newest = n, n == 23
		s.Lines = append([]flow.ViewLine{l}, s.Lines...)
	}
	s.Lines[18].Newest = false
	s.Count, s.Total = 24, 3565
	return s
}

func acts(all ...flow.Act) map[flow.Act]bool {
	m := map[flow.Act]bool{flow.ActLanguage: true, flow.ActMode: true, flow.ActHelp: true}
	for _, a := range all {
		m[a] = true
	}
	return m
}

// selling is what can be touched while a basket grows.
func selling(more ...flow.Act) map[flow.Act]bool {
	return acts(append(more, flow.ActFind, flow.ActBags, flow.ActOwnBag, flow.ActPay, flow.ActQuantity, flow.ActVoidLine,
		flow.ActVoidSale, flow.ActKeep, flow.ActCall)...)
}

func stories() []story {
	all := append(before(), hints()...)
	all = append(all, pages()...)
	all = append(all, payments()...)
	all = append(all, moneyStories()...)
	return append(all, staffStories()...)
}

func before() []story {
	opens := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	return []story{
		{name: "start", view: flow.View{Screen: flow.ScreenStart, Lamp: flow.LampGreen, Acts: acts(flow.ActStart)}},
		{name: "start-printer-down", view: flow.View{Screen: flow.ScreenStart, Lamp: flow.LampGreen, Acts: acts(flow.ActStart), Notices: []flow.Device{flow.DevicePrinter}}},
		{name: "start-no-card", view: flow.View{Screen: flow.ScreenStart, Lamp: flow.LampGreen, Acts: acts(flow.ActStart), NoCard: true, Notices: []flow.Device{flow.DeviceTerminal}}},
		{name: "start-no-scanner", view: flow.View{Screen: flow.ScreenStart, Lamp: flow.LampGreen, Acts: acts(flow.ActStart), NoScanner: true, Notices: []flow.Device{flow.DeviceScanner}}},
		{name: "start-no-scanner-no-card", view: flow.View{Screen: flow.ScreenStart, Lamp: flow.LampGreen, Acts: acts(flow.ActStart), NoScanner: true, NoCard: true}},
		{name: "language", view: flow.View{Screen: flow.ScreenLanguage, Lamp: flow.LampGreen, Acts: acts(flow.ActBack)}},
		{name: "language-in-sale", view: flow.View{Screen: flow.ScreenLanguage, Lamp: flow.LampWhite, Sale: sale(), Acts: acts(flow.ActBack)}},
		{name: "bags", view: flow.View{Screen: flow.ScreenBags, Lamp: flow.LampWhite, Sale: &flow.ViewSale{}, Bags: &flow.ViewBags{Price: 20, Max: 5}, Acts: acts(flow.ActBags, flow.ActOwnBag, flow.ActBack)}},
		{name: "basket-empty", view: flow.View{Screen: flow.ScreenBasket, Lamp: flow.LampWhite, Sale: &flow.ViewSale{}, Acts: acts(flow.ActFind, flow.ActBags, flow.ActOwnBag, flow.ActVoidSale)}},
		{name: "basket-empty-no-scanner", view: flow.View{Screen: flow.ScreenBasket, Lamp: flow.LampWhite, Sale: &flow.ViewSale{}, NoScanner: true, Acts: acts(flow.ActFind, flow.ActBags, flow.ActOwnBag, flow.ActVoidSale)}},
		{name: "basket-no-scanner", view: flow.View{Screen: flow.ScreenBasket, Lamp: flow.LampWhite, Sale: sale(), NoScanner: true, Acts: selling()}},
		{name: "basket", view: flow.View{Screen: flow.ScreenBasket, Lamp: flow.LampWhite, Sale: sale(), Acts: selling()}},
		{name: "basket-long", view: flow.View{Screen: flow.ScreenBasket, Lamp: flow.LampWhite, Sale: long(), Acts: selling()}},
		{name: "basket-undo", view: flow.View{Screen: flow.ScreenBasket, Lamp: flow.LampWhite, Sale: sale(), Undo: 6, Acts: selling(flow.ActUndo)}},
		{name: "basket-called", view: flow.View{Screen: flow.ScreenBasket, Lamp: flow.LampWhiteBlink, Sale: sale(), Call: &flow.ViewCall{State: flow.CallCalled}, Acts: selling(flow.ActCancelCall)}},
		{name: "basket-seen", view: flow.View{Screen: flow.ScreenBasket, Lamp: flow.LampWhiteBlink, Sale: sale(), Call: &flow.ViewCall{State: flow.CallSeen}, Acts: selling(flow.ActCancelCall)}},
		{name: "basket-coming", view: flow.View{Screen: flow.ScreenBasket, Lamp: flow.LampWhiteBlink, Sale: sale(), Call: &flow.ViewCall{State: flow.CallComing, Who: "Amina"}, Acts: selling(flow.ActCancelCall)}},
		{name: "basket-closing", view: flow.View{Screen: flow.ScreenBasket, Lamp: flow.LampWhite, Sale: sale(), Closed: &flow.ViewClosed{Reason: "hours", Ending: true}, Acts: selling()}},
		{name: "closed", view: flow.View{Screen: flow.ScreenClosed, Lamp: flow.LampRed, Closed: &flow.ViewClosed{Reason: "hours", OpensAt: opens}, Acts: acts()}},
		{name: "closed-staff", view: flow.View{Screen: flow.ScreenClosed, Lamp: flow.LampRed, Closed: &flow.ViewClosed{Reason: "staff"}, Acts: acts()}},
		{name: "out-of-order-fault", view: flow.View{Screen: flow.ScreenOutOfOrder, Lamp: flow.LampRed, Closed: &flow.ViewClosed{Reason: "fault"}, NoScanner: true, NoCard: true, Notices: []flow.Device{flow.DeviceScanner, flow.DeviceTerminal}, Acts: acts()}},
		{name: "out-of-order", view: flow.View{Screen: flow.ScreenOutOfOrder, Lamp: flow.LampRed, Closed: &flow.ViewClosed{Reason: "disk"}, Acts: acts()}},
	}
}

// hints are the strips of the basket.
func hints() []story {
	var all []story
	for _, kind := range []flow.Hint{
		flow.HintBag, flow.HintMissing, flow.HintTooMuch, flow.HintScale, flow.HintAge,
		flow.HintPrinter, flow.HintUnknown, flow.HintNotHere, flow.HintExpired, flow.HintRecall, flow.HintGone, flow.HintTwice,
		flow.HintLimit, flow.HintHours, flow.HintCoupon, flow.HintCouponHere, flow.HintSticker,
		flow.HintVoucher, flow.HintNoVoucher, flow.HintTicket, flow.HintPaidPart,
	} {
		h := &flow.ViewHint{Kind: kind}
		switch kind {
		case flow.HintBag, flow.HintMissing, flow.HintNotHere, flow.HintLimit, flow.HintHours:
			h.Line, h.Name, h.Names = 5, "Whole milk 1 l", milk()
		case flow.HintAge:
			h.Age = 18
		case flow.HintRecall:
			h.Text = "This jar may hold glass."
		case flow.HintGone:
			h.Name, h.Names, h.Text = "Whole milk 1 l", milk(), "It may hold glass."
		case flow.HintNone, flow.HintTooMuch, flow.HintScale, flow.HintPrinter, flow.HintUnknown, flow.HintExpired, flow.HintTwice,
			flow.HintCoupon, flow.HintCouponHere, flow.HintSticker, flow.HintVoucher, flow.HintNoVoucher, flow.HintTicket, flow.HintPaidPart:
		}
		all = append(all, story{name: "hint-" + string(kind), view: flow.View{Screen: flow.ScreenBasket, Lamp: flow.LampWhite, Sale: sale(), Hint: h, Acts: selling()}})
	}
	for _, t := range []flow.NoTicket{{Why: flow.TicketBusy}, {Why: flow.TicketTaken, Lane: "till-2"}, {Why: flow.TicketElsewhere, Lane: "3"}} {
		h := &flow.ViewHint{Kind: flow.HintTicket, Ticket: &t}
		all = append(all, story{name: "hint-no-ticket-" + string(t.Why), view: flow.View{Screen: flow.ScreenBasket, Lamp: flow.LampWhite, Sale: sale(), Hint: h, Acts: selling()}})
	}
	both := sale()
	both.AgePend = true
	return append(all, story{name: "hint-missing-and-age", view: flow.View{
		Screen: flow.ScreenBasket, Lamp: flow.LampWhite, Sale: both, Hint: &flow.ViewHint{Kind: flow.HintMissing}, Acts: selling(),
	}})
}

func pages() []story {
	on := func(name string, v flow.View) story {
		v.Lamp = flow.LampWhite
		if v.Sale == nil {
			v.Sale = sale()
		}
		return story{name: name, view: v}
	}
	weigh := func(w flow.ViewWeigh, live flow.Live) flow.View {
		w.Name, w.Picture, w.Unit, w.Per = "Bananas", "banana", 199, basket.PerKilogram
		w.Names = map[string]string{"fr": "Bananes", "ar": "موز", "id": "Pisang"}
		return flow.View{Screen: flow.ScreenWeigh, Weigh: &w, Live: live, Acts: acts(flow.ActBack, flow.ActWeigh, flow.ActCall)}
	}
	shown := func(n int64) *weight.Shown { return &weight.Shown{Digits: n, Decimals: 3, Unit: weight.Kilogram} }
	piece := flow.ViewQuantity{Line: 3, Name: "Cola 1.5 l", Picture: "cola", Qty: 3, Max: 99, Unit: 129}
	weighed := flow.ViewQuantity{Line: 4, Name: "Bananas", Picture: "banana", Qty: 1, Unit: 199, Per: basket.PerKilogram, ByWeight: true}
	adding := flow.ViewQuantity{Name: "Rolls", Picture: "roll", Qty: 1, Max: 30, Unit: 35, Adding: true}
	find := flow.View{Screen: flow.ScreenFind, Acts: acts(flow.ActBack, flow.ActAdd)}
	check := func(c *flow.ViewCheck) flow.View {
		return flow.View{Screen: flow.ScreenCheck, Check: c, Acts: acts(flow.ActBack, flow.ActKeep, flow.ActVoidLine, flow.ActCall)}
	}
	all := []story{
		on("find", find),
		on("weigh-empty", weigh(flow.ViewWeigh{}, flow.Live{Weight: shown(0), Settled: true})),
		on("weigh-moving", weigh(flow.ViewWeigh{Tare: 5}, flow.Live{Weight: shown(731)})),
		on("weigh-settled", weigh(flow.ViewWeigh{}, flow.Live{Weight: shown(734), Settled: true})),
		on("weigh-blocked", weigh(flow.ViewWeigh{Blocked: true}, flow.Live{Weight: shown(120), Settled: true})),
		on("weigh-no-scale", weigh(flow.ViewWeigh{NoScale: true}, flow.Live{})),
		on("weigh-light", weigh(flow.ViewWeigh{TooLight: true}, flow.Live{Weight: shown(5), Settled: true})),
		on("weigh-heavy", weigh(flow.ViewWeigh{TooHeavy: true}, flow.Live{})),
		on("quantity", flow.View{Screen: flow.ScreenQuantity, Quantity: &piece, Acts: acts(flow.ActBack, flow.ActQuantity, flow.ActVoidLine)}),
		on("quantity-weighed", flow.View{Screen: flow.ScreenQuantity, Quantity: &weighed, Acts: acts(flow.ActBack, flow.ActQuantity, flow.ActVoidLine)}),
		on("quantity-adding", flow.View{Screen: flow.ScreenQuantity, Quantity: &adding, Acts: acts(flow.ActBack, flow.ActQuantity)}),
		on("check-missing", check(&flow.ViewCheck{Hint: flow.HintMissing, Line: 5, Name: "Whole milk 1 l", Names: milk(), Picture: "milk"})),
		on("check-too-much", check(&flow.ViewCheck{Hint: flow.HintTooMuch})),
		on("check-called", check(&flow.ViewCheck{Hint: flow.HintTooMuch, Called: true})),
		on("check-wait", check(nil)),
		on("age", flow.View{Screen: flow.ScreenAge, Acts: acts(flow.ActBack)}),
		on("member", flow.View{Screen: flow.ScreenMember, Acts: acts(flow.ActBack)}),
		on("help", flow.View{Screen: flow.ScreenHelp, Acts: acts(flow.ActBack, flow.ActCall, flow.ActArticle, flow.ActSolved)}),
		on("more-time", flow.View{Screen: flow.ScreenMoreTime, Restart: 30, Acts: acts(flow.ActMoreTime)}),
	}
	all = append(all, helpStories()...)
	typing, nothing := all[0], all[0]
	typing.name, typing.query = "find-typing", query{Text: "to", Typing: true}
	nothing.name, nothing.query = "find-nothing", query{Text: "xyz", Typing: true}
	return append(all, typing, nothing)
}

// helpStories are self-help, and a call in all its states.
func helpStories() []story {
	page := flow.View{
		Screen: flow.ScreenHelp, Moment: &help.Moment{Screen: "weigh", Hint: "scale"}, Sale: sale(), Lamp: flow.LampWhite,
		Acts: acts(flow.ActBack, flow.ActCall, flow.ActArticle, flow.ActSolved, flow.ActFind, flow.ActWeigh, flow.ActLanguage),
	}
	at := func(name string, change func(*flow.View)) story {
		v := flow.View{
			Screen: flow.ScreenBasket, Sale: sale(), Lamp: flow.LampWhite,
			Acts: acts(flow.ActHelp, flow.ActCall, flow.ActPay, flow.ActFind, flow.ActLanguage, flow.ActMode),
		}
		change(&v)
		return story{name: name, view: v}
	}
	call := func(c flow.ViewCall) func(*flow.View) {
		return func(v *flow.View) { v.Call, v.Lamp, v.Acts[flow.ActCancelCall] = &c, flow.LampWhiteBlink, true }
	}
	solved := true
	return []story{
		{name: "help-moment", view: page},
		{name: "help-answer", view: page, query: query{Topic: "weigh"}},
		{name: "help-typing", view: page, query: query{Text: "sc", Typing: true}},
		{name: "help-nothing", view: page, query: query{Text: "flamingo", Typing: true}},
		at("call-called", call(flow.ViewCall{State: flow.CallCalled})),
		at("call-place", call(flow.ViewCall{State: flow.CallCalled, Place: 3, Wait: 4 * time.Minute})),
		at("call-seen", call(flow.ViewCall{State: flow.CallSeen})),
		at("call-coming", call(flow.ViewCall{State: flow.CallComing, Who: "Amina"})),
		at("call-survey", func(v *flow.View) { v.Survey, v.Acts[flow.ActSurvey] = &flow.ViewSurvey{}, true }),
		at("call-survey-faces", func(v *flow.View) { v.Survey, v.Acts[flow.ActSurvey] = &flow.ViewSurvey{Solved: &solved}, true }),
		at("call-message", func(v *flow.View) {
			v.Message, v.Acts[flow.ActTold] = "The yoghurt is 89 cents today. I have set it for you.", true
		}),
		talked(at("call-talk", call(flow.ViewCall{State: flow.CallComing, Who: "Amina"})), storyTalk(1)),
		talked(at("call-talk-long", call(flow.ViewCall{State: flow.CallComing, Who: "Amina"})), storyTalk(6)),
		talked(at("call-talk-check", func(v *flow.View) { v.Screen, v.Acts = flow.ScreenCheck, acts(flow.ActCall) }), storyTalk(2)),
		calling(at("call-asked", call(flow.ViewCall{State: flow.CallComing, Who: "Amina"})), talk.Media{State: talk.MediaAsked, Video: true, Who: "Amina"}),
		calling(at("call-video", call(flow.ViewCall{State: flow.CallComing, Who: "Amina"})), talk.Media{State: talk.MediaOn, Video: true, Camera: true}),
		calling(at("call-voice", call(flow.ViewCall{State: flow.CallComing, Who: "Amina"})), talk.Media{State: talk.MediaOn}),
		talked(at("call-talk-none", call(flow.ViewCall{State: flow.CallSeen})), storyTalk(0)),
		at("call-locked", func(v *flow.View) { v.Screen, v.Locked, v.Acts = flow.ScreenCheck, true, acts(flow.ActCall) }),
	}
}

func payments() []story {
	tender := func(p flow.ViewPay) flow.View {
		p.Due = 1243
		return flow.View{Screen: flow.ScreenTender, Pay: &p, Acts: acts(flow.ActBack, flow.ActTender)}
	}
	both := []flow.TenderKind{flow.TenderCard, flow.TenderTill}
	leave := func(l flow.ViewLeave, a ...flow.Act) flow.View {
		l.ID, l.Number, l.Paid = "0421-1-000123", 123, 1243
		return flow.View{Screen: flow.ScreenReceipt, Leave: &l, Acts: acts(a...)}
	}
	thanks := func(l flow.ViewLeave) flow.View {
		v := leave(l, flow.ActRate)
		v.Screen = flow.ScreenThanks
		return v
	}
	all := []story{
		{name: "tender", view: tender(flow.ViewPay{Tenders: both})},
		{name: "tender-no-card", view: tender(flow.ViewPay{Tenders: both[1:]})},
		{name: "tender-chosen", view: tender(flow.ViewPay{Tenders: both, Chosen: flow.TenderTill})},
	}
	for _, why := range []string{"declined", "aborted", "wrong-pin", "expired", "line-lost"} {
		all = append(all, story{name: "tender-" + why, view: tender(flow.ViewPay{Tenders: both, Failed: why})})
	}
	due := &flow.ViewPay{Due: 1243}
	for _, state := range []string{"wait", "present-card", "look-at-terminal", "wrong-pin", "remove-card"} {
		all = append(all, story{name: "paying-" + state, view: flow.View{
			Screen: flow.ScreenPaying, Pay: due, Live: flow.Live{Terminal: "terminal." + state}, Acts: acts(flow.ActBack),
		}})
	}
	all = append(
		all,
		story{name: "paying-nothing", view: flow.View{Screen: flow.ScreenPaying, Pay: &flow.ViewPay{}, Acts: acts(flow.ActBack)}},
		story{name: "unsure", view: flow.View{Screen: flow.ScreenUnsure, Pay: due, Acts: acts()}},
		story{name: "unsure-called", view: flow.View{Screen: flow.ScreenUnsure, Pay: &flow.ViewPay{Due: 1243, Staff: true}, Acts: acts()}},
		story{name: "receipt", view: leave(flow.ViewLeave{Printer: true}, flow.ActReceipt)},
		story{name: "receipt-printing", view: leave(flow.ViewLeave{Printer: true, Printing: true})},
		story{name: "receipt-no-printer", view: leave(flow.ViewLeave{}, flow.ActReceipt)},
		story{name: "receipt-qr", view: leave(flow.ViewLeave{QR: true}, flow.ActReceipt)},
		story{name: "parked", view: leave(flow.ViewLeave{Parked: true, Ticket: "0421-1-000123", Printing: true})},
		story{name: "parked-qr", view: leave(flow.ViewLeave{Parked: true, Ticket: "0421-1-000123", QR: true}, flow.ActReceipt)},
		story{name: "thanks", view: thanks(flow.ViewLeave{Printed: true})},
		story{name: "thanks-left", view: thanks(flow.ViewLeave{Printed: true, Left: true})},
		story{name: "thanks-rated", view: thanks(flow.ViewLeave{Rating: 3})},
	)
	for i := range all {
		all[i].view.Sale, all[i].view.Lamp = sale(), flow.LampWhite
	}
	return all
}

func staffStories() []story {
	devices := []flow.ViewDevice{
		{Device: flow.DeviceScanner, Up: true},
		{Device: flow.DeviceScale, Up: true},
		{Device: flow.DeviceBagging, Up: true},
		{Device: flow.DeviceTerminal, Up: true},
		{Device: flow.DevicePrinter, Why: "dial tcp 127.0.0.1:9100: connection refused"},
	}
	page := func(s flow.ViewStaff) flow.View {
		s.ID, s.Role, s.Mode, s.Devices = "a17", "attendant", flow.LaneOpen, devices
		return flow.View{Screen: flow.ScreenStaff, Lamp: flow.LampWhiteBlink, Sale: sale(), Staff: &s, Acts: acts(flow.ActStaff, flow.ActPIN, flow.ActBack)}
	}
	deeds := []flow.StaffDeed{
		flow.DeedSettle, flow.DeedAgeOK, flow.DeedAgeRefuse, flow.DeedBagOK, flow.DeedBagFixed, flow.DeedHelpDone,
		flow.DeedVoidSale, flow.DeedPrice, flow.DeedAllow, flow.DeedPark, flow.DeedReprint, flow.DeedClose, flow.DeedLeave,
	}
	needs := []flow.ViewNeed{
		{N: 1, Kind: flow.NeedAge, Age: 18}, {N: 2, Kind: flow.NeedBagging, Line: 5, Name: "Whole milk 1 l", Names: milk(), Detail: "1030 g / 0 g"},
	}
	idle := page(flow.ViewStaff{Deeds: []flow.StaffDeed{flow.DeedClose, flow.DeedReprint, flow.DeedDrawer, flow.DeedLeave}})
	idle.Sale = nil
	return []story{
		{name: "staff", view: page(flow.ViewStaff{Deeds: deeds, Pending: needs})},
		{name: "staff-idle", view: idle},
		{name: "staff-doubt", view: page(flow.ViewStaff{
			Deeds: []flow.StaffDeed{flow.DeedPaid, flow.DeedNotPaid, flow.DeedLeave}, Pending: []flow.ViewNeed{{N: 1, Kind: flow.NeedPayment, Detail: "terminal receipt 0022 trace 000022"}}, DiskLow: true,
		})},
		{name: "staff-bagging", view: page(flow.ViewStaff{
			Deeds: append([]flow.StaffDeed{flow.DeedBagStory}, deeds...), Pending: needs[1:], Bag: bagQuestion(),
		})},
		{name: "staff-scale", view: page(flow.ViewStaff{
			Deeds: []flow.StaffDeed{flow.DeedZero, flow.DeedTare, flow.DeedClose, flow.DeedLeave}, Said: flow.ScaleMoving, SaidOf: flow.DeedZero,
		})},
		{name: "staff-price", view: page(flow.ViewStaff{Deeds: deeds, Pricing: true, Reasons: flow.PriceReasons()})},
		{name: "staff-pin", view: page(flow.ViewStaff{Deeds: deeds, NeedPIN: flow.DeedVoidSale})},
		{name: "staff-pin-again", view: page(flow.ViewStaff{Deeds: deeds, NeedPIN: flow.DeedVoidSale, PINFailed: true})},
		{name: "staff-pin-wait", view: page(flow.ViewStaff{Deeds: deeds, NeedPIN: flow.DeedPaid, PINFailed: true, Wait: 28 * time.Second})},
	}
}

// bagQuestion is an article that came where another was scanned.
func bagQuestion() *flow.ViewBag {
	q := &flow.ViewBag{Event: 3, Kind: bagging.Wrong, FromG: 500, ToG: 830, ExpectedG: 1530}
	names := []flow.ViewName{{Name: "Whole milk 1 l", Names: milk()}}
	for i, kind := range []bagging.StoryKind{bagging.Swapped, bagging.WithBag, bagging.OnFrame, bagging.Extra, bagging.Hand} {
		s := flow.ViewStory{ID: fmt.Sprintf("3-%s", kind), Kind: kind, P: []float64{0.62, 0.2, 0.1, 0.05, 0.03}[i]}
		if kind != bagging.Extra && kind != bagging.Hand {
			s.Names = names
		}
		q.Stories = append(q.Stories, s)
	}
	for i := range 120 {
		g := 500.0
		if i > 30 {
			g = 830 + 40*math.Exp(-float64(i-31)/4)*math.Cos(float64(i))
		}
		q.Curve = append(q.Curve, bagging.Point{T: time.Duration(i) * 100 * time.Millisecond, Grams: g})
	}
	return q
}
