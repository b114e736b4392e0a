package journal

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"kassa/store/sqlite"
)

// Options say whose journal is opened.
type Options struct {
	Store, Lane string // a journal belongs to one lane for good
	Run         string // name of this run; "" makes a random one
	Queue       int    // records that may wait for the disk; 0 means 256
	File        string // name in the folder; "" means FileName
}

// defaultQueue is also the largest batch: larger ones buy nothing.
const defaultQueue = 256

// A Journal is a lane's journal, open for writing. At most one process has it.
type Journal struct {
	Reader

	run     string
	lock    *lock
	commit  func(context.Context, []row) error // writes a batch in one transaction
	program *sqlite.Program

	slots chan struct{} // one for each record that waits
	wake  chan struct{} // Run has something to look after

	mu      sync.Mutex // guards all up to failed
	waiting []pending
	watched bool  // Run looks after what waits
	next    int64 // seq of the next record
	err     error // why nothing is taken any more
	failed  chan struct{}

	pen     chan struct{} // full while somebody writes; who fills it owns all below
	prev    []byte        // hash of the newest record written
	crowd   int           // records in the batch before
	commits int           // since the log was folded
	roomy   bool          // the log was made long
	text    []byte        // room for what is hashed
}

// Open opens the journal in the folder dir, or makes one, and locks the folder:
// a second process gets one clear error. Call [Journal.Run] to have records
// written, and Close after it has returned.
func Open(ctx context.Context, dir string, o Options) (*Journal, error) {
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	db, err := sqlite.Open(ctx, filepath.Join(dir, cmp.Or(o.File, FileName)), schema())
	if err != nil {
		return nil, errors.Join(err, lock.release())
	}
	j := &Journal{
		Reader: Reader{db: db}, run: o.Run, lock: lock, wake: make(chan struct{}, 1), failed: make(chan struct{}),
		pen: make(chan struct{}, 1),
	}
	j.commit, j.program = j.write, newProgram(db)
	if j.run == "" {
		j.run = randomHex(8)
	}
	if o.Queue <= 0 {
		o.Queue = defaultQueue
	}
	j.slots = make(chan struct{}, o.Queue)
	if err := j.begin(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("journal %s: %w", db.Path(), err), j.Close())
	}
	return j, nil
}

// begin makes or reads who the journal belongs to, and finds its end.
func (j *Journal) begin(ctx context.Context, o Options) error {
	err := j.identify(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		if err = j.found(ctx, o); err == nil {
			err = j.identify(ctx)
		}
	}
	if err != nil {
		return err
	}
	if j.id.store != o.Store || j.id.lane != o.Lane {
		return fmt.Errorf("it belongs to lane %q of store %q, not to lane %q of store %q: give each lane its own data folder",
			j.id.lane, j.id.store, o.Lane, o.Store)
	}
	head, err := j.checkHead(ctx)
	if err != nil {
		return err
	}
	j.next, j.prev = head.Seq+1, head.Hash[:]
	var derived int
	if err := j.db.Writer().QueryRowContext(ctx, `SELECT derived FROM identity`).Scan(&derived); err != nil {
		return err
	}
	if derived != derivedVersion {
		return j.Rebuild(ctx)
	}
	return nil
}

// found begins a new journal with a new epoch.
func (j *Journal) found(ctx context.Context, o Options) error {
	id := identity{epoch: randomHex(8), store: o.Store, lane: o.Lane, createdAt: time.Now().Format(time.RFC3339)}
	anchor := id.anchor()
	return inTx(ctx, j.db.Writer(), func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO identity VALUES (1, ?, ?, ?, ?, ?)`,
			id.epoch, id.store, id.lane, id.createdAt, derivedVersion); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO anchor VALUES (1, 0, ?)`, anchor[:]); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO head VALUES (1, 0, ?, '{}')`, anchor[:])
		return err
	})
}

// RunID returns the name of this run, which every record carries.
func (j *Journal) RunID() string { return j.run }

// Close closes the database and unlocks the folder. What is still waiting is
// not written: Run must have returned, or never been called.
func (j *Journal) Close() error {
	j.fail(ErrClosed)
	j.pen <- struct{}{} // for good: nobody writes any more
	for batch := j.take(); len(batch) > 0; batch = j.take() {
		j.tell(batch, ErrClosed)
	}
	return errors.Join(j.program.Close(), j.db.Close(), j.lock.release())
}

// Backup writes a consistent copy to a new file while the journal is written.
func (r *Reader) Backup(ctx context.Context, path string) error { return r.db.Backup(ctx, path) }

// inTx does fn in one transaction of db.
func inTx(ctx context.Context, db *sql.DB, fn func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
