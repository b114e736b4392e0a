package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sync/errgroup"

	"kassa/device/link"
	"kassa/kiosk/barcode"
	"kassa/kiosk/config"
	"kassa/kiosk/flow"
	"kassa/kiosk/help"
	"kassa/kiosk/station"
	"kassa/kiosk/web"
	"kassa/kiosk/words"
	"kassa/store/catalog"
	"kassa/store/journal"
	"kassa/store/roster"
	"kassa/store/voucher"
)

// version is set by the linker.
var version = "dev"

// runCmd is `kassa run`.
type runCmd struct {
	Config string `required:"" placeholder:"FILE" help:"kassa.toml"`
}

// Run runs the lane until it is told to stop.
func (c *runCmd) Run(ctx context.Context) error {
	if err := noDumps(); err != nil {
		return err
	}
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("lane", cfg.ID)
	return runLane(ctx, cfg, log)
}

// runLane runs the lane, and takes it down and up again where staff begin or end
// practice.
func runLane(ctx context.Context, cfg *config.Lane, log *slog.Logger) error {
	for {
		err := runOnce(ctx, cfg, log)
		train, practice := errors.AsType[*station.TrainingError](err)
		if !practice || ctx.Err() != nil {
			return err
		}
		if err := setTraining(cfg.Data, train.On); err != nil {
			return err
		}
		log.InfoContext(ctx, "practice", "on", train.On)
	}
}

// runOnce builds the lane's parts, starts them and waits for them.
func runOnce(ctx context.Context, cfg *config.Lane, log *slog.Logger) (err error) {
	l, err := openLane(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	handler, err := l.page()
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Screen.Listen)
	if err != nil {
		return fmt.Errorf("%s: screen.listen: %w: choose a free port or stop what has it", cfg.File, err)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return l.station.Run(ctx) })
	g.Go(func() error {
		select {
		case <-l.station.Ready(): // until then whoever asks waits: there is nothing to show
			return serve(ctx, listener, handler)
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), listener.Close())
		}
	})
	g.Go(func() error { return l.devices.run(ctx) })
	g.Go(func() error { return l.tell(ctx) })
	g.Go(func() error { return l.keeper.run(ctx, l.station.Ready()) })
	g.Go(func() error { return l.control(ctx) })
	if l.hub != nil {
		g.Go(func() error { return l.hub.run(ctx) })
	}
	if l.office != nil {
		g.Go(func() error { return l.office.run(ctx) })
	}
	g.Go(func() error { return l.pruneNightly(ctx) })
	if !l.training { // practice has no business day
		g.Go(func() error { return l.day.run(ctx, l.station.Ready()) })
	}
	return quiet(ctx, g.Wait())
}

// quiet takes being told to stop out of an error.
func quiet(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// lane is one lane's parts.
type lane struct {
	cfg       *config.Lane
	log       *slog.Logger
	journal   *journal.Journal
	vouchers  *voucher.Ledger // nil: the lane has none
	training  bool            // it practises
	catalogue *catalog.Catalog
	staff     *roster.Roster
	station   *station.Station
	devices   *devices
	words     *words.Book
	meter     *meter
	keeper    *keeper
	hub       *hubLane    // nil: the lane stands alone
	office    *officeLane // nil: no rows go to head office from here
	articles  *help.Library
	day       *dayCloser
}

// openLane opens what the lane keeps and builds what it is made of.
func openLane(ctx context.Context, cfg *config.Lane, log *slog.Logger) (*lane, error) {
	l := &lane{cfg: cfg, log: log, meter: newMeter()}
	l.keeper = newKeeper(l.meter)
	if err := l.open(ctx); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

func (l *lane) open(ctx context.Context) (err error) {
	cfg := l.cfg
	if usesGPIO(cfg) { // before anything is opened: see link.InitGPIO
		if err := link.InitGPIO(); err != nil {
			l.log.WarnContext(ctx, "GPIO", "err", err) // the device says so again, and the lane goes on
		}
	}
	if err := os.MkdirAll(cfg.Data, 0o750); err != nil {
		return fmt.Errorf("%s: lane.data: %w", cfg.File, err)
	}
	l.training = isTraining(cfg.Data)
	options := journal.Options{Store: cfg.Store, Lane: cfg.ID}
	if l.training {
		options.File = trainingFile
	}
	if l.journal, err = journal.Open(ctx, cfg.Data, options); err != nil {
		return err
	}
	if err := journal.BringUp(ctx, otherJournal(cfg.Data, l.training)); err != nil {
		l.log.WarnContext(ctx, "journal beside", "err", err) // no reason not to sell
	}
	if err := l.openVouchers(ctx); err != nil {
		return err
	}
	if l.catalogue, err = catalog.Open(ctx, cfg.Data); err != nil {
		return err
	}
	if err := knowsTaxes(ctx, cfg, l.catalogue); err != nil {
		return err
	}
	if l.staff, err = roster.Open(ctx, cfg.Data); err != nil {
		return err
	}
	if l.articles, err = articlesOf(cfg); err != nil {
		return err
	}
	if l.words, err = words.New(words.Settings{Currency: cfg.Currency, Decimals: cfg.Decimals, Digits: cfg.Digits}); err != nil {
		return err
	}
	if l.devices, err = newDevices(cfg, l.words, l.log); err != nil {
		return err
	}
	if err := l.build(); err != nil {
		return err
	}
	if cfg.Hub != nil && !l.training { // nobody else needs to hear of practice
		l.hub, err = newHubLane(ctx, l)
	}
	if cfg.HQ != nil && !l.training {
		l.office, err = newOfficeLane(ctx, l)
	}
	return err
}

// usesGPIO reports whether anything hangs on the board's own lines.
func usesGPIO(cfg *config.Lane) bool {
	return cfg.Panel != nil && cfg.Panel.Protocol == "gpio" || cfg.Bagging != nil && cfg.Bagging.Protocol == "hx711"
}

// build makes the station.
func (l *lane) build() error {
	codes, err := codesOf(l.cfg)
	if err != nil {
		return err
	}
	o := station.Options{
		Journal: l.journal, Catalogue: l.catalogue, Roster: l.staff,
		Rules:   l.rules,
		Codes:   codes,
		Bagging: station.BaggingFor(l.cfg), Location: l.cfg.Location,
		Terminal: l.devices.terminal(), Currency: currencyOf(l.cfg), Printer: l.devices.paper(l.receiptLinks()), Panel: l.devices.board(),
		Dir: l.cfg.Data, Reserve: l.cfg.Disk.ReserveMB << 20, Version: version, Log: l.log, Observer: told{l},
		Tickets: l.takeTicket, Whose: l.askWhose,
	}
	l.setTenders(&o)
	if l.devices.cash != nil {
		o.Cash = l.devices.cash
	}
	if l.devices.scale != nil {
		o.Scale, o.ScaleUnit = l.devices.scale, l.cfg.Scale.Unit
	}
	if l.station, err = station.New(o); err != nil {
		return err
	}
	l.devices.feed(l.station)
	l.day = l.newDayCloser()
	return nil
}

// codesOf is what the store knows of codes.
func codesOf(cfg *config.Lane) (barcode.Options, error) {
	o := barcode.Options{Currency: cfg.Currency, ShortGTIN: true, AddOns: true}
	text := ""
	if cfg.Codes.File != "" {
		data, err := os.ReadFile(cfg.Codes.File)
		if err != nil {
			return o, fmt.Errorf("%s: codes.file: %w", cfg.File, err)
		}
		text = string(data)
	}
	patterns, err := barcode.StorePatterns(cfg.Codes.Country, text)
	if err != nil {
		return o, fmt.Errorf("%s: codes: %w", cfg.File, err)
	}
	o.Patterns = patterns
	return o, nil
}

func (l *lane) close() error {
	var errs []error
	if l.hub != nil {
		errs = append(errs, l.hub.box.Close())
	}
	if l.office != nil {
		errs = append(errs, l.office.box.Close())
	}
	if l.staff != nil {
		errs = append(errs, l.staff.Close())
	}
	if l.vouchers != nil {
		errs = append(errs, l.vouchers.Close())
	}
	if l.catalogue != nil {
		errs = append(errs, l.catalogue.Close())
	}
	if l.journal != nil {
		errs = append(errs, l.journal.Close())
	}
	return errors.Join(errs...)
}

// page makes the shopper's page.
func (l *lane) page() (http.Handler, error) {
	o := web.Options{
		Views: l.station.Views,
		Now: func() flow.View {
			v, _ := l.station.View()
			return v
		},
		Post:    func(ctx context.Context, t web.Touch) error { return l.touch(ctx, t) },
		PIN:     l.pin,
		Sounds:  l.station.Cues,
		Code:    l.receiptCode,
		Finder:  finder{l.catalogue},
		Help:    l.articles,
		Talk:    l.talk(),
		Health:  l.health,
		Metrics: l.metrics(),
		Words:   l.words, Hosts: hostsOf(l.cfg.Screen.Listen), TerminalAt: l.cfg.Screen.TerminalAt, Storybook: l.cfg.Screen.Storybook, Log: l.log,
	}
	if l.hub != nil {
		if err := l.hub.call.offer(&o); err != nil {
			return nil, err
		}
	}
	return web.New(o)
}

// hostsOf are the names by which the page may be asked for, beside loopback's.
func hostsOf(listen string) []string {
	host, _, err := net.SplitHostPort(listen)
	if err != nil || host == "" {
		return nil
	}
	return []string{host}
}

// touch passes a touch on in the station's words.
func (l *lane) touch(ctx context.Context, t web.Touch) error {
	err := l.station.Touch(ctx, flow.Touched{Act: t.Act, Line: t.Line, Code: t.Code, Value: t.Value})
	if errors.Is(err, station.ErrUnfit) {
		return web.ErrUnfit
	}
	return err
}

func (l *lane) pin(ctx context.Context, digits string) error {
	return l.touch(ctx, web.Touch{Act: flow.ActPIN, Value: digits})
}

// health says whether a shopper can start.
func (l *lane) health() web.Health {
	v, ok := l.station.View()
	h := web.Health{Hub: l.hub.health(), Screen: v.Screen, OK: ok && v.Closed == nil && time.Since(l.station.Beat()) < 10*time.Second}
	if !ok {
		h.Why = "starting"
	} else if v.Closed != nil {
		h.Why = v.Closed.Reason
	}
	known := l.station.Devices()
	for _, d := range l.devices.names() {
		h.Devices = append(h.Devices, web.DeviceHealth{Device: d, Up: known[d].Up, Why: known[d].Why})
	}
	return h
}

// serve serves the page until ctx ends.
func serve(ctx context.Context, listener net.Listener, h http.Handler) error {
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx },
	}
	stopped := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stopped()
	if err := srv.Serve(listener); ctx.Err() == nil {
		return fmt.Errorf("page: %w", err)
	}
	return context.Cause(ctx)
}

// tell says when the lane is ready, and that it lives: systemd restarts a lane
// whose loop has stopped turning.
func (l *lane) tell(ctx context.Context) error {
	select {
	case <-l.station.Ready():
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	l.log.InfoContext(ctx, "ready", "page", "http://"+l.cfg.Screen.Listen+"/")
	_, _ = daemon.SdNotify(false, daemon.SdNotifyReady)
	defer func() {
		if _, train := errors.AsType[*station.TrainingError](context.Cause(ctx)); !train { // else it comes up again at once
			_, _ = daemon.SdNotify(false, daemon.SdNotifyStopping)
		}
	}()
	t := time.NewTicker(2 * time.Second)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			if time.Since(l.station.Beat()) < 10*time.Second {
				_, _ = daemon.SdNotify(false, daemon.SdNotifyWatchdog)
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
