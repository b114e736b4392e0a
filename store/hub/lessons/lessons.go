// Package lessons keeps what each lane has learned of the weights of articles,
// and tells each what the others know. It does not decide what a lane believes:
// that is the lane's ([bagging.MergeWeight]).
//
// Its one rule: what a lane says stays its own. A lane replaces what it said
// before and nothing else, so that no piece counts twice and no lane speaks for
// another.
package lessons

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"kassa/kiosk/bagging"
	"kassa/store/sqlite"
	"kassa/store/wire"
)

// FileName is the database in the hub's folder.
const FileName = "learned.db"

// MaxArticles is how many articles of one lane are kept; a lane that learned more
// is not heard on the rest.
const MaxArticles = 100_000

// ErrTooMany says that a lane has taught MaxArticles already.
var ErrTooMany = errors.New("more articles than the hub keeps of a lane")

func schema() sqlite.Schema {
	return sqlite.Schema{Name: "learned", AppID: 0x6b734731 /* "ksG1" */, Migrations: []string{`
CREATE TABLE learned (
	lane   TEXT NOT NULL,
	key    TEXT NOT NULL,    -- GTIN or PLU
	serial INTEGER NOT NULL, -- of the hub, grows with each change
	weight TEXT NOT NULL,    -- bagging.Weight as JSON
	PRIMARY KEY (lane, key)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX learned_by_serial ON learned (serial);
CREATE INDEX learned_by_key ON learned (key);
`}}
}

// A Book is what all lanes have learned.
type Book struct {
	db   *sqlite.DB
	boot string
}

// Open opens the book in the hub's folder, or begins one.
func Open(ctx context.Context, dir string) (*Book, error) {
	db, err := sqlite.Open(ctx, filepath.Join(dir, FileName), schema())
	if err != nil {
		return nil, fmt.Errorf("learned weights: %w", err)
	}
	return &Book{db, rand.Text()}, nil
}

// Close closes the book.
func (b *Book) Close() error { return b.db.Close() }

// Take keeps what a lane says and returns what others have learned since it last
// asked. When it returns, what the lane said is on disk. Nothing of a message
// with a weight that makes no sense is kept.
func (b *Book) Take(ctx context.Context, lane string, said wire.Learned) (wire.Lessons, error) {
	if len(said.Weights) > wire.MaxLessons {
		return wire.Lessons{}, fmt.Errorf("learned weights: %d articles in one message, want at most %d", len(said.Weights), wire.MaxLessons)
	}
	for _, l := range said.Weights {
		if err := l.Weight.Check(l.Key); err != nil {
			return wire.Lessons{}, fmt.Errorf("learned weights: %w", err)
		}
	}
	tx, err := b.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return wire.Lessons{}, fmt.Errorf("learned weights: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after the commit it does nothing
	if err := keep(ctx, tx, lane, said.Weights); err != nil {
		return wire.Lessons{}, fmt.Errorf("learned weights: %w", err)
	}
	since := said.Since
	if said.Boot != b.boot {
		since = 0
	}
	answer, err := tell(ctx, tx, lane, since)
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return wire.Lessons{}, fmt.Errorf("learned weights: %w", err)
	}
	answer.Boot = b.boot
	return answer, nil
}

// keep writes down what a lane says. What it said before is no change.
func keep(ctx context.Context, tx *sql.Tx, lane string, said []wire.Lesson) error {
	if len(said) == 0 {
		return nil
	}
	var serial, articles int64
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(serial), 0) FROM learned`).Scan(&serial); err != nil {
		return err
	}
	for _, l := range said {
		text, err := json.Marshal(l.Weight.Share())
		if err != nil {
			return err
		}
		serial++
		_, err = tx.ExecContext(ctx, `INSERT INTO learned (lane, key, serial, weight) VALUES (?, ?, ?, ?)
			ON CONFLICT (lane, key) DO UPDATE SET serial = excluded.serial, weight = excluded.weight WHERE weight <> excluded.weight`,
			lane, l.Key, serial, string(text))
		if err != nil {
			return err
		}
	}
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM learned WHERE lane = ?`, lane).Scan(&articles)
	if err == nil && articles > MaxArticles {
		return ErrTooMany
	}
	return err
}

// perAnswer is how many changed articles are looked at for one answer; of each
// there may be two lessons.
const perAnswer = wire.MaxLessons / 2

// tell gathers what others have learned since.
func tell(ctx context.Context, tx *sql.Tx, lane string, since int64) (wire.Lessons, error) {
	answer := wire.Lessons{Serial: since}
	keys, err := changed(ctx, tx, lane, &answer)
	if err != nil {
		return answer, err
	}
	answer.More = len(keys) == perAnswer
	told := map[string]bool{}
	for _, key := range keys {
		if told[key] {
			continue
		}
		told[key] = true
		known, err := others(ctx, tx, lane, key)
		if err != nil {
			return answer, err
		}
		for _, w := range bagging.Gather(known) {
			answer.Weights = append(answer.Weights, wire.Lesson{Key: key, Weight: w})
		}
	}
	return answer, nil
}

// changed returns the articles that others taught since, and moves the answer's
// serial to the last of them.
func changed(ctx context.Context, tx *sql.Tx, lane string, answer *wire.Lessons) ([]string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT key, serial FROM learned WHERE serial > ? AND lane <> ? ORDER BY serial LIMIT ?`,
		answer.Serial, lane, perAnswer)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // nothing was written
	var keys []string
	for rows.Next() {
		var key string
		if err := rows.Scan(&key, &answer.Serial); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, rows.Err()
}

// others returns what lanes but one have learned of an article.
func others(ctx context.Context, tx *sql.Tx, lane, key string) ([]bagging.Weight, error) {
	rows, err := tx.QueryContext(ctx, `SELECT weight FROM learned WHERE key = ? AND lane <> ? ORDER BY lane`, key, lane)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // nothing was written
	var all []bagging.Weight
	for rows.Next() {
		var text []byte
		var w bagging.Weight
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, &w); err != nil {
			return nil, fmt.Errorf("article %s: %w", key, err)
		}
		all = append(all, w)
	}
	return all, rows.Err()
}

// Forget takes out what a lane has said, as when it is removed from the store.
func (b *Book) Forget(ctx context.Context, lane string) error {
	if _, err := b.db.Writer().ExecContext(ctx, `DELETE FROM learned WHERE lane = ?`, lane); err != nil {
		return fmt.Errorf("learned weights: %w", err)
	}
	return nil
}

// An Article is what a store's lanes know of one article.
type Article struct {
	Key   string
	Lanes int64 // that have learned it
	Known []bagging.Weight
}

// Articles returns what is known of every article, by key.
func (b *Book) Articles(ctx context.Context) ([]Article, error) {
	rows, err := b.db.Reader().QueryContext(ctx, `SELECT key, weight FROM learned ORDER BY key, lane`)
	if err != nil {
		return nil, fmt.Errorf("learned weights: %w", err)
	}
	defer func() { _ = rows.Close() }() // nothing was written
	var all []Article
	for rows.Next() {
		var key string
		var text []byte
		var w bagging.Weight
		if err := rows.Scan(&key, &text); err != nil {
			return nil, fmt.Errorf("learned weights: %w", err)
		}
		if err := json.Unmarshal(text, &w); err != nil {
			return nil, fmt.Errorf("learned weights: article %s: %w", key, err)
		}
		if n := len(all); n == 0 || all[n-1].Key != key {
			all = append(all, Article{Key: key})
		}
		last := &all[len(all)-1]
		last.Lanes++
		last.Known = append(last.Known, w)
	}
	for i := range all {
		all[i].Known = bagging.Gather(all[i].Known)
	}
	return all, rows.Err()
}
