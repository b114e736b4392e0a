package flow

import "testing"

func TestTheLastItemIsTakenOffOnTheHelpPage(t *testing.T) {
	a := playAfar(t, "1s scan milk\n2s scan pens\n3s touch help\n4s touch article value=remove\n5s touch void-line line=2")
	s := a.state.Sale
	if s.Page != PageBasket || s.Basket.Total != 119 || s.Undo.Line != 2 {
		t.Errorf("page %s, total %d, undo %d", s.Page, s.Basket.Total, s.Undo.Line)
	}
	if len(s.Reads) != 1 || s.Reads[0] != (Read{Article: "remove", Did: "void-line"}) {
		t.Errorf("on record: %+v", s.Reads)
	}
}
