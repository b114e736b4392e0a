package journal

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"

	"kassa/store/sqlite"
)

// The statements of the writer.
const (
	putRecord = iota
	putHead
	putTxn
	putLast
	putLine
	putTender
	putIntervention
	putContact
	clearTxn
	clearLine
	clearTender
	clearIntervention
	clearContact
	setDerived
)

func newProgram(db *sqlite.DB) *sqlite.Program {
	return db.NewProgram([]string{
		putRecord: `INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		putHead:   `UPDATE head SET seq = ?, hash = ?, lane = ?`,
		putTxn: `INSERT INTO derived_txn VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?18, ?19, ?20, ?21)
			ON CONFLICT (number) DO UPDATE SET id = ?2, store = ?3, lane = ?4, state = ?5, opened_at = ?6, closed_at = ?7,
			opened_ms = ?8, closed_ms = ?9, clock = ?10, business_day = ?11, currency = ?12, language = ?13,
			rounding_minor = ?14, total_minor = ?15, rating = ?16, taxes = ?17, last = ?18,
			recalled = ?19, "of" = ?20, document = ?21`,
		putLast:           `UPDATE derived_txn SET last = ?2 WHERE number = ?1`,
		putLine:           `INSERT OR REPLACE INTO derived_line VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		putTender:         `INSERT OR REPLACE INTO derived_tender VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		putIntervention:   `INSERT OR REPLACE INTO derived_intervention VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		putContact:        `INSERT OR REPLACE INTO derived_contact VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		clearTxn:          `DELETE FROM derived_txn`,
		clearLine:         `DELETE FROM derived_line`,
		clearTender:       `DELETE FROM derived_tender`,
		clearIntervention: `DELETE FROM derived_intervention`,
		clearContact:      `DELETE FROM derived_contact`,
		setDerived:        `UPDATE identity SET derived = ?`,
	})
}

// A step does statements of one transaction and remembers the first error,
// after which it does nothing.
type step struct {
	do  sqlite.Doer
	err error
}

func (s *step) put(statement int, args ...driver.Value) {
	if s.err == nil {
		s.err = s.do(statement, args...)
	}
}

// write puts a batch on the disk: rows and derived tables in one transaction.
func (j *Journal) write(ctx context.Context, rows []row) error {
	return j.program.Tx(ctx, func(do sqlite.Doer) error {
		s := &step{do: do}
		for i := range rows {
			r := &rows[i]
			s.put(putRecord, r.seq, r.run, r.at, r.mono, r.clock, r.txn, r.kind, r.event, r.facts, r.prev, r.hash)
			if err := s.derive(r); err != nil {
				return err
			}
		}
		return s.err
	})
}

// Rebuild makes the derived tables anew from the facts of the records, in one
// transaction. Prices and totals are taken over, never worked out again.
func (j *Journal) Rebuild(ctx context.Context) error {
	err := j.program.Tx(ctx, func(do sqlite.Doer) error {
		s := &step{do: do}
		for _, statement := range []int{clearTxn, clearLine, clearTender, clearIntervention, clearContact} {
			s.put(statement)
		}
		// The readers see all there is: nothing is appended while this
		// transaction has the writer.
		for after := int64(0); ; {
			page, err := readRows(ctx, j.db.Reader(), selectRecord+`WHERE seq > ? ORDER BY seq LIMIT ?`, after, pageSize)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				break
			}
			for i := range page {
				if page[i].decided, err = decodeFacts(page[i].facts); err != nil {
					return fmt.Errorf("record %d: %w", page[i].seq, err)
				}
				if err := s.derive(&page[i]); err != nil {
					return fmt.Errorf("record %d: %w", page[i].seq, err)
				}
			}
			after = page[len(page)-1].seq
		}
		s.put(setDerived, int64(derivedVersion))
		return s.err
	})
	if err != nil {
		return fmt.Errorf("rebuild the tables: %w", err)
	}
	return nil
}

// list writes a JSON array, never null.
func list[T any](all []T) (string, error) {
	if len(all) == 0 {
		return "[]", nil
	}
	text, err := json.Marshal(all)
	return string(text), err
}
