package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
)

// A Program is a set of statements that the writer does again and again. It
// goes to the driver without the transactions of database/sql, which start a
// goroutine each: on a small board that costs as much as a third of the flush.
// Its users take turns with those of Writer.
type Program struct {
	db    *DB
	sql   []string
	conn  any           // the driver's connection that stmts belong to
	stmts []driver.Stmt // prepared at first use; begin and commit are the last two
	named []driver.NamedValue
}

const (
	begin  = "BEGIN IMMEDIATE"
	commit = "COMMIT"
)

// NewProgram returns a Program of statements, numbered from 0.
func (db *DB) NewProgram(statements []string) *Program { return &Program{db: db, sql: statements} }

// A Doer does one statement of a Program. An argument is an int64, float64,
// bool, string, []byte or nil.
type Doer func(statement int, args ...driver.Value) error

// Tx does fn in one transaction and returns when it is on the disk. An error of
// fn undoes it. It must not be called from two goroutines at once.
func (p *Program) Tx(ctx context.Context, fn func(do Doer) error) error {
	conn, err := p.db.writer.Conn(ctx)
	if err != nil {
		return err
	}
	err = conn.Raw(func(dc any) error { return p.tx(ctx, dc, fn) })
	return errors.Join(err, conn.Close()) // goes back to the pool
}

func (p *Program) tx(ctx context.Context, dc any, fn func(do Doer) error) error {
	if err := p.prepare(ctx, dc); err != nil {
		return err
	}
	if err := p.do(ctx, len(p.sql)); err != nil {
		return err
	}
	err := fn(func(statement int, args ...driver.Value) error { return p.do(ctx, statement, args...) })
	if err == nil {
		err = p.do(ctx, len(p.sql)+1)
	}
	if err != nil {
		// SQLite may have rolled back by itself: then this says so, and no more.
		_, _ = dc.(driver.ExecerContext).ExecContext(context.WithoutCancel(ctx), "ROLLBACK", nil) // our driver's can
	}
	return err
}

func (p *Program) do(ctx context.Context, statement int, args ...driver.Value) error {
	p.named = p.named[:0]
	for i, a := range args {
		p.named = append(p.named, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	_, err := p.stmts[statement].(driver.StmtExecContext).ExecContext(ctx, p.named) // our driver's are
	return err
}

// prepare readies the statements, anew if database/sql has replaced the
// connection.
func (p *Program) prepare(ctx context.Context, dc any) error {
	if p.conn == dc {
		return nil
	}
	p.conn, p.stmts = nil, nil // those of a closed connection went with it
	for _, text := range append(slices.Clone(p.sql), begin, commit) {
		stmt, err := dc.(driver.ConnPrepareContext).PrepareContext(ctx, text)
		if err != nil {
			return errors.Join(fmt.Errorf("prepare %q: %w", text, err), p.release())
		}
		p.stmts = append(p.stmts, stmt)
	}
	p.conn = dc
	return nil
}

// Close gives the statements back. The Program must not be used again.
func (p *Program) Close() error {
	if p.conn == nil {
		return nil
	}
	conn, err := p.db.writer.Conn(context.Background())
	if err != nil {
		return err
	}
	err = conn.Raw(func(dc any) error {
		if dc != p.conn {
			return nil // they went with their connection
		}
		return p.release()
	})
	return errors.Join(err, conn.Close())
}

func (p *Program) release() error {
	var errs []error
	for _, stmt := range p.stmts {
		errs = append(errs, stmt.Close())
	}
	p.conn, p.stmts = nil, nil
	return errors.Join(errs...)
}
