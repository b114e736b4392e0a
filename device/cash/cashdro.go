package cash

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"kassa/kiosk/money"
)

// The protocol is that of CashDro's web service (Cashdro3WS): GET requests with the
// operation's name, answers in JSON with code 1 for yes and the rest in data. It is
// known from open code that drives the machines, not from a manual: what differs by
// version is configuration, and what an answer says is read leniently but for
// amounts. Name and password stand in the address, so it is never logged.
const cashdroPath = "/Cashdro3WS/index.php"

// Types of an operation (startOperation's type).
const (
	typeSale   = "4"
	typePayOut = "3"
	typeCancel = "2" // finishOperation: give back what was taken
)

// States of an operation as askOperation tells them.
const (
	stateBegun = "I" // named, not released
	stateEnded = "F"
)

// A Config says how a machine is reached.
type Config struct {
	URL      string // https://host[:port]; http only where nobody else is on the line
	User     string
	Password string
	POS      string // the lane's name in the machine's books
	// PayOut is the type by which this version gives money out; "" is 3.
	PayOut string
	// Client makes the requests: its TLS settings say which machine to trust.
	Client *http.Client
	// Poll is how often a running operation is asked about; 0: 400 ms.
	Poll time.Duration
	// Patience is how long a machine may be silent in a running operation before
	// nobody knows; 0: 20 s.
	Patience time.Duration
	Log      *slog.Logger // may be nil
}

// A Recycler is a Machine with CashDro's web service.
type Recycler struct {
	cfg  Config
	base *url.URL
}

// maxAnswer bounds what is read of an answer, answerWait how long it may take.
const (
	maxAnswer  = 1 << 20
	answerWait = 5 * time.Second
)

// NewRecycler makes a driver and contacts nothing.
func NewRecycler(cfg Config) (*Recycler, error) {
	base, err := url.Parse(cfg.URL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errors.New("cash machine: its address is no http or https address")
	}
	if cfg.Client == nil {
		cfg.Client = &http.Client{}
	}
	if cfg.Poll <= 0 {
		cfg.Poll = 400 * time.Millisecond
	}
	if cfg.Patience <= 0 {
		cfg.Patience = 20 * time.Second
	}
	if cfg.PayOut == "" {
		cfg.PayOut = typePayOut
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Recycler{cfg: cfg, base: base.JoinPath(cashdroPath)}, nil
}

// Begin names an operation (startOperation); see Machine.
func (c *Recycler) Begin(ctx context.Context, w Wish) (string, error) {
	if w.Amount <= 0 {
		return "", fmt.Errorf("begin: amount is %d", w.Amount)
	}
	kind := typeSale
	if w.Give {
		kind = c.cfg.PayOut
	}
	parameters, err := json.Marshal(struct {
		Amount string `json:"amount"`
	}{strconv.FormatInt(int64(w.Amount), 10)})
	if err != nil {
		return "", err // unreachable: it is a text
	}
	data, err := c.call(ctx, "startOperation", url.Values{
		"type": {kind}, "posid": {c.cfg.POS}, "posuser": {w.Key}, "parameters": {string(parameters)},
	})
	if err != nil {
		return "", fmt.Errorf("begin: %w", err)
	}
	id := idOf(data)
	if id == "" {
		return "", fmt.Errorf("begin: %w: it names no operation", ErrRefused)
	}
	return id, nil
}

// Accept releases an operation and waits for its end; see Machine.
func (c *Recycler) Accept(ctx context.Context, id string, progress func(Facts)) (Facts, error) {
	return c.follow(ctx, id, progress)
}

// Dispense releases an operation that gives out; see Machine.
func (c *Recycler) Dispense(ctx context.Context, id string, progress func(Facts)) (Facts, error) {
	return c.follow(ctx, id, progress)
}

// follow releases an operation (acknowledgeOperationId) and asks until it has ended.
// A release that was not heard is repeated: an operation begins once.
func (c *Recycler) follow(ctx context.Context, id string, progress func(Facts)) (f Facts, err error) {
	f.ID = id
	heard, released := time.Now(), false
	for {
		if !released {
			_, err := c.call(ctx, "acknowledgeOperationId", url.Values{"operationId": {id}})
			if errors.Is(err, ErrRefused) {
				return f, fmt.Errorf("release %s: %w", id, err)
			}
			f.Begun = true // it may have heard
		}
		now, err := c.Ask(ctx, id)
		released = err == nil && now.Begun
		switch {
		case err == nil:
			heard = time.Now()
			if now != f && progress != nil {
				progress(now)
			}
			if f = now; f.Ended {
				return f, nil
			}
		case ctx.Err() != nil:
			return f, context.Cause(ctx)
		case errors.Is(err, ErrUnknownID):
			return f, err
		case time.Since(heard) > c.cfg.Patience:
			return f, fmt.Errorf("operation %s: %w", id, err)
		}
		select {
		case <-time.After(c.cfg.Poll):
		case <-ctx.Done():
			return f, context.Cause(ctx)
		}
	}
}

// Ask says how an operation stands (askOperation); see Machine.
func (c *Recycler) Ask(ctx context.Context, id string) (Facts, error) {
	data, err := c.call(ctx, "askOperation", url.Values{"operationId": {id}})
	if errors.Is(err, ErrRefused) {
		return Facts{ID: id}, fmt.Errorf("operation %s: %w", id, ErrUnknownID)
	}
	if err != nil {
		return Facts{ID: id}, fmt.Errorf("operation %s: %w", id, err)
	}
	return factsOf(id, data)
}

// Cancel ends an operation (finishOperation); see Machine.
func (c *Recycler) Cancel(ctx context.Context, id string) error {
	_, err := c.call(ctx, "finishOperation", url.Values{"type": {typeCancel}, "operationId": {id}})
	if err != nil && !errors.Is(err, ErrRefused) { // refused: it has ended
		return fmt.Errorf("cancel %s: %w", id, err)
	}
	return nil
}

// Status asks whether the machine answers to this user (getStatus is not in every
// version: who may log in may work); see Machine.
func (c *Recycler) Status(ctx context.Context) (Status, error) {
	data, err := c.call(ctx, "login", nil)
	if errors.Is(err, ErrRefused) {
		return Status{Why: err.Error()}, nil
	}
	if err != nil {
		return Status{}, fmt.Errorf("status: %w", err)
	}
	return Status{Ready: true, Why: strings.TrimSpace(textOf(data))}, nil
}

// call makes one request and returns the answer's data.
func (c *Recycler) call(ctx context.Context, operation string, more url.Values) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	q := url.Values{"operation": {operation}, "name": {c.cfg.User}, "password": {c.cfg.Password}}
	maps.Copy(q, more)
	at := *c.base
	at.RawQuery = q.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, errors.New("cash machine: its address cannot be asked") // the error would show the password
	}
	res, err := c.cfg.Client.Do(req)
	if err != nil {
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err // the outer one shows the address, and so the password
		}
		return nil, fmt.Errorf("%s: %w: %w", operation, ErrUnreachable, err)
	}
	defer res.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", operation, ErrUnreachable, err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %w: it answers %d", operation, ErrUnreachable, res.StatusCode)
	}
	c.cfg.Log.DebugContext(ctx, "cash machine", "operation", operation, "bytes", len(body))
	return dataOf(operation, body)
}

// amountOf reads whole minor units.
func amountOf(text string) (money.Amount, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return money.Amount(n), err == nil && n >= 0
}
