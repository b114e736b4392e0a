package hq

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"kassa/store/wire"
)

// A Taken is what came of a batch.
type Taken struct {
	Kept, Known, Refused int
	Marks                []Told // of the journals it touched
	Alarms               []Alarm
}

// An Alarm is a row that went to quarantine.
type Alarm struct {
	Key wire.Key
	Why string
}

// Take keeps a batch in one transaction. After an error nothing of it is kept
// and it may come again. One bad row holds up none of the others.
func (h *HQ) Take(ctx context.Context, rows []wire.Row) (taken Taken, err error) {
	sorted := sortedByKey(rows)
	faults := examine(sorted)
	err = h.write(ctx, func(b *batch) error {
		b.sorted, b.faults = sorted, faults
		if err := b.run(ctx); err != nil {
			return err
		}
		taken = b.taken
		for j, m := range b.marks {
			taken.Marks = append(taken.Marks, Told{j.store, j.lane, m.Mark})
		}
		return nil
	})
	if err != nil {
		return Taken{}, fmt.Errorf("hq: batch of %d rows: %w", len(rows), err)
	}
	h.sound(ctx, taken.Alarms)
	return taken, nil
}

// sortedByKey puts a batch into the order of its keys.
func sortedByKey(rows []wire.Row) []wire.Row {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b wire.Row) int {
		for _, d := range [][2]string{{a.Store, b.Store}, {a.Lane, b.Lane}, {a.Epoch, b.Epoch}} {
			if d[0] != d[1] {
				if d[0] < d[1] {
					return -1
				}
				return 1
			}
		}
		return int(max(-1, min(1, a.Seq-b.Seq)))
	})
	return sorted
}

// examine says of each row what is wrong with it by itself, nil where nothing is. Its
// hash is worked out again for that, on all processors.
func examine(rows []wire.Row) []error {
	faults := make([]error, len(rows))
	const part = 128
	var all sync.WaitGroup
	for at := 0; at < len(rows); at += part {
		all.Go(func() {
			for i := at; i < min(at+part, len(rows)); i++ {
				if faults[i] = rows[i].Check(); faults[i] == nil && !rows[i].Sound() {
					faults[i] = errUnsound
				}
			}
		})
	}
	all.Wait()
	return faults
}

var errUnsound = errors.New("its hash does not fit what it says")

// batch is a Take at work.
type batch struct {
	*HQ
	tx     pgx.Tx
	sorted []wire.Row
	faults []error                // of each, by itself
	hashes map[wire.Key]neighbour // what is kept at and beside the batch's rows
	fresh  []wire.Row
	of     map[source][]int // places in fresh
	had    map[source]mark  // of the journals that the batch is of, before it
	gone   map[wire.Journal][]wire.Gone
	marks  map[source]mark // of those it touched
	taken  Taken
}

// neighbour is a row that is kept.
type neighbour struct{ prev, hash string }

func (b *batch) run(ctx context.Context) error {
	if err := b.begin(ctx); err != nil {
		return err
	}
	if err := b.around(ctx); err != nil {
		return err
	}
	for i := range b.sorted {
		if err := b.judge(ctx, b.sorted[i], b.faults[i]); err != nil {
			return err
		}
	}
	if err := b.insert(ctx); err != nil {
		return err
	}
	for j := range b.marks {
		if err := b.advance(ctx, j); err != nil {
			return err
		}
	}
	return nil
}

// begin reads how far the journals are that the batch is of.
func (b *batch) begin(ctx context.Context) error {
	of := map[wire.Journal]bool{}
	for i := range b.sorted {
		if b.faults[i] == nil {
			of[b.sorted[i].Journal()] = true
		}
	}
	return b.load(ctx, slices.Collect(maps.Keys(of)))
}

// load reads how far journals are, and what of them is here no longer.
func (b *batch) load(ctx context.Context, of []wire.Journal) error {
	if len(of) == 0 {
		return nil
	}
	var stores, lanes, epochs []string
	for _, j := range of {
		stores, lanes, epochs = append(stores, j.Store), append(lanes, j.Lane), append(epochs, j.Epoch)
	}
	const keys = ` JOIN unnest($1::text[], $2::text[], $3::text[]) AS k (store, lane, epoch) USING (store, lane, epoch)`
	var ask pgx.Batch
	ask.Queue(`SELECT store, lane, epoch, seq, hash, number, ahead FROM mark`+keys, stores, lanes, epochs).Query(b.readMarks)
	ask.Queue(goneOf(keys), stores, lanes, epochs).Query(func(rows pgx.Rows) (err error) {
		b.gone, err = scanGone(rows)
		return err
	})
	return b.tx.SendBatch(ctx, &ask).Close()
}

func (b *batch) readMarks(rows pgx.Rows) error {
	for rows.Next() {
		var j source
		m := mark{Mark: wire.Mark{Keeper: "hq"}}
		if err := rows.Scan(&j.store, &j.lane, &j.epoch, &m.Seq, &m.Hash, &m.Number, &m.ahead); err != nil {
			return err
		}
		m.Epoch = j.epoch
		b.had[j] = m
	}
	return rows.Err()
}

// around reads what is kept under the batch's own numbers and beside them.
// Rows that only go on where a journal ends have none but the last.
func (b *batch) around(ctx context.Context) error {
	b.hashes = map[wire.Key]neighbour{}
	var stores, lanes, epochs []string
	var seqs []int64
	want := map[wire.Key]bool{}
	for i := range b.sorted {
		if b.faults[i] != nil {
			continue
		}
		r := &b.sorted[i]
		m := b.had[source{r.Store, r.Lane, r.Epoch}]
		for _, seq := range []int64{r.Seq - 1, r.Seq, r.Seq + 1} {
			key := wire.Key{Store: r.Store, Lane: r.Lane, Epoch: r.Epoch, Seq: seq}
			switch {
			case want[key] || seq > m.ahead || seq < 1:
			case seq == m.Seq:
				b.hashes[key] = neighbour{hash: m.Hash}
			default:
				want[key] = true
				stores, lanes, epochs, seqs = append(stores, r.Store), append(lanes, r.Lane), append(epochs, r.Epoch), append(seqs, seq)
			}
		}
	}
	if len(seqs) == 0 {
		return nil
	}
	rows, err := b.tx.Query(ctx, `SELECT j.store, j.lane, j.epoch, j.seq, encode(j.prev, 'hex'), encode(j.hash, 'hex')
		FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS k (store, lane, epoch, seq)
		JOIN journal AS j USING (store, lane, epoch, seq)`, stores, lanes, epochs, seqs)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key wire.Key
		var n neighbour
		if err := rows.Scan(&key.Store, &key.Lane, &key.Epoch, &key.Seq, &n.prev, &n.hash); err != nil {
			return err
		}
		b.hashes[key] = n
	}
	return rows.Err()
}

// judge decides about one row, with what is wrong with it by itself.
func (b *batch) judge(ctx context.Context, r wire.Row, fault error) error {
	if fault != nil {
		return b.refuse(ctx, r, fault.Error())
	}
	b.touch(r)
	key := r.Key()
	before, after := key, key
	before.Seq--
	after.Seq++
	have, there := b.hashes[key]
	switch {
	case there && have.hash == r.Hash:
		b.taken.Known++
		return nil
	case there:
		return b.refuse(ctx, r, "another row of this number is kept, with hash "+have.hash)
	case b.isGone(&r):
		b.taken.Known++
		return nil
	}
	if n, ok := b.hashes[before]; ok && n.hash != r.Prev {
		return b.refuse(ctx, r, "it does not follow the row before it that is kept")
	}
	if n, ok := b.hashes[after]; ok && n.prev != "" && n.prev != r.Hash {
		return b.refuse(ctx, r, "the row after it that is kept follows another")
	}
	b.hashes[key] = neighbour{r.Prev, r.Hash}
	j := source{r.Store, r.Lane, r.Epoch}
	b.of[j] = append(b.of[j], len(b.fresh))
	b.fresh = append(b.fresh, r)
	b.taken.Kept++
	return nil
}

// touch notes a journal whose mark is to be told.
func (b *batch) touch(r wire.Row) {
	j := source{r.Store, r.Lane, r.Epoch}
	m, ok := b.marks[j]
	if !ok {
		if m, ok = b.had[j]; !ok {
			m = mark{Mark: wire.Mark{Epoch: r.Epoch, Keeper: "hq"}}
		}
	}
	m.Number = max(m.Number, r.Txn)
	b.marks[j] = m
}

// refuse puts a row into quarantine; the same one again raises no second alarm.
func (b *batch) refuse(ctx context.Context, r wire.Row, why string) error {
	b.taken.Refused++
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	alarms, err := b.quarantine(ctx, b.tx, r.Key(), r.Hash, why, string(text))
	b.taken.Alarms = append(b.taken.Alarms, alarms...)
	return err
}

// insert copies the new rows in.
func (b *batch) insert(ctx context.Context) error {
	if len(b.fresh) == 0 {
		return nil
	}
	first, err := b.place(ctx)
	if err != nil {
		return err
	}
	copied := pgx.CopyFromSlice(len(b.fresh), func(i int) ([]any, error) {
		r := &b.fresh[i]
		prev, err := hex.DecodeString(r.Prev)
		if err != nil {
			return nil, err
		}
		hash, err := hex.DecodeString(r.Hash)
		if err != nil {
			return nil, err
		}
		return []any{
			monthOf(r), r.Store, r.Lane, r.Epoch, r.Seq, r.Run, r.At, r.Mono, r.Clock, r.Txn, r.Kind, r.Event, r.Facts, prev, hash,
			first + int64(i) + 1,
		}, nil
	})
	_, err = b.tx.CopyFrom(ctx, pgx.Identifier{"kassa", "journal"}, []string{
		"month", "store", "lane", "epoch", "seq", "run", "at", "mono", "clock", "txn", "kind", "event", "facts", "prev", "hash", "arrived",
	}, copied)
	return err
}

// monthOf is the first day of the month a row was written in. A board whose
// clock had not been set says 1970: such rows share one partition.
func monthOf(r *wire.Row) time.Time {
	at, err := time.Parse(time.RFC3339Nano, r.At)
	if err != nil || at.Year() < 2020 || at.Year() > 2200 {
		return time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	at = at.UTC()
	return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// place makes room for the new rows, a table for each month that they are of, and
// returns the number of arrival before the first.
func (b *batch) place(ctx context.Context) (first int64, err error) {
	months := map[time.Time]bool{}
	for i := range b.fresh {
		months[monthOf(&b.fresh[i])] = true
	}
	var last int64
	var missing []time.Time
	var ask pgx.Batch // one message to the server
	ask.Queue(`UPDATE position SET arrived = arrived + $1 RETURNING arrived`, len(b.fresh)).QueryRow(func(r pgx.Row) error { return r.Scan(&last) })
	for month := range months {
		ask.Queue(`SELECT to_regclass('kassa.' || $1::text) IS NOT NULL`, partition(month)).QueryRow(func(r pgx.Row) error {
			var there bool
			err := r.Scan(&there)
			if err == nil && !there {
				missing = append(missing, month)
			}
			return err
		})
	}
	if err := b.tx.SendBatch(ctx, &ask).Close(); err != nil {
		return 0, err
	}
	for _, month := range missing {
		if _, err := b.tx.Exec(ctx, fmt.Sprintf(`CREATE TABLE kassa.%s PARTITION OF kassa.journal FOR VALUES FROM ('%s') TO ('%s')`,
			partition(month), month.Format(time.DateOnly), month.AddDate(0, 1, 0).Format(time.DateOnly))); err != nil {
			return 0, err
		}
	}
	return last - int64(len(b.fresh)), nil
}

// partition is the table of a month's rows.
func partition(month time.Time) string { return "journal_" + month.Format("200601") }

// advance moves a journal's mark over all rows that follow it without a hole.
func (b *batch) advance(ctx context.Context, j source) error {
	m := b.marks[j]
	for _, i := range b.of[j] {
		r := &b.fresh[i]
		m.ahead = max(m.ahead, r.Seq)
		if r.Seq == m.Seq+1 {
			m.Seq, m.Hash = r.Seq, r.Hash
		}
	}
	if m.ahead > m.Seq { // rows that came before these may go on here
		if err := b.follow(ctx, j, &m); err != nil {
			return err
		}
	}
	b.marks[j] = m
	_, err := b.tx.Exec(ctx, `INSERT INTO mark (store, lane, epoch, seq, hash, number, ahead) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (store, lane, epoch) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, number = excluded.number,
		ahead = excluded.ahead, at = now()`, j.store, j.lane, j.epoch, m.Seq, m.Hash, m.Number, m.ahead)
	return err
}

func (b *batch) follow(ctx context.Context, j source, m *mark) error {
	rows, err := b.tx.Query(ctx, `SELECT seq, encode(hash, 'hex') FROM journal WHERE store = $1 AND lane = $2 AND epoch = $3 AND seq > $4 ORDER BY seq`,
		j.store, j.lane, j.epoch, m.Seq)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var hash string
		if err := rows.Scan(&seq, &hash); err != nil {
			return err
		}
		if seq != m.Seq+1 {
			break
		}
		m.Seq, m.Hash = seq, hash
	}
	rows.Close()
	return rows.Err()
}
