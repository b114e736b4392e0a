package web

import "kassa/kiosk/flow"

// moneyStories are parts of a payment, refunds, doubt and practice.
func moneyStories() []story {
	parts := []flow.ViewPart{{Kind: flow.TenderVoucher, Amount: 500, Left: 0, Tail: "7788"}, {Kind: flow.TenderCard, Amount: 200}}
	kinds := []flow.TenderKind{flow.TenderVoucher, flow.TenderCard}
	pay := func(name string, screen flow.Screen, p flow.ViewPay, a ...flow.Act) story {
		return story{name: name, view: flow.View{Screen: screen, Lamp: flow.LampWhite, Sale: sale(), Pay: &p, Acts: acts(a...)}}
	}
	staff := func(name string, s flow.ViewStaff) story {
		s.ID, s.Role, s.Mode = "s02", "supervisor", flow.LaneOpen
		s.Deeds = []flow.StaffDeed{flow.DeedPart, flow.DeedTakeBack, flow.DeedRefund, flow.DeedRefundAgain, flow.DeedRefundVoucher, flow.DeedLeave}
		return story{name: name, view: flow.View{
			Screen: flow.ScreenStaff, Lamp: flow.LampWhiteBlink, Staff: &s, Acts: acts(flow.ActStaff, flow.ActPIN, flow.ActBack),
		}}
	}
	found := &flow.ViewRefund{ID: "0421-1-000123", Total: 119, Reasons: flow.RefundReasons(), Lines: []flow.ViewReturn{
		{Line: 1, Name: "Whole milk 1 l", Names: milk(), Left: 2, Pieces: 1, Amount: 238},
		{Line: 2, Name: "Bananas", Left: 1, Amount: 146},
	}}
	refunded := &flow.ViewLeave{ID: "0421-1-000124", Number: 124, Paid: -119, Refund: true, Printer: true}
	practice := flow.View{Screen: flow.ScreenBasket, Lamp: flow.LampWhite, Sale: sale(), Training: true, Acts: selling()}
	return []story{
		pay("tender-voucher", flow.ScreenTender, flow.ViewPay{Due: 1243, Tenders: kinds}, flow.ActTender, flow.ActBack),
		pay("tender-parts", flow.ScreenTender, flow.ViewPay{Due: 543, Paid: 700, Parts: parts, Tenders: kinds[1:], Part: 300}, flow.ActTender),
		pay("tender-no-voucher", flow.ScreenTender, flow.ViewPay{Due: 1243, Tenders: kinds[1:], Failed: "no-voucher"}, flow.ActTender),
		pay("tender-cash", flow.ScreenTender, flow.ViewPay{Due: 1245, Tenders: []flow.TenderKind{flow.TenderCard, flow.TenderCash, flow.TenderTill}}, flow.ActTender, flow.ActBack),
		pay("tender-no-cash", flow.ScreenTender, flow.ViewPay{Due: 1243, Tenders: kinds[1:], Failed: "cash"}, flow.ActTender, flow.ActBack),
		pay("tender-part-back", flow.ScreenTender, flow.ViewPay{Due: 1243, Tenders: kinds[1:], Failed: "part"}, flow.ActTender),
		pay("tender-refund", flow.ScreenTender, flow.ViewPay{Due: -119, Refund: true}),
		pay("paying-voucher", flow.ScreenPaying, flow.ViewPay{Due: 1243, Now: 500, NowKind: flow.TenderVoucher}),
		{name: "paying-cash", view: flow.View{
			Screen: flow.ScreenPaying, Lamp: flow.LampWhite, Sale: sale(), Pay: &flow.ViewPay{Due: 1245, Now: 1245, NowKind: flow.TenderCash},
			Live: flow.Live{Inserted: 700}, Acts: acts(flow.ActBack),
		}},
		pay("paying-back-cash", flow.ScreenPaying, flow.ViewPay{Due: -119, Now: -119, NowKind: flow.TenderCash, Refund: true}),
		{name: "receipt-change", view: flow.View{
			Screen: flow.ScreenReceipt, Lamp: flow.LampWhite, Sale: sale(), Acts: acts(flow.ActReceipt),
			Leave: &flow.ViewLeave{ID: "0421-1-000125", Number: 125, Paid: 1245, Change: 755, Printer: true},
		}},
		pay("paying-back", flow.ScreenPaying, flow.ViewPay{Due: -119, Now: -119, NowKind: flow.TenderCard, Refund: true}, flow.ActBack),
		{name: "receipt-refund", view: flow.View{Screen: flow.ScreenReceipt, Lamp: flow.LampWhite, Sale: sale(), Leave: refunded, Acts: acts(flow.ActReceipt)}},
		staff("staff-part", flow.ViewStaff{Parting: true, Due: 543}),
		staff("staff-refund-find", flow.ViewStaff{Refund: &flow.ViewRefund{Failed: "not-found"}}),
		staff("staff-refund-not-paid", flow.ViewStaff{Refund: &flow.ViewRefund{Failed: "not-paid"}}),
		staff("staff-refund", flow.ViewStaff{Refund: found}),
		staff("staff-refund-none", flow.ViewStaff{Refund: &flow.ViewRefund{ID: "0421-1-000123"}}),
		staff("staff-evidence", flow.ViewStaff{Doubt: &flow.ViewDoubt{
			Key: "0421-1-000123/2", Amount: 543, Terminal: "29001006", Receipt: "0022", Trace: "000022", Time: "1123 120500", Other: "29009999",
		}}),
		{name: "training", view: practice},
	}
}
