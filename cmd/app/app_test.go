package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
)

func TestExitCodes(t *testing.T) {
	var cli struct {
		Do  bound `cmd:"" help:"do"`
		Not bound `cmd:"" help:"not"`
	}
	for _, tt := range []struct {
		args []string
		err  error
		want int
	}{
		{[]string{"do"}, nil, 0},
		{[]string{"--help"}, nil, 0},
		{[]string{"do"}, errors.New("the disk is full"), 1},
		{[]string{"do"}, fmt.Errorf("%w: --to is before --from", ErrUsage), 2},
		{[]string{"do"}, context.Canceled, 1}, // nobody stopped us: something else did
		{[]string{}, nil, 2},
		{[]string{"dance"}, nil, 2},
		{[]string{"do", "--odd"}, nil, 2},
	} {
		cli.Do.err = tt.err
		p := Program{Name: "test", About: "A test.", Commands: &cli}
		if code := p.Run(t.Context(), tt.args); code != tt.want {
			t.Errorf("%q that ends with %v exits %d, want %d", tt.args, tt.err, code, tt.want)
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	cli.Do.err = context.Canceled
	if code := (Program{Name: "test", Commands: &cli}).Run(stopped, []string{"do"}); code != 0 {
		t.Errorf("one that was stopped exits %d, want 0", code)
	}
}

// bound is a command that ends as it is told.
type bound struct{ err error }

func (b *bound) Run(context.Context) error { return b.err }

func TestTable(t *testing.T) {
	type one struct {
		N int `json:"n"`
	}
	row := func(o one) []string { return []string{fmt.Sprint(o.N), "x"} }
	for asJSON, want := range map[bool]string{false: "N   WHAT\n7   x\n12  x\n", true: "{\"n\":7}\n{\"n\":12}\n"} {
		var out bytes.Buffer
		if err := Table(&out, asJSON, []one{{7}, {12}}, "N\tWHAT", row); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); got != want {
			t.Errorf("json %t prints %q, want %q", asJSON, got, want)
		}
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{"Amina": "Amina", "أمينة": "أمينة", "a\x1b[2Jb": "a\uFFFD[2Jb", "a\u202eb": "a\uFFFDb", "a\xffb": "a\uFFFDb"} {
		if got := Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}
