package hq

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// writerLock is the advisory lock of the one process that writes, batchLock that
// of a transaction in which it writes: one that hangs on after its process must
// not change anything beside another's.
const (
	writerLock = 0x6b617373 // "kass"
	batchLock  = writerLock + 1
)

// ErrWriter says that another kassa-hq writes this database.
var ErrWriter = errors.New("another kassa-hq writes this database")

// ErrLost says that this process holds the writer's lock no longer, or that the
// tables are others than those it opened: PostgreSQL was restarted, fails over, or
// was put back. What it knew need not be there any more. Only a new start helps.
var ErrLost = errors.New("the writer's lock on PostgreSQL is lost")

// How long a lock of a process that has just ended is waited for, how often one's
// own is looked at, and how long PostgreSQL may take to answer for it.
const (
	lockWait  = 2 * time.Second
	lockEvery = 2 * time.Second
	lockLate  = 10 * time.Second
)

// holder names who holds the lock, on which run of the server, and over which
// tables; ” where nobody does. The numbers of processes come again after a
// restart, and a restored dump makes the tables anew.
const holder = `SELECT coalesce((SELECT concat_ws('/', pid, extract(epoch FROM pg_postmaster_start_time()), to_regclass('kassa.mark')::oid)
	FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
	AND classid = 0 AND objid = $1 AND objsubid = 1 AND granted LIMIT 1), '')`

// become takes the writer's lock. A process that has just ended may hold it for a
// moment yet.
func (h *HQ) become(ctx context.Context) error {
	deadline := time.Now().Add(lockWait)
	for {
		var mine bool
		err := h.lock.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, writerLock).Scan(&mine)
		if err != nil || mine {
			return err
		}
		if time.Now().After(deadline) {
			return ErrWriter
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// rower is a connection, or a transaction on it.
type rower interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// holds returns nil if this process is the one that writes, where q reads. What
// was opened for questions writes nothing and is not asked.
func (h *HQ) holds(ctx context.Context, q rower) error {
	if h.lock == nil {
		return nil
	}
	select {
	case <-h.lost:
		return h.why
	default:
	}
	return h.isMine(q.QueryRow(ctx, holder, writerLock))
}

// isMine returns nil if the holder that was read is this process.
func (h *HQ) isMine(read pgx.Row) error {
	var have string
	if err := read.Scan(&have); err != nil {
		return err
	}
	if have != h.mine {
		return h.lose(fmt.Errorf("%w: it was of %q and is of %q (process, start of the server, table)", ErrLost, h.mine, have))
	}
	return nil
}

// lose notes for good why this process must end.
func (h *HQ) lose(why error) error {
	h.once.Do(func() {
		h.why = why
		close(h.lost)
	})
	return h.why
}

// Guard looks at the writer's lock until ctx ends, and returns an error that
// wraps [ErrLost] as soon as it is lost. The process ends then, and is started
// anew: it reads what is there.
func (h *HQ) Guard(ctx context.Context) error {
	tick := time.NewTicker(lockEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-h.lost:
			return fmt.Errorf("hq: %w", h.why)
		case <-tick.C:
		}
		late, cancel := context.WithTimeout(ctx, lockLate)
		err := h.holds(late, h.lock) // nobody else uses this connection
		cancel()
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("hq: %w", h.lose(fmt.Errorf("%w: %w", ErrLost, err)))
		}
	}
}

// release gives the lock back at once: whoever waits for it need not wait until
// the server has seen the connection end.
func (h *HQ) release() error {
	if h.lock == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if !h.lock.IsClosed() {
		_, _ = h.lock.Exec(ctx, `SELECT pg_advisory_unlock($1)`, writerLock) // the connection's end does it too
	}
	return h.lock.Close(ctx)
}

// writeWait is how long one transaction may take. A server that is silent must
// not hold up all others for good.
const writeWait = 2 * time.Minute

// write does something in one transaction, alone among all that write.
func (h *HQ) write(ctx context.Context, do func(b *batch) error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, writeWait)
	defer cancel()
	tx, err := h.pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer rollback(ctx, tx)
	if err := h.alone(ctx, tx); err != nil {
		return err
	}
	if err := do(&batch{HQ: h, tx: tx, had: map[source]mark{}, marks: map[source]mark{}, of: map[source][]int{}}); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// alone waits until no other transaction writes, and sees then that this process is
// still the one that may: both in one message to the server.
func (h *HQ) alone(ctx context.Context, tx pgx.Tx) error {
	if h.lock == nil {
		_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, batchLock)
		return err
	}
	select {
	case <-h.lost:
		return h.why
	default:
	}
	var ask pgx.Batch
	ask.Queue(`SELECT pg_advisory_xact_lock($1)`, batchLock)
	ask.Queue(holder, writerLock).QueryRow(h.isMine)
	return tx.SendBatch(ctx, &ask).Close()
}

// read does something in one transaction that only reads, of the server whose
// lock this process holds.
func (h *HQ) read(ctx context.Context, do func(tx pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, h.pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if err := h.holds(ctx, tx); err != nil {
			return err
		}
		return do(tx)
	})
}

// rollback undoes what was not committed.
func rollback(ctx context.Context, tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = tx.Rollback(ctx) // nothing to undo after the commit
}
