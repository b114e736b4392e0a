package journal

import (
	"context"
	"database/sql"
	"fmt"
)

// Ask lets fn ask the stable views as of one moment; see the package comment. fn
// must be quick: while it asks, SQLite's log cannot be folded into the file.
func (r *Reader) Ask(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := r.db.Reader().BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("journal %s: %w", r.db.Path(), err)
	}
	defer func() { _ = tx.Rollback() }() // it only read
	return fn(tx)
}
