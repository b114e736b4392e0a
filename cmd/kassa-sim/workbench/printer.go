package workbench

import (
	"encoding/json"
	"net/http"
	"strconv"

	"kassa/device/sim"
)

// StatePaper is the paper and how much came out; GET /paper has what came out.
type StatePaper struct {
	Paper string `json:"paper"` // ok, near, out
	Count int    `json:"count"` // lines printed since the workbench began
}

func (b *Bench) newPrinter() error {
	var err error
	b.printer, err = sim.NewPrinter("127.0.0.1:0", b.clock, sim.PrinterOptions{Changed: b.changed.Ring})
	return err
}

func (b *Bench) setPaper(how string) error {
	switch how {
	case "out":
		b.printer.PaperOut()
	case "near":
		b.printer.PaperNear()
	default:
		b.printer.PaperIn()
	}
	return nil
}

func (b *Bench) paperState() StatePaper {
	p := b.printer.Paper()
	return StatePaper{p.Paper, p.First + len(p.Lines)}
}

// paper answers GET /paper?from=N: a sim.PrinterPaper with the lines from
// number N on.
func (s *Server) paper(w http.ResponseWriter, r *http.Request) {
	p := s.b.printer.Paper()
	from, err := strconv.Atoi(r.URL.Query().Get("from"))
	if err != nil {
		from = 0
	}
	skip := min(max(0, from-p.First), len(p.Lines))
	p.First, p.Lines = p.First+skip, p.Lines[skip:]
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(p); err != nil {
		s.b.o.Log.DebugContext(r.Context(), "paper not sent", "err", err)
	}
}
