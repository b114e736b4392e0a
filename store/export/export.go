// Package export writes transactions for other programs: JSON Lines, one
// transaction a line, and CSV, one file a table. Names and order of the fields
// are relied on by outsiders: they may grow, and never change.
//
// It is not for questions (package report) and works nothing out: every sum was
// decided by the lane when it sold.
//
// Its one rule: whatever a stranger put into a barcode or a name stays data in
// the program that reads the file. JSON escapes it; in CSV a text that a
// spreadsheet would take for a formula begins with an apostrophe.
package export

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"time"

	"kassa/kiosk/flow"
	"kassa/store/journal"
)

// A source yields transactions; a journal does.
type source interface {
	Transactions(ctx context.Context, f journal.Filter) iter.Seq2[*journal.Transaction, error]
}

// version is the v of a line; it grows when a field changes its meaning.
const version = 1

// A Transaction is one line of the JSON export.
type Transaction struct {
	V             int            `json:"v"`
	ID            string         `json:"id"`
	Store         string         `json:"store"`
	Lane          string         `json:"lane"`
	Epoch         string         `json:"epoch"`
	Number        int64          `json:"number"`
	State         string         `json:"state"`
	OpenedAt      string         `json:"opened_at"`
	ClosedAt      string         `json:"closed_at"` // "" while open
	Clock         string         `json:"clock"`
	BusinessDay   string         `json:"business_day"`
	Currency      string         `json:"currency"`
	Language      string         `json:"language"`
	Lines         []Line         `json:"lines"`
	Taxes         []Tax          `json:"taxes"`
	RoundingMinor int64          `json:"rounding_minor"`
	TotalMinor    int64          `json:"total_minor"`
	Tenders       []Tender       `json:"tenders"`
	Interventions []Intervention `json:"interventions"`
	Calls         []Call         `json:"calls"`
	Rating        int            `json:"rating,omitempty"` // 1 to 3
	Journal       Span           `json:"journal"`
	Recalled      string         `json:"recalled,omitempty"` // id of the parked transaction it took up
	Of            string         `json:"of,omitempty"`       // id of the one that a refund gives back from
	Document      int64          `json:"document,omitempty"` // number among the refunds
}

// A Line is one line of a transaction.
type Line struct {
	N           int        `json:"n"`
	GTIN        string     `json:"gtin"`
	PLU         string     `json:"plu"`
	Name        string     `json:"name"`
	Qty         int64      `json:"qty"`
	WeightG     int64      `json:"weight_g"`
	UnitMinor   int64      `json:"unit_minor"`
	AmountMinor int64      `json:"amount_minor"`
	Discounts   []Discount `json:"discounts"`
	Tax         string     `json:"tax"`
	Voided      bool       `json:"voided"`
	Code        string     `json:"code"`
	Of          int        `json:"of,omitempty"`     // the line this deposit is for
	Weight      string     `json:"weight,omitempty"` // as the scale showed it
	TareG       int64      `json:"tare_g,omitempty"`
	Frame       string     `json:"frame,omitempty"`   // the scale's answer as it came
	Returns     int        `json:"returns,omitempty"` // line of the refunded transaction
}

// A Discount is what a rule took off a line.
type Discount struct {
	Rule        string `json:"rule"`
	Name        string `json:"name"`
	AmountMinor int64  `json:"amount_minor"`
}

// A Tax is one rate's share.
type Tax struct {
	Tax        string `json:"tax"`
	RatePPM    int64  `json:"rate_ppm"`
	NetMinor   int64  `json:"net_minor"`
	TaxMinor   int64  `json:"tax_minor"`
	GrossMinor int64  `json:"gross_minor"`
}

// A Tender is a payment made or tried.
type Tender struct {
	Kind        string `json:"kind"`
	AmountMinor int64  `json:"amount_minor"`
	Result      string `json:"result"`
	Terminal    string `json:"terminal"`
	Receipt     string `json:"receipt"`
	Trace       string `json:"trace"`
	Card        string `json:"card"`
	Way         string `json:"way,omitempty"`         // how money goes back: reverse, refund, credit, issue
	Of          int    `json:"of,omitempty"`          // the tender that goes back, by its place in its list, from 1
	AskedMinor  int64  `json:"asked_minor,omitempty"` // where less was approved
	Voucher     string `json:"voucher,omitempty"`     // handle; the number stays on the lane
	LeftMinor   int64  `json:"left_minor,omitempty"`  // on the voucher
}

// An Intervention is one time the lane needed a person.
type Intervention struct {
	Kind      string `json:"kind"`
	RaisedAt  string `json:"raised_at"`
	SettledAt string `json:"settled_at"`
	By        string `json:"by"`
	Reason    string `json:"reason"`
	From      string `json:"from"`
	Line      int    `json:"line,omitempty"`
	Detail    string `json:"detail,omitempty"`
}

// A Call is one call for help.
type Call struct {
	Reason   string `json:"reason"`
	Channel  string `json:"channel"`
	State    string `json:"state"`
	RaisedAt string `json:"raised_at"`
	SeenAt   string `json:"seen_at"`
	EndedAt  string `json:"ended_at"`
	By       string `json:"by"`
	Outcome  string `json:"outcome"`
	Language string `json:"language"`
}

// A Span says which records of the journal a transaction is.
type Span struct {
	First int64  `json:"first"`
	Last  int64  `json:"last"`
	Hash  string `json:"hash"` // of the last
}

// JSONL writes the transactions that f picks to w, one a line, by number. It
// holds a page of them at a time.
func JSONL(ctx context.Context, j source, f journal.Filter, w io.Writer) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	for t, err := range j.Transactions(ctx, f) {
		if err != nil {
			return err
		}
		if err := enc.Encode(Of(t)); err != nil {
			return fmt.Errorf("export transaction %d: %w", t.Number, err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// Of gives a transaction the export's names.
func Of(t *journal.Transaction) Transaction {
	return Transaction{
		V: version, ID: t.ID, Store: t.Store, Lane: t.Lane, Epoch: t.Epoch, Number: t.Number, State: string(t.State),
		OpenedAt: stamp(t.OpenedAt), ClosedAt: stamp(t.ClosedAt), Clock: string(t.Clock), BusinessDay: t.BusinessDay,
		Currency: t.Currency, Language: t.Language, RoundingMinor: int64(t.Rounding), TotalMinor: int64(t.Total),
		Rating: t.Rating, Journal: Span{t.First, t.Last, t.Hash}, Recalled: t.Recalled, Of: t.Of, Document: t.Document,
		Lines: each(t.Lines, lineOf),
		Taxes: each(t.Taxes, func(x flow.TaxFacts) Tax {
			return Tax{x.Tax, x.RatePPM, int64(x.Net), int64(x.TaxPart), int64(x.Gross)}
		}),
		Tenders: each(t.Tenders, func(x flow.TenderFacts) Tender {
			return Tender{
				string(x.Kind), int64(x.Amount), x.Result, x.Terminal, x.Receipt, x.Trace, x.Card, x.Way, x.Of, int64(x.Asked),
				x.Voucher, int64(x.Left),
			}
		}),
		Interventions: each(t.Interventions, func(x flow.InterventionFacts) Intervention {
			return Intervention{
				string(x.Kind), stamp(x.RaisedAt), stamp(x.SettledAt), x.By, x.Reason, x.From, x.Line, x.Detail,
			}
		}),
		Calls: each(t.Contacts, func(x flow.ContactFacts) Call {
			return Call{
				x.Reason, x.Channel, string(x.State), stamp(x.RaisedAt), stamp(x.SeenAt), stamp(x.EndedAt), x.By,
				x.Outcome, x.Language,
			}
		}),
	}
}

func lineOf(l flow.LineFacts) Line {
	return Line{
		N: l.N, GTIN: l.GTIN, PLU: l.PLU, Name: l.Name, Qty: l.Qty, WeightG: l.WeightG, UnitMinor: int64(l.Unit),
		AmountMinor: int64(l.Amount), Tax: l.Tax, Voided: l.Voided, Code: l.Code, Of: l.Of, Weight: l.Weight, TareG: l.TareG,
		Frame: l.Frame, Returns: l.Returns,
		Discounts: each(l.Discounts, func(d flow.DiscountFacts) Discount {
			return Discount{d.Rule, d.Name, int64(d.Amount)}
		}),
	}
}

// each is never nil: an empty list is [] in JSON.
func each[A, B any](list []A, to func(A) B) []B {
	out := make([]B, len(list))
	for i, a := range list {
		out[i] = to(a)
	}
	return out
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}
