package web

import (
	"strings"
	"testing"
	"time"

	"kassa/kiosk/bagging"
	"kassa/kiosk/flow"
)

// TestBagQuestion: staff see the numbers, the curve and the stories with their
// odds in words; who may not settle it sees no story to touch.
func TestBagQuestion(t *testing.T) {
	h, err := New(newLane().options(t))
	if err != nil {
		t.Fatal(err)
	}
	_, body := get(h, "/storybook/staff-bagging?lang=en")
	for _, want := range []string{
		"From 500\u00a0g to 830\u00a0g, expected 1530\u00a0g.", "about 6 in 10", "less than 1 in 10",
		`data-value="bagging-story" data-code="3-swap"`, `<path class="seen" d="M0.0 `, "12 s ago", "expected 1530\u00a0g",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	p := &page{V: flow.View{Staff: &flow.ViewStaff{Bag: bagQuestion(), Deeds: []flow.StaffDeed{flow.DeedBagOK}}}}
	if got := p.BagStories(); got != nil {
		t.Errorf("stories without leave to tell one: %v", got)
	}
}

// TestBagCurve: odd curves are drawn within the picture, or not at all.
func TestBagCurve(t *testing.T) {
	s, err := newSite(newLane().options(t))
	if err != nil {
		t.Fatal(err)
	}
	at := func(sec, grams float64) bagging.Point {
		return bagging.Point{T: time.Duration(sec * float64(time.Second)), Grams: grams}
	}
	for _, tc := range []struct {
		name   string
		points []bagging.Point
		want   string // of the path; "" for no curve
	}{
		{"none", nil, ""},
		{"one point", []bagging.Point{at(1, 5)}, ""},
		{"flat", []bagging.Point{at(1, 100), at(2, 100)}, "M0.0 90.0H240.0V90.0"},
		{"one moment", []bagging.Point{at(1, 100), at(1, 200)}, "M0.0 90.0H0.0V18.0"},
		{"up", []bagging.Point{at(0, 100), at(5, 100), at(10, 300)}, "M0.0 90.0H120.0V90.0H240.0V18.0"},
	} {
		p := &page{site: s, W: s.Words.In("en"), V: flow.View{Staff: &flow.ViewStaff{Bag: &flow.ViewBag{ExpectedG: 100, Curve: tc.points}}}}
		c := p.BagCurve()
		if (c == nil) != (tc.want == "") || c != nil && c.Path != tc.want {
			t.Errorf("%s: %+v, want path %q", tc.name, c, tc.want)
		}
	}
}
