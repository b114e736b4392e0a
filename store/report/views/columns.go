package views

// A Column is one column of a view.
type Column struct {
	Name string
	Kind Kind
	Doc  string
}

// A Kind is what a column holds.
type Kind string

// The kinds of columns.
const (
	Text  Kind = "text"
	Whole Kind = "whole number"
	Money Kind = "minor units" // whole
	Time  Kind = "time"        // RFC 3339 text
	Day   Kind = "day"         // YYYY-MM-DD
)

// where are the columns that each view begins with.
func where(more ...Column) []Column {
	return append([]Column{
		{"store", Text, "the store"}, {"lane", Text, "the lane in the store"}, {"business_day", Day, "the store's business day"},
	}, more...)
}

// columns are what the views have, in their order. A test holds them against the
// databases.
func columns() map[string][]Column {
	number := Column{"number", Whole, "of the transaction on its lane, 0: outside of one"}
	nth := Column{"n", Whole, "number in the transaction"}
	epoch := Column{"epoch", Text, "of the lane's journal: a replaced database has another"}
	currency := Column{"currency", Text, "ISO 4217"}
	gtin := Column{"gtin", Text, "14 digits, empty for what is keyed"}
	plu := Column{"plu", Text, "keyed produce code"}
	article := Column{"name", Text, "of the article, in the lane's first language"}
	state := Column{"state", Text, "how it ended: paid, voided, parked, abandoned"}
	settle := Column{"settle_ms", Whole, "milliseconds from raised to settled, NULL while open"}
	return map[string][]Column{
		"report_sales": where(Column{"hour", Whole, "0 to 23, of the store's day"}, currency, Column{"sales", Whole, "paid"},
			Column{"refunds", Whole, "given back"}, Column{"pieces", Whole, "units sold, a weighing is one; those given back are taken off"},
			Column{"total_minor", Money, "sold less given back"}),
		"report_articles": where(gtin, plu, article, currency, Column{"pieces", Whole, "as in report_sales"}, Column{"weight_g", Whole, "grams sold by weight"},
			Column{"amount_minor", Money, "what they added to totals, discounts taken off"}, Column{"discount_minor", Money, "the discounts, negative"},
			Column{"voided_lines", Whole, "lines taken off again, in trips of any end"}),
		"report_tenders": where(Column{"kind", Text, "card, voucher, cash and so on"}, currency, Column{"paid", Whole, "payments approved"},
			Column{"paid_minor", Money, "their sum"}, Column{"back", Whole, "payments back to shoppers"}, Column{"back_minor", Money, "their sum, negative"},
			Column{"net_minor", Money, "paid and back together"}),
		"report_tax": where(Column{"tax", Text, "class, as in kassa.toml"}, Column{"rate_ppm", Whole, "millionths"}, currency,
			Column{"sales", Whole, "sales and refunds with this rate"}, Column{"net_minor", Money, "before tax"}, Column{"tax_minor", Money, "the tax"},
			Column{"gross_minor", Money, "with tax"}),
		"report_payments": where(Column{"kind", Text, "of the tender"}, Column{"terminal", Text, "the terminal's own id"}, currency,
			Column{"tries", Whole, "payments begun"}, Column{"approved", Whole, "of them"}, Column{"declined", Whole, "of them"},
			Column{"aborted", Whole, "of them, by shopper or staff"}, Column{"in_doubt", Whole, "of them, not settled yet"},
			Column{"asked", Whole, "of them, without an answer yet"}, Column{"net_minor", Money, "approved"}),
		"report_trips": where(number, Column{"id", Text, "store-lane-number"}, state, Column{"hour", Whole, "0 to 23, in which it ended"},
			Column{"language", Text, "on the screen at the end"}, currency, Column{"total_minor", Money, "what was to be paid"},
			Column{"trip_ms", Whole, "milliseconds from the first touch or scan to its end"}, Column{"rating", Whole, "3 good, 2 fair, 1 poor, 0 none"},
			Column{"lines", Whole, "without deposits and voided ones"}, Column{"calls", Whole, "for help"},
			Column{"interventions", Whole, "times it needed a person"}, epoch),
		"report_interventions": where(number, nth, Column{"kind", Text, "age bagging price unknown quantity limit tag refund audit payment device help"},
			Column{"raised_at", Time, "when"}, settle, Column{"settled", Text, "by: shopper, lane, staff, console; or open"},
			Column{"reason", Text, "as tapped"}, Column{"line", Whole, "it is about, 0: none"}, Column{"detail", Text, "the numbers it was made from"}, epoch),
		"report_losses": where(Column{"kind", Text, "line-voided sale-voided sale-abandoned refund price-set bag-put-right payment-in-doubt"},
			Column{"cases", Whole, "how many"}, Column{"amount_minor", Money, "at stake"}, currency),
		"report_weights": where(number, nth, gtin, plu, article, Column{"what", Text, "what the check saw: unexpected, missing, wrong, removed"},
			Column{"detail", Text, "with its numbers"}, Column{"outcome", Text, "true, false, shopper, other; or open"}, settle, epoch),
		"report_help": where(number, nth, Column{"reason", Text, "two levels: scale/stuck"}, Column{"channel", Text, "lane, console, chat and so on"},
			Column{"state", Text, "called seen coming done cancelled"}, Column{"outcome", Text, "as tapped, or self-help"},
			Column{"language", Text, "of the shopper"}, Column{"raised_at", Time, "when"}, Column{"seen_ms", Whole, "milliseconds until somebody had seen it, NULL: nobody"},
			Column{"settle_ms", Whole, "milliseconds until it ended, NULL while open"}, Column{"again", Whole, "1: the same reason was called before in the trip"},
			Column{"came_back", Whole, "1: it was called again later in the trip"}, epoch),
		"report_funnel": where(number, state, Column{"start", Whole, "1 always"}, Column{"item", Whole, "1: something was scanned or chosen"},
			Column{"pay", Whole, "1: pay was pressed"}, Column{"tender", Whole, "1: a payment was begun"}, Column{"paid", Whole, "1: paid"}, epoch),
		"report_overrides": where(Column{"kind", Text, "price void-sale void-line park limit refund audit"}, Column{"role", Text, "attendant, supervisor, manager, service, console"},
			Column{"reason", Text, "as tapped"}, Column{"cases", Whole, "how many"}, Column{"amount_minor", Money, "by how much it came down, or what was voided"}, currency),
		"report_devices": where(Column{"device", Text, "section in kassa.toml"}, Column{"at", Time, "when"}, Column{"up", Whole, "1: it came, 0: it went"},
			Column{"why", Text, "why it went"}, Column{"down_ms", Whole, "milliseconds it stayed away, NULL while it is"}, epoch,
			Column{"of_seq", Whole, "number of the journal's record"}),
	}
}

// deskColumns are those of report_calls.
func deskColumns() []Column {
	return []Column{
		{"lane", Text, "the lane"},
		{"business_day", Day, "calendar day on which it was raised"},
		{"id", Text, "of the call"},
		{"number", Whole, "of the transaction on its lane, 0: outside of one"},
		{"area", Text, "first level of the reason"},
		{"reason", Text, "both levels: scale/stuck"},
		{"phase", Text, "before, during or after the sale"},
		{"channel", Text, "the richest way that was used: lane, console, chat and so on"},
		{"language", Text, "of the shopper"},
		{"priority", Whole, "the higher the sooner"},
		{"raised_at", Time, "when"},
		{"seen_ms", Whole, "milliseconds until seen, NULL: never"},
		{"claim_ms", Whole, "milliseconds until somebody took it, NULL: nobody"},
		{"settle_ms", Whole, "milliseconds until it ended"},
		{"tier", Whole, "the highest that was asked, from 1"},
		{"remote", Whole, "1: settled from afar"},
		{"outcome", Text, "as tapped"},
		{"state", Text, "done, cancelled"},
		{"before", Whole, "calls of the same transaction before it"},
		{"rating", Whole, "3 good, 2 fair, 1 poor, 0 none"},
		{"solved", Whole, "the shopper's answer: 1 yes, 0 no, NULL not asked"},
		{"verdict", Text, "the attendant's, whether it could be avoided"},
		{"article", Text, "code of the article it was about"},
		{"device", Text, "it was about"},
		{"came_back", Whole, "1: another call followed within 7 days, of the same transaction or by the same member about the same area"},
	}
}

// isText reports whether a database keeps the column as text.
func (c Column) isText() bool { return c.Kind == Text || c.Kind == Time || c.Kind == Day }
