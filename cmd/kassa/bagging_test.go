package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var updateBagging = flag.Bool("update-bagging", false, "rewrite the expected answers of bagging replay")

// TestBaggingReplay runs the recorded traces in testdata/bagging.
func TestBaggingReplay(t *testing.T) {
	traces, err := filepath.Glob("testdata/bagging/*.jsonl")
	if err != nil || len(traces) == 0 {
		t.Fatalf("Glob() = %v, %v, want traces", traces, err)
	}
	for _, trace := range traces {
		t.Run(filepath.Base(trace), func(t *testing.T) {
			in, err := os.Open(trace)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			var out strings.Builder
			c := baggingReplayCmd{Catalog: "testdata/bagging/articles.csv", CallAt: 0.1}
			if err := c.replay(in, &out); err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(trace, ".jsonl") + ".want"
			if *updateBagging {
				if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if out.String() != string(want) {
				t.Errorf("answers\n%s\nwant\n%s", out.String(), want)
			}
		})
	}
}

// TestBaggingReplayAnswersBeforeReadingOn plays the driver on the other end of
// a pipe: it must have the call before it writes the next line.
func TestBaggingReplayAnswersBeforeReadingOn(t *testing.T) {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	done := make(chan error, 1)
	go func() {
		c := baggingReplayCmd{Catalog: "testdata/bagging/articles.csv", CallAt: 0.1, live: true}
		err := c.replay(inR, outW)
		done <- errors.Join(err, outW.Close(), inR.Close())
	}()
	answers := make(chan map[string]any, 100)
	go func() {
		defer close(answers)
		for lines := bufio.NewScanner(outR); lines.Scan(); {
			var a map[string]any
			if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
				t.Errorf("answer %q: %v", lines.Text(), err)
			}
			answers <- a
		}
	}()
	say := func(line string) {
		if _, err := io.WriteString(inW, line+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	hear := func() map[string]any {
		select {
		case a := <-answers:
			return a
		case <-time.After(10 * time.Second):
			t.Fatal("no answer before the next line")
			return nil
		}
	}
	say(`{"t":0,"trip":"1"}`)
	say(`{"t":10,"bag":0,"stable":true}`)
	say(`{"t":2000,"bag":700,"stable":true}`)
	say(`{"t":4000,"bag":700,"stable":true}`)
	if a := hear(); a["verdict"] != "ok" || a["seen_g"] != 700.0 || a["trip"] != "1" || a["at_pay"] != false {
		t.Errorf("first answer %v, want the settled change", a)
	}
	say(`{"t":9000,"bag":700,"stable":true}`)
	if a := hear(); a["verdict"] != "call" || a["kind"] != "unexpected" {
		t.Errorf("second answer %v, want a call: a hint by time alone is none", a)
	}
	say(`{"t":9100,"staff":"ok"}`)
	say(`{"t":12000,"pay":true}`)
	if a := hear(); a["verdict"] != "ok" || a["at_pay"] != true || a["p_unpaid"] != 0.0 {
		t.Errorf("answer at pay %v, want ok", a)
	}
	// The load still moves at pay: the answer comes all the same, and only then
	// is read on.
	say(`{"t":15000,"trip":"2"}`)
	say(`{"t":15100,"bag":700}`)
	say(`{"t":15200,"bag":900}`)
	say(`{"t":15250,"pay":true}`)
	if a := hear(); a["at_pay"] != true || a["trip"] != "2" {
		t.Errorf("answer at pay %v, want one while the load moves", a)
	}
	if err := inW.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Errorf("replay() = %v", err)
	}
}

// TestBaggingReplayWaitsForTheLoad: of a file the answer at pay is that of the
// lane, which waited; it comes also when the trace ends or goes on at once.
func TestBaggingReplayWaitsForTheLoad(t *testing.T) {
	const before = `{"t":0,"trip":"1"}
{"t":0,"bag":0,"stable":true}
{"t":1000,"scan":"4006381333931","qty":1}
{"t":3000,"bag":503,"stable":true}
{"t":5000,"bag":503,"stable":true}
{"t":9000,"bag":760}
{"t":9100,"bag":1210}
{"t":9200,"pay":true}
`
	for _, after := range []string{"", "{\"t\":9201,\"end\":true}\n", "{\"t\":9300,\"bag\":503}\n{\"t\":9400,\"bag\":503}\n{\"t\":9800,\"bag\":503}\n"} {
		c := baggingReplayCmd{Catalog: "testdata/bagging/articles.csv", CallAt: 0.1}
		var out strings.Builder
		if err := c.replay(strings.NewReader(before+after), &out); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(out.String(), `"at_pay":true`); n != 1 {
			t.Errorf("after %q: %d answers at pay in\n%s", after, n, out.String())
		}
		calm := !strings.Contains(out.String(), "call")
		if strings.Contains(after, "503") && !calm {
			t.Errorf("after %q: called for what was gone again\n%s", after, out.String())
		}
	}
}

func TestBaggingReplayKeepsWeights(t *testing.T) {
	file := filepath.Join(t.TempDir(), "weights.json")
	c := baggingReplayCmd{Catalog: "testdata/bagging/articles.csv", CallAt: 0.1, Weights: file}
	for want := 1.0; want <= 2; want++ {
		trace := fmt.Sprintf(`{"t":0,"trip":"%v"}
{"t":0,"bag":0,"stable":true}
{"t":1000,"scan":"4006381333931","qty":1}
{"t":3000,"bag":503,"stable":true}
{"t":5000,"pay":true}
`, want)
		if err := c.replay(strings.NewReader(trace), io.Discard); err != nil {
			t.Fatal(err)
		}
		var got map[string]struct{ N float64 }
		b, err := os.ReadFile(file)
		if err != nil || json.Unmarshal(b, &got) != nil || got["04006381333931"].N != want {
			t.Errorf("weights %s, %v, want n = %v", b, err, want)
		}
	}
}

func TestBaggingReplayNamesWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	good := "testdata/bagging/articles.csv"
	for _, tc := range []struct {
		name, catalog, weights, trace, want string
	}{
		{"trace", good, "", "{\"t\":0,\"trip\":\"1\"}\n\n{oops}\n", "line 3"},
		{"trace act", good, "", `{"t":0}`, "says nothing"},
		{"no catalogue", dir + "/none.csv", "", "", "none.csv"},
		{"no columns", write("a.csv", "name,price\nx,1\n"), "", "", "no column gtin or plu"},
		{"bad weight", write("b.csv", "gtin,weight_g\n1,5\n2,heavy\n"), "", "", "line 3: weight_g is \"heavy\""},
		{"bad weights", good, write("w.json", "[1]"), "", "w.json"},
	} {
		c := baggingReplayCmd{Catalog: tc.catalog, CallAt: 0.1, Weights: tc.weights}
		err := c.replay(strings.NewReader(tc.trace), io.Discard)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: replay() = %v, want it to name %q", tc.name, err, tc.want)
		}
	}
}
