package web

import (
	"html/template"
	"reflect"

	"kassa/kiosk/flow"
)

// A memo keeps what one connection's page was drawn from, so that a scan draws
// one new line and not all of the page. It only ever saves work: what it gives
// back is what the template would print again.
type memo struct {
	language string
	parts    map[string]keptPart
	lines    map[int]keptLine // by line number
}

type keptPart struct {
	from any
	html string
}

type keptLine struct {
	line      flow.ViewLine
	touchable bool
	html      template.HTML
}

func newMemo() *memo { return &memo{parts: map[string]keptPart{}, lines: map[int]keptLine{}} }

// turn forgets all that was drawn in another language, and the lines of a basket
// that is gone.
func (m *memo) turn(p *page) {
	if tag := p.W.Tag(); tag != m.language || p.V.Sale == nil {
		m.language = tag
		clear(m.parts)
		clear(m.lines)
	}
}

// source returns what a part is drawn from beside the words; nil if only drawing
// it can tell.
func (p *page) source(part string) any {
	switch part {
	case "top": // nothing of the basket
		v := p.V
		v.Version, v.Live, v.Sale, v.Hint, v.Undo, v.Moment = 0, flow.Live{}, nil, nil, 0, nil
		return v
	case "bar":
		return p.Bar()
	case "lost": // words alone
		return part
	default:
		return nil
	}
}

// drawn returns a part as part does, and draws it only if it can have changed.
func (p *page) drawn(name string) (string, error) {
	from := p.source(name)
	if from == nil {
		return p.part(name)
	}
	if kept, ok := p.memo.parts[name]; ok && reflect.DeepEqual(kept.from, from) {
		return kept.html, nil
	}
	html, err := p.part(name)
	if err == nil {
		p.memo.parts[name] = keptPart{from, html}
	}
	return html, err
}

// LineHTML draws one line of the basket.
func (p *page) LineHTML(l flow.ViewLine) (template.HTML, error) {
	v := p.Line(l)
	if p.memo != nil {
		if kept, ok := p.memo.lines[l.N]; ok && kept.touchable == v.Touchable && reflect.DeepEqual(kept.line, l) {
			return kept.html, nil
		}
	}
	html, err := p.line(v)
	if err == nil && p.memo != nil {
		p.memo.lines[l.N] = keptLine{l, v.Touchable, html}
	}
	return html, err
}
