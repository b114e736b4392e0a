package flow

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// TestLiftedIsKnownByWhatItSays parks a basket for which staff had lifted one
// limit, and takes it up where the store has put another in its place.
func TestLiftedIsKnownByWhatItSays(t *testing.T) {
	r := testShop(t)
	tablets, beer := r.Limits[0], r.Limits[1]
	r.Limits = []Limit{tablets, beer}
	parked := ParkedOf(r, &Sale{Number: 7, State: SaleParked, Allowed: []string{tablets.key()}})
	text, err := json.Marshal(parked) // as the journal keeps it
	if err != nil {
		t.Fatal(err)
	}
	parked = new(Parked)
	if err := json.Unmarshal(text, parked); err != nil {
		t.Fatal(err)
	}
	r.Limits = []Limit{beer, tablets}
	n := 0
	at := func() At {
		n += 10
		wall := time.Date(2026, 11, 23, 20, 0, n, 0, time.UTC) // after the hours for beer
		return At{Instant{Mono: time.Duration(n) * time.Second, Wall: wall}}
	}
	s, _ := Step(r, State{}, Started{At: at(), Rev: Rev})
	for _, d := range []Device{DeviceScanner, DeviceTerminal, DeviceBagging} {
		s, _ = Step(r, s, DeviceChanged{At: at(), Device: d, Up: true})
	}
	s, _ = Step(r, s, Scanned{At: at(), Code: Code{Raw: "t", Kind: codeTicket}, Parked: parked})
	for _, name := range []string{"pills", "pills", "pills", "beer"} {
		a := shelf[name]
		s, _ = Step(r, s, Scanned{At: at(), Code: Code{Raw: a.GTIN, Kind: codeArticle, GTIN: a.GTIN}, Article: &a})
	}
	if s.Sale == nil || len(s.Sale.Basket.Lines) != 1 || s.Sale.Basket.Lines[0].Qty != 3 {
		t.Fatalf("the sale is %+v, want three tablets, as staff allowed, and no beer", s.Sale)
	}
	if v := Look(r, s); v.Hint.Kind != HintHours {
		t.Errorf("hint %s, want %s", v.Hint.Kind, HintHours)
	}
	if i := slices.IndexFunc(r.Limits, s.Sale.Lifts); i != 1 {
		t.Errorf("lifted is limit %d, want 1", i)
	}
}
