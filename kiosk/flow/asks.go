package flow

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"kassa/kiosk/bagging"
	"kassa/kiosk/help"
)

// An Ask is one time that this lane asks for a person, as the store hears of it:
// a shopper's call, or an intervention that waits.
type Ask struct {
	ID       string // LANE-NUMBER/N of a call, LANE-NUMBER/nN of an intervention
	Reason   help.Reason
	Kind     InterventionKind
	Call     int // number among the sale's calls, 0: it is an intervention
	Need     int // number among its interventions, 0: none
	RaisedAt time.Time
	Open     bool
	// How it ended, and what the shopper said of it.
	Cancelled bool
	By        string
	Outcome   string
	Rating    int
	Solved    *bool
	Reads     []Read
}

// Asks are all requests for a person of a sale, the ended ones too, in the order
// they were made. A nil sale has none.
func Asks(r *Rules, s *Sale) []Ask {
	if s == nil {
		return nil
	}
	base := fmt.Sprintf("%s-%06d/", r.Lane, s.Number)
	var all []Ask
	for _, c := range s.Calls {
		if !c.called() {
			continue // solved by an article: nobody was asked
		}
		all = append(all, Ask{
			ID: fmt.Sprintf("%s%d", base, c.N), Reason: s.callReason(c.Reason), Kind: NeedHelp, Call: c.N, RaisedAt: c.RaisedAt.Wall,
			Open: c.open(), Cancelled: c.State == CallCancelled, By: c.By, Outcome: c.Outcome, Rating: c.Rating, Solved: c.Solved,
			Reads: c.Reads,
		})
	}
	for _, n := range s.Needs {
		if n.Kind == NeedHelp || !n.asked(s) {
			continue
		}
		all = append(all, Ask{
			ID: fmt.Sprintf("%sn%d", base, n.N), Reason: s.needReason(n), Kind: n.Kind, Need: n.N, RaisedAt: n.RaisedAt.Wall,
			Open: !n.Settled && (!s.gone() || n.alert()), By: n.By, Outcome: n.Reason,
		})
	}
	slices.SortStableFunc(all, func(a, b Ask) int { return cmp.Or(a.RaisedAt.Compare(b.RaisedAt), strings.Compare(a.ID, b.ID)) })
	return all
}

// AsksLeft are those of a sale that has left the screen. What was amiss with its
// money cannot be settled at this lane any more: it ends here as over, by the lane,
// and the store keeps it as a matter of its own.
func AsksLeft(r *Rules, s *Sale) []Ask {
	all := Asks(r, s)
	for i := range all {
		if a := &all[i]; a.Open && a.Kind == NeedPayment {
			a.Open, a.By, a.Outcome = false, "lane", "over"
		}
	}
	return all
}

// gone reports whether nothing of the sale can wait any more: nobody is asked
// about what was voided.
func (s *Sale) gone() bool {
	return s.State == SaleVoided || s.State == SaleAbandoned || s.State == SaleParked
}

// called reports whether a person was asked for at all.
func (c Call) called() bool { return !c.Silent }

// asked reports whether an intervention asks for a person: what payment does not
// wait for yet asks nobody, and what staff did on their own never did.
func (n Need) asked(s *Sale) bool {
	if n.Settled {
		return n.Asked
	}
	return n.Asked || s.WantsPay || n.Kind != NeedAge && n.Kind != NeedTag
}

func findAsk(r *Rules, s *Sale, id string) (Ask, bool) {
	asks := Asks(r, s)
	i := slices.IndexFunc(asks, func(a Ask) bool { return a.ID == id })
	if i < 0 {
		return Ask{}, false
	}
	return asks[i], true
}

// noteAsked remembers which interventions have asked for a person, for the time
// when they are settled.
func (l *lane) noteAsked() {
	if l.Sale == nil {
		return
	}
	if l.Sale.over() {
		l.keepReads()
	}
	for i := range l.Sale.Needs {
		if n := &l.Sale.Needs[i]; !n.Settled && !n.Asked && n.asked(l.Sale) {
			n.Asked = true
		}
	}
}

// needReason is an intervention's reason on two levels.
func (s *Sale) needReason(n Need) help.Reason {
	switch n.Kind {
	case NeedAge:
		return help.AreaAge
	case NeedBagging:
		kind, _, _ := strings.Cut(n.Detail, ":") // as it was when it was raised
		switch bagging.Kind(kind) {
		case bagging.Unexpected:
			return "bagging.too-much"
		case bagging.Wrong:
			return "bagging.wrong"
		default:
			return help.AreaBagging
		}
	case NeedPrice:
		return help.AreaPrice
	case NeedUnknown:
		return "article.unknown"
	case NeedQuantity:
		return "article.quantity"
	case NeedLimit:
		return "article.limit"
	case NeedTag:
		return "article.tag"
	case NeedRefund:
		return "after.refund"
	case NeedPayment:
		return "payment.unsure"
	case NeedDevice:
		return help.AreaDevice
	default:
		return "help.audit"
	}
}

// callReason is a call's reason on two levels: what she said, or what blocked
// her.
func (s *Sale) callReason(said string) help.Reason {
	if r := help.Reason(said); r.Valid() {
		return r
	}
	switch said {
	case "", "button", "asked":
		if s.over() {
			return "after.receipt"
		}
		return "help.button"
	case "void-sale":
		return "help.void-sale"
	case "part-paid":
		return "payment.part-paid"
	case "scan", "find", "weigh":
		return help.Reason("article." + said)
	}
	if r := help.Reason("how." + said); r.Valid() {
		return r
	}
	return help.AreaHelp
}

// CallHeard says what the store says of a call of this lane.
type CallHeard struct {
	At
	ID      string        `json:"id"`
	State   help.State    `json:"state"`
	Version int           `json:"version,omitempty"`
	Name    string        `json:"name,omitempty"` // first name, if the store shows it
	Place   int           `json:"place,omitempty"`
	Wait    time.Duration `json:"wait,omitempty"`
	Outcome string        `json:"outcome,omitempty"`
}

func (CallHeard) isEvent() {}

// A Word is what the store said last of a call.
type Word struct {
	ID      string
	State   help.State
	Version int
	Name    string
	Place   int           // in the queue, from 1; 0: not known
	Wait    time.Duration // 0: not known
}

// word is what was heard of a call, the zero Word if nothing.
func (s *Sale) word(id string) Word {
	for _, w := range s.Heard {
		if w.ID == id {
			return w
		}
	}
	return Word{}
}

// heard takes what the store says of a call. A call that the store thinks over
// and the shopper does not is over for her too: nobody would come.
func (l *lane) heard(ev CallHeard) {
	s := l.Sale
	a, ok := findAsk(l.rules, s, ev.ID)
	if !ok || !a.Open || ev.Version < s.word(ev.ID).Version {
		return
	}
	words := slices.DeleteFunc(slices.Clone(s.Heard), func(w Word) bool { return w.ID == ev.ID })
	if !ev.State.Open() {
		s.Heard = words
		if a.Call != 0 {
			l.endCall(CallDone, "hub", orHelped(ev.Outcome))
		}
		return
	}
	s.Heard = append(words, Word{ev.ID, ev.State, ev.Version, ev.Name, ev.Place, ev.Wait})
	c := s.call()
	if a.Call == 0 || c == nil || c.N != a.Call || c.By != "" && (l.Staff != nil || ev.State == help.Claimed) { // somebody came with a badge
		return
	}
	c.By = "" // and went, or was never here
	c.State = CallState(ev.State)
	if c.State != CallCalled && c.SeenAt.Wall.IsZero() {
		c.SeenAt = l.Now
	}
}

// viewCall is a call as the shopper sees it.
func (s *Sale) viewCall(r *Rules) (call, coming *ViewCall) {
	for _, a := range Asks(r, s) {
		if !a.Open {
			continue
		}
		w := s.word(a.ID)
		v := &ViewCall{State: CallState(w.State), Reason: string(a.Reason), Who: w.Name, Place: w.Place, Wait: w.Wait}
		if v.State == "" {
			v.State = CallCalled
		}
		if c := s.call(); a.Call != 0 && c != nil {
			v.State, v.Reason, call = c.State, c.Reason, v
		} else if a.Need != 0 && w.ID != "" {
			coming = v
		}
	}
	return call, coming
}
