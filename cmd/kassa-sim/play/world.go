package play

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// A World is what a player acts on and looks at.
type World interface {
	// Do does one line at the workbench. ErrNotNow: it could not be done just
	// then.
	Do(ctx context.Context, line string) error
	// Touch touches the shopper's page. ErrNotNow: what was touched is not
	// there just then.
	Touch(ctx context.Context, act string, fields map[string]string) error
	// Page looks at the shopper's page.
	Page(ctx context.Context) (Page, error)
	// Bench looks at the workbench.
	Bench(ctx context.Context) (BenchState, error)
	// Paper returns the text of what was printed from line number from on.
	Paper(ctx context.Context, from int) ([]string, error)
	// Export returns the lane's transactions, open ones too, oldest first.
	Export(ctx context.Context) ([]Txn, error)
	// Import takes a catalogue file in and returns the version it made.
	Import(ctx context.Context, file string, delta bool) (int64, error)
	// Catalogue returns the newest version of the catalogue that the lane has
	// seen.
	Catalogue(ctx context.Context) (int64, error)
	// Verify asks the lane to verify its journal.
	Verify(ctx context.Context) error
}

// ErrNotNow says that an act does not fit the moment; it may fit the next.
var ErrNotNow = errors.New("not now")

// BenchState is what a player reads of the workbench's state.
type BenchState struct {
	Lamp    string `json:"lamp"`
	Charges int    `json:"charges"`
	Cash    struct {
		Kept    int64 `json:"kept_minor"`
		Waiting bool  `json:"waiting"`
	} `json:"cash"`
	Lane struct {
		Ours    bool   `json:"ours"`
		Running bool   `json:"running"`
		Starts  int    `json:"starts"`
		Note    string `json:"note"`
	} `json:"lane"`
	Terminal struct {
		Waiting bool `json:"waiting"` // for a card
	} `json:"terminal"`
	Paper struct {
		Count int `json:"count"` // lines printed so far
	} `json:"paper"`
	Scale BenchPlate `json:"scale"`
	Bag   BenchPlate `json:"bag"`
}

// A BenchPlate is what lies on a scale of the workbench.
type BenchPlate struct {
	Pieces []struct {
		Code string `json:"code"`
	} `json:"pieces"`
}

// A Txn is what a player reads of an exported transaction.
type Txn struct {
	ID     string `json:"id"`
	Number int64  `json:"number"`
	State  string `json:"state"`
	Total  int64  `json:"total_minor"`
	Round  int64  `json:"rounding_minor"`
	Lines  []struct {
		GTIN   string `json:"gtin"`
		PLU    string `json:"plu"`
		Qty    int64  `json:"qty"`
		Amount int64  `json:"amount_minor"`
		Voided bool   `json:"voided"`
	} `json:"lines"`
	Tenders []struct {
		Amount int64  `json:"amount_minor"`
		Result string `json:"result"`
	} `json:"tenders"`
	Interventions []struct {
		Kind      string `json:"kind"`
		SettledAt string `json:"settled_at"`
	} `json:"interventions"`
	Calls []struct {
		Reason  string `json:"reason"`
		EndedAt string `json:"ended_at"`
	} `json:"calls"`
}

// Real is the world of a running workbench and lane.
type Real struct {
	BenchURL string // http://host:port
	LaneURL  string // http://host:port
	Kassa    string // the binary that exports
	Config   string // the lane's kassa.toml
	Client   *http.Client
}

// maxAnswer bounds what is read of a page.
const maxAnswer = 8 << 20

// answerWait is how long a page may take to answer.
const answerWait = 3 * time.Second

// Do posts a line to the workbench.
func (r *Real) Do(ctx context.Context, line string) error {
	return r.post(ctx, r.BenchURL+"/do", "text/plain; charset=utf-8", line)
}

// Touch posts an act to the lane.
func (r *Real) Touch(ctx context.Context, act string, fields map[string]string) error {
	form := url.Values{"act": {act}}
	for name, value := range fields {
		form.Set(name, value)
	}
	return r.post(ctx, r.LaneURL+"/act", "application/x-www-form-urlencoded", form.Encode())
}

func (r *Real) post(ctx context.Context, to, kind, body string) error {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(body))
	if err != nil {
		return fmt.Errorf("post: %w", err)
	}
	req.Header.Set("Content-Type", kind)
	answer, err := r.Client.Do(req)
	if err != nil {
		return fmt.Errorf("no answer: %w", err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxLineShown))
	if err != nil {
		return fmt.Errorf("answer broke off: %w", err)
	}
	says := strings.TrimSpace(string(text))
	switch answer.StatusCode {
	case http.StatusNoContent, http.StatusOK:
		return nil
	case http.StatusConflict, http.StatusServiceUnavailable, http.StatusBadGateway:
		return fmt.Errorf("%w: %s", ErrNotNow, says)
	default:
		return fmt.Errorf("answer %d: %s", answer.StatusCode, says)
	}
}

const maxLineShown = 400

func (r *Real) get(ctx context.Context, from string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, fmt.Errorf("get: %w", err)
	}
	answer, err := r.Client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("no answer: %w", err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("answer broke off: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: answer %d", from, answer.StatusCode)
	}
	return body, nil
}

// Page gets and reads the shopper's page.
func (r *Real) Page(ctx context.Context) (Page, error) {
	body, err := r.get(ctx, r.LaneURL+"/")
	if err != nil {
		return Page{}, err
	}
	return ReadPage(string(body))
}

// Bench gets and reads the workbench's state.
func (r *Real) Bench(ctx context.Context) (BenchState, error) {
	var s BenchState
	body, err := r.get(ctx, r.BenchURL+"/state")
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(body, &s); err != nil {
		return s, fmt.Errorf("workbench state: %w", err)
	}
	return s, nil
}

// Paper gets what was printed.
func (r *Real) Paper(ctx context.Context, from int) ([]string, error) {
	body, err := r.get(ctx, fmt.Sprintf("%s/paper?from=%d", r.BenchURL, from))
	if err != nil {
		return nil, err
	}
	var paper struct {
		Lines []struct {
			Spans []struct {
				Text string `json:"text"`
			} `json:"spans"`
		} `json:"lines"`
	}
	if err := json.Unmarshal(body, &paper); err != nil {
		return nil, fmt.Errorf("workbench paper: %w", err)
	}
	var lines []string
	for _, l := range paper.Lines {
		var text strings.Builder
		for _, s := range l.Spans {
			text.WriteString(s.Text)
		}
		lines = append(lines, text.String())
	}
	return lines, nil
}

// Export runs kassa export.
func (r *Real) Export(ctx context.Context) ([]Txn, error) {
	out, err := r.run(ctx, "export", "--config", r.Config, "--format", "jsonl", "--open")
	if err != nil {
		return nil, err
	}
	var all []Txn
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, maxAnswer)
	for lines.Scan() {
		var t Txn
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			return nil, fmt.Errorf("kassa export: %w", err)
		}
		all = append(all, t)
	}
	return all, lines.Err()
}

// Verify runs kassa verify.
func (r *Real) Verify(ctx context.Context) error {
	_, err := r.run(ctx, "verify", "--config", r.Config)
	return err
}

// Import runs kassa catalog import.
func (r *Real) Import(ctx context.Context, file string, delta bool) (int64, error) {
	args := []string{"catalog", "import", "--config", r.Config, file}
	if delta {
		args = append(args, "--delta")
	}
	out, err := r.run(ctx, args...)
	if err != nil {
		return 0, err
	}
	var sum struct {
		Version int64 `json:"version"`
	}
	if err := json.Unmarshal(out, &sum); err != nil {
		return 0, fmt.Errorf("kassa catalog import: %w", err)
	}
	return sum.Version, nil
}

// catalogueGauge is where the lane tells monitors which catalogue it knows.
const catalogueGauge = "kassa_catalogue_version "

// Catalogue reads the lane's metrics.
func (r *Real) Catalogue(ctx context.Context) (int64, error) {
	body, err := r.get(ctx, r.LaneURL+"/metrics")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(body)) {
		if text, ok := strings.CutPrefix(line, catalogueGauge); ok {
			version, err := strconv.ParseFloat(strings.TrimSpace(text), 64) // the form of Prometheus
			return int64(version), err
		}
	}
	return 0, errors.New("the lane's metrics do not tell its catalogue")
}

func (r *Real) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, r.Kassa, args...) //nolint:gosec // the user's own choice
	var out, says bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &says
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("kassa %s: %w: %s", args[0], err, strings.TrimSpace(says.String()))
	}
	return out.Bytes(), nil
}

// noAnswer reports whether err says that nobody answered: a lane without
// power, or one that is starting.
func noAnswer(err error) bool {
	var wire *url.Error
	return errors.As(err, &wire)
}
