package report

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"github.com/bojanz/currency"
)

// Text writes the table for people: what it shows, the table, how it counts.
// Nothing in it moves a terminal's cursor.
func (t *Table) Text(out io.Writer) error {
	w := bufio.NewWriter(out)
	_, _ = fmt.Fprintf(w, "%s: %s\n\n", t.Report.Title, t.Query.Days()) // Flush tells
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	right := make([]bool, len(t.Report.Columns))
	widths := make([]int, len(right))
	lines := [][]string{t.headings()}
	for _, row := range t.Rows {
		lines = append(lines, t.cells(row))
	}
	for i, c := range t.Report.Columns {
		right[i] = c.Kind.Number()
		for _, l := range lines {
			widths[i] = max(widths[i], utf8.RuneCountInString(l[i]))
		}
	}
	for _, l := range lines {
		for i, cell := range l {
			if right[i] {
				cell = strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)) + cell
			}
			if i < len(l)-1 {
				cell += "\t"
			}
			_, _ = io.WriteString(tw, cell)
		}
		_, _ = io.WriteString(tw, "\n")
	}
	_ = tw.Flush()
	if len(t.Rows) == 0 {
		_, _ = fmt.Fprintln(w, "(nothing yet)")
	}
	_, _ = fmt.Fprintf(w, "\n%s\n", t.Report.Counts)
	return w.Flush()
}

// headings are the columns' names with units, without the unit of the files.
func (t *Table) headings() []string {
	var out []string
	for _, c := range t.Report.Columns {
		out = append(out, t.Heading(c))
	}
	return out
}

// Heading names a column for people.
func (t *Table) Heading(c Column) string {
	name := strings.ReplaceAll(c.Name, "_", " ")
	switch unit := c.Unit; {
	case c.Kind == Minor && t.Query.Currency != "":
		return strings.TrimSuffix(name, " minor") + " " + t.Query.Currency
	case c.Kind == Permille:
		return strings.TrimSuffix(name, " permille") + " %"
	case c.Kind == Millis:
		return strings.TrimSuffix(name, " ms") + " s"
	case unit != "" && !strings.HasSuffix(name, " "+unit):
		return name + " " + unit
	}
	return name
}

func (t *Table) cells(row []any) []string {
	out := make([]string, len(row))
	for i, v := range row {
		out[i] = printable(t.Cell(t.Report.Columns[i], v))
	}
	return out
}

// Cell writes a value for people, "" for what is not known.
func (t *Table) Cell(c Column, v any) string {
	n, whole := v.(int64)
	switch {
	case v == nil:
		return ""
	case c.Kind == Minor && whole:
		return decimals(n, digits(t.Query.Currency))
	case c.Kind == Permille && whole:
		return decimals(n, 1)
	case c.Kind == Millis && whole:
		return decimals((n+50)/100, 1)
	case c.Kind == Flag:
		if v == true || whole && n != 0 {
			return "yes"
		}
		return "no"
	case c.Kind == Moment:
		if at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(v)); err == nil {
			return at.Format(time.DateTime) // as the clock on the wall said
		}
	}
	switch v := v.(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', 3, 64)
	case string:
		return v
	}
	return fmt.Sprint(v)
}

// digits is how many places an amount has behind its point; without a currency
// it stays in minor units.
func digits(code string) int {
	d, ok := currency.GetDigits(code)
	if !ok {
		return 0
	}
	return int(d)
}

// decimals writes n with its last d figures behind a point.
func decimals(n int64, d int) string {
	text := strconv.FormatInt(n, 10)
	if d == 0 {
		return text
	}
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	if len(text) <= d {
		text = strings.Repeat("0", d+1-len(text)) + text
	}
	return sign + text[:len(text)-d] + "." + text[len(text)-d:]
}

// CSV writes the table as RFC 4180 with a line of column names. Amounts stay
// minor units. A text that a spreadsheet would run begins with an apostrophe.
func (t *Table) CSV(out io.Writer) error {
	w := csv.NewWriter(out)
	w.UseCRLF = true
	var names []string
	for _, c := range t.Report.Columns {
		names = append(names, c.Name)
	}
	_ = w.Write(names) // Error tells
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = plain(v)
		}
		_ = w.Write(cells)
	}
	w.Flush()
	return w.Error()
}

// plain writes a value for a program that reads CSV.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		v = strings.ToValidUTF8(v, "\uFFFD")
		if first, _ := utf8.DecodeRuneInString(v); v != "" && strings.ContainsRune("=+-@\t\r\n'＝＋－＠", first) {
			return "'" + v
		}
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// JSON writes one object: name, title, how it counts, and the rows, each an
// object with the columns as keys in their order.
func (t *Table) JSON(out io.Writer) error {
	w := bufio.NewWriter(out)
	head, err := json.Marshal(struct {
		Report   string `json:"report"`
		Title    string `json:"title"`
		Counts   string `json:"counts"`
		Since    string `json:"since"`
		Until    string `json:"until"`
		Currency string `json:"currency"`
	}{t.Report.Name, t.Report.Title, t.Report.Counts, t.Query.Since, t.Query.Until, t.Query.Currency})
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(w, "%s,\"rows\":[", head[:len(head)-1]) // Flush tells
	for i, row := range t.Rows {
		if i > 0 {
			_ = w.WriteByte(',')
		}
		_, _ = w.WriteString("\n{")
		for j, v := range row {
			value, err := json.Marshal(v)
			if err != nil {
				return err
			}
			if j > 0 {
				_ = w.WriteByte(',')
			}
			_, _ = fmt.Fprintf(w, "%q:%s", t.Report.Columns[j].Name, value)
		}
		_ = w.WriteByte('}')
	}
	_, _ = w.WriteString("]}\n")
	return w.Flush()
}

// printable takes everything out of text that a terminal would obey.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// List writes the names of reports, what each shows and how it counts.
func List(out io.Writer, all []Report) error {
	w := bufio.NewWriter(out)
	for _, name := range Names(all) {
		r, _ := Find(all, name)
		_, _ = fmt.Fprintf(w, "%-14s %s. %s\n", r.Name, r.Title, r.Counts) // Flush tells
	}
	return w.Flush()
}
