package reporttest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/money"
)

// Random is so many random trips on a lane under a seed, over four business
// days: every end a trip can have, parts of payments, deposits, prices set by
// hand, calls and interventions of every outcome, devices that come and go, a
// taxes table that shrinks, times with a changed offset, and names that nobody
// would choose.
func Random(lane string, seed uint64, trips int) []Happening {
	m := maker{r: rand.New(rand.NewPCG(seed, 8)), lane: lane} //nolint:gosec // the same days each time
	m.put("badged", `{"staff":{"id":"a17","role":"supervisor","may":[]}}`, 0, flow.Facts{})
	m.put("badged", `{"staff":{"id":"b\"2","role":"attendant"}}`, 0, flow.Facts{})
	for i := range trips {
		const span = 4 * 24 * time.Hour
		m.trip(int64(i+1), opened().Add(span/time.Duration(trips)*time.Duration(i)+time.Duration(m.r.IntN(600))*time.Second))
		if m.r.IntN(5) == 0 {
			up := m.r.IntN(2) == 0
			m.put("device", fmt.Sprintf(`{"device":%q,"up":%t,"why":"\u0000 it says"}`, pick(m.r, "scanner", "scale", "bagging", "printer"), up), 0, flow.Facts{})
		}
	}
	return m.all
}

// maker makes random trips.
type maker struct {
	r    *rand.Rand
	lane string
	all  []Happening
}

func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

func (m *maker) put(kind, event string, txn int64, f flow.Facts) {
	m.all = append(m.all, Happening{kind, event, txn, f})
}

// trip is one trip in two to five records.
func (m *maker) trip(n int64, at time.Time) {
	r := m.r
	if r.IntN(4) == 0 {
		at = at.In(time.FixedZone("", 7200)) // the clocks were changed
	}
	head := flow.TxnFacts{
		ID: fmt.Sprintf("0421-%s-%06d", m.lane, n), Store: "0421", Lane: m.lane, Number: n, State: flow.SaleOpen, OpenedAt: at, Clock: "synced",
		BusinessDay: at.Add(-4 * time.Hour).Format(time.DateOnly), Currency: "EUR", Language: pick(r, "en", "fr", "ar", "id"),
	}
	open := head
	both := []flow.TaxFacts{{Tax: "A", RatePPM: 70000, Net: 100, TaxPart: 7, Gross: 107}, {Tax: "B", RatePPM: 190000, Net: 100, TaxPart: 19, Gross: 119}}
	lines := m.lines()
	m.put("touched", `{"act":"start"}`, n, flow.Facts{Txn: &open, Taxes: both})
	m.put("scanned", `{"code":"\u0000<&>"}`, n, flow.Facts{Lines: lines, Interventions: m.interventions(at, len(lines)), Contacts: m.contacts(at, head.Language)})
	if len(lines) > 0 && r.IntN(4) > 0 {
		m.put("touched", `{"act":"pay"}`, n, flow.Facts{Tenders: m.tenders()})
	}
	if r.IntN(12) == 0 {
		return // still open
	}
	done := head
	done.State = pick(r, flow.SalePaid, flow.SalePaid, flow.SalePaid, flow.SaleVoided, flow.SaleParked, flow.SaleAbandoned, flow.SaleRefund, flow.SaleInDoubt)
	done.ClosedAt, done.Rating = at.Add(time.Duration(r.IntN(900_000))*time.Millisecond), r.IntN(4)
	for i := range lines {
		if !lines[i].Voided {
			done.Total += lines[i].Amount
		}
	}
	if done.State == flow.SaleRefund {
		done.Total = -done.Total
	}
	m.put("charged", `{}`, n, flow.Facts{Txn: &done, Taxes: both[:r.IntN(3)], Tenders: m.tenders()})
	if r.IntN(6) == 0 {
		m.put("ticked", `{}`, n, flow.Facts{})
	}
}

func (m *maker) lines() []flow.LineFacts {
	r := m.r
	var all []flow.LineFacts
	for i := range r.IntN(5) {
		l := flow.LineFacts{
			N: i + 1, GTIN: fmt.Sprintf("%014d", 4006381330000+r.IntN(12)), Name: pick(r, "=Milk", "Tea \u0000 <&>", "شاي", "'; DROP TABLE txn --"),
			Qty: int64(1 + r.IntN(3)), Unit: money.Amount(r.IntN(500)), Tax: pick(r, "A", "B"), Voided: r.IntN(6) == 0,
		}
		if r.IntN(4) == 0 {
			l.GTIN, l.PLU, l.Qty, l.WeightG = "", "4040", 1, int64(r.IntN(2000)-200)
		}
		if i > 0 && r.IntN(6) == 0 {
			l.Of = i
		}
		l.Amount = l.Unit * money.Amount(l.Qty)
		if r.IntN(5) == 0 {
			l.Discounts = []flow.DiscountFacts{{Rule: "r", Name: "a\u0000b", Amount: -1}, {Rule: "s", Amount: -2}}
			l.Amount -= 3
		}
		if r.IntN(6) == 0 {
			l.Set = &flow.SetFacts{Was: l.Unit + 50, Price: l.Unit, By: pick(r, "a17", `b"2`, "c3"), Reason: pick(r, "shelf", "damaged")}
		}
		all = append(all, l)
	}
	return all
}

func (m *maker) tenders() []flow.TenderFacts {
	r := m.r
	var all []flow.TenderFacts
	for i := range r.IntN(3) {
		all = append(all, flow.TenderFacts{
			N: i + 1, Kind: pick(r, flow.TenderCard, flow.TenderVoucher, flow.TenderTill), Amount: money.Amount(r.IntN(900) - 100),
			Result: pick(r, "asked", "approved", "approved", "declined", "aborted", "in-doubt"), Terminal: pick(r, "29001006", ""),
		})
	}
	return all
}

func (m *maker) interventions(at time.Time, lines int) []flow.InterventionFacts {
	r := m.r
	var all []flow.InterventionFacts
	for i := range r.IntN(3) {
		f := flow.InterventionFacts{N: i + 1, Kind: pick(r, flow.NeedBagging, flow.NeedBagging, flow.NeedAudit, flow.NeedAge), RaisedAt: at, Line: r.IntN(lines + 1)}
		if f.Kind == flow.NeedBagging {
			f.Detail = pick(r, "unexpected: expected 10 g, seen 90 g, p 0.400", "missing: it", "scale", "")
		}
		if r.IntN(5) > 0 {
			f.SettledAt = at.Add(time.Duration(r.IntN(90_000)) * time.Millisecond)
			f.By, f.From = pick(r, "a17", `b"2`, "c3", "shopper", "lane"), pick(r, "lane", "console")
			f.Reason = pick(r, "put right", "accepted as it is", "story extra", "story known", "sale voided", "line removed", "parked", "checked")
		}
		all = append(all, f)
	}
	return all
}

func (m *maker) contacts(at time.Time, language string) []flow.ContactFacts {
	r := m.r
	var all []flow.ContactFacts
	for i := range r.IntN(3) {
		f := flow.ContactFacts{
			N: i + 1, Reason: pick(r, "scale/stuck", "pay/card", "other"), Channel: pick(r, "lane", "console", "chat"), State: flow.CallCalled,
			RaisedAt: at.Add(time.Duration(i) * time.Minute), Language: language,
		}
		if r.IntN(3) == 0 {
			f.Reads = []flow.Read{{Article: pick(r, "scale-stuck", "card-declined")}, {Search: pick(r, "refund", "كيس")}}
		}
		if r.IntN(5) > 0 {
			f.SeenAt = f.RaisedAt.Add(time.Duration(r.IntN(9000)) * time.Millisecond)
		}
		if r.IntN(5) > 0 {
			f.State, f.By = pick(r, flow.CallDone, flow.CallDone, flow.CallCancelled), "a17"
			f.EndedAt = f.RaisedAt.Add(time.Duration(9000+r.IntN(90_000)) * time.Millisecond)
		}
		all = append(all, f)
	}
	return all
}
