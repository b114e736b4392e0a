package play

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Look is what a shopper remembers of a glance at the page.
type Look struct {
	Screen   string
	Language string
	Goods    map[string]int64 // pieces by code, weighed ones by line
	Age      bool             // a look at one's age is still to come
	Page     Page
}

// LookAt is a glance at a page.
func LookAt(p Page) Look {
	l := Look{p.Screen, p.Language, map[string]int64{}, slices.Contains(p.Hints, "age"), p}
	for _, line := range p.Lines {
		l.Goods[short(line)] += line.Qty
	}
	return l
}

// count returns how many pieces of a code are on the list.
func (l Look) count(code string) int64 {
	for seen, n := range l.Goods {
		if seen == code || sameCode(seen, code) {
			return n
		}
	}
	return 0
}

// goods writes down what is on the list.
func (l Look) goods() string {
	var b strings.Builder
	for _, code := range slices.Sorted(maps.Keys(l.Goods)) {
		fmt.Fprintf(&b, "%s x %d, ", code, l.Goods[code])
	}
	return strings.TrimSuffix(b.String(), ", ")
}

// sameGoods reports whether the list is the same.
func (l Look) sameGoods(o Look) bool { return maps.Equal(l.Goods, o.Goods) && l.Age == o.Age }

// A Memory is what a shopper did and saw before each step of a script.
type Memory struct {
	Steps []Step
	Looks []*Look // by step: what was seen before it; nil: no look was taken
}

// Resume says with which step a shopper goes on who was at step k when the
// power went, and sees now. What step k brings may be there already; what was
// done in the moment before the cut may be gone.
func (m *Memory) Resume(k int, now Look) int {
	if k >= len(m.Steps) {
		return k
	}
	if j := m.lastWeighed(k); j >= 0 && now.Screen == "weigh" {
		return j // the page asks for a clear scale: lift it, put it there again
	}
	before := m.look(k)
	if before != nil && m.arrived(k, *before, now) {
		return k + 1
	}
	alike := []func(Look) bool{
		func(l Look) bool { return l.Screen == now.Screen && l.Language == now.Language && l.sameGoods(now) },
		func(l Look) bool { return l.Screen == now.Screen && l.sameGoods(now) },
		func(l Look) bool { return l.sameGoods(now) && (len(now.Goods) > 0 || now.Screen == "basket") },
	}
	for _, same := range alike {
		for i := min(k, len(m.Looks)-1); i >= 0; i-- {
			if m.Looks[i] != nil && same(*m.Looks[i]) {
				return i
			}
		}
	}
	// Never seen before: what step k asked for has come about.
	return k + 1
}

// lastWeighed returns the last step up to k that put something on the scale
// for the page that is still there, -1 for none.
func (m *Memory) lastWeighed(k int) int {
	for j := k; j >= 0; j-- {
		words := Words(m.Steps[j].Text)
		if words[0] == "put" && words[1] == "scale" {
			return j
		}
		if b, ok := m.Steps[j].Do.(Bench); ok && b.Verb == "scan" {
			return -1
		}
	}
	return -1
}

func (m *Memory) look(k int) *Look {
	if k < len(m.Looks) {
		return m.Looks[k]
	}
	return nil
}

// arrived reports whether now shows what step k was to bring and before did
// not.
func (m *Memory) arrived(k int, before, now Look) bool {
	if b, ok := m.Steps[k].Do.(Bench); ok && b.Verb == "scan" {
		return now.count(b.Code) > before.count(b.Code)
	}
	if _, ok := m.Steps[k].Do.(Expect); ok {
		return false // it will be looked for again
	}
	told := false
	for _, s := range m.Steps[k+1:] {
		e, ok := s.Do.(Expect)
		if !ok {
			break
		}
		if e.What != "screen" && e.What != "line" && e.What != "total" {
			continue
		}
		was, _ := before.Page.sees(e)
		is, _ := now.Page.sees(e)
		if is == e.Not {
			return false
		}
		told = told || was == e.Not
	}
	return told
}

// Replayed returns how a step that was done before is done again: its line, or
// "" when there is nothing to do because the goods lie where they were put.
// onScale and inBag say what lies where.
func Replayed(s Step, onScale, inBag func(code string) bool) []string {
	b, ok := s.Do.(Bench)
	if !ok {
		return []string{s.Text}
	}
	words := Words(s.Text)
	switch b.Verb {
	case "put":
		if words[1] == "bag" {
			if inBag(b.Code) {
				return nil
			}
			return []string{s.Text}
		}
		// A scale that was loaded before is cleared first, as the page asks.
		if onScale(b.Code) {
			return []string{"take scale " + quoted(words)[2], s.Text}
		}
		if inBag(b.Code) {
			return []string{"put scale " + quoted(words)[2]}
		}
		return []string{s.Text}
	case "scan", "badge", "card", "button":
		return []string{s.Text}
	default: // the world kept what take, lean, paper and cables did
		return nil
	}
}
