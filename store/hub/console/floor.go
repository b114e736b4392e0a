package console

import (
	"slices"

	"kassa/kiosk/help"
	"kassa/store/hub/fleet"
)

// A tile is a lane on the map; with an empty ID it is a gap.
type tile struct {
	ID    string
	State string // message id's last part and class
	Call  string
	Open  bool
	Items int64
	Down  int
}

// rows are the lanes as they stand in the store.
func (c *Console) rows(lanes []fleet.Lane, calls map[string]help.Call, open string) [][]tile {
	by := map[string]fleet.Lane{}
	for _, l := range lanes {
		by[l.ID] = l
	}
	var rows [][]tile
	placed := map[string]bool{}
	for _, row := range c.o.Layout {
		var tiles []tile
		for _, id := range row {
			if id == "" {
				tiles = append(tiles, tile{})
				continue
			}
			l, ok := by[id]
			if !ok {
				l = fleet.Lane{ID: id}
			}
			placed[id] = true
			tiles = append(tiles, tileOf(l, calls, open))
		}
		rows = append(rows, tiles)
	}
	var rest []tile
	for _, l := range lanes {
		if !placed[l.ID] {
			rest = append(rest, tileOf(l, calls, open))
		}
	}
	for part := range slices.Chunk(rest, 4) {
		rows = append(rows, part)
	}
	return rows
}

func tileOf(l fleet.Lane, calls map[string]help.Call, open string) tile {
	t := tile{ID: l.ID, Open: l.ID == open, Items: l.State.Items}
	for _, why := range l.State.Devices {
		if why != "" {
			t.Down++
		}
	}
	call, called := calls[l.ID]
	t.Call = call.ID
	switch {
	case l.HeardAt.IsZero():
		t.State = "dark"
	case l.Lost:
		t.State = "lost"
	case called && call.State == help.Claimed:
		t.State = "coming"
	case called:
		t.State = "called"
	case l.State.Mode == "closed" || l.State.Mode == "closing":
		t.State = "closed"
	case l.State.Number != 0:
		t.State = "busy"
	default:
		t.State = "free"
	}
	return t
}

// Sign is the drawing of a lane's state: its shape says what its word says.
func (t tile) Sign() string {
	switch t.State {
	case "free":
		return "lamp-free"
	case "busy":
		return "lamp-busy"
	case "called", "coming", "lost":
		return "lamp-help"
	default:
		return "lamp-closed"
	}
}
