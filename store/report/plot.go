package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/color"
	"io"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// ErrNoPlot says that a report is a table only, or that there is nothing to draw.
var ErrNoPlot = errors.New("nothing to draw: ask for the table")

const (
	plotWidth  = 22 * vg.Centimeter
	plotHeight = 12 * vg.Centimeter
	mostDrawn  = 24 // rows, without [Plot.Top]
	longName   = 26 // letters of a name on an axis
	margin     = 0.3 * vg.Centimeter
)

// palette are the colours of the series: told apart without colour by order and
// name too.
func palette() []color.Color {
	return []color.Color{
		color.RGBA{0x0b, 0x5d, 0x47, 0xff},
		color.RGBA{0x3d, 0x86, 0xd6, 0xff},
		color.RGBA{0xb5, 0x88, 0x1f, 0xff},
		color.RGBA{0x56, 0x5d, 0x66, 0xff},
		color.RGBA{0x1a, 0x1d, 0x21, 0xff},
	}
}

// SVG draws the table's plot, with a title and a description for those who hear
// it. It returns ErrNoPlot when there is nothing to draw.
func (t *Table) SVG(out io.Writer) error {
	spec := t.Report.Plot
	rows := t.Rows[:min(len(t.Rows), spec.top())]
	if spec.Kind == None || len(rows) == 0 {
		return fmt.Errorf("report %s: %w", t.Report.Name, ErrNoPlot)
	}
	p := plot.New()
	p.Title.Text = t.Report.Title
	if len(rows) < len(t.Rows) {
		p.Title.Text += fmt.Sprintf(" (first %d of %d)", len(rows), len(t.Rows))
	}
	p.X.Label.Text, p.Y.Label.Text = t.label(spec.XLabel), t.label(spec.YLabel)
	p.Title.Padding = vg.Points(6)
	names := t.names(rows)
	p.NominalX(names...)
	if crowded(names) {
		p.X.Tick.Label.Rotation = 0.9
		p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = text.XRight, text.YCenter
	}
	p.Y.Tick.Marker = wholeTicks{}
	p.Y.Min = 0
	if err := t.series(p, rows); err != nil {
		return fmt.Errorf("report %s: %w", t.Report.Name, err)
	}
	unserifed(p)
	if p.Y.Max <= p.Y.Min {
		p.Y.Max = p.Y.Min + 1
	}
	p.X.Min, p.X.Max = -0.6, float64(len(rows))-0.4
	if n := len(spec.Y); n > 1 { // room for the names above the highest
		p.Y.Max += (p.Y.Max - p.Y.Min) * (0.04 + 0.08*float64(n))
	}
	canvas := vgsvg.New(plotWidth, plotHeight)
	p.Draw(draw.Crop(draw.New(canvas), margin, -margin, margin, -margin))
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return fmt.Errorf("report %s: %w", t.Report.Name, err)
	}
	_, err := out.Write(t.described(b.Bytes()))
	return err
}

func (p Plot) top() int {
	if p.Top > 0 {
		return p.Top
	}
	return mostDrawn
}

// label puts the currency where a label asks for it.
func (t *Table) label(s string) string {
	unit := t.Query.Currency
	if unit == "" {
		unit = "minor units"
	}
	return strings.ReplaceAll(s, "{currency}", unit)
}

// names are what stands along the x axis.
func (t *Table) names(rows [][]any) []string {
	var out []string
	for _, row := range rows {
		var all []string
		for _, column := range append([]string{t.Report.Plot.X}, t.Report.Plot.With...) {
			if x := t.Report.index(column); x >= 0 {
				all = append(all, printable(t.Cell(t.Report.Columns[x], row[x])))
			}
		}
		name := strings.TrimSpace(strings.Join(all, " "))
		if name == "" {
			name = "-"
		}
		if r := []rune(name); len(r) > longName {
			name = string(r[:longName-1]) + "…"
		}
		out = append(out, name)
	}
	return out
}

// crowded reports whether names side by side would run into one another.
func crowded(names []string) bool {
	sum := 0
	for _, n := range names {
		sum += len([]rune(n)) + 2
	}
	return sum > 90
}

// series draws every column of Y.
func (t *Table) series(p *plot.Plot, rows [][]any) error {
	var drawn int
	spec := t.Report.Plot
	for i, name := range spec.Y {
		at := t.Report.index(name)
		if at < 0 {
			return fmt.Errorf("no column %s to draw", name)
		}
		values := make(plotter.Values, len(rows))
		for j, row := range rows {
			values[j] = t.height(t.Report.Columns[at], row[at])
			p.Y.Max, p.Y.Min = max(p.Y.Max, values[j]), min(p.Y.Min, values[j])
		}
		colour := palette()[i%len(palette())]
		thumb, err := t.one(p, values, colour, i)
		if err != nil {
			return err
		}
		drawn++
		if len(spec.Y) > 1 {
			p.Legend.Add(seriesName(name), thumb)
			p.Legend.Top, p.Legend.Left, p.Legend.Padding = true, true, vg.Points(2)
		}
	}
	if drawn == 0 {
		return ErrNoPlot
	}
	return nil
}

// seriesName is a column's name without the unit, which the axis names.
func seriesName(column string) string {
	for _, unit := range []string{"_minor", "_permille", "_ms"} {
		column = strings.TrimSuffix(column, unit)
	}
	return strings.ReplaceAll(column, "_", " ")
}

// unserifed sets every text without serifs, as the page around it is.
func unserifed(p *plot.Plot) {
	for _, style := range []*text.Style{&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle} {
		style.Font.Variant = "Sans"
	}
}

// one draws one column as bars or as a line.
func (t *Table) one(p *plot.Plot, values plotter.Values, colour color.Color, nth int) (plot.Thumbnailer, error) {
	if t.Report.Plot.Kind == Lines {
		points := make(plotter.XYs, len(values))
		for i, v := range values {
			points[i] = plotter.XY{X: float64(i), Y: v}
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return nil, err
		}
		line.Color, line.Width = colour, vg.Points(1.6)
		dots.Color, dots.Radius, dots.Shape = colour, vg.Points(2), draw.CircleGlyph{}
		p.Add(line, dots)
		return line, nil
	}
	n := vg.Length(len(t.Report.Plot.Y))
	width := plotWidth * 0.66 / vg.Length(len(values)) / n
	width = min(width, vg.Points(36))
	bars, err := plotter.NewBarChart(values, width)
	if err != nil {
		return nil, err
	}
	bars.Color, bars.LineStyle.Width = colour, 0
	bars.Offset = (vg.Length(nth) - (n-1)/2) * width
	p.Add(bars)
	return bars, nil
}

// height is a value on the y axis, in the unit that people read.
func (t *Table) height(c Column, v any) float64 {
	var h float64
	switch v := v.(type) {
	case int64:
		h = float64(v)
	case float64:
		h = v
	case bool:
		if v {
			h = 1
		}
	}
	switch c.Kind {
	case Minor:
		for range digits(t.Query.Currency) {
			h /= 10
		}
	case Permille:
		h /= 10
	case Millis:
		h /= 1000
	case Text, Count, Decimal, Flag, Moment:
	}
	return h
}

// described puts title and description into an SVG.
func (t *Table) described(svg []byte) []byte {
	var head bytes.Buffer
	for _, e := range []struct{ tag, text string }{
		{"title", t.Report.Title + ": " + t.Query.Days()},
		{"desc", t.label(t.Report.Plot.YLabel) + " by " + t.label(t.Report.Plot.XLabel) + ". " + t.Report.Counts},
	} {
		_, _ = head.WriteString("\n<" + e.tag + ">") // a buffer takes all
		_ = xml.EscapeText(&head, []byte(e.text))
		_, _ = head.WriteString("</" + e.tag + ">")
	}
	i := bytes.Index(svg, []byte("<svg"))
	if i < 0 {
		return svg
	}
	j := bytes.IndexByte(svg[i:], '>')
	if j < 0 {
		return svg
	}
	out := append([]byte{}, svg[:i+4]...)
	out = append(out, ` role="img"`...)
	out = append(out, svg[i+4:i+j+1]...)
	out = append(out, head.Bytes()...)
	return append(out, svg[i+j+1:]...)
}

// wholeTicks are the library's ticks, written without needless places.
type wholeTicks struct{}

// Ticks implements plot.Ticker.
func (wholeTicks) Ticks(least, most float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(least, most)
	for i := range ticks {
		if ticks[i].Label != "" {
			ticks[i].Label = strconv.FormatFloat(ticks[i].Value, 'f', -1, 64)
		}
	}
	return ticks
}
