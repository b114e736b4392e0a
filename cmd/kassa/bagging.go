package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"kassa/kiosk/bagging"
)

// baggingCmd is `kassa bagging`.
type baggingCmd struct {
	Replay  baggingReplayCmd  `cmd:"" help:"Run the bagging check over a recorded trace."`
	Weights baggingWeightsCmd `cmd:"" help:"What the check has learned: export, import."`
}

// baggingReplayCmd is `kassa bagging replay`: a trace in, one JSON object for
// each settled change of the load, each void, one at pay, and one for each hint
// or call that time alone brings about.
type baggingReplayCmd struct {
	Catalog string  `required:"" placeholder:"FILE" help:"Articles file: gtin, plu, weight_g, weight_sd_g and flags are read."`
	Weights string  `placeholder:"FILE" help:"What the check learned: read if it is there, and written at the end."`
	CallAt  float64 `default:"0.1" placeholder:"P" help:"Probability of an unpaid article at which a person is called."`
	Trace   string  `arg:"" help:"JSON Lines; - for standard input, answered line by line."`

	// live: someone may wait for the answer to a line before writing the next,
	// so that nothing can be put off. On a lane, and with a file, the answer at
	// pay waits for a moving load.
	live bool
}

// Validate finds wrong usage before anything is read.
func (c *baggingReplayCmd) Validate() error {
	if !(c.CallAt > 0 && c.CallAt <= 1) {
		return fmt.Errorf("--call-at: %g is no probability above 0 and up to 1", c.CallAt)
	}
	return nil
}

// Run answers on standard output. It fails at the first line that is not
// understood and names it.
func (c *baggingReplayCmd) Run() error {
	in, name := os.Stdin, "standard input"
	c.live = c.Trace == "-"
	if !c.live {
		f, err := os.Open(c.Trace)
		if err != nil {
			return fmt.Errorf("trace: %w", err)
		}
		defer f.Close()
		in, name = f, c.Trace
	}
	if err := c.replay(in, os.Stdout); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// maxTraceLine is the longest line of a trace, in bytes.
const maxTraceLine = 1 << 20

// replay steps a check through the trace and keeps what it learned. Every
// answer to a line is out before the next line is read.
func (c *baggingReplayCmd) replay(trace io.Reader, out io.Writer) error {
	articles, err := readBaggingCatalog(c.Catalog)
	if err != nil {
		return err
	}
	known, whole, err := readBaggingWeights(c.Weights)
	if err != nil {
		return err
	}
	r := baggingReplay{
		check:    bagging.NewFrom(bagging.Settings{CallAt: c.CallAt}, known),
		articles: articles,
		out:      json.NewEncoder(out),
		live:     c.live,
	}
	lines := bufio.NewScanner(trace)
	lines.Buffer(make([]byte, 0, 64<<10), maxTraceLine)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		if len(line) == 0 {
			continue
		}
		if err := r.line(line); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if err := r.finish(); err != nil {
		return err
	}
	if c.Weights == "" {
		return nil
	}
	if whole {
		return writeBaggingWeights(c.Weights, r.check.Knowledge())
	}
	return writeBaggingWeights(c.Weights, r.check.Knowledge().Weights)
}

// A baggingReplay is a check on its way through a trace.
type baggingReplay struct {
	check    *bagging.Check
	articles map[string]baggingArticle
	out      *json.Encoder
	base     time.Duration // when the trip began
	now      time.Duration // both since the trace began
	scans    int           // of this trip: they number the lines
	paying   bool          // the answer at pay is due
	live     bool          // it is due at once
}

// line takes one line of the trace.
func (r *baggingReplay) line(text []byte) error {
	l, err := bagging.ParseTraceLine(text)
	if err != nil {
		return err
	}
	t := time.Duration(l.T * float64(time.Millisecond))
	if l.Trip != nil {
		r.base, r.scans = r.now-t, 0
	}
	if err := r.runTo(r.base + t); err != nil {
		return err
	}
	return r.step(r.input(l))
}

// finish lets time pass until the answer at pay is out, when the trace ended
// before that.
func (r *baggingReplay) finish() error {
	for r.paying {
		due, ok := r.check.Next()
		if !ok {
			return nil
		}
		r.now = due
		if err := r.step(bagging.Tick{T: due}); err != nil {
			return err
		}
	}
	return nil
}

// runTo lets time pass as the lane would, so that what is due comes when it is
// due and not with the next line.
func (r *baggingReplay) runTo(t time.Duration) error {
	for {
		due, ok := r.check.Next()
		if !ok || due > t {
			break
		}
		r.now = due
		if err := r.step(bagging.Tick{T: due}); err != nil {
			return err
		}
	}
	r.now = max(r.now, t)
	return nil
}

// input is what l tells the check, with the weights of the catalogue.
func (r *baggingReplay) input(l bagging.TraceLine) bagging.Input {
	switch in := l.Input(r.now).(type) {
	case bagging.Scan:
		a := r.article(in.Key)
		r.scans++
		in.Line, in.Key, in.MeanG, in.SDG, in.NoBag = r.scans, a.key, a.meanG, a.sdG, a.noBag
		return in
	case bagging.Void:
		in.Key = r.article(in.Key).key
		return in
	case bagging.Keep:
		if in.Key != "" {
			in.Key = r.article(in.Key).key
		}
		return in
	case bagging.Pay:
		in.Now, r.paying = r.live, true
		return in
	case bagging.Sample, bagging.Scale, bagging.Start, bagging.End, bagging.Quantity, bagging.OwnBag,
		bagging.Staff, bagging.Told, bagging.Tick:
		return in
	default:
		return in
	}
}

// article finds a code; an unknown one has no weight.
func (r *baggingReplay) article(code string) baggingArticle {
	code = baggingKey(code)
	if a, ok := r.articles[code]; ok {
		return a
	}
	return baggingArticle{key: code}
}

// step tells the check and writes what it answers.
func (r *baggingReplay) step(in bagging.Input) error {
	for _, d := range r.check.Step(in) {
		r.paying = r.paying && !d.AtPay
		if !d.Settled && !d.Voided && !d.AtPay && d.Verdict != bagging.Call {
			continue // a hint that came by time alone, or went by a scan or a touch; a call is to be answered
		}
		err := r.out.Encode(baggingAnswer{
			T:       (d.T - r.base).Milliseconds(),
			Trip:    d.Trip,
			Verdict: d.Verdict, Kind: d.Kind, Key: d.Key,
			ExpectedG: rounded(d.ExpectedG, 10), SeenG: rounded(d.SeenG, 10), PUnpaid: rounded(d.PUnpaid, 1e6),
			AtPay: d.AtPay,
		})
		if err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	return nil
}

// A baggingAnswer is one line of the output.
type baggingAnswer struct {
	T         int64           `json:"t"` // milliseconds since the trip began
	Trip      string          `json:"trip"`
	Verdict   bagging.Verdict `json:"verdict"`
	Kind      bagging.Kind    `json:"kind"`
	Key       string          `json:"key,omitempty"`
	ExpectedG float64         `json:"expected_g"`
	SeenG     float64         `json:"seen_g"`
	PUnpaid   float64         `json:"p_unpaid"`
	AtPay     bool            `json:"at_pay"`
}

// rounded returns v to one part in parts, and never minus zero.
func rounded(v, parts float64) float64 { return math.Round(v*parts)/parts + 0 }

// baggingArticle is what the check wants of the catalogue.
type baggingArticle struct {
	key   string
	meanG float64
	sdG   float64
	noBag bool
}

// baggingKey is a code as weights are learned by it: a GTIN has 14 digits.
func baggingKey(code string) string {
	code = strings.TrimSpace(code)
	for _, c := range []byte(code) {
		if c < '0' || c > '9' {
			return code
		}
	}
	if n := len(code); n == 8 || n == 12 || n == 13 {
		return strings.Repeat("0", 14-n) + code
	}
	return code
}

// readBaggingCatalog reads the articles file, only the columns that matter here.
func readBaggingCatalog(name string) (map[string]baggingArticle, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	rows := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	rows.FieldsPerRecord = -1
	header, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("catalogue %s: header: %w", name, err)
	}
	column := map[string]int{}
	for i, h := range header {
		column[strings.TrimSpace(h)] = i
	}
	_, gtin := column["gtin"]
	if _, plu := column["plu"]; !gtin && !plu {
		return nil, fmt.Errorf("catalogue %s: line 1: no column gtin or plu", name)
	}
	articles := map[string]baggingArticle{}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return articles, nil
		}
		if err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", name, err)
		}
		field := func(h string) string {
			if i, ok := column[h]; ok && i < len(row) {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		if err := addBaggingArticle(articles, field); err != nil {
			line, _ := rows.FieldPos(0)
			return nil, fmt.Errorf("catalogue %s: line %d: %w", name, line, err)
		}
	}
}

// addBaggingArticle adds one row under each of its codes.
func addBaggingArticle(articles map[string]baggingArticle, field func(string) string) error {
	var a baggingArticle
	var err error
	if a.meanG, err = baggingGrams("weight_g", field); err != nil {
		return err
	}
	if a.sdG, err = baggingGrams("weight_sd_g", field); err != nil {
		return err
	}
	for flag := range strings.FieldsSeq(field("flags")) {
		a.noBag = a.noBag || flag == "no-bag"
	}
	for _, code := range append(strings.Fields(field("gtin")), field("plu")) {
		if code == "" {
			continue
		}
		one := a
		code, times, pack := strings.Cut(code, "*")
		if pack {
			n, err := strconv.ParseUint(times, 10, 16)
			if err != nil || n == 0 {
				return fmt.Errorf("gtin %s*%s: want GTIN*PIECES", code, times)
			}
			one.meanG, one.sdG = a.meanG*float64(n), a.sdG*math.Sqrt(float64(n))
		}
		code = baggingKey(code)
		if one.key = code; !pack && a.key == "" {
			a.key = code
		}
		if !pack {
			one.key = a.key // all codes of one piece share what is learned
		}
		articles[code] = one
	}
	return nil
}

// baggingGrams reads a weight; an empty one is 0, not known.
func baggingGrams(column string, field func(string) string) (float64, error) {
	s := field(column)
	if s == "" {
		return 0, nil
	}
	g, err := strconv.ParseFloat(s, 64)
	if err != nil || !(g >= 0 && g <= 1e6) {
		return 0, fmt.Errorf("%s is %q, want grams", column, s)
	}
	return g, nil
}

// readBaggingWeights reads what was learned; no file is nothing learned. It says
// whether the file holds all that was learned, as a lane keeps it, or weights
// alone: it is written as it was.
func readBaggingWeights(name string) (known bagging.Knowledge, whole bool, err error) {
	if name == "" {
		return known, false, nil
	}
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return known, false, nil
	}
	if err != nil {
		return known, false, fmt.Errorf("weights: %w", err)
	}
	if known, err = bagging.ParseKnowledge(b); err != nil {
		return known, false, fmt.Errorf("weights %s: %w", name, err)
	}
	var head struct {
		Version int `json:"version"`
	}
	whole = json.Unmarshal(b, &head) == nil && head.Version > 0
	return known, whole, nil
}

// writeBaggingWeights replaces the file at once, so that a reader and a power
// cut find the old one or the new one.
func writeBaggingWeights(name string, known any) error {
	b, err := json.MarshalIndent(known, "", " ")
	if err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	_, err = f.Write(append(b, '\n'))
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("weights: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}
