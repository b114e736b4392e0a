package flow

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"kassa/kiosk/basket"
	"kassa/kiosk/money"
)

// This file is about what staff have the lane do from afar. A command is done
// once, by the rules that hold at the lane, and only while what it was decided
// upon still stands.

// Commanded says that somebody who is not at the lane wants a deed done.
type Commanded struct {
	At
	ID    string    `json:"id"` // random: the same twice is one command
	Staff Staff     `json:"staff"`
	Deed  StaffDeed `json:"deed"`
	// What it was decided upon: the run of the lane, the sale on its screen, the
	// call and its version. "" and 0: it is not about that.
	Boot    string `json:"boot"`
	Number  int64  `json:"number,omitempty"`
	Call    string `json:"call,omitempty"`
	Version int    `json:"version,omitempty"`

	Line   int    `json:"line,omitempty"`
	Value  string `json:"value,omitempty"` // pieces, minor units, a message, a story; by the deed
	Reason string `json:"reason,omitempty"`
}

func (Commanded) isEvent() {}

// Why a command was not done.
const (
	WhyStale        = "stale"         // it was decided upon what is no more
	WhyUnfit        = "unfit"         // there is nothing to do it to
	WhyUnknown      = "unknown-deed"  // this version does not know it
	WhyNotPermitted = "not-permitted" // the role may not
	WhyPresence     = "presence"      // somebody must be at the lane
)

// CommandDone is a command that was answered: OK is done.
type CommandDone struct {
	ID   string    `json:"id"`
	Deed StaffDeed `json:"deed"`
	By   string    `json:"by"`
	Why  string    `json:"why,omitempty"` // "" it was done
}

// commandsKept is how many answers are kept. A command lives for seconds.
const commandsKept = 32

// A Message is what somebody far away says to the shopper.
type Message struct {
	ID   string
	Text string
	By   string
}

// maxMessage bounds a message, in bytes.
const maxMessage = 400

// Answer returns what became of a command, false if it is not known.
func (s State) Answer(id string) (CommandDone, bool) {
	i := slices.IndexFunc(s.Commands, func(d CommandDone) bool { return d.ID == id })
	if i < 0 {
		return CommandDone{}, false
	}
	return s.Commands[i], true
}

// commanded does a command, or notes why not. The same one again changes
// nothing.
func (l *lane) commanded(ev Commanded) {
	if _, known := l.Answer(ev.ID); known {
		return
	}
	why := l.refuses(ev)
	if why == "" {
		why = l.obey(ev)
	}
	kept := slices.Clone(l.Commands[max(0, len(l.Commands)-commandsKept+1):])
	l.Commands = append(kept, CommandDone{ID: ev.ID, Deed: ev.Deed, By: ev.Staff.ID, Why: why})
}

// refuses says why a command is not done, "" if it may be.
func (l *lane) refuses(ev Commanded) string {
	if !remote(ev.Deed) {
		if atLane(ev.Deed) {
			return WhyPresence
		}
		return WhyUnknown
	}
	s := l.Sale
	switch {
	case ev.Boot != l.Run:
		return WhyStale
	case ev.Number != 0 && (s == nil || s.Number != ev.Number):
		return WhyStale
	case ev.Deed != DeedOpen && ev.Deed != DeedClose && (s == nil || ev.Number == 0):
		return WhyStale
	}
	if ev.Call != "" {
		a, ok := findAsk(l.rules, s, ev.Call)
		if !ok || !a.Open || ev.Version < s.word(ev.Call).Version {
			return WhyStale
		}
	}
	if _, ok := (&Session{Staff: ev.Staff}).permit(ev.Deed); !ok {
		return WhyNotPermitted
	}
	if kind := kindOf(ev.Deed); kind != "" && l.rules.presence(kind) {
		return WhyPresence
	}
	return ""
}

// remote reports whether a deed can be done from afar at all.
func remote(d StaffDeed) bool {
	switch d {
	case DeedMessage, DeedQuantity, DeedWaive, DeedLock, DeedUnlock, DeedSettle, DeedAgeOK, DeedAgeRefuse, DeedBagOK,
		DeedBagFixed, DeedBagStory, DeedHelpDone, DeedAllow, DeedPrice, DeedVoidSale, DeedVoidLine, DeedPark, DeedOpen, DeedClose,
		DeedPaid, DeedNotPaid:
		return true
	default:
		return false
	}
}

// atLane reports whether a deed is known, and wants hands at the lane.
func atLane(d StaffDeed) bool {
	switch d {
	case DeedReprint, DeedDrawer, DeedZero, DeedTare, "refund", "part", "take-back":
		return true
	default:
		return false
	}
}

// kindOf is the intervention that a deed settles, "" if it is about none or any.
func kindOf(d StaffDeed) InterventionKind {
	switch d {
	case DeedAgeOK, DeedAgeRefuse:
		return NeedAge
	case DeedPaid, DeedNotPaid:
		return NeedPayment
	case DeedBagOK, DeedBagFixed, DeedBagStory:
		return NeedBagging
	case DeedAllow:
		return NeedLimit
	default:
		return ""
	}
}

// presence reports whether only somebody at the lane may settle a kind.
func (r *Rules) presence(kind InterventionKind) bool {
	if r.AtLane == nil {
		return kind == NeedAge || kind == NeedPayment
	}
	return slices.Contains(r.AtLane, kind)
}

// obey does a command that may be done, as a session of its own: whoever stands
// at the lane keeps their page.
func (l *lane) obey(ev Commanded) string {
	at := l.Staff
	l.Staff = &Session{Staff: ev.Staff, PIN: true, Until: l.Now.Mono + time.Hour}
	l.afar = true
	defer func() { l.Staff, l.afar = at, false }()
	if ev.Call != "" && l.Rev >= revCall {
		return l.answer(ev)
	}
	return l.obeyDeed(ev)
}

func (l *lane) obeyDeed(ev Commanded) string {
	switch ev.Deed {
	case DeedSettle:
		return l.settleAsk(ev)
	case DeedMessage:
		return l.message(ev)
	case DeedLock, DeedUnlock:
		if l.Sale.over() {
			return WhyUnfit
		}
		l.Sale.Locked = ev.Deed == DeedLock
		l.note(NeedAudit, ev.Staff.ID, string(ev.Deed))
		return ""
	case DeedQuantity:
		return l.correct(ev)
	case DeedWaive:
		return l.waive(ev)
	default:
		return l.remotely(ev)
	}
}

// remotely does a deed of the staff page.
func (l *lane) remotely(ev Commanded) string {
	if !slices.Contains(deeds(l.State), ev.Deed) {
		return WhyUnfit
	}
	var price *newPrice
	switch ev.Deed {
	case DeedVoidLine:
		if line, ok := l.Sale.line(ev.Line); !ok || line.Of != 0 {
			return WhyUnfit
		}
	case DeedPrice:
		n, err := strconv.ParseInt(ev.Value, 10, 64)
		line, ok := l.Sale.line(ev.Line)
		if err != nil || n < 0 || money.Amount(n) > basket.MaxPrice || !ok || line.Of != 0 {
			return WhyUnfit
		}
		price = &newPrice{money.Amount(n), ev.Reason}
		if !slices.Contains(PriceReasons(), ev.Reason) {
			price.Reason = "other"
		}
		had := len(l.Sale.Needs)
		l.perform(ev.Deed, ev.Line, price)
		if l.Sale == nil || len(l.Sale.Needs) == had {
			return WhyUnfit
		}
		return ""
	case DeedBagStory:
		if !l.story(ev.Value, ev.Staff.ID) {
			return WhyUnfit
		}
		return ""
	default:
	}
	l.perform(ev.Deed, ev.Line, price)
	return ""
}

// story settles a bagging question by what somebody saw; false: it is none of
// the stories that are told of it.
func (l *lane) story(id, by string) bool {
	q := l.Sale.Bag.Question
	story, ok := q.story(id)
	if !ok || l.Sale.Bag.Since == 0 {
		return false
	}
	l.told(q, story, by)
	l.unblock()
	return true
}

// settleAsk settles what one call is about, and nothing else that waits.
func (l *lane) settleAsk(ev Commanded) string {
	a, ok := findAsk(l.rules, l.Sale, ev.Call)
	if !ok || !a.Open {
		return WhyUnfit
	}
	if l.rules.presence(a.Kind) {
		return WhyPresence
	}
	if _, may := l.Staff.permit(Settles(a.Kind)); !may && l.Rev >= revCall {
		return WhyNotPermitted
	}
	if a.Kind == NeedRefund && l.Rev >= revCall {
		return WhyUnfit // it ends when the money is out
	}
	by, reason := ev.Staff.ID, ev.Reason
	var deed StaffDeed
	switch a.Kind {
	case NeedHelp:
		l.endCall(CallDone, by, orHelped(reason))
		return ""
	case NeedAge:
		deed = choose(ev.Value == "refused", DeedAgeRefuse, DeedAgeOK)
	case NeedBagging:
		if l.story(ev.Value, by) {
			return ""
		}
		deed = choose(ev.Value == "wrong", DeedBagFixed, DeedBagOK)
	case NeedPayment:
		alert := l.Rev >= revCall && l.Sale.Needs[a.Need-1].alert()
		if l.Sale.Payment.Phase == PhaseUnsure && !alert {
			deed = choose(ev.Value == "paid", DeedPaid, DeedNotPaid)
		}
		if deed != "" && ev.Value != "paid" && ev.Value != "not-paid" {
			return WhyUnfit // nobody guesses what became of money
		}
	case NeedLimit:
		if h := l.Sale.Held; h != nil && (h.Need == a.Need || l.Rev < revLimit) {
			deed = DeedAllow
		}
	default:
	}
	if deed == "" {
		l.settle(&l.Sale.Needs[a.Need-1], by, orHelped(reason))
		l.unblock()
		return ""
	}
	if _, ok := l.Staff.permit(deed); !ok {
		return WhyNotPermitted
	}
	ev.Deed = deed
	return l.remotely(ev)
}

func choose(first bool, a, b StaffDeed) StaffDeed {
	if first {
		return a
	}
	return b
}

func orHelped(reason string) string {
	if reason == "" {
		return "helped"
	}
	return reason
}

// message shows the shopper what somebody says.
func (l *lane) message(ev Commanded) string {
	text := strings.TrimSpace(strings.ToValidUTF8(ev.Value, ""))
	if text == "" || len(text) > maxMessage {
		return WhyUnfit
	}
	l.Sale.Message = &Message{ID: ev.ID, Text: text, By: ev.Staff.ID}
	l.cue(SoundLook)
	return ""
}

// correct sets how many pieces a line has.
func (l *lane) correct(ev Commanded) string {
	s := l.Sale
	n, err := strconv.ParseInt(ev.Value, 10, 32)
	may := map[Act]bool{}
	s.acts(l.rules, l.State, may)
	if _, open := s.line(ev.Line); err != nil || n < 1 || !open || !may[ActQuantity] {
		return WhyUnfit
	}
	l.setQuantity(ev.Line, n)
	if line, ok := l.Sale.line(ev.Line); !ok || line.Qty != n {
		return WhyUnfit
	}
	l.note(NeedQuantity, ev.Staff.ID, orHelped(ev.Reason))
	s.Needs[len(s.Needs)-1].Line = ev.Line
	return ""
}

// waive lets a line, or all that waits, stay off the bagging scale.
func (l *lane) waive(ev Commanded) string {
	s := l.Sale
	if _, open := s.line(ev.Line); ev.Line != 0 && !open || s.over() || s.paying() {
		return WhyUnfit
	}
	l.note(NeedBagging, ev.Staff.ID, "waived")
	s.Needs[len(s.Needs)-1].Line = ev.Line
	l.keep(ev.Line)
	return ""
}
