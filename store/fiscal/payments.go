package fiscal

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/store/journal"
)

// reversed is the way of a tender that the terminal takes back.
const reversed = "reverse"

// An Asked says that the terminal is about to be told to close its day.
type Asked struct {
	Z     int64 `json:"z"`
	Again bool  `json:"again,omitempty"` // it was asked before, and its answer is not on record
}

// An Answer is what the terminal said of the day it closed, as it said it.
type Answer struct {
	Z        int64        `json:"z"`
	Again    bool         `json:"again,omitempty"`
	Outcome  string       `json:"outcome"` // approved, aborted or unknown
	Why      string       `json:"why,omitempty"`
	Terminal string       `json:"terminal,omitempty"`
	Trace    string       `json:"trace,omitempty"`
	Date     string       `json:"date,omitempty"` // MMDD by the terminal's clock
	Time     string       `json:"time,omitempty"` // HHMMSS by the terminal's clock
	First    string       `json:"first_receipt,omitempty"`
	Last     string       `json:"last_receipt,omitempty"`
	Count    int          `json:"count"`
	Amount   money.Amount `json:"amount_minor"`
	ByCard   []CardSum    `json:"by_card,omitempty"`
	// Forced says that the terminal would take no payment before it had closed its
	// day: nobody had asked it to.
	Forced bool `json:"forced,omitempty"`
	// Key is the random name of an answer that waits for the journal outside of it,
	// so that it gets there once; "" where nothing waits.
	Key string `json:"key,omitempty"`
	// Lines are its report as it prints it, with no card numbers.
	Lines []string `json:"lines,omitempty"`
	// Ours is what the journal says of the same time.
	Ours OurSum `json:"ours"`
}

// A CardSum is the terminal's sum of one card scheme.
type CardSum struct {
	Name   string       `json:"name"`
	Count  int          `json:"count"`
	Amount money.Amount `json:"amount_minor"`
}

// An OurSum is the journal's sum of payments by card: paid out counts down, and
// what the terminal took back does not count.
type OurSum struct {
	From   int64        `json:"from"` // after this record
	To     int64        `json:"to"`
	Count  int          `json:"count"`
	Amount money.Amount `json:"amount_minor"`
}

// A Verdict says how a payment, or a sum, stands on both sides.
type Verdict string

// The verdicts.
const (
	Matched   Verdict = "matched"
	Differs   Verdict = "differs"
	OnlyHere  Verdict = "only-here"    // in the journal and not at the terminal
	OnlyThere Verdict = "only-there"   // at the terminal and not in the journal
	Waiting   Verdict = "not-compared" // the terminal has not closed its day since, or did not say
)

// A Payment is one card payment, or money given back to a card.
type Payment struct {
	Txn      int64        `json:"number"`
	Key      string       `json:"key"`
	At       time.Time    `json:"at"`
	Result   string       `json:"result"`
	Way      string       `json:"way,omitempty"` // reverse, refund; "" pays
	Terminal string       `json:"terminal,omitempty"`
	Receipt  string       `json:"receipt,omitempty"`
	Trace    string       `json:"trace,omitempty"`
	Amount   money.Amount `json:"amount_minor"`
	Verdict  Verdict      `json:"verdict"`
	Note     string       `json:"note,omitempty"`
	seq      int64
}

// A Batch is the time between two closings of the terminal's day, on both sides.
type Batch struct {
	Answer   *Answer   `json:"terminal"` // nil: not closed yet
	At       time.Time `json:"at,omitzero"`
	Ours     OurSum    `json:"ours"`
	Verdict  Verdict   `json:"verdict"`
	Notes    []string  `json:"notes,omitempty"` // each difference, named
	Payments []Payment `json:"payments"`
}

// Ask writes down that the terminal is about to close its day, between two sales,
// and returns what its answer will be laid beside.
func Ask(ctx context.Context, w Writing, z int64) (Answer, error) {
	a := Answer{Z: z}
	from, again, err := since(ctx, &w.Journal.Reader)
	if err != nil {
		return a, err
	}
	a.Again = again
	to, err := w.put(ctx, KindAsked, Asked{z, again})
	if err != nil {
		return a, err
	}
	a.Ours = OurSum{From: from, To: to}
	all, err := payments(ctx, &w.Journal.Reader, from, to)
	if err != nil {
		return a, err
	}
	a.Ours.add(all)
	return a, nil
}

// Answered writes down what the terminal said.
func Answered(ctx context.Context, w Writing, a Answer) error {
	_, err := w.put(ctx, KindTerminal, a)
	return err
}

// Forced writes down what the terminal said of a day that it closed without being
// asked to, after record a.Ours.To. Done twice with the same a.Key it is done once.
// The answer belongs to the Z that the terminal owed, or else to the next.
func Forced(ctx context.Context, w Writing, a Answer) error {
	from, again, err := since(ctx, &w.Journal.Reader)
	if err != nil {
		return err
	}
	if a.Key == "" { // kept by an older program
		if a.Ours.To <= from {
			return nil // on record, without a key
		}
		if a.Key, err = keyOf(a); err != nil {
			return err
		}
	}
	if here, err := answered(ctx, &w.Journal.Reader, a.Key); here || err != nil {
		return err
	}
	a.Ours.To = max(a.Ours.To, from) // closed twice with nothing between: the second day is empty here
	last, err := Last(ctx, &w.Journal.Reader)
	if err != nil && !errors.Is(err, ErrNone) {
		return err
	}
	_, err = Owed(ctx, &w.Journal.Reader)
	switch {
	case err == nil && a.Ours.To > last.Seq:
		a.Z = last.Number
	case err == nil || errors.Is(err, ErrNone):
		a.Z = last.Number + 1
	default:
		return err
	}
	a.Forced, a.Again, a.Ours = true, again, OurSum{From: from, To: a.Ours.To}
	all, err := payments(ctx, &w.Journal.Reader, from, a.Ours.To)
	if err != nil {
		return err
	}
	a.Ours.add(all)
	return Answered(ctx, w, a)
}

// keyOf is the same for the same answer.
func keyOf(a Answer) (string, error) {
	text, err := json.Marshal(a)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}

// answered reports whether an answer is on record.
func answered(ctx context.Context, r *journal.Reader, key string) (here bool, err error) {
	err = r.Ask(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM event WHERE kind = 'day-terminal' AND event ->> 'key' = ?)`, key).Scan(&here)
	})
	if err != nil {
		return false, fmt.Errorf("terminal's answer: %w", err)
	}
	return here, nil
}

// Owed returns the Z whose end of day the terminal still owes, or ErrNone.
func Owed(ctx context.Context, r *journal.Reader) (Z, error) {
	z, err := Last(ctx, r)
	if err != nil || !z.Asks {
		return Z{}, cmp.Or(err, ErrNone)
	}
	err = r.Ask(ctx, func(tx *sql.Tx) error {
		var n int
		return tx.QueryRowContext(ctx, `SELECT 1 FROM event WHERE seq > ?1 AND kind = 'day-terminal'
			AND event ->> 'outcome' <> 'unknown' AND event ->> '$.ours.to' > ?1 LIMIT 1`, z.Seq).Scan(&n)
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return z, nil
	case err != nil:
		return Z{}, err
	default:
		return Z{}, ErrNone
	}
}

// since returns the record at which the terminal's open day began, and whether it
// was asked since to close it and no answer is on record.
func since(ctx context.Context, r *journal.Reader) (from int64, again bool, err error) {
	err = r.Ask(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, `SELECT coalesce((SELECT event ->> '$.ours.to' FROM event
			WHERE kind = 'day-terminal' AND event ->> 'outcome' = 'approved' ORDER BY seq DESC LIMIT 1), 0)`).Scan(&from); err != nil {
			return err
		}
		var kind sql.NullString
		err := tx.QueryRowContext(ctx, `SELECT iif(kind = 'day-terminal', event ->> 'outcome', kind) FROM event
			WHERE seq >= ? AND seq > 0 AND kind IN ('day-asked', 'day-terminal') ORDER BY seq DESC LIMIT 1`, from).Scan(&kind)
		again = kind.String == KindAsked || kind.String == "unknown"
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return 0, false, fmt.Errorf("terminal's open day: %w", err)
	}
	return from, again, nil
}

// payments returns the card payments that the records after from, up to to,
// decided about, as they stood then, in the order in which they began.
func payments(ctx context.Context, r *journal.Reader, from, to int64) (all []Payment, err error) {
	err = r.Ask(ctx, func(tx *sql.Tx) error {
		rows, err := list(ctx, tx, func(scan func(...any) error) (p Payment, err error) {
			var at, tender string
			if err := scan(&p.seq, &at, &p.Txn, &tender); err != nil {
				return p, err
			}
			var f struct {
				flow.TenderFacts
				Way string `json:"way"`
			}
			if err := json.Unmarshal([]byte(tender), &f); err != nil {
				return p, fmt.Errorf("record %d: %w", p.seq, err)
			}
			if p.At, err = time.Parse(time.RFC3339Nano, at); err != nil {
				return p, fmt.Errorf("record %d: %w", p.seq, err)
			}
			if f.Kind == flow.TenderCard {
				p.Key, p.Result, p.Way, p.Amount = f.Key, f.Result, f.Way, f.Amount
				p.Terminal, p.Receipt, p.Trace = f.Terminal, f.Receipt, f.Trace
			}
			return p, nil
		}, `SELECT e.seq, e.at, e.number, t.value FROM event AS e,
			json_each(iif(instr(e.facts, '"tenders":') > 0, e.facts, '{}'), '$.tenders') AS t
			WHERE e.seq > ? AND e.seq <= ? ORDER BY e.seq, t.key`, from, to)
		for _, p := range rows {
			if p.Key == "" {
				continue
			}
			if i := slices.IndexFunc(all, func(q Payment) bool { return q.Key == p.Key }); i >= 0 {
				all[i] = p
			} else {
				all = append(all, p)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("payments: %w", err)
	}
	return all, nil
}

// approved reports whether money moved.
func (p Payment) approved() bool { return p.Result == string(flow.ChargeApproved) }

// add counts payments as a terminal does.
func (s *OurSum) add(all []Payment) {
	for _, p := range all {
		switch {
		case !p.approved():
		case p.Way == reversed:
			s.Count--
			s.Amount += p.Amount
		default:
			s.Count++
			s.Amount += p.Amount
		}
	}
}

// Batches lays the journal's payments of every time between two closings of the
// terminal's day beside what it said, from the one that since lies in; the last
// one is still open.
func Batches(ctx context.Context, r *journal.Reader, since, until time.Time) (all []Batch, err error) {
	answers, err := answersOf(ctx, r)
	if err != nil {
		return nil, err
	}
	head, err := r.Head(ctx)
	if err != nil {
		return nil, err
	}
	from := int64(0)
	for _, a := range append(answers, Batch{Ours: OurSum{From: -1, To: head.Seq}}) {
		if a.Ours.From < 0 {
			a.Ours.From = from
		}
		if a.Answer != nil && a.Answer.Outcome == "approved" {
			from = a.Answer.Ours.To
		}
		if a.Answer != nil && (!since.IsZero() && a.At.Before(since)) || !until.IsZero() && !a.At.Before(until) {
			continue
		}
		if a.Payments, err = payments(ctx, r, a.Ours.From, a.Ours.To); err != nil {
			return nil, err
		}
		a.Ours.Count, a.Ours.Amount = 0, 0
		a.Ours.add(a.Payments)
		a.judge()
		if a.Answer != nil || len(a.Payments) > 0 {
			all = append(all, a)
		}
	}
	return all, nil
}

// answersOf reads what the terminal has said, oldest first.
func answersOf(ctx context.Context, r *journal.Reader) (all []Batch, err error) {
	err = r.Ask(ctx, func(tx *sql.Tx) error {
		all, err = list(ctx, tx, func(scan func(...any) error) (b Batch, err error) {
			var at, event string
			if err := scan(&at, &event); err != nil {
				return b, err
			}
			b.Answer = &Answer{}
			if err := json.Unmarshal([]byte(event), b.Answer); err != nil {
				return b, err
			}
			b.Ours = b.Answer.Ours
			b.At, err = time.Parse(time.RFC3339Nano, at)
			return b, err
		}, `SELECT at, event FROM event WHERE kind = 'day-terminal' ORDER BY seq`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("terminal's answers: %w", err)
	}
	return all, nil
}

// Compare lays an answer beside the payments it is about.
func Compare(ctx context.Context, r *journal.Reader, a Answer) (Batch, error) {
	b := Batch{Answer: &a, Ours: a.Ours}
	var err error
	if b.Payments, err = payments(ctx, r, a.Ours.From, a.Ours.To); err != nil {
		return b, err
	}
	b.judge()
	return b, nil
}

// judge says how both sides stand, and names what differs.
func (b *Batch) judge() {
	a := b.Answer
	if a == nil || a.Outcome != "approved" {
		b.Verdict = Waiting
		if a != nil {
			b.Notes = append(b.Notes, "the terminal did not close its day: "+cmp.Or(a.Why, a.Outcome))
		}
		b.each(func(p *Payment) { p.Verdict = Waiting })
		return
	}
	if a.Count == b.Ours.Count && a.Amount == b.Ours.Amount {
		b.Verdict = Matched
		b.each(func(p *Payment) { p.Verdict = Matched })
		return
	}
	b.Verdict = Differs
	b.Notes = append(b.Notes, fmt.Sprintf("terminal: %d payments, %d; journal: %d, %d; difference %s",
		a.Count, a.Amount, b.Ours.Count, b.Ours.Amount, signed(a.Amount-b.Ours.Amount)))
	if a.Again {
		b.Notes = append(b.Notes, "the terminal was asked twice: the first time it may have closed payments whose sum was not heard")
	}
	b.each(func(p *Payment) { p.Verdict = Differs })
	if !a.Again { // else half a day is compared with a whole one
		b.suspect()
	}
}

// each does fn with the payments by which money moved.
func (b *Batch) each(fn func(*Payment)) {
	for i := range b.Payments {
		if b.Payments[i].approved() {
			fn(&b.Payments[i])
		}
	}
}

// maxMissing bounds how many numbers are named one by one.
const maxMissing = 100

// suspect looks for the payment that makes the difference. A terminal tells the
// sums and the first and last number of its day, not each payment: what has no
// number of its own, or one outside, is only here; a number that nobody here
// knows is only there.
func (b *Batch) suspect() {
	first, err1 := strconv.ParseInt(b.Answer.First, 10, 64)
	last, err2 := strconv.ParseInt(b.Answer.Last, 10, 64)
	known, ranged := map[int64]bool{}, err1 == nil && err2 == nil && first <= last
	for i := range b.Payments {
		p := &b.Payments[i]
		n, err := strconv.ParseInt(p.Receipt, 10, 64)
		if err == nil {
			known[n] = true // a declined one has a number too
		}
		switch {
		case !p.approved():
		case err != nil:
			p.Verdict, p.Note = OnlyHere, "the terminal gave it no number"
		case b.Answer.Terminal != "" && p.Terminal != "" && p.Terminal != b.Answer.Terminal:
			p.Verdict, p.Note = OnlyHere, "it was made at terminal "+p.Terminal
		case ranged && p.Way == "" && (n < first || n > last):
			p.Verdict, p.Note = OnlyHere, "its number lies outside the terminal's day"
		}
		if p.Verdict == OnlyHere {
			b.Notes = append(b.Notes, fmt.Sprintf("only here: %s, %d: %s", p.Key, p.Amount, p.Note))
		}
	}
	if !ranged || b.Answer.Count <= b.Ours.Count || last-first > 1_000_000 {
		return
	}
	for n, named := first, 0; n <= last && named < maxMissing; n++ {
		if !known[n] {
			named++
			b.Notes = append(b.Notes, fmt.Sprintf("only there: the terminal's receipt %d", n))
			b.Payments = append(b.Payments, Payment{
				Receipt: strconv.FormatInt(n, 10), Terminal: b.Answer.Terminal, Verdict: OnlyThere, Note: "not in the journal",
			})
		}
	}
}
