package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"kassa/kiosk/config"
	"kassa/store/hub/members"
	"kassa/store/journal"
)

// What a lane keeps of a member can be shown and erased, without a hub, whether
// the lane runs or not.
func TestMembersExportAndErase(t *testing.T) {
	file, cfg := soldLane(t)
	j := openJournal(t, cfg)
	for _, number := range []string{"4711", "4711", "42"} {
		if _, err := j.PutPersonal(t.Context(), memberClass, number); err != nil {
			t.Fatal(err)
		}
	}
	known := func(number string) int {
		t.Helper()
		var out strings.Builder
		if err := (&memberExportCmd{Config: file, Number: number}).run(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		var line memberSales
		if err := json.Unmarshal([]byte(out.String()), &line); err != nil || line.Handles == nil || line.Transactions == nil {
			t.Errorf("%s, %v", out.String(), err)
		}
		return len(line.Handles)
	}
	if n := known("4711"); n != 2 {
		t.Errorf("%d handles, want 2", n)
	}
	l := &lane{cfg: cfg, journal: j, log: slog.New(slog.DiscardHandler)}
	answer := httptest.NewRecorder()
	l.eraseMember(answer, httptest.NewRequestWithContext(t.Context(), "POST", "/members/erase", strings.NewReader(`{"number":"4711"}`)))
	if answer.Code != 200 || strings.TrimSpace(answer.Body.String()) != `{"values":2}` {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	if known("4711") != 0 || known("42") != 1 {
		t.Error("the running lane erased another number, or not this one")
	}
	if err := (&memberEraseCmd{Config: file, Number: "42"}).Run(t.Context()); err == nil {
		t.Error("a second process changed the journal of a lane that is in use and takes no orders")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := (&memberEraseCmd{Config: file, Number: "42"}).Run(t.Context()); err != nil || known("42") != 0 {
		t.Errorf("%d handles left, %v", known("42"), err)
	}
}

// practised writes numbers that staff read in practice, and returns the handles.
func practised(t *testing.T, cfg *config.Lane, numbers ...string) (handles []string) {
	t.Helper()
	j, err := journal.Open(t.Context(), cfg.Data, journal.Options{Store: cfg.Store, Lane: cfg.ID, File: trainingFile})
	if err != nil {
		t.Fatal(err)
	}
	for _, number := range numbers {
		handle, err := j.PutPersonal(t.Context(), memberClass, number)
		if err != nil {
			t.Fatal(err)
		}
		handles = append(handles, handle)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return handles
}

// What was read in practice is shown and erased too, whether the lane sells,
// practises or does not run.
func TestMembersOfPractice(t *testing.T) {
	for _, how := range []string{"stopped", "sells", "practises"} {
		t.Run(how, func(t *testing.T) {
			file, cfg := soldLane(t)
			practised(t, cfg, "4711", "42")
			j := openJournal(t, cfg)
			if _, err := j.PutPersonal(t.Context(), memberClass, "4711"); err != nil {
				t.Fatal(err)
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			known := func(number string) (sales, practice int) {
				t.Helper()
				var out strings.Builder
				if err := (&memberExportCmd{Config: file, Number: number}).run(t.Context(), &out); err != nil {
					t.Fatal(err)
				}
				var line memberSales
				if err := json.Unmarshal([]byte(out.String()), &line); err != nil {
					t.Fatal(err)
				}
				if line.Practice != nil {
					practice = len(line.Practice.Handles)
				}
				return len(line.Handles), practice
			}
			if sales, practice := known("4711"); sales != 1 || practice != 1 {
				t.Fatalf("%d and %d in practice, want one each", sales, practice)
			}
			switch how {
			case "stopped":
				if err := (&memberEraseCmd{Config: file, Number: "4711"}).Run(t.Context()); err != nil {
					t.Fatal(err)
				}
			default:
				o := journal.Options{Store: cfg.Store, Lane: cfg.ID}
				if how == "practises" {
					o.File = trainingFile
				}
				j, err := journal.Open(t.Context(), cfg.Data, o)
				if err != nil {
					t.Fatal(err)
				}
				l := &lane{cfg: cfg, journal: j, training: how == "practises", log: slog.New(slog.DiscardHandler)}
				answer := httptest.NewRecorder()
				l.eraseMember(answer, httptest.NewRequestWithContext(t.Context(), "POST", "/members/erase", strings.NewReader(`{"number":"4711"}`)))
				if strings.TrimSpace(answer.Body.String()) != `{"values":2}` {
					t.Errorf("%d %s", answer.Code, answer.Body)
				}
				if err := j.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if sales, practice := known("4711"); sales != 0 || practice != 0 {
				t.Errorf("%d and %d in practice are left", sales, practice)
			}
			if _, practice := known("42"); practice != 1 {
				t.Error("another number is gone")
			}
		})
	}
}

// Who is erased at the hub is forgotten in a lane's practice too, also by a lane
// that practised when the hub said so.
func TestHubForgetsPractice(t *testing.T) {
	s := newStoreHub(t)
	k := enrolledAs(t, s, "1")
	cfg, err := config.Load(k.file)
	if err != nil {
		t.Fatal(err)
	}
	handles := practised(t, cfg, "4711", "42")
	left := func(handle string) bool {
		r, err := journal.OpenFile(t.Context(), filepath.Join(cfg.Data, trainingFile))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }() // only read
		_, _, err = r.Personal(t.Context(), handle)
		return err == nil
	}
	if err := s.h.Members().Erase(t.Context(), "4711"); !errors.Is(err, members.ErrUnknown) {
		t.Fatal(err)
	}
	k.start()
	sold, err := k.l.journal.PutPersonal(t.Context(), memberClass, "42")
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the lane forgets what it heard in practice", func() bool { return !left(handles[0]) })
	if !left(handles[1]) {
		t.Error("practice forgot somebody else")
	}
	if err := s.h.Members().Erase(t.Context(), "42"); !errors.Is(err, members.ErrUnknown) {
		t.Fatal(err)
	}
	eventually(t, "both journals forget", func() bool {
		_, _, err := k.l.journal.Personal(t.Context(), sold)
		return errors.Is(err, journal.ErrNoValue) && !left(handles[1])
	})
}
