package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/bojanz/currency"
	"golang.org/x/sync/errgroup"

	"kassa/device/cash"
	"kassa/device/link"
	"kassa/device/panel"
	"kassa/device/printer"
	"kassa/device/scale"
	"kassa/device/scanner"
	"kassa/device/terminal"
	"kassa/device/terminal/nexo"
	"kassa/device/terminal/zvt"
	"kassa/kiosk/config"
	"kassa/kiosk/flow"
	"kassa/kiosk/receipt"
	"kassa/kiosk/station"
	"kassa/kiosk/words"
)

// devices are the lane's peripherals as kassa.toml names them, each under its
// own driver. What they read goes to the station, and so does whether they
// answer.
type devices struct {
	cfg  *config.Lane
	log  *slog.Logger
	news chan news // from drivers' callbacks, which may not block
	to   *station.Station

	scanners []*scanner.Scanner
	scale    *scale.Scale
	bagging  *scale.Scale
	card     terminal.Terminal
	shelf    *dayShelf
	cash     *cash.Recycler
	notices  *nexo.Terminal // card, where it tells of a payment's steps by itself
	printer  *printer.Printer
	shop     receipt.Shop // with the logo, for the printer
	panel    *panel.Panel
	words    *words.Book
}

// news says that a device came or went.
type news struct {
	device flow.Device
	up     bool
	why    string
}

// newDevices makes the drivers and opens nothing.
func newDevices(cfg *config.Lane, book *words.Book, log *slog.Logger) (*devices, error) {
	d := &devices{cfg: cfg, log: log, words: book, news: make(chan news, 64), shelf: &dayShelf{data: cfg.Data, log: log}}
	for _, make := range []func() error{d.makeScanners, d.makeScales, d.makeTerminal, d.makeCash, d.makePrinter, d.makePanel} {
		if err := make(); err != nil {
			return nil, fmt.Errorf("%s: %w", cfg.File, err)
		}
	}
	return d, nil
}

// watch makes the link options that report on a device.
func (d *devices) watch(device flow.Device) link.Options {
	return link.Options{Report: func(s link.Status) {
		why := ""
		if s.Err != nil {
			why = s.Err.Error()
		}
		d.tell(device, s.Up, why)
	}}
}

// tell queues news. When the queue is full the newest is lost, and the next
// change mends it.
func (d *devices) tell(device flow.Device, up bool, why string) {
	select {
	case d.news <- news{device, up, why}:
	default:
		d.log.Warn("device news lost", "device", string(device))
	}
}

func (d *devices) logger(device flow.Device) *slog.Logger {
	return d.log.With("device", string(device))
}

func (d *devices) makeScanners() error {
	for _, c := range d.cfg.Scanners {
		s, err := scanner.New(scanner.Config{
			Protocol: c.Protocol, Port: c.Port.String(), Line: c.Line.String(), Letters: c.Letters,
			Link: d.watch(flow.DeviceScanner), Log: d.logger(flow.DeviceScanner),
		})
		if err != nil {
			return err
		}
		d.scanners = append(d.scanners, s)
	}
	return nil
}

func (d *devices) makeScales() (err error) {
	if d.cfg.Scale != nil {
		if d.scale, err = d.newScale(*d.cfg.Scale, flow.DeviceScale, false); err != nil {
			return err
		}
	}
	if d.cfg.Bagging != nil {
		d.bagging, err = d.newScale(d.cfg.Bagging.Scale, flow.DeviceBagging, true)
	}
	return err
}

func (d *devices) scaleConfig(c config.Scale, device flow.Device, fast bool) scale.Config {
	s := scale.Config{
		Protocol: c.Protocol, Port: c.Port.String(), Line: c.Line.String(), Unit: c.Unit.String(),
		Division: c.Division.String(), Max: c.Max.String(), Variant: scale.Variant(c.Variant), Cell: cellOf(c.Cell),
		Fast: fast, Link: d.watch(device), Log: d.logger(device),
	}
	if !c.Min.Zero() {
		s.Min = c.Min.String()
	}
	return s
}

func cellOf(c config.Cell) scale.Cell {
	return scale.Cell{
		Data: c.Data, Clock: c.Clock, Gain: c.Gain, Rate: c.Rate,
		ZeroCount: c.ZeroCount, SpanCount: c.SpanCount, Span: c.Span, InitialZero: c.InitialZero,
	}
}

func (d *devices) makeTerminal() error {
	c := d.cfg.Terminal
	if c == nil {
		return nil
	}
	if c.Nexo != nil {
		t, err := d.makeNexo(c)
		if err != nil {
			return err
		}
		d.card, d.notices = t, t
		return nil
	}
	password := "000000" // the specification's own default
	if c.PasswordFile != "" {
		data, err := os.ReadFile(c.PasswordFile)
		if err != nil {
			return fmt.Errorf("terminal.password_file: %w", err)
		}
		password = string(bytes.TrimSpace(data))
	}
	dial, err := zvt.Dial(c.Port.String(), c.Line.String())
	if err != nil {
		return err
	}
	t, err := zvt.New(zvt.Config{
		Dial: dial, Password: password, Currency: currencyOf(d.cfg), Log: d.logger(flow.DeviceTerminal),
		DayClosed: d.shelf.keep,
	})
	d.card = t
	return err
}

// currencyOf is the lane's currency as a terminal names it.
func currencyOf(cfg *config.Lane) terminal.Currency {
	numeric, _ := currency.GetNumericCode(cfg.Currency)
	n := 0
	for _, r := range numeric {
		n = n*10 + int(r-'0')
	}
	digits, _ := currency.GetDigits(cfg.Currency)
	return terminal.Currency{Numeric: n, Exponent: int(digits)}
}

func (d *devices) makePanel() (err error) {
	c := d.cfg.Panel
	if c == nil {
		return nil
	}
	d.panel, err = panel.New(panel.Config{
		Protocol: c.Protocol, Port: c.Port.String(), Line: c.Line.String(),
		LampGreen: c.LampGreen, LampRed: c.LampRed, LampWhite: c.LampWhite,
		CallButton: c.CallButton, Drawer: c.Drawer, Door: c.Door,
		Link: d.watch(flow.DevicePanel), Log: d.logger(flow.DevicePanel),
	})
	return err
}

// feed says where readings go. It must be called before run.
func (d *devices) feed(s *station.Station) { d.to = s }

// names are the devices that the lane has.
func (d *devices) names() []flow.Device {
	var ds []flow.Device
	if len(d.scanners) > 0 {
		ds = append(ds, flow.DeviceScanner)
	}
	if d.scale != nil {
		ds = append(ds, flow.DeviceScale)
	}
	if d.bagging != nil {
		ds = append(ds, flow.DeviceBagging)
	}
	if d.card != nil {
		ds = append(ds, flow.DeviceTerminal)
	}
	if d.cash != nil {
		ds = append(ds, flow.DeviceCash)
	}
	if d.printer != nil {
		ds = append(ds, flow.DevicePrinter)
	}
	if d.panel != nil {
		ds = append(ds, flow.DevicePanel)
	}
	return ds
}

// run drives every device until ctx ends.
func (d *devices) run(ctx context.Context) error {
	select {
	case <-d.to.Ready():
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, s := range d.scanners {
		g.Go(func() error {
			return s.Run(ctx, func(code scanner.Scan) { d.lost(ctx, d.to.Scan(ctx, code.Code)) })
		})
	}
	if d.scale != nil {
		g.Go(func() error {
			return d.scale.Run(ctx, func(r scale.Reading) { d.lost(ctx, d.to.Weigh(ctx, r)) })
		})
	}
	if d.bagging != nil {
		g.Go(func() error {
			return d.bagging.Run(ctx, func(r scale.Reading) { d.lost(ctx, d.to.Bag(ctx, r)) })
		})
	}
	if d.panel != nil {
		g.Go(func() error { return d.panel.Run(ctx, func(in panel.Input) { d.pressed(ctx, in) }) })
	}
	if d.printer != nil {
		g.Go(func() error { return d.printer.Run(ctx) })
	}
	if d.card != nil {
		g.Go(func() error { return d.watchTerminal(ctx) })
	}
	if d.cash != nil {
		g.Go(func() error { return d.watchCash(ctx) })
	}
	if d.notices != nil && d.cfg.Terminal.Nexo.Notify != "" {
		g.Go(func() error { return d.hearTerminal(ctx) })
	}
	g.Go(func() error { return d.pass(ctx) })
	return g.Wait()
}

// lost logs what could not be handed to the lane: it is stopping.
func (d *devices) lost(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		d.log.ErrorContext(ctx, "reading lost", "err", err)
	}
}

// pass hands news to the station.
func (d *devices) pass(ctx context.Context) error {
	for {
		select {
		case n := <-d.news:
			if err := d.to.Device(ctx, n.device, n.up, n.why); err != nil {
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// pressed hands on what a person did at the panel.
func (d *devices) pressed(ctx context.Context, in panel.Input) {
	switch in := in.(type) {
	case panel.Button:
		if in.Down {
			d.lost(ctx, d.to.Button(ctx))
		}
	case panel.Door:
		d.lost(ctx, d.to.Door(ctx, in.Open))
	}
}

// How often an idle terminal is asked how it is.
const (
	terminalUpEvery   = 5 * time.Second
	terminalDownEvery = time.Second
	terminalAnswer    = 4 * time.Second
)

// watchTerminal keeps asking the terminal how it is: it has no line that is
// open all the time.
func (d *devices) watchTerminal(ctx context.Context) error {
	var test terminalTest
	for {
		wait := terminalUpEvery
		up, why := d.askTerminal(ctx)
		if !up {
			wait = terminalDownEvery
		} else if test.said != "" {
			why = test.said
		}
		if ctx.Err() == nil {
			d.tell(flow.DeviceTerminal, up, why)
		}
		if up {
			test.due(ctx, d, time.Now())
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// askTerminal says whether the terminal can take a payment soon. One that needs
// setting up does that when a payment is prepared.
func (d *devices) askTerminal(ctx context.Context) (up bool, why string) {
	actx, cancel := context.WithTimeout(ctx, terminalAnswer)
	defer cancel()
	status, err := d.card.Status(actx)
	if err != nil {
		return false, err.Error()
	}
	return true, status.Text
}

// terminal is the card terminal for the station; nil if there is none.
func (d *devices) terminal() terminal.Terminal { return d.card }

// board is the panel for the station; nil if there is none.
func (d *devices) board() station.LampBoard {
	if d.panel == nil {
		return nil
	}
	return board{d.panel}
}

// board shows the flow's lamp on a panel.
type board struct{ panel *panel.Panel }

func (b board) Show(lamp flow.Lamp) { b.panel.Show(lightsOf(lamp)) }

// lightsOf is what the three lights do for a lamp of the flow.
func lightsOf(lamp flow.Lamp) panel.Lights {
	switch lamp {
	case flow.LampGreen:
		return panel.Lights{Green: panel.On}
	case flow.LampWhite:
		return panel.Lights{White: panel.On}
	case flow.LampWhiteBlink:
		return panel.Lights{White: panel.Blink}
	case flow.LampRed:
		return panel.Lights{Red: panel.On}
	case flow.LampOff:
		return panel.Lights{}
	default:
		return panel.Lights{}
	}
}

// drawerPulse is how long the drawer's magnet is driven.
const drawerPulse = 150 * time.Millisecond

func (b board) OpenDrawer(ctx context.Context) error { return b.panel.OpenDrawer(ctx, drawerPulse) }
