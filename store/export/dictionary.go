package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"path/filepath"

	"kassa/store/ledger"
)

// DictionaryFile says what every column of the CSV set is.
const DictionaryFile = "dictionary.csv"

// docs says what the ledger's tables have no column for.
func docs() map[string]string {
	return map[string]string{
		"id": "of the transaction: store-lane-number, unique within the epoch", "journal_first": "number of its first journal record",
		"journal_last": "number of its newest journal record", "journal_hash": "hash of that record, 64 hexadecimal digits",
		"weight": "as the scale showed it", "tare_g": "grams taken off for packaging", "rule": "id of the promotion",
		"txn_discount.name": "of the promotion, as on the receipt", "txn_discount.amount_minor": "what it takes off, negative",
		"txn_discount.n": "number of the line in its transaction",
		"recalled":       "id of the parked transaction that this one took up", "txn.of": "id of the transaction that a refund gives back from",
		"document": "number among the refunds, 0: it is none", "frame": "the scale's answer as it came, as evidence",
		"returns": "line of the refunded transaction, 0: none", "way": "how money goes back: reverse, refund, credit, issue; empty: it pays",
		"txn_tender.of": "payment that goes back, by its n in its transaction, 0: none", "asked_minor": "what was asked where less was approved, else 0",
		"voucher": "handle of the voucher, never its number", "left_minor": "what was left on the voucher",
	}
}

// describe says what a column of a file is, and how sensitive; "" where nothing
// is known, which a test does not let pass.
func describe(table, column string) (kind, class, doc string) {
	name := table
	if table == "contact" {
		name = "lane_contact"
	}
	if t, ok := ledger.Find(name); ok {
		for _, c := range t.Columns {
			if c.Name == column && column != "id" {
				return string(c.Kind), string(c.Class), c.Doc
			}
		}
	}
	for _, key := range []string{table + "." + column, column} {
		if doc := docs()[key]; doc != "" {
			return "", string(ledger.Sale), doc
		}
	}
	return "", "", ""
}

// dictionary writes the data dictionary of the CSV set into dir.
func dictionary(dir string) error {
	return Drop(dir, DictionaryFile, func(w io.Writer) error {
		out := csv.NewWriter(w)
		out.UseCRLF = true
		_ = out.Write([]string{"file", "column", "kind", "class", "description"}) // Error tells
		for _, t := range tables() {
			for _, c := range t.columns {
				kind, class, doc := describe(t.name, c)
				_ = out.Write([]string{t.name + ".csv", c, kind, class, doc})
			}
		}
		out.Flush()
		if err := out.Error(); err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(dir, DictionaryFile), err)
		}
		return nil
	})
}
