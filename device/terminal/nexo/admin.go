package nexo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kassa/device/terminal"
)

// diagnose asks how the terminal is. A terminal that does not offer Diagnosis
// is there, and cannot say more.
func (t *Terminal) diagnose(ctx context.Context, host bool, wait time.Duration) (*resDiagnose, error) {
	c, err := t.ask(ctx, question{
		id: newID(), wait: wait, body: request{Diagnosis: &reqDiagnos{Host: host}},
	})
	switch {
	case err != nil:
		return nil, err
	case c.Diagnosis == nil:
		return nil, fmt.Errorf("%w: no DiagnosisResponse", errAnswer)
	}
	return c.Diagnosis, nil
}

// health reads a diagnosis.
func health(d *resDiagnose) terminal.Status {
	s := terminal.Status{Code: d.Response.Condition.String()}
	if d.Response.success() {
		s.Code = d.Status.Global.String()
		s.State, s.Text = stateOf(s.Code)
		return s
	}
	switch s.Code {
	case condBusy, condInProgress:
		s.State, s.Text = terminal.Busy, "at work"
	case condUnavailable, condNotAllowed:
		s.State, s.Text = terminal.Ready, ""
	case condLoggedOut:
		s.State, s.Text = terminal.NeedsSetup, "not logged in"
	default:
		s.State, s.Text = terminal.NeedsService, d.Response.Additional.String()
	}
	return s
}

// Prepare waits until the terminal can take a payment and draws the name that
// the payment will be sent under; see terminal.Terminal.
func (t *Terminal) Prepare(ctx context.Context) (terminal.Evidence, error) {
	if err := t.take(ctx); err != nil {
		return terminal.Evidence{}, fmt.Errorf("prepare: %w", err)
	}
	defer t.give()
	if err := t.ready(ctx); err != nil {
		return terminal.Evidence{}, fmt.Errorf("prepare: %w", err)
	}
	ev := evidence{POIID: t.cfg.POIID, SaleID: t.cfg.SaleID, Service: newID(), At: time.Now().UTC()}
	return ev.pack(), nil
}

// ready waits for a terminal that is at work, and logs in where that is asked.
func (t *Terminal) ready(ctx context.Context) error {
	deadline := time.Now().Add(busyPatience)
	loggedIn := false
	for {
		d, err := t.diagnose(ctx, false, t.cfg.Answer)
		if err != nil {
			return err
		}
		switch s := health(d); {
		case s.State == terminal.Ready:
			return nil
		case s.State == terminal.NeedsSetup && !loggedIn:
			loggedIn = true
			if err := t.login(ctx); err != nil {
				return err
			}
			continue
		case s.State != terminal.Busy:
			return fmt.Errorf("terminal needs service: %s %s", s.Code, s.Text)
		}
		if time.Now().Add(t.cfg.Pause).After(deadline) {
			return terminal.ErrBusy
		}
		if err := t.pause(ctx); err != nil {
			return fmt.Errorf("wait while busy: %w", err)
		}
	}
}

// login opens a session, which only some terminals ask for.
func (t *Terminal) login(ctx context.Context) error {
	l := &reqLogin{DateTime: time.Now().UTC().Format(time.RFC3339), Language: "en"}
	l.Software.Manufacturer, l.Software.Application, l.Software.Version = "kassa", "kassa", "1"
	l.Software.Certification = "none"
	c, err := t.ask(ctx, question{id: newID(), wait: t.cfg.Answer, body: request{Login: l}})
	switch {
	case err != nil:
		return fmt.Errorf("log in: %w", err)
	case c.Login == nil || !c.Login.Response.success():
		return errors.New("log in: terminal refuses")
	}
	return nil
}

// Status asks how the terminal is; see terminal.Terminal.
func (t *Terminal) Status(ctx context.Context) (terminal.Status, error) {
	select {
	case t.turn <- struct{}{}:
	default:
		return terminal.Status{State: terminal.Busy, Text: "an operation is running"}, nil
	}
	defer t.give()
	d, err := t.diagnose(ctx, false, t.cfg.Answer)
	if err != nil {
		return terminal.Status{}, fmt.Errorf("status: %w", err)
	}
	s := health(d)
	s.TerminalID = t.cfg.POIID
	return s, nil
}

// hostPatience is how long the test of a host may take.
const hostPatience = time.Minute

// Diagnose makes the terminal test its way to its host; see terminal.Terminal.
func (t *Terminal) Diagnose(ctx context.Context) error {
	if err := t.take(ctx); err != nil {
		return fmt.Errorf("diagnose: %w", err)
	}
	defer t.give()
	d, err := t.diagnose(ctx, true, hostPatience)
	if err != nil {
		return fmt.Errorf("diagnose: %w", err)
	}
	if s := health(d); s.State != terminal.Ready {
		return fmt.Errorf("diagnose: terminal says %s %s", s.Code, s.Text)
	}
	for _, h := range d.Hosts {
		if h.Reachable != nil && !*h.Reachable {
			return fmt.Errorf("diagnose: host %s cannot be reached", h.Acquirer)
		}
	}
	return nil
}

// Last tells the terminal's last transaction; see terminal.Terminal.
func (t *Terminal) Last(ctx context.Context) (terminal.Result, error) {
	if err := t.take(ctx); err != nil {
		return terminal.Result{}, fmt.Errorf("last: %w", err)
	}
	defer t.give()
	c, err := t.ask(ctx, question{
		id: newID(), wait: t.cfg.Answer,
		body: request{Status: &reqStatus{Reprint: true, Qualifier: []string{"CashierReceipt", "CustomerReceipt"}}},
	})
	switch {
	case err != nil:
		return terminal.Result{}, fmt.Errorf("last: %w", err)
	case c.Status == nil || !c.Status.Response.success() || c.Status.Repeated.Body.Payment == nil:
		return terminal.Result{}, nil
	}
	was := c.Status.Repeated
	r, sure := t.result(was.Body.Payment, terminal.Request{Currency: t.cfg.Currency}, was.Header.ServiceID.String())
	r.Recovered, r.Completed = true, sure
	return r, nil
}

// EndOfDay closes the batch by a Reconciliation; see terminal.Terminal. Where
// batches are closed at the acquirer, as with Adyen, a terminal may refuse:
// then the outcome is Aborted, and the totals are the acquirer's to tell.
func (t *Terminal) EndOfDay(ctx context.Context) (terminal.Totals, error) {
	return t.sums(ctx, "end of day", request{Reconciliation: &reqClose{"SaleReconciliation"}},
		func(c *content) *resClose { return c.Reconciliation })
}

// Totals asks for what was done since the last Reconciliation (GetTotals); see
// terminal.Terminal. Where there are no batches at the terminal it refuses.
func (t *Terminal) Totals(ctx context.Context) (terminal.Totals, error) {
	return t.sums(ctx, "totals", request{Totals: &reqTotals{}}, func(c *content) *resClose { return c.Totals })
}

// sums makes a request that is answered with sums, which of picks out.
func (t *Terminal) sums(ctx context.Context, name string, body request, of func(*content) *resClose) (terminal.Totals, error) {
	totals := terminal.Totals{Outcome: terminal.Aborted, TerminalID: t.cfg.POIID}
	if err := t.take(ctx); err != nil {
		return totals, fmt.Errorf("%s: %w", name, err)
	}
	defer t.give()
	id := newID()
	c, err := t.ask(ctx, question{
		id: id, wait: t.cfg.Payment, body: body,
	})
	switch {
	case errors.Is(err, terminal.ErrUnreachable):
		return totals, fmt.Errorf("%s: %w", name, err)
	case err != nil:
		totals.Outcome = terminal.Unknown
		return totals, fmt.Errorf("%s: %w", name, err)
	case of(c) == nil:
		totals.Outcome = terminal.Unknown
		return totals, fmt.Errorf("%s: %w: no sums", name, errAnswer)
	}
	said := of(c)
	totals.Trace = id
	totals.Code = said.Response.Condition.String()
	if !said.Response.success() {
		return totals, fmt.Errorf("%s: terminal says %s %s", name, totals.Code, said.Response.Additional)
	}
	if err := t.add(&totals, said); err != nil {
		totals.Outcome = terminal.Unknown
		return totals, fmt.Errorf("%s: %w", name, err)
	}
	totals.Outcome = terminal.Approved
	return totals, nil
}

// add sums up what a Reconciliation tells: payments count up and refunds down,
// and what was taken back counts in neither.
func (t *Terminal) add(totals *terminal.Totals, c *resClose) error {
	for _, group := range c.Totals {
		name := group.Brand.String()
		if name == "" {
			name = group.Kind.String()
		}
		card := terminal.CardTotal{Name: brandName(name)}
		for _, p := range group.Payments {
			n, okCount := p.Count.minor(0)
			sum, okAmount := p.Amount.minor(t.cfg.Currency.Exponent)
			if !okCount || !okAmount || group.Currency.String() != "" && group.Currency.String() != t.cfg.Code {
				return fmt.Errorf("%w: a total that is no number of %s", errAnswer, t.cfg.Code)
			}
			switch p.Type.String() {
			case "Debit":
				card.Count, card.Amount = card.Count+int(n), card.Amount+sum
			case "ReverseDebit":
				card.Count, card.Amount = card.Count-int(n), card.Amount-sum
			case "Credit":
				card.Count, card.Amount = card.Count+int(n), card.Amount-sum
			case "ReverseCredit":
				card.Count, card.Amount = card.Count-int(n), card.Amount+sum
			}
		}
		totals.Count += card.Count
		totals.Amount += card.Amount
		totals.ByCard = append(totals.ByCard, card)
	}
	return nil
}
