package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"kassa/store/export"
	"kassa/store/hub/keeper"
	"kassa/store/wire"
)

// exportState says where the last export of each journal ended.
type exportState struct {
	V        int             `json:"v"`
	Journals []exportedUntil `json:"journals"`
	// Without are the rows that somebody said will never come: what was whole behind
	// them was exported, what is named as torn was not. What nobody knew of is exported
	// when it comes.
	Without []withoutRows `json:"without,omitempty"`

	last  map[wire.Journal]int64
	waits []keeper.Hole            // of this export
	parts map[wire.Journal][]int64 // of what came late, not whole yet
}

type exportedUntil struct {
	Store  string `json:"store"`
	Lane   string `json:"lane"`
	Epoch  string `json:"epoch"`
	Number int64  `json:"number"`
}

type withoutRows struct {
	Store string  `json:"store"`
	Lane  string  `json:"lane"`
	Epoch string  `json:"epoch"`
	From  int64   `json:"from"`
	To    int64   `json:"to"`
	At    string  `json:"at"`             // when somebody said so
	Torn  []int64 `json:"torn,omitempty"` // transactions that were in them in part, or may have been
	Came  []int64 `json:"came,omitempty"` // transactions in them that came all the same, and were exported
}

func (w withoutRows) hole() keeper.Hole {
	return keeper.Hole{Journal: wire.Journal{Store: w.Store, Lane: w.Lane, Epoch: w.Epoch}, From: w.From, To: w.To}
}

// lockState sees that one export at a time goes on from a state: two would have the
// same transactions, and who ends last would say where both did. The lock is a file
// beside it that stays, for the state itself is replaced.
func lockState(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, fmt.Errorf("--resume: %w", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) //nolint:gosec // a descriptor fits
	if err == nil {
		return func() { _ = f.Close() }, nil // nothing was written
	}
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = fmt.Errorf("another export goes on from %s: try again when it has ended", path)
	}
	return nil, errors.Join(fmt.Errorf("--resume: %w", err), f.Close())
}

// resume reads where the last export ended and has this one go on there.
func (c *exportCmd) resume(ctx context.Context, source *keeper.Choice) (*exportState, error) {
	s := &exportState{V: 1, last: map[wire.Journal]int64{}, parts: map[wire.Journal][]int64{}}
	if c.Resume == "" {
		return s, nil
	}
	text, err := os.ReadFile(c.Resume)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("--resume: %w", err)
	}
	if err == nil {
		if err := json.Unmarshal(text, s); err != nil || s.V != 1 {
			return nil, fmt.Errorf("--resume: %s is no state of an export: %w", c.Resume, errors.Join(err, errUsage))
		}
	}
	if err := s.take(ctx, source.Keeper, c.Without); err != nil {
		return nil, err
	}
	source.After = map[wire.Journal]int64{}
	for _, j := range s.Journals {
		of := wire.Journal{Store: j.Store, Lane: j.Lane, Epoch: j.Epoch}
		source.After[of], s.last[of] = j.Number, j.Number
	}
	for _, w := range s.Without {
		source.Without = append(source.Without, w.hole())
	}
	shown := source.Given
	source.Given = func(j wire.Journal, number int64, done, of int) {
		s.last[j] = max(s.last[j], number)
		shown(j, number, done, of)
	}
	source.Torn, source.Missed, source.Came = s.torn, s.missed, s.came
	source.Part = func(j wire.Journal, number int64) { s.parts[j] = append(s.parts[j], number) }
	source.Waits = func(h keeper.Hole) { s.waits = append(s.waits, h) }
	return s, nil
}

// take notes holes that somebody names. Each must be one, as it is now.
func (s *exportState) take(ctx context.Context, k *keeper.Keeper, named []string) error {
	if len(named) == 0 {
		return nil
	}
	gaps, err := k.Gaps(ctx)
	if err != nil {
		return err
	}
	var all []keeper.Hole
	for _, g := range gaps {
		holes, err := k.Holes(ctx, wire.Journal{Store: g.Store, Lane: g.Lane, Epoch: g.Epoch}, g.From-1)
		if err != nil {
			return err
		}
		all = append(all, holes...)
	}
	for _, name := range named {
		if slices.ContainsFunc(s.Without, func(w withoutRows) bool { return w.hole().String() == name }) {
			continue // said before, and it may have been filled since
		}
		i := slices.IndexFunc(all, func(h keeper.Hole) bool { return h.String() == name })
		if i < 0 {
			return fmt.Errorf("%w: --without %.80q: no such rows are missing. Missing are: %s", errUsage, name, join(all))
		}
		h := all[i]
		s.Without = append(s.Without, withoutRows{h.Store, h.Lane, h.Epoch, h.From, h.To, time.Now().UTC().Format(time.RFC3339), nil, nil})
	}
	return nil
}

func join(holes []keeper.Hole) string {
	if len(holes) == 0 {
		return "none"
	}
	names := make([]string, len(holes))
	for i, h := range holes {
		names[i] = h.String()
	}
	return strings.Join(names, ", ")
}

// torn notes a transaction that never comes, with the hole that it was in.
func (s *exportState) torn(h keeper.Hole, number int64) {
	for i := range s.Without {
		if w := &s.Without[i]; w.hole().Covers(h) && !slices.Contains(w.Torn, number) {
			w.Torn = append(w.Torn, number)
		}
	}
}

// missed reports whether nothing is noted of a transaction that was in a hole.
func (s *exportState) missed(j wire.Journal, number int64) bool {
	return !slices.ContainsFunc(s.Without, func(w withoutRows) bool {
		return w.hole().Journal == j && (slices.Contains(w.Torn, number) || slices.Contains(w.Came, number))
	})
}

// came notes a transaction that was exported though it was in rows that never come: it
// comes once.
func (s *exportState) came(h keeper.Hole, number int64) {
	for i := range s.Without {
		if w := &s.Without[i]; w.hole().Covers(h) && !slices.Contains(w.Came, number) {
			w.Came = append(w.Came, number)
		}
	}
}

// keep writes the state once the export lies whole. A crash between the two has
// the same transactions exported again, and none passed over.
func (s *exportState) keep(path string) error {
	s.Journals = s.Journals[:0]
	for j, n := range s.last {
		s.Journals = append(s.Journals, exportedUntil{j.Store, j.Lane, j.Epoch, n})
	}
	text, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	return export.Drop(dir, name, func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}

// lostAfter is how old the rows behind a hole are when it is more than a lane that
// has not been heard for a while.
const lostAfter = 24 * time.Hour

// tell says what waits behind missing rows and what never comes. It is an error
// when that does not pass by itself.
func (s *exportState) tell(out io.Writer, now time.Time) error {
	if out == nil {
		out = os.Stderr
	}
	var old []string
	for _, h := range s.waits {
		if _, err := fmt.Fprintf(out, "lane %s: rows %d to %d are missing since %s; what is behind them waits for them\n",
			h.Lane, h.From, h.To, h.Since.Format(time.RFC3339)); err != nil {
			return err
		}
		if now.Sub(h.Since) > lostAfter {
			old = append(old, h.String())
		}
	}
	for _, w := range s.Without {
		if _, err := fmt.Fprintf(out, "lane %s: rows %d to %d never come, by %s; not exported for that: transactions %d\n",
			w.Lane, w.From, w.To, w.At, w.Torn); err != nil {
			return err
		}
	}
	for j, numbers := range s.parts {
		if _, err := fmt.Fprintf(out, "lane %s: of rows that never come some have come; not exported until the rest has: transactions %d\n", j.Lane, numbers); err != nil {
			return err
		}
	}
	if len(old) > 0 {
		return fmt.Errorf("the export is written, but not all there is: rows are missing for more than a day. "+
			"If their lane is lost for good: --without %s", strings.Join(old, " --without "))
	}
	return nil
}
