package workbench

import (
	"cmp"

	"kassa/cmd/kassa-sim/assortment"
	"kassa/cmd/kassa-sim/play"
	"kassa/device/sim"
)

// A State is what can be seen at the workbench at one moment.
type State struct {
	Speed    int                 `json:"speed"`
	Lane     StateLane           `json:"lane"`
	Devices  []StateDevice       `json:"devices"`
	Scale    StatePlate          `json:"scale"`
	Bag      StatePlate          `json:"bag"`
	Lamp     string              `json:"lamp"`   // off, white, white blink, ...
	Drawer   int                 `json:"drawer"` // times opened
	Terminal sim.ZVTState        `json:"terminal"`
	Charges  int                 `json:"charges"` // payments that stand
	Cash     sim.CashState       `json:"cash"`
	Paper    StatePaper          `json:"paper"`
	Staff    []assortment.Person `json:"staff"`
}

// StateLane is the lane's process.
type StateLane struct {
	URL     string `json:"url"`
	Ours    bool   `json:"ours"` // this workbench runs it
	Running bool   `json:"running"`
	Starts  int    `json:"starts"`
	Note    string `json:"note"` // why it stands still
}

// StateDevice is a cable.
type StateDevice struct {
	Name    string `json:"name"`
	Plugged bool   `json:"plugged"`
}

// StatePlate is a scale.
type StatePlate struct {
	Grams  int64        `json:"grams"` // as shown
	Stable bool         `json:"stable"`
	Pieces []StatePiece `json:"pieces"` // oldest first
}

// StatePiece is something on a scale.
type StatePiece struct {
	Code  string `json:"code"`
	Name  string `json:"name"`
	Grams int64  `json:"grams"`
}

// State returns what can be seen now.
func (b *Bench) State() State {
	s := State{
		Speed: b.o.Speed, Lane: b.lane.state(), Lamp: lampText(b.board.Lamps()),
		Scale: b.plateState("scale"), Bag: b.plateState("bag"),
		Terminal: b.card.State(), Cash: b.cash.State(),
		Paper: b.paperState(), Staff: assortment.Staff(),
	}
	for _, c := range s.Terminal.Charges {
		if !c.Reversed {
			s.Charges++
		}
	}
	_, s.Drawer = b.board.Pulses()
	for _, name := range play.Devices() {
		if c, err := b.cable(name); err == nil {
			s.Devices = append(s.Devices, StateDevice{name, c.Plugged()})
		}
	}
	return s
}

func (b *Bench) plateState(where string) StatePlate {
	sample := b.plate(where).Sample()
	p := StatePlate{Grams: int64(sample.Shown), Stable: sample.Stable, Pieces: []StatePiece{}}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, one := range b.pieces {
		if one.where != where {
			continue
		}
		a, _ := assortment.Find(one.code)
		p.Pieces = append(p.Pieces, StatePiece{one.code, cmp.Or(a.Name, one.code), int64(one.grams)})
	}
	return p
}

// lampText names the light that is on: white before red before green.
func lampText(l sim.BoardLamps) string {
	for _, one := range []struct {
		name  string
		light sim.BoardLight
	}{{"white", l.White}, {"red", l.Red}, {"green", l.Green}} {
		switch one.light {
		case sim.BoardOn:
			return one.name
		case sim.BoardBlink:
			return one.name + " blink"
		case sim.BoardOff:
		}
	}
	return "off"
}
