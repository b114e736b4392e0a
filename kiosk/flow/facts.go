package flow

import (
	"slices"
	"time"

	"kassa/kiosk/basket"
	"kassa/kiosk/money"
)

// Facts are what a step decided that matters later: they are written into the
// journal beside the event, and the tables that IT reads are made from them
// alone. A newer kassa takes an old journal's totals from here and never works
// them out anew. Field names are those of the JSON export and must not change;
// new ones may be added.
type Facts struct {
	Lane          *LaneFacts          `json:"lane,omitempty"`
	Txn           *TxnFacts           `json:"txn,omitempty"`           // the whole header as it now stands
	Lines         []LineFacts         `json:"lines,omitempty"`         // those that changed, by N
	Taxes         []TaxFacts          `json:"taxes,omitempty"`         // all of them, when Txn is set
	Tenders       []TenderFacts       `json:"tenders,omitempty"`       // those that changed, by N
	Interventions []InterventionFacts `json:"interventions,omitempty"` // those that changed, by N
	Contacts      []ContactFacts      `json:"contacts,omitempty"`      // those that changed, by N
}

// Empty reports whether the step decided nothing.
func (f Facts) Empty() bool {
	return f.Lane == nil && f.Txn == nil && len(f.Lines)+len(f.Tenders)+len(f.Interventions)+len(f.Contacts) == 0
}

// LaneFacts are what the lane itself carries from sale to sale.
type LaneFacts struct {
	Mode       LaneMode `json:"mode"`
	LastNumber int64    `json:"last_number"` // of the newest sale
	Sale       int64    `json:"sale"`        // number of the sale on the screen, 0: none
	By         string   `json:"by,omitempty"`
	InHours    bool     `json:"in_hours"`
	// What a replay of the sale has to begin with.
	Up    []Device `json:"up,omitempty"`
	Load  Load     `json:"load"`
	Staff *Session `json:"staff,omitempty"`
	Rev   int      `json:"rev,omitempty"`
	// Run is the run of the station, Commands what it was told from afar.
	Run      string        `json:"run,omitempty"`
	Commands []CommandDone `json:"commands,omitempty"`
	// LastRefund is the newest number among refunds.
	LastRefund int64 `json:"last_refund,omitempty"`
	// Prices is the version of the catalogue that a sale which begins here is
	// quoted by; 0: not known.
	Prices int64 `json:"prices,omitempty"`
}

// same reports whether the lane itself stands as before. What a replay begins
// with is written along, and is no reason to write.
func (f LaneFacts) same(g LaneFacts) bool {
	return slices.Equal(f.Commands, g.Commands) && f.Mode == g.Mode && f.LastNumber == g.LastNumber && f.Sale == g.Sale && f.By == g.By && f.InHours == g.InHours && f.LastRefund == g.LastRefund
}

// TxnFacts are the header of a transaction.
type TxnFacts struct {
	ID          string       `json:"id"` // store-lane-number, unique within the epoch
	Store       string       `json:"store"`
	Lane        string       `json:"lane"`
	Number      int64        `json:"number"`
	State       SaleState    `json:"state"`
	OpenedAt    time.Time    `json:"opened_at"`
	ClosedAt    time.Time    `json:"closed_at,omitzero"`
	Clock       Clock        `json:"clock"`
	BusinessDay string       `json:"business_day"` // YYYY-MM-DD
	Currency    string       `json:"currency"`
	Language    string       `json:"language"`
	Rounding    money.Amount `json:"rounding_minor"`
	Total       money.Amount `json:"total_minor"`
	Rating      int          `json:"rating,omitempty"` // 1 to 3, 0: none given
	// Search says how rules that competed were settled: exact, or greedy where
	// too many did. Coupons are those taken, separated by spaces. Both are for
	// the record; totals stand by themselves.
	Search  string `json:"search,omitempty"`
	Coupons string `json:"coupons,omitempty"`
	// Recalled is the parked transaction that this one took up; Of the one that
	// this refund gives back from, and Document its number among refunds.
	Recalled string `json:"recalled,omitempty"`
	Of       string `json:"of,omitempty"`
	Document int64  `json:"document,omitempty"`
	Training bool   `json:"training,omitempty"`
}

// LineFacts are one line of a transaction.
type LineFacts struct {
	N         int             `json:"n"`
	GTIN      string          `json:"gtin"`
	PLU       string          `json:"plu"`
	Name      string          `json:"name"`
	Qty       int64           `json:"qty"`
	WeightG   int64           `json:"weight_g"`
	Unit      money.Amount    `json:"unit_minor"`
	Amount    money.Amount    `json:"amount_minor"` // unit x qty or weight, plus discounts
	Discounts []DiscountFacts `json:"discounts"`
	Tax       string          `json:"tax"`
	Voided    bool            `json:"voided"`
	Code      string          `json:"code"`
	Of        int             `json:"of,omitempty"`     // a deposit line's article line
	Weight    string          `json:"weight,omitempty"` // as the scale showed it, "0.734 kg"
	TareG     int64           `json:"tare_g,omitempty"`
	Per       basket.Per      `json:"per,omitempty"`
	Set       *SetFacts       `json:"set,omitempty"` // a price that staff set
	// Frame is the scale's answer behind Weight as it came, as evidence.
	Frame string `json:"frame,omitempty"`
	// Returns is the line of the refunded sale that this one gives back from.
	Returns int `json:"returns,omitempty"`
}

// SetFacts say who set a price for a line, and why.
type SetFacts struct {
	Was    money.Amount `json:"was_minor"` // unit price as quoted
	Price  money.Amount `json:"price_minor"`
	By     string       `json:"by"`
	Reason string       `json:"reason"`
}

// DiscountFacts are one discount on a line.
type DiscountFacts struct {
	Rule   string       `json:"rule"`
	Name   string       `json:"name"`
	Amount money.Amount `json:"amount_minor"` // negative
}

// TaxFacts are one rate's share of a transaction.
type TaxFacts struct {
	Tax     string       `json:"tax"`
	RatePPM int64        `json:"rate_ppm"`
	Net     money.Amount `json:"net_minor"`
	TaxPart money.Amount `json:"tax_minor"`
	Gross   money.Amount `json:"gross_minor"`
}

// TenderFacts are one payment made or tried.
type TenderFacts struct {
	N        int          `json:"n"`
	Kind     TenderKind   `json:"kind"`
	Amount   money.Amount `json:"amount_minor"`
	Result   string       `json:"result"` // asked, approved, declined, aborted, in-doubt
	Terminal string       `json:"terminal,omitempty"`
	Receipt  string       `json:"receipt,omitempty"`
	Trace    string       `json:"trace,omitempty"`
	Card     string       `json:"card,omitempty"` // masked, never more than the last four digits
	Key      string       `json:"key,omitempty"`
	// Way is how money goes back: reverse, refund, credit or issue; "" pays. Of is
	// the tender that is taken back.
	Way     string       `json:"way,omitempty"`
	Of      int          `json:"of,omitempty"`
	Asked   money.Amount `json:"asked_minor,omitempty"` // where the terminal approved less
	Voucher string       `json:"voucher,omitempty"`     // handle
	Left    money.Amount `json:"left_minor,omitempty"`  // on the voucher
	// Given is what was put into the cash machine, Change what it gave out of it.
	Given  money.Amount `json:"given_minor,omitempty"`
	Change money.Amount `json:"change_minor,omitempty"`
}

// InterventionFacts are one time the lane waited for, or asked for, a person.
type InterventionFacts struct {
	N         int              `json:"n"`
	Kind      InterventionKind `json:"kind"`
	RaisedAt  time.Time        `json:"raised_at"`
	SettledAt time.Time        `json:"settled_at,omitzero"`
	By        string           `json:"by,omitempty"` // staff id, or "shopper"
	Reason    string           `json:"reason,omitempty"`
	From      string           `json:"from,omitempty"` // lane or console
	Line      int              `json:"line,omitempty"`
	Detail    string           `json:"detail,omitempty"` // the numbers it was made from
}

// ContactFacts are one call for help.
type ContactFacts struct {
	N        int       `json:"n"`
	Reason   string    `json:"reason"`
	Channel  string    `json:"channel"` // lane
	State    CallState `json:"state"`
	RaisedAt time.Time `json:"raised_at"`
	SeenAt   time.Time `json:"seen_at,omitzero"`
	EndedAt  time.Time `json:"ended_at,omitzero"`
	By       string    `json:"by,omitempty"`
	Outcome  string    `json:"outcome,omitempty"`
	Language string    `json:"language,omitempty"`
	Reads    []Read    `json:"reads,omitempty"`  // self-help before it
	Rating   int       `json:"rating,omitempty"` // 1 to 3
	Solved   *bool     `json:"solved,omitempty"` // "did that solve it?"
}
