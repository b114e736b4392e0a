package nexo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/device/sim"
	"kassa/device/terminal"
)

// A buffer is written by several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// TestNoCardNumberComesOut has a terminal send a full card number in every
// text, and looks for it in all that comes out of the driver.
func TestNoCardNumberComesOut(t *testing.T) {
	const pan = "4111111111111111"
	o := encrypted()
	o.CardNumber = pan
	n := newSim(t, o)
	c := configFor(t, n, o)
	c.Answer, c.Payment = time.Second, time.Second
	var out buffer
	c.Log = slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	d := newTerminal(t, c)
	note := func(v any, err error) {
		t.Helper()
		b, e := json.Marshal(v)
		if e != nil {
			t.Fatal(e)
		}
		_, _ = out.Write(b)
		if err != nil {
			_, _ = out.Write([]byte(err.Error()))
		}
	}
	for _, kind := range []string{"", "reject", "busy", "cut-after", "garbage", "other-id", "plain"} {
		if kind != "" {
			if err := n.Fault("Payment", kind); err != nil {
				t.Fatal(err)
			}
		}
		in, r, err := payment(t, n, d)
		note(in, nil)
		note(r, err)
		if kind == "" && (r.Card.String() != "************1111" || len(r.CustomerLines) == 0) {
			t.Errorf("the card is %q", r.Card)
		}
		note(d.Resolve(t.Context(), in))
		note(d.Reverse(t.Context(), r))
	}
	note(d.Last(t.Context()))
	note(d.EndOfDay(t.Context()))
	for _, spelt := range []string{pan, "4111 1111 1111 1111", "4111+1111", "411111"} {
		if strings.Contains(out.String(), spelt) {
			t.Errorf("%q comes out: %s", spelt, around(out.String(), spelt))
		}
	}
	// The expiry by itself: four digits within a random id are not it.
	for _, secret := range []string{passphrase, `[^0-9a-f-]0228[^0-9a-f-]`} {
		if found := regexp.MustCompile(secret).FindString(out.String()); found != "" {
			t.Errorf("%q comes out", found)
		}
	}
}

func around(s, what string) string {
	i := strings.Index(s, what)
	return s[max(0, i-80):min(len(s), i+80)]
}

// TestKnowsItsTerminal opens the line to terminals that are not the one.
func TestKnowsItsTerminal(t *testing.T) {
	o := encrypted()
	n, other := newSim(t, o), newSim(t, o)
	good := configFor(t, n, o)
	if _, err := newTerminal(t, good).Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		ca    []byte
		names []string
		pin   string
		says  string
	}{
		"another root":        {other.CA(), []string{n.Name()}, "", "terminal.ca_file"},
		"another name":        {n.CA(), []string{"V400m-1.test.terminal.adyen.com"}, "", "terminal.certificate_names"},
		"the live name":       {n.CA(), nil, "", "live.terminal.adyen.com"},
		"another fingerprint": {nil, nil, other.Fingerprint(), "terminal.certificate_sha256"},
	} {
		c := good
		c.CA, c.Names, c.Pin = tt.ca, tt.names, tt.pin
		d := newTerminal(t, c)
		_, err := d.Prepare(t.Context())
		if !errors.Is(err, terminal.ErrUnreachable) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: Prepare() = %v, want %s named", name, err, tt.says)
		}
	}
	if seen := n.Messages(); len(seen) != 1 {
		t.Errorf("messages got through: %v", seen)
	}
}

func TestOtherKeyIsNotServed(t *testing.T) {
	n := newSim(t, encrypted())
	o := encrypted()
	o.Passphrase = "another"
	if _, err := newTerminal(t, configFor(t, n, o)).Prepare(t.Context()); err == nil {
		t.Error("a lane with another passphrase is served")
	}
}

// TestNotifications lets the terminal tell of a payment's steps.
func TestNotifications(t *testing.T) {
	for _, o := range []sim.NexoOptions{encrypted(), {}} {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		o.NotifyURL = "http://" + ln.Addr().String() + "/"
		n := newSim(t, o)
		d := newTerminal(t, configFor(t, n, o))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- d.Serve(ctx, ln) }()

		ev, err := d.Prepare(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var kinds []terminal.ProgressKind
		r, err := d.Pay(t.Context(), terminal.Request{Key: "k", Amount: price, Currency: euro, Evidence: ev}, terminal.Hooks{
			Progress: func(p terminal.Progress) {
				kinds = append(kinds, p.Kind)
				if p.Code == "TENDER_CREATED" && !n.WrongPIN() {
					for !n.WrongPIN() {
						time.Sleep(time.Millisecond)
					}
				}
				if p.Kind == terminal.LookAtTerminal {
					for !n.Tap() {
						time.Sleep(time.Millisecond)
					}
				}
			},
			Recorded: func(terminal.Result) error { return nil },
		})
		if r.Outcome != terminal.Approved || err != nil {
			t.Errorf("Pay() = %v, %v", r.Outcome, err)
		}
		if len(kinds) < 3 || kinds[0] != terminal.PresentCard {
			t.Errorf("progress = %v", kinds)
		}
		for body, want := range map[string]int{
			"":   http.StatusBadRequest,
			"{}": http.StatusBadRequest,
			`{"SaleToPOIRequest":{"MessageHeader":{"POIID":"another"},"EventNotification":{"EventToNotify":"Shutdown"}}}`: http.StatusBadRequest,
			strings.Repeat("x", 1<<20): http.StatusBadRequest,
		} {
			res, err := http.Post(o.NotifyURL, "application/json", strings.NewReader(body))
			if err != nil {
				continue // it hung up on something too long
			}
			if res.StatusCode != want {
				t.Errorf("%.40q is answered %d, want %d", body, res.StatusCode, want)
			}
			_ = res.Body.Close()
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Serve() = %v", err)
		}
	}
}

// TestCurrencies pays in currencies of no and of three decimals.
func TestCurrencies(t *testing.T) {
	for code, cur := range map[string]terminal.Currency{
		"JPY": {Numeric: 392, Exponent: 0}, "BHD": {Numeric: 48, Exponent: 3}, "EUR": euro,
	} {
		o := encrypted()
		o.Currency, o.Exponent = code, cur.Exponent
		n := newSim(t, o)
		c := configFor(t, n, o)
		c.Currency, c.Code = cur, code
		d := newTerminal(t, c)
		ev, err := d.Prepare(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		stop := person(n, false)
		r, err := d.Pay(t.Context(), terminal.Request{Key: "k", Amount: 98765, Currency: cur, Evidence: ev},
			terminal.Hooks{Recorded: func(terminal.Result) error { return nil }})
		stop()
		if r.Outcome != terminal.Approved || r.Amount != 98765 || err != nil || n.Charges()[0].Amount != 98765 {
			t.Errorf("%s: Pay() = %v %d, %v", code, r.Outcome, r.Amount, err)
		}
	}
}
