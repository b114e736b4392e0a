// Console shows the attendants' page and its storybook on a desk of its own, for
// the browser tests. It prints its address and a code for a device, and serves
// until it is interrupted. POST /stage takes a JSON object: raise (a call's id,
// "4-17/1") with reason, silent (no page gets a sign of life), refuse (what lanes
// answer to every command); it answers what lanes were asked.
package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"kassa/kiosk/help"
	"kassa/kiosk/web"
	"kassa/kiosk/words"
	"kassa/scripts/browser/stand"
	"kassa/store/hub/console"
	"kassa/store/hub/desk"
	"kassa/store/hub/fleet"
	"kassa/store/roster"
	"kassa/store/wire"
)

func main() { stand.Main("console", run) }

// stage stands in for the lanes.
type stage struct {
	desk  *desk.Desk
	fleet *fleet.Fleet

	mu     sync.Mutex
	asked  []wire.Command
	refuse string
	silent bool
	states map[string]wire.LaneState
}

// PIN of the two who work here, Amina Saleh and Bert Roux.
const pin = "428197"

func run(ctx context.Context, dir string) (err error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	st := &stage{states: map[string]wire.LaneState{}}
	if st.desk, err = desk.Open(ctx, desk.Options{
		Dir: dir, Policy: help.DefaultPolicy(), Lanes: st, Name: func(id string) string { return id }, Now: time.Now, Log: log,
	}); err != nil {
		return err
	}
	st.fleet = fleet.New(fleet.Options{
		Desk: st.desk, Anchor: func(context.Context, wire.LaneState) {}, Arrived: func(context.Context, wire.LaneState) {}, Now: time.Now, Log: log,
	})
	people, err := roster.Open(ctx, dir)
	if err != nil {
		return err
	}
	for _, name := range []string{"Amina Saleh", "Bert Roux"} {
		if _, err := people.Add(ctx, name, "supervisor", "", pin); err != nil {
			return err
		}
	}
	page, code, err := st.page(ctx, dir, people, log)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", st.hush(page))
	mux.HandleFunc("POST /stage", st.serve)
	return stand.Serve(ctx, mux, code, st.desk.Run, page.Run, st.live)
}

func (st *stage) page(ctx context.Context, dir string, people *roster.Roster, log *slog.Logger) (*console.Console, string, error) {
	say, err := words.New(words.Settings{Currency: "EUR", Decimals: 2, Digits: os.Getenv("DIGITS")})
	if err != nil {
		return nil, "", err
	}
	shared, err := web.Shared()
	if err != nil {
		return nil, "", err
	}
	book, err := console.OpenBook(ctx, dir, time.Now)
	if err != nil {
		return nil, "", err
	}
	var codes []string
	for range 12 { // one for each page that signs in
		code, err := book.Code(ctx, "")
		if err != nil {
			return nil, "", err
		}
		codes = append(codes, code)
	}
	page, err := console.New(console.Options{
		Desk: st.desk, Fleet: st.fleet, Lanes: st, Staff: people, Book: book, Words: say, Decimals: 2, Shared: shared, Policy: help.DefaultPolicy(),
		Agent: func(id, _, role string) help.Agent {
			return help.Agent{ID: id, Role: role, Languages: words.Languages()}
		},
		Store:     console.Store{Name: "Harbour Street", Hours: "mon-sat 07:00-22:00"},
		Talk:      st.desk,
		Storybook: true, Log: log, Beat: 500 * time.Millisecond,
	})
	return page, strings.Join(codes, " "), err
}

// Command is a lane's answer: done, and the call is over.
func (st *stage) Command(_ context.Context, _ string, c wire.Command) (wire.Result, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.asked = append(st.asked, c)
	return wire.Result{ID: c.ID, OK: st.refuse == "", Why: st.refuse}, nil
}

// Tell is what a lane hears of its call; here nobody listens.
func (st *stage) Tell(string, wire.CallDown) {}

// Show asks a lane for its screen; these have none.
func (st *stage) Show(string, time.Duration) {}

// live is the lanes' sign of life.
func (st *stage) live(ctx context.Context) error {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		st.mu.Lock()
		states := make([]wire.LaneState, 0, len(st.states))
		for _, s := range st.states {
			states = append(states, s)
		}
		st.mu.Unlock()
		for _, s := range states {
			st.fleet.Heard(ctx, s.Lane, s)
		}
	}
}

// hush lets no sign of life through while the stage is silent.
func (st *stage) hush(page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		st.mu.Lock()
		silent := st.silent
		st.mu.Unlock()
		if silent {
			<-r.Context().Done()
			return
		}
		if r.URL.Path != "/events" {
			page.ServeHTTP(w, r)
			return
		}
		go func() {
			t := time.NewTicker(50 * time.Millisecond)
			defer t.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-t.C:
				}
				st.mu.Lock()
				silent := st.silent
				st.mu.Unlock()
				if silent {
					cancel()
				}
			}
		}()
		page.ServeHTTP(w, r.WithContext(ctx))
		if r.Context().Err() == nil {
			<-r.Context().Done() // the line stays open and says nothing
		}
	})
}

func (st *stage) serve(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Raise, Reason, Refuse string
		Silent                bool
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if in.Raise != "" {
		lane, _, _ := strings.Cut(in.Raise, "-")
		state := wire.LaneState{Lane: lane, Boot: "b1", Mode: "open", Screen: "check", Language: "ar", Number: 17, Items: 3, Total: 1290, Calls: []string{in.Raise}}
		st.mu.Lock()
		st.states[lane] = state
		st.mu.Unlock()
		st.fleet.Heard(r.Context(), lane, state)
		if _, err := st.desk.Heard(r.Context(), lane, wire.CallUp{
			ID: in.Raise, Verb: wire.CallRaise, Boot: "b1", Reason: in.Reason, Language: "ar", RaisedAt: time.Now(),
			Context: wire.Context{Number: 17, Total: 1290, Items: []wire.Item{{N: 1, Name: "<b>Milk</b>", Qty: 2, Amount: 258}}},
		}); err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.silent, st.refuse = in.Silent, in.Refuse
	_ = json.NewEncoder(w).Encode(st.asked) // the test asks again
	st.asked = nil
}
