package journal

import (
	"context"
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

// derive brings the tables up to what a record of transaction number decided.
func (st *statements) derive(ctx context.Context, s *step, number int64, f *flow.Facts) error {
	if t := f.Txn; t != nil {
		s.do(ctx, st.txn, t.Number, t.ID, t.Store, t.Lane, string(t.State), stamp(t.OpenedAt), stamp(t.ClosedAt),
			millis(t.OpenedAt), millis(t.ClosedAt), string(t.Clock), t.BusinessDay, t.Currency, t.Language,
			int64(t.Rounding), int64(t.Total), t.Rating)
		s.do(ctx, st.noTax, t.Number)
		for i, x := range f.Taxes {
			s.do(ctx, st.tax, t.Number, i+1, x.Tax, x.RatePPM, int64(x.Net), int64(x.TaxPart), int64(x.Gross))
		}
	}
	for i := range f.Lines {
		l := &f.Lines[i]
		discounts, err := json.Marshal(l.Discounts)
		if err != nil {
			return err
		}
		if l.Discounts == nil {
			discounts = []byte("[]")
		}
		s.do(ctx, st.line, number, l.N, l.GTIN, l.PLU, l.Name, l.Qty, l.WeightG, int64(l.Unit), int64(l.Amount),
			string(discounts), l.Tax, l.Voided, l.Code, l.Of, l.Weight, l.TareG, int64(l.Per))
	}
	for _, p := range f.Tenders {
		s.do(ctx, st.tender, number, p.N, string(p.Kind), int64(p.Amount), p.Result, p.Terminal, p.Receipt, p.Trace,
			p.Card, p.Key)
	}
	for _, i := range f.Interventions {
		s.do(ctx, st.need, number, i.N, string(i.Kind), stamp(i.RaisedAt), stamp(i.SettledAt), i.By, i.Reason, i.From,
			i.Line, i.Detail)
	}
	for _, c := range f.Contacts {
		s.do(ctx, st.contact, number, c.N, c.Reason, c.Channel, string(c.State), stamp(c.RaisedAt), stamp(c.SeenAt),
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
