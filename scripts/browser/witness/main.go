// Witness says, for the browser tests, what stands on the disks of a lane and of
// its hub about help, whatever any page showed. It only reads, while both run:
//
//	witness LANE_DATA HUB_DATA
//
// prints one JSON object: calls, what the lane's journal says of each; settled,
// how often the lane did a command that ends a call; open and contacts, what the
// desk has.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"kassa/kiosk/flow"
	"kassa/store/hub/desk"
	"kassa/store/journal"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: witness LANE_DATA HUB_DATA")
		os.Exit(2)
	}
	t, err := testify(context.Background(), os.Args[1], os.Args[2])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(t)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "witness:", err)
		os.Exit(1)
	}
}

// A testimony is what the disks say.
type testimony struct {
	Calls    map[string]call `json:"calls"`
	Settled  map[string]int  `json:"settled"`
	Open     []string        `json:"open"`
	Contacts map[string]call `json:"contacts"`
	Rows     int64           `json:"rows"` // of the journal
}

// A call as one of the two has it.
type call struct {
	Reason  string `json:"reason"`
	Phase   string `json:"phase"` // the desk's alone
	State   string `json:"state"`
	By      string `json:"by"`
	Outcome string `json:"outcome"`
	Rating  int    `json:"rating"`
	Solved  *bool  `json:"solved"`
}

func testify(ctx context.Context, lane, hub string) (t testimony, err error) {
	t = testimony{Calls: map[string]call{}, Settled: map[string]int{}, Open: []string{}, Contacts: map[string]call{}}
	j, err := journal.OpenReader(ctx, lane)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	if err := t.journal(ctx, j); err != nil {
		return t, err
	}
	d, err := desk.OpenReader(ctx, hub)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return t, t.desk(ctx, d)
}

// journal reads the lane's rows: the last word on each sale's calls, and each
// command that ended one.
func (t *testimony) journal(ctx context.Context, j *journal.Reader) error {
	for rec, err := range j.Since(ctx, 0) {
		if err != nil {
			return err
		}
		t.Rows++
		var facts flow.Facts
		if len(rec.Facts) > 0 {
			if err := json.Unmarshal(rec.Facts, &facts); err != nil {
				return err
			}
		}
		for _, c := range facts.Contacts {
			id := fmt.Sprintf("%s-%06d/%d", j.Lane(), rec.Txn, c.N)
			t.Calls[id] = call{Reason: c.Reason, State: string(c.State), By: c.By, Outcome: c.Outcome, Rating: c.Rating, Solved: c.Solved}
		}
		ev, err := flow.Decode(rec.Kind, rec.Event)
		if err != nil {
			return err
		}
		if c, ok := ev.(flow.Commanded); ok && c.Call != "" && facts.Lane != nil {
			for _, done := range facts.Lane.Commands {
				if done.ID == c.ID && done.Why == "" {
					t.Settled[c.Call]++
				}
			}
		}
	}
	return nil
}

// desk reads the hub's calls and contacts.
func (t *testimony) desk(ctx context.Context, d *desk.Reader) (err error) {
	rows, err := d.DB().QueryContext(ctx, `SELECT c.id, c.open, coalesce(k.state, ''), coalesce(k."by", ''), coalesce(k.outcome, ''),
		coalesce(k.rating, 0), k.solved, coalesce(k.reason, ''), coalesce(k.phase, '') FROM call AS c LEFT JOIN contact AS k USING (id)`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id string
		var open bool
		var c call
		var solved sql.NullBool
		if err := rows.Scan(&id, &open, &c.State, &c.By, &c.Outcome, &c.Rating, &solved, &c.Reason, &c.Phase); err != nil {
			return err
		}
		if solved.Valid {
			c.Solved = &solved.Bool
		}
		if open {
			t.Open = append(t.Open, id)
		}
		if c.State != "" {
			t.Contacts[id] = c
		}
	}
	return rows.Err()
}
