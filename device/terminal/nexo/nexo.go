// Package nexo speaks nexo Retailer (Sale to POI, protocol version 3.0) as the
// Adyen Terminal API has it in local mode: JSON messages over HTTPS to the
// terminal in the lane, encrypted with a shared key. It is the sale system. It
// is not a cloud client, and what to charge is the lane's.
//
// Its one rule: a payment is sent once, under a ServiceID that was durable
// before (Evidence), and when its answer did not come, only the terminal's own
// record of that ServiceID (TransactionStatus) says what became of it.
//
// What a crash or a cut line leaves, and what Resolve makes of it:
//
//	no connection was made         nothing was sent                     Pay itself: Aborted, not-sent
//	the request did not arrive     NotFound, twice                      Aborted, not-found
//	the card was not yet shown     InProgress: told to abort            Aborted, or Approved if a card was quicker
//	the answer was lost            the answer again, with its receipts  what it says, recovered
//	approved, then taken back      the answer, and that of the reversal Aborted, reversed
//	the terminal forgot, or is     NotFound after memory, another POIID Unknown: a person must look
//	another one
//
// The nexo answer needs no acknowledgement: an approval stands unless it is
// reversed. An approval that cannot be used (not recorded, another amount, a
// signature wanted) is therefore taken back with a Reversal, whose ServiceID
// follows from the payment's, so that it can be asked for later too.
//
// Proven without a real terminal: the message encryption (against published
// vectors and against Adyen's own library), and every rule above against a
// simulator that was written from the documentation. Not proven, and each kept
// in one named place: how long a terminal remembers a ServiceID (memory), that
// TransactionStatus answers for a Reversal (recall), how a terminal that does
// not close batches refuses Reconciliation (EndOfDay), the events on its
// display (progressOf), the names in its certificate (liveNames). With Adyen an
// answered Reversal means that it was received: the outcome comes to the
// merchant's webhook, which a lane does not hear.
package nexo

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"kassa/device/terminal"
)

// DefaultPort is where a terminal listens in local mode.
const DefaultPort = "8443"

// Our patience. The terminal itself gives a payment up after 120 s.
const (
	defaultPayment = 150 * time.Second // for the answer to a payment
	defaultAnswer  = 15 * time.Second  // for any other answer
	defaultPause   = 2 * time.Second
	busyPatience   = 3 * time.Minute // for a terminal that is at work
	backPatience   = 30 * time.Second
)

// memory is how long a terminal is believed to remember a ServiceID: they must
// be unique for 48 hours. A NotFound later than that proves nothing. Not
// confirmed by a terminal.
const memory = 48 * time.Hour

// A Config is what a Terminal needs to know. All but Key, Names, Log and the
// times must be given, and of CA and Pin one.
type Config struct {
	Addr     string // host:port
	POIID    string // the terminal's name, model-serial
	SaleID   string // this lane's name, unique among those that use the terminal
	Currency terminal.Currency
	Code     string // Currency by its ISO 4217 letters

	Key   *Key     // of the message encryption; nil: messages are protected by TLS alone
	CA    []byte   // PEM: the root that signs terminals' certificates
	Names []string // with CA: names that the certificate may bear; empty: those of a live Adyen terminal
	Pin   string   // SHA-256 of the terminal's certificate, 64 hexadecimal digits

	Payment time.Duration // how long a payment may take; 0: 150 s
	Answer  time.Duration // how long another answer may take; 0: 15 s
	Pause   time.Duration // before the terminal is asked again; 0: 2 s
	Log     *slog.Logger  // nil: none
}

// A Terminal is one nexo terminal.
type Terminal struct {
	cfg    Config
	client *http.Client
	turn   chan struct{} // holds one token: the right to begin an operation

	mu      sync.Mutex
	payment *running // the running Pay, or nil
	used    []string // ServiceIDs of the latest payments, oldest first
}

// running is what others can reach of a running Pay.
type running struct {
	stop    chan struct{}          // closed by Abort
	heard   chan terminal.Progress // from the terminal's notifications
	stopped bool
}

var _ terminal.Terminal = (*Terminal)(nil)

// New returns a Terminal, or an error that names what is wrong with c.
func New(c Config) (*Terminal, error) {
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		return nil, fmt.Errorf("nexo: address: %w", err)
	}
	name := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$`)
	if !name.MatchString(c.POIID) {
		return nil, errors.New("nexo: POIID is not of the form MODEL-SERIAL")
	}
	if !name.MatchString(c.SaleID) {
		return nil, errors.New("nexo: SaleID is not 1 to 64 letters, digits, . _ and -")
	}
	if !regexp.MustCompile(`^[A-Z]{3}$`).MatchString(c.Code) || c.Currency.Exponent < 0 || c.Currency.Exponent > 4 {
		return nil, fmt.Errorf("nexo: currency %q with %d decimals is not of ISO 4217", c.Code, c.Currency.Exponent)
	}
	if c.Payment == 0 {
		c.Payment = defaultPayment
	}
	if c.Answer == 0 {
		c.Answer = defaultAnswer
	}
	if c.Pause == 0 {
		c.Pause = defaultPause
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	client, err := newClient(&c)
	if err != nil {
		return nil, fmt.Errorf("nexo: %w", err)
	}
	return &Terminal{cfg: c, client: client, turn: make(chan struct{}, 1)}, nil
}

// take waits for the turn. The caller must give it back.
func (t *Terminal) take(ctx context.Context) error {
	select {
	case t.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the terminal: %w", context.Cause(ctx))
	}
}

func (t *Terminal) give() { <-t.turn }

// pause waits before the terminal is asked again.
func (t *Terminal) pause(ctx context.Context) error {
	timer := time.NewTimer(t.cfg.Pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// idLength is that of a ServiceID: 10 characters are allowed, 50 bits of ours
// are unique in 48 hours by far.
const idLength = 10

// idLetters are digits and letters without I, L, O, U, which are misread.
const idLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newID draws a ServiceID.
func newID() string {
	b := make([]byte, idLength)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program first
	return idOf(b)
}

// backID is the ServiceID of the nth attempt to take a payment back. It follows
// from the payment, so that no attempt is forgotten in a crash.
func backID(service, transaction string, n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s|%s|%d", service, transaction, n))
	return idOf(sum[:idLength])
}

func idOf(b []byte) string {
	id := make([]byte, len(b))
	for i, v := range b {
		id[i] = idLetters[v&31]
	}
	return string(id)
}

// isID reports whether id could be one of ours.
func isID(id string) bool { return len(id) == idLength && strings.Trim(id, idLetters) == "" }
