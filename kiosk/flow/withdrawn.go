package flow

// This file is about articles that may no longer be sold and lie in the basket
// already: their maker takes them back, or the store has stopped their sale.

// Withdrawn says which open lines of the sale on the screen may no longer be sold.
type Withdrawn struct {
	At
	Lines []Withdrawal `json:"lines"`
}

// A Withdrawal is one such line. Recall is nil where the store has stopped the sale.
type Withdrawal struct {
	Line   int     `json:"line"`
	Recall *Recall `json:"recall,omitempty"`
}

func (Withdrawn) isEvent() {}

// withdrawn takes such lines off the basket, on record, and says so. A person is
// told of what its maker takes back. Once money moves, or has moved in part, what
// is owed does not change by itself: then a person is told of all of it.
func (l *lane) withdrawn(ev Withdrawn) {
	s := l.Sale
	if s == nil || s.over() || s.Refund != nil {
		return
	}
	var shown Strip
	for _, w := range ev.Lines {
		if strip := l.withdraw(w); strip.Kind != HintNone && (shown.Kind == HintNone || shown.Recall == nil) {
			shown = strip
		}
	}
	if shown.Kind == HintNone {
		return
	}
	shown.Until = l.Now.Mono + 4*l.rules.Timing.Hint // she has to read it, and to find the piece
	l.hint(shown)
	l.cue(SoundAgain)
}

// withdraw takes one line off, and returns what to say of it: nothing if it
// stays, or is gone already.
func (l *lane) withdraw(w Withdrawal) Strip {
	s := l.Sale
	if s.Undo.Line == w.Line {
		s.Undo = Undo{} // it does not come back
	}
	line, ok := s.line(w.Line)
	if !ok || line.Of != 0 {
		return Strip{}
	}
	detail := "sale stopped: " + line.Article.Name
	if w.Recall != nil {
		detail = l.recalled(line.Lot) + ": " + line.Article.Name
	}
	if s.paying() || s.parted() {
		l.alert(s, detail+", while it was paid for") // stays until somebody has looked, also after the sale
		return Strip{}
	}
	page, pick, of := s.Page, s.Pick, s.Line
	l.voidLine(line.N, "lane")
	s.Undo = Undo{}
	switch page {
	case PageTender, PageCheck, PageAge: // what is to be paid is another sum now
		s.WantsPay = false
	case PageQuantity:
		if pick != nil || of != line.N {
			s.Page = page
		}
	default:
		s.Page = page
	}
	if h := s.Held; h != nil && h.Line == line.N {
		s.Held = nil
	}
	if w.Recall != nil {
		l.raise(Need{Kind: NeedLimit, Detail: detail})
	}
	return Strip{Kind: HintGone, Article: &line.Article, Recall: w.Recall}
}

// MayBeWithdrawn returns the lines of the sale on the screen of which a
// [Withdrawn] may be said: the open ones, and the one whose removal can still be
// undone.
func MayBeWithdrawn(s State) []int {
	if s.Sale == nil || s.Sale.over() || s.Sale.Refund != nil {
		return nil
	}
	var lines []int
	for _, line := range s.Sale.Basket.Lines {
		if line.Of == 0 && (!line.Voided || line.N == s.Sale.Undo.Line) {
			lines = append(lines, line.N)
		}
	}
	return lines
}
