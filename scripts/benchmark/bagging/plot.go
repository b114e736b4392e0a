package main

import (
	"bytes"
	"fmt"
	"image/color"
	"os"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A curve is how a contestant is drawn.
type curve struct {
	name   string
	colour color.Color
	dashes []vg.Length
	wide   bool
	at     float64 // the detection at which it is named
	beside float64 // times its height
}

func curves() []curve {
	grey := color.RGBA{0x56, 0x5d, 0x66, 0xff}
	blue := color.RGBA{0x1d, 0x4d, 0x8f, 0xff}
	return []curve{
		{nameClassic, grey, []vg.Length{1, 3}, false, 0.52, 1.12},
		{nameFixed, grey, []vg.Length{4, 3}, false, 0.52, 0.72},
		{nameFixedBag, grey, nil, false, 0.52, 0.72},
		{nameSigma, blue, []vg.Length{4, 3}, false, 0.52, 1.12},
		{nameSigmaBag, blue, nil, false, 0.76, 0.7},
		{nameOurs, color.RGBA{0x0b, 0x5d, 0x47, 0xff}, nil, true, 0.76, 1.5},
		{nameOracle, color.Black, []vg.Length{2, 2}, false, 0.9, 0.5},
	}
}

const leastDrawn = 0.01 // false alarms per 100 articles

// plotFile draws false alarms over detection, on the mean of the seeds, with
// the range of the seeds at 80 and 85 %.
func plotFile(name string, r results, seeds []uint64) error {
	p := plot.New()
	p.X.Label.Text = "detected of the mix of attacks, %"
	p.Y.Label.Text = "false alarms per 100 honest articles"
	p.Y.Scale, p.Y.Tick.Marker, p.X.Tick.Marker = plot.LogScale{}, decades{}, tens{}
	for _, c := range curves() {
		if err := r.draw(p, c); err != nil {
			return err
		}
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 50, 96, leastDrawn, 20
	canvas := vgsvg.New(20*vg.Centimeter, 13*vg.Centimeter)
	p.Draw(draw.New(canvas))
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return err
	}
	svg := b.String()
	title := fmt.Sprintf("<title>Bagging checks compared</title>\n<desc>%s over %s; seeds %v; simulated. The numbers are in the table of scripts/bench bagging.</desc>\n",
		p.Y.Label.Text, p.X.Label.Text, seeds)
	if i := strings.Index(svg, "<svg"); i >= 0 {
		if j := strings.Index(svg[i:], ">"); j >= 0 {
			svg = svg[:i+j+1] + "\n" + title + svg[i+j+1:]
		}
	}
	return os.WriteFile(name, []byte(svg), 0o644) //nolint:gosec // a picture for everybody
}

// draw adds a contestant's line with its name beside it, with bars for the
// range of the seeds.
func (r results) draw(p *plot.Plot, c curve) error {
	var line plotter.XYs
	for d := 0.5; d < 0.97; d += 0.01 {
		if s := r.spreadOf(c.name, d, per100); s.everywhere() && s.mean >= leastDrawn {
			line = append(line, plotter.XY{X: 100 * d, Y: s.mean})
		}
	}
	if len(line) == 0 {
		return nil
	}
	l, err := plotter.NewLine(line)
	if err != nil {
		return err
	}
	l.Color, l.Dashes, l.Width = c.colour, c.dashes, vg.Points(1.2)
	if c.wide {
		l.Width = vg.Points(2.6)
	}
	p.Add(l)
	for _, d := range []float64{0.80, 0.85} {
		s := r.spreadOf(c.name, d, per100)
		if !s.everywhere() || s.low < leastDrawn {
			continue
		}
		bar, err := plotter.NewLine(plotter.XYs{{X: 100 * d, Y: s.low}, {X: 100 * d, Y: s.high}})
		if err != nil {
			return err
		}
		bar.Color, bar.Width = c.colour, vg.Points(1)
		p.Add(bar)
	}
	s := r.spreadOf(c.name, c.at, per100)
	if s.n == 0 || s.mean < leastDrawn {
		return nil
	}
	label, err := plotter.NewLabels(plotter.XYLabels{XYs: plotter.XYs{{X: 100 * c.at, Y: s.mean * c.beside}}, Labels: []string{c.name}})
	if err != nil {
		return err
	}
	label.TextStyle[0].Color = c.colour
	label.TextStyle[0].Font.Size = font.Points(8)
	p.Add(label)
	return nil
}

// decades ticks a logarithmic axis at 1, 2 and 5 of each decade.
type decades struct{}

// Ticks implements plot.Ticker.
func (decades) Ticks(least, most float64) []plot.Tick {
	var out []plot.Tick
	for e := 0.01; e <= most; e *= 10 {
		for _, m := range []float64{1, 2, 5} {
			if x := m * e; x >= least*0.999 && x <= most*1.001 {
				out = append(out, plot.Tick{Value: x, Label: fmt.Sprintf("%.3g", x)})
			}
		}
	}
	return out
}

// tens ticks an axis of percents.
type tens struct{}

// Ticks implements plot.Ticker.
func (tens) Ticks(least, most float64) []plot.Tick {
	var out []plot.Tick
	for x := 0.0; x <= most; x += 10 {
		if x >= least {
			out = append(out, plot.Tick{Value: x, Label: fmt.Sprintf("%.0f", x)})
		}
	}
	return out
}
