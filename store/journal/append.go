package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"time"

	"kassa/kiosk/flow"
)

// Errors of Append that a caller may test for.
var (
	// ErrClosed says that the journal was closed or its Run has ended.
	ErrClosed = errors.New("journal is closed")
	// ErrEntry says that an entry cannot be a record. The journal goes on.
	ErrEntry = errors.New("entry cannot be a record")
)

// maxEntry bounds event and facts together, in bytes.
const maxEntry = 1 << 20

// An Entry is what a caller writes down.
type Entry struct {
	At    time.Time     // wall time with the store's offset
	Mono  time.Duration // since this run began
	Clock string        // quality of At
	Txn   int64         // transaction number, 0: none; that of the facts goes before it
	Kind  string        // of the event
	Event json.RawMessage
	Facts json.RawMessage // flow.Facts, empty when nothing was decided
}

// A Ticket tells when a record is on the disk.
type Ticket struct {
	Seq     int64 // the record's number
	journal *Journal
	done    chan struct{}
	err     error // valid when done is closed
}

// Done is closed when the record is on the disk, or will not get there.
func (t *Ticket) Done() <-chan struct{} { return t.done }

// Err returns nil if the record is on the disk. It may be called only after
// Done is closed.
func (t *Ticket) Err() error { return t.err }

// Wait waits until the record is on the disk; nil says it is. Who waits while
// nobody writes does the writing, for all who wait: between a record and its
// flush no goroutine has to wake up.
func (t *Ticket) Wait(ctx context.Context) error {
	for {
		select {
		case <-t.done:
			return t.err
		default:
		}
		select {
		case <-t.done:
			return t.err
		case t.journal.pen <- struct{}{}:
			// A commit under way is not broken off: half a second on the way
			// out is less than a batch nobody knows about.
			_ = t.journal.lead(context.WithoutCancel(ctx)) // the tickets have its error
			<-t.journal.pen
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// pending is an entry that waits for the disk.
type pending struct {
	entry  Entry
	facts  flow.Facts // of the entry, read
	ticket *Ticket
}

// Append takes e as the next record and returns without waiting for the disk.
// Records of one caller stand in the order of its calls. When too many wait for
// the disk, Append waits too: nothing is ever dropped. After an error of the
// disk it returns that error for good.
func (j *Journal) Append(ctx context.Context, e Entry) (*Ticket, error) {
	facts, err := e.check()
	if err != nil {
		return nil, err
	}
	select {
	case j.slots <- struct{}{}:
	case <-j.failed:
		return nil, j.failure()
	case <-ctx.Done():
		return nil, fmt.Errorf("journal append %s: %w", e.Kind, context.Cause(ctx))
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		<-j.slots
		return nil, j.err
	}
	t := &Ticket{Seq: j.next, journal: j, done: make(chan struct{})}
	j.next++
	j.waiting = append(j.waiting, pending{e, facts, t})
	if !j.watched {
		j.watched = true
		j.wake <- struct{}{} // has room: Run took the one before
	}
	return t, nil
}

// check reads the facts and refuses what could not be read again. A record
// belongs to the transaction it decides about, if it does.
func (e *Entry) check() (flow.Facts, error) {
	var err error
	switch {
	case e.Kind == "":
		err = errors.New("it has no kind")
	case e.Txn < 0:
		err = fmt.Errorf("%s of transaction %d", e.Kind, e.Txn)
	case len(e.Event)+len(e.Facts) > maxEntry:
		err = fmt.Errorf("%s of %d bytes, at most %d", e.Kind, len(e.Event)+len(e.Facts), maxEntry)
	case !json.Valid(e.Event):
		err = fmt.Errorf("event of %s is no JSON", e.Kind)
	}
	if err != nil {
		return flow.Facts{}, fmt.Errorf("%w: %w", ErrEntry, err)
	}
	facts, err := decodeFacts(string(e.Facts))
	if err != nil {
		return flow.Facts{}, fmt.Errorf("%w: facts of %s: %w", ErrEntry, e.Kind, err)
	}
	if facts.Txn != nil {
		e.Txn = facts.Txn.Number
	}
	return facts, nil
}

// How Run looks after what others write.
const (
	linger   = 5 * time.Millisecond  // longest that a record waits for somebody to wait for it
	idle     = 20 * time.Millisecond // silence after which the log may be folded
	foldEach = 128                   // commits between two folds
	logRoom  = 2 << 20               // bytes of log they take, on a lane that sells
)

// Run writes what nobody waits for within five milliseconds, and folds SQLite's
// log into the file while nothing happens, until ctx ends; then it writes what
// is waiting and returns nil. It returns early only with an error of the disk.
// It may be called once.
func (j *Journal) Run(ctx context.Context) error {
	whole := context.WithoutCancel(ctx) // see Wait
	look := time.NewTimer(time.Hour)
	defer look.Stop()
	watching := false
	for {
		select {
		case <-j.wake:
			watching = true
			look.Reset(linger)
		case <-look.C:
			switch {
			case !watching:
				j.fold(whole)
			case j.unwatch():
				watching = false
				look.Reset(idle)
			default:
				if err := j.flush(whole); err != nil {
					return err
				}
				look.Reset(linger)
			}
		case <-j.failed:
			return notClosed(j.failure())
		case <-ctx.Done():
			j.fail(ErrClosed)
			return errors.Join(notClosed(j.failure()), j.flush(whole))
		}
	}
}

func notClosed(err error) error {
	if errors.Is(err, ErrClosed) {
		return nil
	}
	return err
}

// unwatch lets Append wake Run again if nothing waits.
func (j *Journal) unwatch() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.waiting) == 0 {
		j.watched = false
	}
	return !j.watched
}

// fold tidies SQLite's log, so that no shopper waits for it. What fails here
// costs time only: a commit folds too when the log has grown, and a bad disk
// shows there.
func (j *Journal) fold(ctx context.Context) {
	j.pen <- struct{}{}
	defer func() { <-j.pen }()
	if !j.roomy {
		j.roomy = true
		_ = j.db.Room(ctx, logRoom)
	}
	if j.commits >= foldEach {
		j.commits = 0
		_ = j.db.Fold(ctx)
	}
}

// flush writes all that waits.
func (j *Journal) flush(ctx context.Context) error {
	j.pen <- struct{}{}
	defer func() { <-j.pen }()
	for j.waiters() > 0 {
		if err := j.lead(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (j *Journal) waiters() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.waiting)
}

// lead writes one batch of what waits. Whoever calls it has the pen.
func (j *Journal) lead(ctx context.Context) error {
	j.gather()
	batch := j.take()
	if len(batch) == 0 {
		return nil
	}
	j.crowd = len(batch)
	j.commits++
	err := j.commit(ctx, j.chain(batch))
	if err != nil {
		err = fmt.Errorf("journal %s: write records %d to %d: %w", j.db.Path(),
			batch[0].ticket.Seq, batch[len(batch)-1].ticket.Seq, err)
		batch = append(batch, j.fail(err)...)
	}
	j.tell(batch, err)
	return err
}

// gather lets those who were told last time append what they have by now: with it
// in this batch there is one flush where there would be two. It yields until as
// many wait as last time, or nobody comes any more.
func (j *Journal) gather() {
	const patience = 4 // turns in which nobody came
	for have, idle := j.waiters(), 0; have < j.crowd && idle < patience; idle++ {
		runtime.Gosched()
		if now := j.waiters(); now > have {
			have, idle = now, 0
		}
	}
}

// tell settles the tickets of a batch.
func (j *Journal) tell(batch []pending, err error) {
	for _, p := range batch {
		p.ticket.err = err
		close(p.ticket.done)
		<-j.slots
	}
}

// take gives the writer what waits, at most one batch.
func (j *Journal) take() []pending {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := min(len(j.waiting), defaultQueue)
	batch := j.waiting[:n:n]
	j.waiting = j.waiting[n:]
	return batch
}

// chain turns a batch into rows, each with the hash of the one before.
func (j *Journal) chain(batch []pending) []row {
	rows := make([]row, len(batch))
	for i, p := range batch {
		e := p.entry
		rows[i] = row{
			seq: p.ticket.Seq, run: j.run, at: e.At.Format(time.RFC3339Nano), mono: int64(e.Mono), clock: e.Clock,
			txn: e.Txn, kind: e.Kind, event: string(e.Event), facts: string(e.Facts), prev: j.prev, decided: p.facts,
		}
		var sum [32]byte
		sum, j.text = rows[i].sumIn(j.text, j.id.epoch)
		rows[i].hash = sum[:]
		j.prev = rows[i].hash
	}
	return rows
}

// fail makes Append refuse from now on, and takes over those that wait if
// nobody will write them any more.
func (j *Journal) fail(err error) (stranded []pending) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		j.err = err
		close(j.failed)
	}
	if errors.Is(err, ErrClosed) {
		return nil // Run still writes them, or Close tells them
	}
	stranded, j.waiting = j.waiting, nil
	return stranded
}

func (j *Journal) failure() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}
