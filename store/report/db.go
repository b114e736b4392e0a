package report

import (
	"database/sql"
	"errors"
)

// DB is a database that reports read of; it stands here so that commands need no
// SQL of their own.
type DB = sql.DB

// IsNone reports whether an error says that nothing was found.
func IsNone(err error) bool { return errors.Is(err, sql.ErrNoRows) }
