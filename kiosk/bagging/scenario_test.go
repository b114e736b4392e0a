package bagging

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the scenarios' expected decisions; read the difference before committing it")

// TestScenarios runs the stories in testdata. A line is a time in seconds and
// an act; what the check says is noted underneath with "->". The scale is read
// ten times a second with the noise of an ordinary one.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("Glob() = %v, %v, want scenario files", files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(want) {
				t.Errorf("%s now reads\n%s", file, got)
			}
		})
	}
}

// stage is a bench with a scale on it.
type stage struct {
	t     *testing.T
	check *Check
	now   time.Duration
	load  float64 // grams on the platform
	hand  float64
	until time.Duration // the hand's end
	dead  bool
	n     int
	out   *strings.Builder
}

// play runs a scenario and returns it with the decisions as they came.
func play(t *testing.T, text string) string {
	t.Helper()
	var out strings.Builder
	s := &stage{t: t, check: New(Settings{}, nil), out: &out}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "  ->") {
			continue
		}
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			fmt.Fprintln(&out, line)
			continue
		}
		f := strings.Fields(line)
		at, err := strconv.ParseFloat(strings.TrimSuffix(f[0], "s"), 64)
		if err != nil || len(f) < 2 {
			t.Fatalf("line %q: want a time and an act", line)
		}
		s.runTo(time.Duration(at * float64(time.Second)))
		fmt.Fprintln(&out, line)
		s.act(f[1], f[2:])
	}
	s.runTo(s.now + second)
	return out.String()
}

// runTo reads the scale until t.
func (s *stage) runTo(t time.Duration) {
	for ; s.now < t; s.now += 100 * time.Millisecond {
		s.n++
		g := s.load
		if s.now < s.until {
			g += s.hand
		}
		wobble := []float64{0, 0.4, -0.7, 0.9, -0.3}[s.n%5]
		shown := 5 * float64(int((g+wobble+1e6+2.5)/5)-200000)
		if !s.dead {
			s.do(Sample{T: s.now, Grams: shown})
		} else {
			s.do(Tick{s.now})
		}
	}
	s.now = t
}

func (s *stage) do(in Input) {
	for _, d := range s.check.Step(in) {
		mark := ""
		if d.Settled {
			mark += " settled"
		}
		if d.Voided {
			mark += " voided"
		}
		if d.AtPay {
			mark += " at-pay"
		}
		fmt.Fprintf(s.out, "  -> %.1fs %s %s line=%d expected=%.0f seen=%.0f p=%.3f%s\n",
			d.T.Seconds(), d.Verdict, d.Kind, d.Line, d.ExpectedG, d.SeenG, d.PUnpaid, mark)
	}
}

// act does what a scenario line says.
func (s *stage) act(verb string, args []string) {
	num := func(i int) float64 {
		if i >= len(args) {
			return 0
		}
		v, err := strconv.ParseFloat(args[i], 64)
		if err != nil {
			s.t.Fatalf("%s %v: argument %d is no number", verb, args, i+1)
		}
		return v
	}
	n := int(num(0))
	switch verb {
	case "start":
		s.do(Start{s.now, "t1"})
	case "scan": // line grams sd qty
		s.do(Scan{T: s.now, Line: n, Key: fmt.Sprintf("a%g", num(1)), MeanG: num(1), SDG: num(2), Qty: int64(num(3))})
	case "bagged": // line grams sd
		s.do(Scan{T: s.now, Line: n, Key: fmt.Sprintf("a%g", num(1)), MeanG: num(1), SDG: num(2), Bagged: true})
	case "weighed": // line grams
		s.do(Scan{T: s.now, Line: n, Key: "4011", WeightG: num(1)})
	case "nobag":
		s.do(Scan{T: s.now, Line: n, Key: "big", MeanG: num(1), NoBag: true})
	case "put":
		s.load += num(0)
	case "take":
		s.load -= num(0)
	case "lean": // grams seconds
		s.hand, s.until = num(0), s.now+time.Duration(num(1)*float64(time.Second))
	case "quantity":
		s.do(Quantity{s.now, n, int64(num(1))})
	case "void":
		s.do(Void{T: s.now, Line: n, Qty: int64(num(1))})
	case "keep":
		s.do(Keep{T: s.now, Line: n})
	case "ownbag":
		s.do(OwnBag{s.now})
	case "ok", "wrong":
		s.do(Staff{s.now, verb == "ok"})
	case "unplug":
		s.dead = true
		s.do(Scale{s.now, false})
	case "plug":
		s.dead = false
		s.do(Scale{s.now, true})
	case "pay":
		s.do(Pay{T: s.now})
	case "end":
		s.do(End{s.now})
	default:
		s.t.Fatalf("no act %q", verb)
	}
}
