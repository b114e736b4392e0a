package journal

import (
	"encoding/json"
	"time"

	"kassa/kiosk/flow"
)

// decodeFacts reads the decided part of a record. Fields that this kassa does
// not know are left alone: a journal outlives programs in both directions.
func decodeFacts(text string) (f flow.Facts, err error) {
	if text == "" {
		return f, nil
	}
	err = json.Unmarshal([]byte(text), &f)
	return f, err
}

// derive brings the tables up to what a record decided.
func (s *step) derive(r *row) error {
	f := &r.decided
	if f.Lane != nil {
		text, err := json.Marshal(f.Lane)
		if err != nil {
			return err
		}
		s.put(putHead, r.seq, r.hash, string(text))
	}
	switch t := f.Txn; {
	case t != nil:
		taxes, err := list(f.Taxes)
		if err != nil {
			return err
		}
		s.put(putTxn, t.Number, t.ID, t.Store, t.Lane, string(t.State), stamp(t.OpenedAt), stamp(t.ClosedAt),
			millis(t.OpenedAt), millis(t.ClosedAt), string(t.Clock), t.BusinessDay, t.Currency, t.Language,
			int64(t.Rounding), int64(t.Total), int64(t.Rating), taxes, r.seq, t.Recalled, t.Of, t.Document)
	case r.txn != 0:
		s.put(putLast, r.txn, r.seq)
	}
	for i := range f.Lines {
		l := &f.Lines[i]
		discounts, err := list(l.Discounts)
		if err != nil {
			return err
		}
		s.put(putLine, r.txn, int64(l.N), l.GTIN, l.PLU, l.Name, l.Qty, l.WeightG, int64(l.Unit), int64(l.Amount),
			discounts, l.Tax, l.Voided, l.Code, int64(l.Of), l.Weight, l.TareG, int64(l.Per),
			l.Frame, int64(l.Returns))
	}
	for _, p := range f.Tenders {
		s.put(putTender, r.txn, int64(p.N), string(p.Kind), int64(p.Amount), p.Result, p.Terminal, p.Receipt, p.Trace,
			p.Card, p.Key, p.Way, int64(p.Of), int64(p.Asked), p.Voucher, int64(p.Left))
	}
	for _, i := range f.Interventions {
		s.put(putIntervention, r.txn, int64(i.N), string(i.Kind), stamp(i.RaisedAt), stamp(i.SettledAt), i.By, i.Reason,
			i.From, int64(i.Line), i.Detail)
	}
	for _, c := range f.Contacts {
		s.put(putContact, r.txn, int64(c.N), c.Reason, c.Channel, string(c.State), stamp(c.RaisedAt), stamp(c.SeenAt),
			stamp(c.EndedAt), c.By, c.Outcome, c.Language)
	}
	return s.err
}

// stamp writes a time as the export does; "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// millis is what times are compared by: their text carries changing offsets.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
