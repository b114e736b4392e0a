package flow

import (
	"slices"

	"kassa/kiosk/basket"
)

// raise records that a person is needed, and returns its number. Asking twice for
// the same thing is asking once; two alerts about money, and two about what may not
// be sold, are the same if they say the same.
func (l *lane) raise(n Need) int {
	s := l.Sale
	says := n.alert() || n.Kind == NeedLimit && l.Rev >= revLimit
	for _, have := range s.Needs {
		same := have.Kind == n.Kind && have.Line == n.Line && !have.Settled
		if same && have.alert() == n.alert() && (!says || have.Detail == n.Detail) {
			return have.N
		}
	}
	n.N, n.RaisedAt = len(s.Needs)+1, l.Now
	s.Needs = append(s.Needs, n)
	return n.N
}

// alert reports whether a need is about money that is amiss though nothing waits
// for it. Only a person settles one, never the next payment.
func (n Need) alert() bool { return n.Kind == NeedPayment && !n.Blocks }

// alert tells staff that something is amiss with a sale's money, once. The sale
// may have ended.
func (l *lane) alert(s *Sale, detail string) {
	if slices.ContainsFunc(s.Needs, func(n Need) bool { return n.Detail == detail }) {
		return
	}
	s.Needs = append(slices.Clip(s.Needs), Need{N: len(s.Needs) + 1, Kind: NeedPayment, RaisedAt: l.Now, Detail: detail})
	l.cue(SoundCalled)
}

// doubt is the open call about the payment under way, nil if there is none.
func (s *Sale) doubt() *Need {
	for i := range s.Needs {
		if n := &s.Needs[i]; n.Kind == NeedPayment && n.Blocks && !n.Settled {
			return n
		}
	}
	return nil
}

// settle records who settled what, and why.
func (l *lane) settle(n *Need, by, reason string) {
	n.Settled, n.At, n.By, n.Reason, n.From = true, l.Now, by, reason, l.from()
}

// from says where what is done now is done, "" at the lane.
func (l *lane) from() string {
	if l.afar {
		return "console"
	}
	return ""
}

// askAge asks once per basket, at the highest limit; scanning goes on.
func (l *lane) askAge(a basket.Article) {
	s := l.Sale
	if a.Age == 0 || a.Age <= s.Age {
		return
	}
	s.Age = a.Age
	if s.need(NeedAge) == nil {
		l.raise(Need{Kind: NeedAge, Blocks: true})
		s.AgeBy = ""
	}
}

// call asks for a person. Pressing twice calls once; outside a sale it opens
// one, so that there is something to help with.
func (l *lane) call(reason string) {
	if l.Sale == nil {
		if !l.serves() {
			return
		}
		l.ensureSale()
	}
	s := l.Sale
	l.alive()
	if s.call() != nil {
		return
	}
	s.Calls = append(s.Calls, Call{N: len(s.Calls) + 1, Reason: reason, State: CallCalled, RaisedAt: l.Now, Reads: s.takeReads()})
	l.raise(Need{Kind: NeedHelp})
	l.cue(SoundCalled)
	if s.Page == PageHelp {
		s.Page = PageBasket
	}
}

// endCall ends the open call.
func (l *lane) endCall(state CallState, by, outcome string) {
	s := l.Sale
	if c := s.call(); c != nil {
		c.State, c.EndedAt, c.By, c.Outcome, c.From = state, l.Now, by, outcome, l.from()
	}
	if n := s.need(NeedHelp); n != nil {
		l.settle(n, by, outcome)
	}
	if s.over() && s.EndAt == 0 && s.Paper.Key == "" {
		s.EndAt = l.Now.Mono + l.rules.Timing.Receipt // it waited for her call
	}
}

// solved records that a self-help article was enough.
func (l *lane) solved(article string) {
	s := l.Sale
	if s.call() != nil {
		l.endCall(CallDone, "shopper", bySelfHelp)
	} else {
		s.Calls = append(s.Calls, Call{
			N: len(s.Calls) + 1, Reason: article, State: CallDone,
			RaisedAt: l.Now, EndedAt: l.Now, By: "shopper", Outcome: bySelfHelp, Reads: s.takeReads(),
			Silent: true,
		})
	}
	s.Page = PageBasket
}

// unblock goes on with the payment that waited for a person.
func (l *lane) unblock() {
	s := l.Sale
	if s.WantsPay && !s.blocked() {
		l.pay()
	}
}
