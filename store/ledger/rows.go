package ledger

import (
	"encoding/json"
	"fmt"
	"time"

	"kassa/kiosk/flow"
	"kassa/store/wire"
)

// A Row is a row of a table, its values in the order of the columns: int64,
// string, bool, or a string of JSON.
type Row struct {
	Table  int
	Values []any
}

// Rows returns what a journal record makes. A record that decided nothing makes
// nothing; facts that a newer lane added are passed over.
func Rows(r wire.Row) ([]Row, error) {
	m := maker{r: r}
	if r.Facts != "" {
		var f flow.Facts
		if err := json.Unmarshal([]byte(r.Facts), &f); err != nil {
			return nil, fmt.Errorf("row %s: facts: %w", r.MsgID(), err)
		}
		m.facts(f)
	}
	m.event()
	return m.rows, m.err
}

// maker collects the rows of one record.
type maker struct {
	r    wire.Row
	rows []Row
	err  error
}

func (m *maker) put(table int, values ...any) {
	all := append([]any{m.r.Store, m.r.Lane, m.r.Epoch}, values...)
	m.rows = append(m.rows, Row{table, append(all, m.r.Seq)})
}

func (m *maker) facts(f flow.Facts) {
	n := m.r.Txn
	if t := f.Txn; t != nil {
		n = t.Number
		m.put(Txn, n, t.ID, string(t.State), stamp(t.OpenedAt), stamp(t.ClosedAt), millis(t.OpenedAt), millis(t.ClosedAt),
			string(t.Clock), t.BusinessDay, hour(t), t.Currency, t.Language, int64(t.Rounding), int64(t.Total), int64(t.Rating))
		m.step(n, "start", t.OpenedAt)
		switch t.State {
		case flow.SalePaid:
			m.step(n, "paid", t.ClosedAt)
		case flow.SaleVoided, flow.SaleParked, flow.SaleAbandoned, flow.SaleRefund:
			m.step(n, "left", t.ClosedAt)
		case flow.SaleOpen, flow.SaleInDoubt:
		}
		for _, x := range f.Taxes {
			m.put(Tax, n, x.Tax, x.RatePPM, int64(x.Net), int64(x.TaxPart), int64(x.Gross))
		}
	}
	for i := range f.Lines {
		m.line(n, &f.Lines[i])
	}
	for _, p := range f.Tenders {
		m.put(Tender, n, int64(p.N), string(p.Kind), int64(p.Amount), p.Result, p.Terminal, p.Receipt, p.Trace, p.Card, p.Key)
		m.step(n, "tender", m.at())
	}
	for _, i := range f.Interventions {
		took := int64(-1)
		if !i.SettledAt.IsZero() {
			took = i.SettledAt.Sub(i.RaisedAt).Milliseconds()
		}
		m.put(Intervention, n, int64(i.N), string(i.Kind), stamp(i.RaisedAt), stamp(i.SettledAt), took, i.By, i.Reason, i.From,
			int64(i.Line), i.Detail)
	}
	for _, c := range f.Contacts {
		m.put(Contact, n, int64(c.N), c.Reason, c.Channel, string(c.State), stamp(c.RaisedAt), stamp(c.SeenAt), stamp(c.EndedAt),
			c.By, c.Outcome, c.Language)
	}
}

func (m *maker) line(n int64, l *flow.LineFacts) {
	var sum int64
	for _, d := range l.Discounts {
		sum += int64(d.Amount)
	}
	discounts, err := json.Marshal(l.Discounts)
	if err != nil || l.Discounts == nil {
		discounts = []byte("[]")
	}
	var set flow.SetFacts
	if l.Set != nil {
		set = *l.Set
	}
	m.put(Line, n, int64(l.N), l.GTIN, l.PLU, l.Name, l.Qty, l.WeightG, int64(l.Unit), int64(l.Amount), sum, string(discounts),
		l.Tax, l.Voided, l.Code, int64(l.Of), set.By, set.Reason, int64(set.Was))
	m.step(n, "item", m.at())
}

// event takes from the event itself what is no decision: a touch on pay, a
// device that went.
func (m *maker) event() {
	var e struct {
		Act    string `json:"act"`
		Device string `json:"device"`
		Up     bool   `json:"up"`
		Why    string `json:"why"`
	}
	if json.Unmarshal([]byte(m.r.Event), &e) != nil {
		return // an event of a newer lane: its facts count
	}
	switch {
	case e.Act == string(flow.ActPay) && m.r.Txn != 0:
		m.step(m.r.Txn, "pay", m.at())
	case e.Device != "":
		m.put(DeviceEvent, m.r.Seq, e.Device, e.Up, e.Why, m.r.At)
	}
}

func (m *maker) step(n int64, step string, at time.Time) {
	if n != 0 {
		m.put(Step, n, step, stamp(at))
	}
}

// at is the record's own time.
func (m *maker) at() time.Time {
	t, err := time.Parse(time.RFC3339Nano, m.r.At)
	if err != nil && m.err == nil {
		m.err = fmt.Errorf("row %s: time: %w", m.r.MsgID(), err)
	}
	return t
}

func hour(t *flow.TxnFacts) int64 {
	if t.ClosedAt.IsZero() {
		return int64(t.OpenedAt.Hour())
	}
	return int64(t.ClosedAt.Hour())
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
