package journal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/kiosk/flow"
	"kassa/store/sqlite"
)

var errDisk = errors.New("input/output error")

func TestEveryWriteFailsBothWays(t *testing.T) {
	entries := sale(1)
	for _, applied := range []bool{false, true} {
		for fails := range entries {
			t.Run(fmt.Sprintf("write %d applied %v", fails+1, applied), func(t *testing.T) {
				dir := t.TempDir()
				j, err := Open(t.Context(), dir, lane1)
				if err != nil {
					t.Fatal(err)
				}
				commit, n := j.commit, 0
				j.commit = func(ctx context.Context, rows []row) error {
					if n++; n <= fails {
						return commit(ctx, rows)
					}
					if applied {
						if err := commit(ctx, rows); err != nil {
							t.Error(err)
						}
					}
					return errDisk
				}
				ended := make(chan error, 1)
				go func() { ended <- j.Run(t.Context()) }()
				acked := appendUntilError(t, j, entries)
				if acked != int64(fails) {
					t.Errorf("%d records acknowledged, want %d", acked, fails)
				}
				if err := <-ended; !errors.Is(err, errDisk) {
					t.Errorf("Run() = %v, want the disk's error", err)
				}
				if _, err := j.Append(t.Context(), entries[0]); !errors.Is(err, errDisk) {
					t.Errorf("Append() after the error = %v, want it again", err)
				}
				if err := j.Close(); err != nil {
					t.Error(err)
				}
				want := acked
				if applied {
					want++
				}
				if got := check(t, dir, acked); got != want {
					t.Errorf("%d records in the file, want %d", got, want)
				}
			})
		}
	}
}

// appendUntilError appends one by one and returns how many were acknowledged.
func appendUntilError(t *testing.T, j *Journal, entries []Entry) (acked int64) {
	t.Helper()
	for _, e := range entries {
		ticket, err := j.Append(t.Context(), e)
		if err == nil {
			err = ticket.Wait(t.Context())
		}
		if err != nil {
			return acked
		}
		acked = ticket.Seq
	}
	return acked
}

func TestAWriteFailsWithinItsTransaction(t *testing.T) {
	for _, fault := range []struct{ name, sql string }{
		{"record", `CREATE TEMP TRIGGER f BEFORE INSERT ON record WHEN new.seq = 6 BEGIN SELECT RAISE(ABORT, 'fault'); END`},
		{"txn", `CREATE TEMP TRIGGER f BEFORE INSERT ON derived_txn WHEN new.state = 'paid' BEGIN SELECT RAISE(ABORT, 'fault'); END`},
		{"line", `CREATE TEMP TRIGGER f BEFORE INSERT ON derived_line WHEN new.voided BEGIN SELECT RAISE(ABORT, 'fault'); END`},
		{"tender", `CREATE TEMP TRIGGER f BEFORE INSERT ON derived_tender BEGIN SELECT RAISE(ABORT, 'fault'); END`},
		{"intervention", `CREATE TEMP TRIGGER f BEFORE INSERT ON derived_intervention BEGIN SELECT RAISE(ABORT, 'fault'); END`},
		{"contact", `CREATE TEMP TRIGGER f BEFORE INSERT ON derived_contact BEGIN SELECT RAISE(ABORT, 'fault'); END`},
		{"head", `CREATE TEMP TRIGGER f BEFORE UPDATE ON head WHEN new.seq > 2 BEGIN SELECT RAISE(ABORT, 'fault'); END`},
	} {
		t.Run(fault.name, func(t *testing.T) {
			dir := t.TempDir()
			j, err := Open(t.Context(), dir, lane1)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := j.db.Writer().Exec(fault.sql); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- j.Run(t.Context()) }()
			acked := appendUntilError(t, j, sale(1))
			if err := <-ended; err == nil || !strings.Contains(err.Error(), "fault") {
				t.Errorf("Run() = %v, want the fault", err)
			}
			if err := j.Close(); err != nil {
				t.Error(err)
			}
			if got := check(t, dir, acked); got != acked {
				t.Errorf("%d records in the file, want %d", got, acked)
			}
		})
	}
}

func TestAFullDisk(t *testing.T) {
	dir := t.TempDir()
	j, err := Open(t.Context(), dir, lane1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.db.Writer().Exec(`PRAGMA max_page_count = 40`); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- j.Run(t.Context()) }()
	var acked int64
	for i := range 1000 {
		n := appendUntilError(t, j, sale(int64(i+1)))
		acked = max(acked, n)
		if n == 0 || n%7 != 0 {
			break
		}
	}
	if err := <-ended; !sqlite.IsFull(err) {
		t.Errorf("Run() = %v, want a full disk", err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if got := check(t, dir, acked); got != acked {
		t.Errorf("%d records in the file, want %d", got, acked)
	}
}

func TestADiskErrorTellsAllThatWait(t *testing.T) {
	j, err := Open(t.Context(), t.TempDir(), lane1)
	if err != nil {
		t.Fatal(err)
	}
	var tickets []*Ticket
	for range 200 {
		ticket, err := j.Append(t.Context(), entry(0, "Ticked", flow.Facts{}))
		if err != nil {
			t.Fatal(err)
		}
		tickets = append(tickets, ticket)
	}
	j.commit = func(context.Context, []row) error { return errDisk }
	if err := j.Run(t.Context()); !errors.Is(err, errDisk) {
		t.Errorf("Run() = %v, want the disk's error", err)
	}
	for _, ticket := range tickets {
		if err := ticket.Wait(t.Context()); !errors.Is(err, errDisk) {
			t.Fatalf("record %d: Wait() = %v, want the disk's error", ticket.Seq, err)
		}
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// TestCutLog opens what a power cut can leave of SQLite's log: any beginning of
// it, the last sector torn.
func TestCutLog(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, dir)
	for i := range 3 {
		for _, e := range sale(int64(i + 1)) {
			put(t, j, e)
		}
	}
	db, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Join(dir, FileName+"-wal"))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(4, 2))
	sizes := map[int64]bool{}
	for range 25 {
		cut := log[:rng.IntN(len(log)+1)]
		cut = append([]byte(nil), cut...)
		if tear := rng.IntN(600); tear < 512 && tear < len(cut) {
			clear(cut[len(cut)-tear:])
		}
		to := t.TempDir()
		for name, b := range map[string][]byte{FileName: db, FileName + "-wal": cut} {
			if err := os.WriteFile(filepath.Join(to, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if len(cut) < 40*4120 {
			continue // before the tables were made; kassa/store/sqlite tests that
		}
		sizes[check(t, to, 0)] = true
	}
	if len(sizes) < 4 {
		t.Errorf("only %d different ends seen: the test shows nothing", len(sizes))
	}
}

// TestChildAppends is not a test: it is what TestKill9 kills. It tells each
// record number as soon as it is acknowledged.
func TestChildAppends(t *testing.T) {
	dir := os.Getenv("KASSA_TEST_APPEND")
	if dir == "" {
		t.Skip("only as a child process")
	}
	j, err := Open(t.Context(), dir, lane1)
	if err != nil {
		t.Fatal(err)
	}
	go func() { t.Error(j.Run(t.Context())) }()
	tail, err := j.Tail(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex // one sale at a time is begun, the waiting is shared
	next := tail.Lane.LastNumber + 1
	fmt.Println("acked", tail.Head.Seq)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				var tickets []*Ticket
				mu.Lock()
				for _, e := range sale(next) {
					ticket, err := j.Append(t.Context(), e)
					if err != nil {
						t.Error(err)
						break
					}
					tickets = append(tickets, ticket)
				}
				next++
				mu.Unlock()
				for _, ticket := range tickets {
					if ticket.Wait(t.Context()) != nil {
						return
					}
					fmt.Println("acked", ticket.Seq)
				}
			}
		})
	}
	wg.Wait()
}

func TestKill9(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(9, 9))
	var acked, records int64
	kills := 0
	for i := 0; i < 5 || acked < 100 && i < 40; i++ { // a busy machine needs more to show something
		kills++
		child := exec.Command(os.Args[0], "-test.run=^TestChildAppends$")
		child.Env = append(os.Environ(), "KASSA_TEST_APPEND="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		lines.Scan() // it is up
		kill := time.AfterFunc(time.Duration(rng.IntN(60_000))*time.Microsecond, func() { _ = child.Process.Kill() })
		for lines.Scan() {
			var seq int64
			if _, err := fmt.Sscanf(lines.Text(), "acked %d", &seq); err != nil {
				t.Fatalf("kill %d: the child says %q", i, lines.Text())
			}
			acked = max(acked, seq)
		}
		_ = child.Wait() // it was killed
		kill.Stop()
		records = check(t, dir, acked)
	}
	if acked < 100 {
		t.Errorf("only %d records were acknowledged: the test shows nothing", acked)
	}
	t.Logf("%d kills, %d acknowledged, %d in the file", kills, acked, records)
}
