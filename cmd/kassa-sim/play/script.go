// Package play reads play scripts and plays them: a shopper who scans, touches,
// weighs, bags and pays at a lane, and says what must be seen. It drives the
// workbench by its control API and looks at the lane only as people do, at the
// page, the lamp and the paper, or as IT does, at the export.
//
// script.go has the grammar, player.go plays, page.go reads the shopper's page,
// shopper.go is what a shopper remembers when the power goes, campaign.go cuts
// it.
//
// Its one rule: a script is read whole before its first act, and what it says
// of a fault begins with FILE:LINE.
package play

import (
	"fmt"
	"strings"
	"time"
)

// A Step is one line of a script.
type Step struct {
	Line int    // in the file, from 1
	Text string // as written, without comment
	Do   Act
}

// An Act is what a line asks for. Only this package can add one.
//
//sumtype:decl
type Act interface{ isAct() }

// Bench is an act at the workbench: it goes there as it stands.
type Bench struct {
	Verb string // scan, put, take, lean, card, badge, button, paper, unplug, plug, power
	Code string // what was scanned, put or taken, if anything
}

// Touch is a touch of the shopper's page.
type Touch struct {
	Act    string
	Fields map[string]string
}

// Import takes catalogue files in while the lane runs, as IT does.
type Import struct {
	File  string // as the script names it: relative to the script
	Delta bool
}

// Wait lets time pass.
type Wait struct{ For time.Duration }

// Expect says what must be seen within a time.
type Expect struct {
	Within time.Duration // 0: nothing was said
	Not    bool          // must not be seen
	What   string        // screen, hint, line, total, lamp, paper, txn, charges, call
	Name   string        // of a screen, hint, lamp, state or call; a line's code; the paper's text
	Qty    int64         // of a line; below 0: not asked for
	Amount int64         // of a line, in minor units; NoAmount: not asked for
	Count  int64         // total, charges
}

// NoAmount is the Amount of a line whose amount is not asked for.
const NoAmount int64 = -1 << 63

func (Bench) isAct()  {}
func (Touch) isAct()  {}
func (Import) isAct() {}
func (Wait) isAct()   {}
func (Expect) isAct() {}

// Parse reads a whole script. The error is FILE:LINE: what was not understood.
func Parse(name, text string) ([]Step, error) {
	var steps []Step
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n++
		words, err := split(strings.TrimSuffix(line, "\r"))
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		if len(words) == 0 {
			continue
		}
		act, err := parseAct(words)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		steps = append(steps, Step{n, strings.Join(quoted(words), " "), act})
	}
	return steps, nil
}

// ParseLine reads one line as Parse does; a line with nothing in it is an
// error.
func ParseLine(line string) (Act, error) {
	words, err := split(line)
	if err != nil {
		return nil, err
	}
	if len(words) == 0 {
		return nil, fmt.Errorf("an empty line")
	}
	return parseAct(words)
}

// Words splits a line that Parse took into its words, quotes removed.
func Words(line string) []string {
	words, err := split(line)
	if err != nil {
		return nil
	}
	return words
}

// split cuts a line at blanks; "..." holds blanks together, and \" and \\ in it
// stand for themselves. A # at the beginning of a word begins a comment.
func split(line string) ([]string, error) {
	var words []string
	for {
		line = strings.TrimLeft(line, " \t")
		switch {
		case line == "" || line[0] == '#':
			return words, nil
		case line[0] == '"':
			word, rest, ok := cutQuoted(line[1:])
			if !ok {
				return nil, fmt.Errorf("a quotation mark is not closed")
			}
			words, line = append(words, word), rest
		default:
			end := strings.IndexAny(line, " \t")
			if end < 0 {
				end = len(line)
			}
			words, line = append(words, line[:end]), line[end:]
		}
	}
}

func cutQuoted(s string) (word, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			return b.String(), s[i+1:], true
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", false
}

// quoted writes words so that split reads them again.
func quoted(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w
		if w == "" || strings.ContainsAny(w, " \t\"\\") || w[0] == '#' {
			out[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(w) + `"`
		}
	}
	return out
}
