package hq

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kassa/store/wire"
	"kassa/store/wire/wiretest"
)

// journalOf is a lane's journal of n rows, as its lane would send it: a
// transaction is five rows, with a header, lines and a payment.
func journalOf(lane, epoch string, n int) []wire.Row {
	all := make([]wire.Row, 0, n)
	months := 11
	if n > 200 { // as rows really come
		months = 1
	}
	for i := range n {
		txn := i/5 + 1
		facts := fmt.Sprintf(`{"lines":[{"n":%d,"gtin":"%014d","name":"Tea \u0000 <&>","qty":1,"amount_minor":%d,"discounts":[{"rule":"r","name":"a\u0000b","amount_minor":-1}]}]}`, i%5, i, 100+i)
		if i%5 == 4 {
			facts = fmt.Sprintf(`{"txn":{"id":"%s-%s-%d","store":"%s","lane":"%s","number":%d,"state":"paid","opened_at":"2026-11-21T17:05:00+01:00","closed_at":"2026-11-21T17:06:00+01:00","currency":"EUR","business_day":"2026-11-21","total_minor":400},"taxes":[{"tax":"A","rate_ppm":70000,"net_minor":374,"tax_minor":26,"gross_minor":400}],"tenders":[{"n":1,"kind":"card","amount_minor":400,"result":"approved"}]}`,
				"0421", lane, txn, "0421", lane, txn)
		}
		all = append(all, wire.Row{
			Store: "0421", Lane: lane, Epoch: epoch, Seq: int64(i + 1), Run: "r", At: fmt.Sprintf("2026-%02d-21T08:00:00Z", 1+i%months), Mono: int64(i), Clock: "synced", Txn: int64(txn),
			Kind: "scanned", Event: fmt.Sprintf(`{"code":"%d"}`, i), Prev: wiretest.Anchor(epoch, "0421", lane, "2026-11-21T08:00:00Z"),
			Facts: facts,
		})
	}
	wiretest.Chain(all)
	return all
}

func take(t *testing.T, h *HQ, batch ...wire.Row) Taken {
	t.Helper()
	got, err := h.Take(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func told(h *HQ) []Told {
	all, err := h.Marks(context.Background())
	if err != nil {
		panic(err)
	}
	return all
}

func seqOf(h *HQ, lane string) int64 {
	for _, m := range told(h) {
		if m.Lane == lane {
			return m.Seq
		}
	}
	return 0
}

func findings(t *testing.T, h *HQ) []string {
	t.Helper()
	var all []string
	if _, err := h.Verify(t.Context(), func(f Finding) { all = append(all, fmt.Sprintf("%d: %s", f.Key.Seq, f.Why)) }, nil); err != nil {
		t.Fatal(err)
	}
	return all
}

// Rows come late, twice, in any order and in any portions, and the process is
// restarted in between: in the end each is here once.
func TestAnyOrder(t *testing.T) {
	for seed := range uint64(4) {
		dsn := newDatabase(t)
		h := open(t, dsn)
		r := rand.New(rand.NewPCG(seed, 3))
		all := slices.Concat(journalOf("1", "e", 60), journalOf("2", "f", 40), journalOf("1", "e", 60))
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for len(all) > 0 {
			n := min(1+r.IntN(30), len(all))
			take(t, h, all[:n]...)
			all = all[n:]
			if r.IntN(4) == 0 {
				if err := h.Close(); err != nil {
					t.Fatal(err)
				}
				h = open(t, dsn)
			}
		}
		if seqOf(h, "1") != 60 || seqOf(h, "2") != 40 {
			t.Fatalf("seed %d: marks %+v", seed, told(h))
		}
		if bad := findings(t, h); bad != nil {
			t.Fatalf("seed %d: %v", seed, bad)
		}
		if n, err := h.Follow(t.Context()); err != nil || n != 100 {
			t.Fatalf("seed %d: ledger %d, %v", seed, n, err)
		}
		if got := rows(t, h, `SELECT count(*), sum(total_minor)::bigint FROM public.txn`); got != "20 8000" {
			t.Errorf("seed %d: transactions %s", seed, got)
		}
		if got := rows(t, h, `SELECT count(*), sum(tax_minor)::bigint FROM public.txn_tax`); got != "20 520" {
			t.Errorf("seed %d: taxes %s", seed, got)
		}
		if got := rows(t, h, `SELECT count(*) FROM public.txn_line WHERE discounts ->> 0 IS NOT NULL`); got != "80" {
			t.Errorf("seed %d: lines %s", seed, got)
		}
	}
}

func TestGapIsSeenAndClosed(t *testing.T) {
	h := open(t, newDatabase(t))
	all := journalOf("1", "e", 10)
	take(t, h, slices.Concat(all[:3], all[6:])...)
	gaps, err := h.Gaps(t.Context())
	if err != nil || len(gaps) != 1 || gaps[0].From != 4 || gaps[0].To != 6 {
		t.Fatalf("gaps %+v, %v", gaps, err)
	}
	got := take(t, h, all[3:6]...)
	if len(got.Marks) != 1 || got.Marks[0].Seq != 10 || got.Marks[0].Hash != all[9].Hash || got.Marks[0].Number != 2 {
		t.Errorf("%+v", got.Marks)
	}
}

func TestQuarantine(t *testing.T) {
	h := open(t, newDatabase(t))
	all := journalOf("1", "e", 6)
	bent := all[2]
	bent.Event = "{\"code\":\"cheaper\x00\xff\"}"
	got := take(t, h, all[0], all[1], bent, all[3])
	if got.Kept != 3 || got.Refused != 1 || len(got.Alarms) != 1 {
		t.Fatalf("%+v", got)
	}
	if again := take(t, h, bent); len(again.Alarms) != 0 {
		t.Error("the same row raised a second alarm")
	}
	fork := wiretest.Seal(wire.Row{Store: "0421", Lane: "1", Epoch: "e", Seq: 2, At: "2026-11-21T08:00:00Z", Kind: "x", Event: "{}", Prev: strings.Repeat("00", 32)})
	if got := take(t, h, fork); got.Refused != 1 || !strings.Contains(got.Alarms[0].Why, "another row") {
		t.Errorf("a second row 2: %+v", got)
	}
	fork.Seq = 5
	fork = wiretest.Seal(fork)
	if got := take(t, h, fork); got.Refused != 1 || !strings.Contains(got.Alarms[0].Why, "does not follow") {
		t.Errorf("a row of another chain: %+v", got)
	}
	take(t, h, all[2], all[4], all[5])
	if seqOf(h, "1") != 6 {
		t.Errorf("marks %+v", told(h))
	}
}

// Whoever changes the database is found out.
func TestVerifyNamesWhatWasDone(t *testing.T) {
	for name, tt := range map[string]struct{ sql, want string }{
		"flipped":   {`UPDATE journal SET event = '{"code":"x"}' WHERE seq = 4`, "4: its hash does not fit"},
		"deleted":   {`DELETE FROM journal WHERE seq = 4`, "5: rows 4 to 4 are missing"},
		"truncated": {`DELETE FROM journal WHERE seq > 8`, "10: it is missing, and was here"},
		"moved":     {`UPDATE journal SET seq = 5000 WHERE seq = 4`, "5: rows 4 to 4"},
		"inserted":  {`INSERT INTO journal SELECT month, store, lane, epoch, 11, run, at, mono, clock, txn, kind, event, facts, prev, hash, 99 FROM journal WHERE seq = 10`, "11: its hash"},
		"beginning": {`DELETE FROM journal WHERE seq < 3`, "3: rows 1 to 2 are missing"},
		"swapped":   {`UPDATE journal SET seq = CASE seq WHEN 4 THEN 5 ELSE 4 END WHERE seq IN (4, 5)`, "4: its hash does not fit"},
	} {
		h := open(t, newDatabase(t))
		take(t, h, journalOf("1", "e", 10)...)
		if _, err := h.pool.Exec(t.Context(), tt.sql); err != nil {
			t.Fatal(name, err)
		}
		got := findings(t, h)
		if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, tt.want) }) {
			t.Errorf("%s: %v, want %q", name, got, tt.want)
		}
	}
}

func TestOneWriter(t *testing.T) {
	dsn := newDatabase(t)
	open(t, dsn)
	if _, err := Open(t.Context(), dsn, slog.New(slog.DiscardHandler)); !errors.Is(err, ErrWriter) {
		t.Errorf("a second writer: %v", err)
	}
}

func TestServerThatForgetsIsRefused(t *testing.T) {
	dsn := newDatabase(t)
	h := open(t, dsn)
	if _, err := h.pool.Exec(t.Context(), `ALTER ROLE CURRENT_USER SET synchronous_commit = off`); err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = h.pool.Exec(t.Context(), `ALTER ROLE CURRENT_USER RESET synchronous_commit`) }()
	h2 := open(t, newDatabase(t)) // kassa-hq's own setting wins
	if got := rows(t, h2, `SELECT current_setting('synchronous_commit')`); got != "on" {
		t.Errorf("synchronous_commit is %s", got)
	}
}

// BenchmarkTake puts rows in with all checks, BenchmarkCopy the same rows bare
// and unchecked: the limit of what PostgreSQL can do.
func BenchmarkTake(b *testing.B) {
	h := open(b, newDatabase(b))
	all := journalOf("1", "e", b.N)
	b.ResetTimer()
	for len(all) > 0 {
		n := min(len(all), 1000)
		if _, err := h.Take(b.Context(), all[:n]); err != nil {
			b.Fatal(err)
		}
		all = all[n:]
	}
}

func BenchmarkCopy(b *testing.B) {
	h := open(b, newDatabase(b))
	all := journalOf("1", "e", b.N)
	if _, err := h.pool.Exec(b.Context(), `CREATE TABLE bare (store text, lane text, epoch text, seq bigint, run text, at text, mono bigint,
		clock text, txn bigint, kind text, event text, facts text, prev text, hash text, PRIMARY KEY (store, lane, epoch, seq))`); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for len(all) > 0 {
		n := min(len(all), 1000)
		part := all[:n]
		if _, err := h.pool.CopyFrom(b.Context(), pgx.Identifier{"kassa", "bare"}, []string{
			"store", "lane", "epoch", "seq", "run", "at", "mono", "clock", "txn", "kind", "event", "facts", "prev", "hash",
		}, pgx.CopyFromSlice(n, func(i int) ([]any, error) {
			r := &part[i]
			return []any{r.Store, r.Lane, r.Epoch, r.Seq, r.Run, r.At, r.Mono, r.Clock, r.Txn, r.Kind, r.Event, r.Facts, r.Prev, r.Hash}, nil
		})); err != nil {
			b.Fatal(err)
		}
		all = all[n:]
	}
}
