package report

import "database/sql"

// Lane returns the reports of one lane's journal.
func Lane(_ *sql.DB) []Report { return nil }
