package web

import (
	"fmt"
	"strings"
	"testing"

	"kassa/kiosk/flow"
	"kassa/kiosk/help"
)

// The article about an item that is not wanted takes the last one off there and
// then, by its name, and only where it is clear which one that is.
func TestTheLastItemIsTakenOffInTheHelp(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(v *flow.View)
		offered bool
	}{
		"from the basket":          {func(*flow.View) {}, true},
		"a piece is being weighed": {func(v *flow.View) { v.Moment.Screen = string(flow.ScreenWeigh) }, false},
		"it may not be touched":    {func(v *flow.View) { delete(v.Acts, flow.ActVoidLine) }, false},
		"the list is empty":        {func(v *flow.View) { v.Sale.Lines = nil }, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLane()
			l.now.Moment = &help.Moment{Screen: string(flow.ScreenBasket)}
			lines := l.now.Sale.Lines
			last := lines[len(lines)-1]
			for i := range lines {
				if lines[i].Newest = false; !lines[i].Fixed && lines[i].N > last.N || last.Fixed {
					last = lines[i]
				}
			}
			c.change(&l.now)
			h, err := New(l.options(t))
			if err != nil {
				t.Fatal(err)
			}
			_, body := get(h, "/help?lang=en&topic=remove")
			for _, want := range []string{`data-act="void-line"`, fmt.Sprintf(`data-line="%d"`, last.N), "Take it off the list: \u2068" + last.Name + "\u2069"} {
				if strings.Contains(body, want) != c.offered {
					t.Errorf("%s: not %t in %s", want, c.offered, body)
				}
			}
		})
	}
}
