package flow

import (
	"fmt"
	"slices"
	"strings"

	"kassa/kiosk/bagging"
)

// This file is about what a member of staff hears of a bagging question, and
// about the one touch that says what it was.

// A Question is what the bagging check can tell of the change of the load that
// it asks about. The curve streams past the flow: [ViewBag].
type Question struct {
	Event int `json:"event"` // names the change for [bagging.Told]
	// FromG and ToG are the settled load before and after the change; ExpectedG
	// what it should have become. Grams.
	FromG     float64         `json:"from_g"`
	ToG       float64         `json:"to_g"`
	ExpectedG float64         `json:"expected_g"`
	Stories   []bagging.Story `json:"stories"` // best first, one of a kind; P 0: not among the likely ones
}

// QuestionOf takes from an explanation what the flow keeps; nil where there is
// none. Stories of one kind become one: a touch tells kinds apart. What a person
// may well find there, however unlikely it looked, can always be said.
func QuestionOf(e bagging.Explanation, ok bool) *Question {
	if !ok {
		return nil
	}
	q := &Question{Event: e.Event, FromG: e.FromG, ToG: e.ToG, ExpectedG: e.ExpectedG}
	for _, s := range e.Stories {
		if i := q.find(s.Kind); i >= 0 {
			q.Stories[i].P += s.P
			continue
		}
		q.Stories = append(q.Stories, s)
	}
	slices.SortStableFunc(q.Stories, func(a, b bagging.Story) int {
		switch {
		case a.P > b.P:
			return -1
		case a.P < b.P:
			return 1
		default:
			return 0
		}
	})
	for _, kind := range []bagging.StoryKind{bagging.Extra, bagging.Swapped, bagging.Doubled} {
		if q.find(kind) < 0 {
			q.Stories = append(q.Stories, bagging.Story{Kind: kind})
		}
	}
	return q
}

func (q *Question) find(kind bagging.StoryKind) int {
	if q == nil {
		return -1
	}
	return slices.IndexFunc(q.Stories, func(s bagging.Story) bool { return s.Kind == kind })
}

// storyID names a story on the page: of which change, and which kind.
func storyID(event int, kind bagging.StoryKind) string { return fmt.Sprintf("%d-%s", event, kind) }

// story returns the story that id names: as the page says it, or by its kind
// alone. One of a change that is no longer asked about is none.
func (q *Question) story(id string) (bagging.Story, bool) {
	if q == nil {
		return bagging.Story{}, false
	}
	kind, _ := strings.CutPrefix(id, fmt.Sprintf("%d-", q.Event))
	i := q.find(bagging.StoryKind(kind))
	if i < 0 {
		return bagging.Story{}, false
	}
	return q.Stories[i], true
}

// asked keeps what is known of the standing question. Without news, what was
// known stays.
func (s *Sale) asked(q *Question) {
	if q != nil && s.Bag.Since != 0 {
		s.Bag.Question = q
	}
}

// storyDeed does a touch that says which story it was; false for any other
// touch. It settles the question as it stands and teaches the check.
func (l *lane) storyDeed(ev Touched) bool {
	if ev.Act != ActStaff || StaffDeed(ev.Value) != DeedBagStory {
		return false
	}
	if l.Staff == nil || l.Sale == nil || !slices.Contains(deeds(l.State), DeedBagStory) {
		return true
	}
	if _, may := l.Staff.permit(DeedBagStory); !may {
		return true
	}
	q := l.Sale.Bag.Question
	story, ok := q.story(ev.Code)
	if !ok {
		return true
	}
	l.Staff.Until = l.Now.Mono + l.rules.Timing.Staff
	l.Staff.Said, l.Staff.SaidOf = "", ""
	l.told(q, story, l.Staff.ID)
	l.afterDeed()
	return true
}

// told puts on record what a person saw, with the numbers, and tells the check.
func (l *lane) told(q *Question, story bagging.Story, by string) {
	s := l.Sale
	reason := "story " + string(story.Kind)
	detail := fmt.Sprintf("%s of change %d: %.0f g to %.0f g, expected %.0f g, p %.3f",
		story.Kind, q.Event, q.FromG, q.ToG, q.ExpectedG, story.P)
	if n := s.need(NeedBagging); n != nil {
		n.Detail += "; told " + detail
	} else {
		l.note(NeedBagging, by, reason)
		s.Needs[len(s.Needs)-1].Detail = "told " + detail
	}
	l.do(Check{Input: bagging.Told{T: l.Now.Mono, Event: q.Event, Kind: story.Kind}})
	s.Unbagged = nil
	l.bagIsFine(by, reason)
}

// tellable reports whether staff can be asked which story it was.
func (s *Sale) tellable() bool {
	return s.Bag.Since != 0 && s.Bag.Question != nil && len(s.Bag.Question.Stories) > 0
}

// A ViewBag is a bagging question as staff see it.
type ViewBag struct {
	Event int
	Kind  bagging.Kind
	// FromG and ToG are the load before and after the change, ExpectedG what it
	// should have become. Grams.
	FromG, ToG, ExpectedG float64
	Stories               []ViewStory // best first
	// Curve is the load around the change. The station adds it; it is on no
	// record.
	Curve []bagging.Point
}

// A ViewStory is one explanation to choose.
type ViewStory struct {
	ID    string // Code of the touch
	Kind  bagging.StoryKind
	P     float64 // 0 to 1
	Names []ViewName
}

// A ViewName is an article's name.
type ViewName struct {
	Name  string            // in the lane's first language
	Names map[string]string // by language
}

// viewBag is the bagging question for the staff page, nil for none.
func (s *Sale) viewBag() *ViewBag {
	if !s.tellable() {
		return nil
	}
	q := s.Bag.Question
	v := &ViewBag{Event: q.Event, Kind: s.Bag.Decision.Kind, FromG: q.FromG, ToG: q.ToG, ExpectedG: q.ExpectedG}
	for _, st := range q.Stories {
		vs := ViewStory{ID: storyID(q.Event, st.Kind), Kind: st.Kind, P: st.P}
		for _, n := range st.Lines {
			if l, ok := s.line(n); ok {
				vs.Names = append(vs.Names, ViewName{l.Article.Name, l.Article.Names})
			}
		}
		v.Stories = append(v.Stories, vs)
	}
	return v
}
