package flow

import (
	"encoding/json"
	"testing"
	"time"

	"kassa/kiosk/basket"
)

// noon is a moment of a day on which the lane serves.
func noon(d time.Duration) At {
	return At{Instant{Mono: d, Wall: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}}
}

// Who asks before the store gives a basket away hears the same as Step does when
// it comes, and changes nothing by asking.
func TestTakesUpIsWhatStepDoes(t *testing.T) {
	r := testShop(t)
	milk := basket.Article{GTIN: "04000000000013", Name: "Milk", Price: 119, Tax: "A"}
	free, _ := Step(r, Recover(r, LaneFacts{}, nil, nil), Started{At: noon(0)})
	free, _ = Step(r, free, DeviceChanged{At: noon(0), Device: DeviceTerminal, Up: true})
	scan := Scanned{At: noon(time.Second), Code: Code{Raw: "1", Kind: codeArticle, GTIN: milk.GTIN}, Article: &milk}
	full, _ := Step(r, free, scan)
	closed, _ := Step(r, free, Ordered{At: noon(time.Second), By: "0"})
	empty, _ := Step(r, free, Touched{At: noon(time.Second), Act: ActStart})
	for name, tt := range map[string]struct {
		state State
		want  bool
	}{"free": {free, true}, "a sale without lines": {empty, true}, "a basket of her own": {full, false}, "closed": {closed, false}} {
		before, err := json.Marshal(tt.state)
		if err != nil {
			t.Fatal(err)
		}
		c := Code{Raw: "0421-1-000007", Kind: codeTicket, Number: "0421-1-000007"}
		got := TakesUp(r, tt.state, noon(time.Minute), c)
		after, _ := Step(r, tt.state, Scanned{At: noon(time.Minute), Code: c, Parked: &Parked{ID: "0421-1-000007"}})
		if did := after.Sale != nil && after.Sale.Recalled == "0421-1-000007"; got != tt.want || did != tt.want {
			t.Errorf("%s: takes it up %t, did %t, want %t", name, got, did, tt.want)
		}
		if now, _ := json.Marshal(tt.state); string(now) != string(before) {
			t.Errorf("%s: asking has changed the lane", name)
		}
	}
}

// What is known of a ticket that brings nothing back stands on the page, from the
// journal too; that the basket is on the screen already needs no words.
func TestNoTicketSaysWhy(t *testing.T) {
	r := testShop(t)
	s, _ := Step(r, Recover(r, LaneFacts{}, nil, nil), Started{At: noon(0)})
	s, _ = Step(r, s, DeviceChanged{At: noon(0), Device: DeviceTerminal, Up: true})
	for _, no := range []NoTicket{{Why: TicketBusy}, {Why: TicketTaken, Lane: "2"}, {Why: TicketElsewhere, Lane: "2"}, {Why: TicketHere}} {
		ev, err := through(Scanned{At: noon(time.Second), Code: Code{Raw: "t", Kind: codeTicket}, NoTicket: &no})
		if err != nil {
			t.Fatal(err)
		}
		after, _ := Step(r, s, ev)
		h := after.Sale.viewHint()
		switch {
		case no.Why == TicketHere:
			if h != nil && h.Kind == HintTicket {
				t.Errorf("%+v: %+v", no, h)
			}
		case h == nil || h.Kind != HintTicket || h.Ticket == nil || *h.Ticket != no:
			t.Errorf("%+v: %+v", no, h)
		}
	}
}
