package station_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"kassa/device/terminal"
	"kassa/kiosk/flow"
	"kassa/store/fiscal"
)

// A lateStarter is a terminal that does something of its own before it takes a
// payment, such as its end of day, however long who asked it waits.
type lateStarter struct {
	terminal.Terminal

	begun, over chan struct{}
}

func (l *lateStarter) Prepare(context.Context) (terminal.Evidence, error) {
	l.begun <- struct{}{}
	<-l.over
	return terminal.Evidence{Protocol: "late", Data: "{}"}, nil
}

// A terminal that closes its day before a payment holds up neither the shopper, who
// chooses again, nor the next one; but no day of the lane is closed meanwhile.
func TestLaneSellsWhileTheTerminalClosesItsDay(t *testing.T) {
	b := newBench(t)
	late := &lateStarter{begun: make(chan struct{}, 1), over: make(chan struct{})}
	b.card, b.patience = late, 100*time.Millisecond
	b.start()
	b.scan("4006381333931")
	b.touch(flow.ActPay, "")
	b.touch(flow.ActTender, "card")
	<-late.begun
	b.until("the choice again", func(v flow.View) bool { return v.Acts[flow.ActTender] && v.Screen != flow.ScreenPaying })
	atTheTill := func() {
		b.touch(flow.ActTender, "till")
		b.until("a ticket", func(v flow.View) bool { return v.Leave != nil && v.Leave.Ticket != "" })
		b.touch(flow.ActStart, "")
		b.screen(flow.ScreenStart)
	}
	atTheTill()
	between := func(wait time.Duration) error {
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		defer cancel()
		return b.station.Between(ctx, func(context.Context, fiscal.Writing) error { return nil })
	}
	if err := between(300 * time.Millisecond); !errors.Is(err, fiscal.ErrSale) {
		t.Errorf("between two sales, while the terminal may be closing its day: %v", err)
	}
	b.scan("4006381333931")
	b.until("the next shopper's basket", func(v flow.View) bool { return v.Sale != nil && v.Sale.Total == 129 })
	b.touch(flow.ActPay, "")
	b.screen(flow.ScreenTender)
	atTheTill()
	close(late.over)
	if err := between(10 * time.Second); err != nil {
		t.Error(err)
	}
	b.end()
}
