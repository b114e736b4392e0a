package ledger

import (
	"fmt"
	"strings"
)

// A Kind is what a column holds.
type Kind string

// The kinds of columns.
const (
	Int  Kind = "int"  // 64 bits; money is minor units, times since something are milliseconds
	Text Kind = "text" // times are RFC 3339 with offset, "" for none
	Bool Kind = "bool"
	JSON Kind = "json"
)

// A Class says how sensitive a column is and so how long it is kept.
type Class string

// The classes. No column holds a name, a member's number or a card number.
const (
	Sale   Class = "sale"   // what was sold and paid: kept as long as the law asks
	Staff  Class = "staff"  // who of the staff did it, by handle
	Person Class = "person" // a shopper's random handle, or what she did beyond buying
	Device Class = "device" // how machines behaved
)

// A Column is one column of a table.
type Column struct {
	Name  string
	Kind  Kind
	Class Class
	Doc   string
}

// Keep says which of two records that speak of the same row counts.
type Keep int

// What is kept.
const (
	Newest Keep = iota // the state as it stands
	First              // when something first happened
)

// A Table is one table. Its first Key columns are its key; the last column is
// the number of the record that made the row.
type Table struct {
	Name    string
	Key     int
	Keep    Keep
	Doc     string
	Columns []Column
}

// The tables, as indices of [Tables].
const (
	Txn = iota
	Line
	Tax
	Tender
	Intervention
	Contact
	Step
	DeviceEvent
)

// lead are the columns every table begins with.
func lead(more ...Column) []Column {
	return append([]Column{
		{"store", Text, Sale, "the store"},
		{"lane", Text, Sale, "the lane in the store"},
		{"epoch", Text, Sale, "of the lane's journal: a replaced database has another"},
	}, more...)
}

func table(name string, key int, keep Keep, doc string, columns ...Column) Table {
	seq := Column{"seq", Int, Sale, "number of the journal record that made this row"}
	return Table{name, key, keep, doc, append(lead(columns...), seq)}
}

func number() Column { return Column{"number", Int, Sale, "of the transaction on its lane"} }

func nth(what string) Column {
	return Column{"n", Int, Sale, "number of the " + what + " in its transaction"}
}

// Tables are all tables, in the order of their indices.
func Tables() []Table {
	return []Table{
		table("txn", 4, Newest, "a transaction", number(),
			Column{"id", Text, Sale, "store-lane-number, unique within the epoch"},
			Column{"state", Text, Sale, "open, in-doubt, paid, voided, parked, abandoned, refund"},
			Column{"opened_at", Text, Sale, "when it began"},
			Column{"closed_at", Text, Sale, "when it ended, empty while open"},
			Column{"opened_ms", Int, Sale, "opened_at since 1970, to sort and subtract"},
			Column{"closed_ms", Int, Sale, "closed_at since 1970, 0 while open"},
			Column{"clock", Text, Sale, "how good the lane's clock was: synced, unsynced"},
			Column{"business_day", Text, Sale, "YYYY-MM-DD"},
			Column{"hour", Int, Sale, "hour of the store's day in which it ended or, while open, began"},
			Column{"currency", Text, Sale, "ISO 4217"},
			Column{"language", Text, Person, "on the screen at the end"},
			Column{"rounding_minor", Int, Sale, "cash rounding, a line of its own"},
			Column{"total_minor", Int, Sale, "what was to be paid"},
			Column{"rating", Int, Person, "1 to 3, 0: none given"}),
		table("txn_line", 5, Newest, "a line of a transaction", number(), nth("line"),
			Column{"gtin", Text, Sale, "14 digits"}, Column{"plu", Text, Sale, "keyed produce code"},
			Column{"name", Text, Sale, "of the article, in the lane's first language"},
			Column{"qty", Int, Sale, "pieces"}, Column{"weight_g", Int, Sale, "grams sold by weight"},
			Column{"unit_minor", Int, Sale, "price of one, or of one unit of weight"},
			Column{"amount_minor", Int, Sale, "what it adds to the total, discounts taken off"},
			Column{"discount_minor", Int, Sale, "sum of its discounts, negative"},
			Column{"discounts", JSON, Sale, "each with rule, name and amount_minor"},
			Column{"tax", Text, Sale, "class"}, Column{"voided", Bool, Sale, "taken off again"},
			Column{"code", Text, Sale, "as scanned or chosen"}, Column{"of", Int, Sale, "line a deposit belongs to, 0: none"},
			Column{"set_by", Text, Staff, "who set the price by hand, by handle"},
			Column{"set_reason", Text, Staff, "why"}, Column{"was_minor", Int, Sale, "unit price before it was set"}),
		table("txn_tax", 6, Newest, "a rate's share of a transaction", number(),
			Column{"tax", Text, Sale, "class"}, Column{"rate_ppm", Int, Sale, "millionths"},
			Column{"net_minor", Int, Sale, "before tax"}, Column{"tax_minor", Int, Sale, "the tax"},
			Column{"gross_minor", Int, Sale, "with tax"}),
		table("txn_tender", 5, Newest, "a payment made or tried", number(), nth("payment"),
			Column{"kind", Text, Sale, "card, cash, voucher, points, account, other"},
			Column{"amount_minor", Int, Sale, "asked or paid"},
			Column{"result", Text, Sale, "asked, approved, declined, aborted, in-doubt"},
			Column{"terminal", Text, Sale, "terminal's id"}, Column{"receipt", Text, Sale, "terminal's receipt number"},
			Column{"trace", Text, Sale, "terminal's trace number"}, Column{"card", Text, Sale, "masked, the last four digits at most"},
			Column{"key", Text, Sale, "of the payment on its lane"}),
		table("intervention", 5, Newest, "a time the lane needed a person", number(), nth("intervention"),
			Column{"kind", Text, Sale, "age bagging price unknown quantity limit tag refund audit payment device help"},
			Column{"raised_at", Text, Sale, "when"}, Column{"settled_at", Text, Sale, "when, empty while open"},
			Column{"settle_ms", Int, Sale, "from raised to settled, -1 while open"},
			Column{"by", Text, Staff, "who settled it, by handle, or shopper"}, Column{"reason", Text, Staff, "as tapped"},
			Column{"from", Text, Staff, "lane or console"}, Column{"line", Int, Sale, "line it is about, 0: none"},
			Column{"detail", Text, Sale, "the numbers it was made from"}),
		table("lane_contact", 5, Newest, "a call for help as the lane saw it", number(), nth("call"),
			Column{"reason", Text, Person, "two levels"}, Column{"channel", Text, Person, "lane, console, chat, call"},
			Column{"state", Text, Person, "called seen coming done cancelled"},
			Column{"raised_at", Text, Person, "when"}, Column{"seen_at", Text, Person, "when, empty: never"},
			Column{"ended_at", Text, Person, "when, empty while open"}, Column{"by", Text, Staff, "who ended it"},
			Column{"outcome", Text, Person, "as tapped, or self-help"}, Column{"language", Text, Person, "of the shopper"}),
		table("txn_step", 5, First, "how far a shopping trip came", number(),
			Column{"step", Text, Person, "start, item, pay, tender, paid, left"}, Column{"at", Text, Person, "when first"}),
		table("device_event", 4, Newest, "a device that came or went", Column{"of_seq", Int, Device, "the record"},
			Column{"device", Text, Device, "section in kassa.toml"}, Column{"up", Bool, Device, "it answers"},
			Column{"why", Text, Device, "why not"}, Column{"at", Text, Device, "when"}),
	}
}

// Find returns a table by its name.
func Find(name string) (Table, bool) {
	for _, t := range Tables() {
		if t.Name == name {
			return t, true
		}
	}
	return Table{}, false
}

// Upsert is the statement that puts a row into a table, in the words that SQLite
// and PostgreSQL share. Mark writes the nth parameter, from 1.
func (t Table) Upsert(mark func(n int) string) string {
	var marks []string
	for i := range t.Columns {
		marks = append(marks, mark(i+1))
	}
	return t.UpsertFrom("VALUES (" + strings.Join(marks, ", ") + ")")
}

// UpsertFrom puts rows in that come from elsewhere: a SELECT with all columns in
// their order, each key at most once.
func (t Table) UpsertFrom(source string) string {
	var names, sets []string
	for i, c := range t.Columns {
		names = append(names, Quote(c.Name))
		if i >= t.Key {
			sets = append(sets, fmt.Sprintf("%s = excluded.%s", Quote(c.Name), Quote(c.Name)))
		}
	}
	newer := ">="
	if t.Keep == First {
		newer = "<"
	}
	return fmt.Sprintf("INSERT INTO %s (%s) %s ON CONFLICT (%s) DO UPDATE SET %s WHERE excluded.seq %s %s.seq",
		t.Name, strings.Join(names, ", "), source, strings.Join(names[:t.Key], ", "), strings.Join(sets, ", "), newer, t.Name)
}

// Wins reports whether of two rows with one key the second is to be kept.
func (t Table) Wins(old, young []any) bool {
	a, _ := old[len(old)-1].(int64)
	b, _ := young[len(young)-1].(int64)
	if t.Keep == First {
		return b < a
	}
	return b >= a
}

// Quote writes a column's name so that no word of SQL is mistaken.
func Quote(name string) string { return `"` + name + `"` }

// Create is the statement that makes a table. Types names the database's types.
// Partitioned tables get what follows from the caller.
func (t Table) Create(types map[Kind]string) string {
	var lines, key []string
	for i, c := range t.Columns {
		lines = append(lines, fmt.Sprintf("\t%s %s NOT NULL", Quote(c.Name), types[c.Kind]))
		if i < t.Key {
			key = append(key, Quote(c.Name))
		}
	}
	lines = append(lines, fmt.Sprintf("\tPRIMARY KEY (%s)", strings.Join(key, ", ")))
	return fmt.Sprintf("CREATE TABLE %s (\n%s\n)", t.Name, strings.Join(lines, ",\n"))
}
