package flow

import (
	"encoding/json"
	"fmt"
	"time"

	"kassa/kiosk/money"
)

// This file is about a payment of which nobody knows what became of it: what
// staff are told, so that they need not guess either.

// WhyOther is the reason of a ChargeDoubt that names another terminal than the
// one that was asked to charge. No answer of it can prove anything.
const WhyOther = "other-terminal"

// doubted notes why the terminal cannot tell. A terminal that was swapped calls a
// person at once: waiting will not help.
func (l *lane) doubted(ev ChargeDoubt) {
	t := l.current(ev.Key)
	if t == nil {
		return
	}
	s := l.Sale
	if s.Payment.Phase != PhaseUnsure {
		s.Payment.Phase, s.Payment.Since = PhaseUnsure, l.Now.Mono
		s.State, t.Result = SaleInDoubt, string(SaleInDoubt)
		l.cue(SoundLook)
	}
	s.Payment.Failed = ev.Why
	if ev.Why == WhyOther {
		s.Payment.Other = ev.Terminal
		l.callDoubt()
	}
}

// Awaits reports whether the payment with a key is under way, or in doubt: nobody
// has said yet what became of it.
func (s State) Awaits(key string) bool {
	if s.Sale == nil {
		return false
	}
	t := s.Sale.tender()
	return t != nil && t.Key == key
}

// callDoubt calls a person, with the evidence.
func (l *lane) callDoubt() {
	s := l.Sale
	d := s.viewDoubt()
	if d == nil {
		return
	}
	detail := fmt.Sprintf("%s: %d, terminal %s receipt %s trace %s time %s", d.Key, d.Amount, d.Terminal, d.Receipt, d.Trace, d.Time)
	if d.Other != "" {
		detail += ", answered by terminal " + d.Other
	}
	l.raise(Need{Kind: NeedPayment, Blocks: true, Detail: detail})
	l.cue(SoundCalled)
}

// ViewDoubt is what is known of a payment in doubt.
type ViewDoubt struct {
	Key      string
	Amount   money.Amount // negative: it goes back
	Asked    time.Duration
	Why      string // reason of the terminal's driver
	Terminal string
	Receipt  string
	Trace    string
	Time     string // by the terminal's clock
	Other    string // another terminal answers now
}

// viewDoubt is the evidence of the payment in doubt; nil: there is none. What the
// terminal said before it fell silent counts for more than nothing.
func (s *Sale) viewDoubt() *ViewDoubt {
	t := s.tender()
	if t == nil || s.Payment.Phase != PhaseUnsure {
		return nil
	}
	d := &ViewDoubt{
		Key: t.Key, Amount: t.Amount, Asked: s.Payment.Since, Why: s.Payment.Failed, Other: s.Payment.Other,
		Terminal: t.Receipt.Terminal, Receipt: t.Receipt.Receipt, Trace: t.Receipt.Trace,
	}
	var said struct {
		Terminal string `json:"terminal"`
		Receipt  string `json:"receipt"`
		Trace    string `json:"trace"`
		Date     string `json:"date"`
		Time     string `json:"time"`
	}
	if len(s.Payment.Approval) == 0 || json.Unmarshal(s.Payment.Approval, &said) != nil {
		return d
	}
	for _, f := range []struct{ to, from *string }{{&d.Terminal, &said.Terminal}, {&d.Receipt, &said.Receipt}, {&d.Trace, &said.Trace}} {
		if *f.to == "" {
			*f.to = *f.from
		}
	}
	d.Time = said.Date + " " + said.Time
	return d
}
