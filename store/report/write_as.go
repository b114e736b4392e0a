package report

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// A Form is a way of writing an answer.
type Form string

// The forms.
const (
	AsText Form = "table"
	AsCSV  Form = "csv"
	AsJSON Form = "json"
	AsSVG  Form = "svg"
)

// FormOf returns the form of three switches of a command line.
func FormOf(csv, json, svg bool) Form {
	switch {
	case csv:
		return AsCSV
	case json:
		return AsJSON
	case svg:
		return AsSVG
	}
	return AsText
}

// A UsageError says that what was asked for is no report or no day.
type UsageError struct{ What string }

// Error implements error.
func (e *UsageError) Error() string { return e.What }

// Check says what of a query is no day.
func (q Query) Check() error {
	for _, d := range []struct{ name, text string }{{"since", q.Since}, {"until", q.Until}} {
		if _, err := time.Parse(time.DateOnly, d.text); d.text != "" && err != nil {
			return &UsageError{fmt.Sprintf("--%s %q is no day: write 2026-11-22", d.name, d.text)}
		}
	}
	if q.Since != "" && q.Until != "" && q.Since > q.Until {
		return &UsageError{fmt.Sprintf("--since %s is after --until %s", q.Since, q.Until)}
	}
	return nil
}

// Write answers the report of a name in a form; without a name it lists them
// all. It returns a [*UsageError] for what cannot be asked.
func Write(ctx context.Context, out io.Writer, all []Report, name string, q Query, f Form) error {
	if err := q.Check(); err != nil {
		return err
	}
	if name == "" {
		return List(out, all)
	}
	r, ok := Find(all, name)
	if !ok {
		return &UsageError{fmt.Sprintf("no report %s: there are %s", printable(name), strings.Join(Names(all), ", "))}
	}
	t, err := Ask(ctx, r, q)
	if err != nil {
		return err
	}
	switch f {
	case AsCSV:
		return t.CSV(out)
	case AsJSON:
		return t.JSON(out)
	case AsSVG:
		return t.SVG(out)
	case AsText:
	}
	return t.Text(out)
}
