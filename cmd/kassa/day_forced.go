package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"kassa/device/terminal"
	"kassa/store/durable"
	"kassa/store/fiscal"
	"kassa/store/journal"
)

// shelfFile holds what a terminal said of a day that it closed in the middle of a
// sale, until the sale has ended and the journal takes it: JSON Lines.
const shelfFile = "terminal-day.jsonl"

// shelfWait is how long the journal may take to say how far it is.
const shelfWait = 5 * time.Second

// A dayShelf keeps the sums of days that the terminal closed by itself. They are
// told once, so they go to the disk before anything else.
type dayShelf struct {
	data string
	log  *slog.Logger
	mu   sync.Mutex
}

// keep takes the sums of a terminal's day. What cannot be kept is in the log.
func (d *dayShelf) keep(t terminal.Totals, said error) {
	var a fiscal.Answer
	heard(&a, t, said)
	d.log.Warn("terminal closed its day by itself", "outcome", a.Outcome, "count", a.Count, "amount_minor", int64(a.Amount), "why", a.Why)
	if err := d.add(a); err != nil {
		d.log.Error("terminal's day not kept", "err", err)
	}
}

// add writes an answer down, with the record up to which the journal is.
func (d *dayShelf) add(a fiscal.Answer) error {
	ctx, cancel := context.WithTimeout(context.Background(), shelfWait)
	defer cancel()
	r, err := journal.OpenReader(ctx, d.data)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // only read
	head, err := r.Head(ctx)
	if err != nil {
		return err
	}
	a.Ours.To, a.Key = head.Seq, rand.Text()
	d.mu.Lock()
	defer d.mu.Unlock()
	all, err := d.read()
	if err != nil {
		return err
	}
	return d.write(append(all, a))
}

// read returns what is on the shelf, oldest first. What it cannot read is in the log.
func (d *dayShelf) read() (all []fiscal.Answer, err error) {
	text, err := os.ReadFile(filepath.Join(d.data, shelfFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for line := range bytes.Lines(text) {
		var a fiscal.Answer
		if err := json.Unmarshal(line, &a); err != nil {
			d.log.Error("terminal's day cannot be read", "file", shelfFile, "line", printable(string(line)), "err", err)
			continue // no day is left open for it
		}
		all = append(all, a)
	}
	return all, nil
}

// write replaces what is on the shelf; with nothing the file goes.
func (d *dayShelf) write(all []fiscal.Answer) error {
	name := filepath.Join(d.data, shelfFile)
	if len(all) == 0 {
		return durable.Remove(name)
	}
	return durable.Write(name, 0o600, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		for _, a := range all {
			if err := enc.Encode(a); err != nil {
				return err
			}
		}
		return nil
	})
}

// take hands the answers one by one to put and forgets each that was put. After a
// crash in between put gets it again, with the same key.
func (d *dayShelf) take(put func(fiscal.Answer) error) error {
	for {
		d.mu.Lock()
		all, err := d.read()
		d.mu.Unlock()
		if err != nil || len(all) == 0 {
			return err
		}
		if err := put(all[0]); err != nil {
			return err
		}
		d.mu.Lock()
		if all, err = d.read(); err == nil {
			err = d.write(all[1:])
		}
		d.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// forced puts what the terminal said of days that it closed by itself into the
// journal, between two sales, before anything else is asked of it.
func (c *dayCloser) forced(ctx context.Context) error {
	return c.shelf.take(func(a fiscal.Answer) error {
		return c.between(ctx, func(ctx context.Context, w fiscal.Writing) error { return fiscal.Forced(ctx, w, a) })
	})
}
