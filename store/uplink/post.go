package uplink

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"kassa/store/journal"
	"kassa/store/outbox"
	"kassa/store/wire"
)

// postRows and postPlain bound what a post carries, in rows and in bytes before
// they are packed.
const (
	postRows  = 500
	postPlain = 1 << 20
)

// gather is how long the first new row waits for others.
const gather = 200 * time.Millisecond

// A PostJournal is where the rows come from, and where they begin.
type PostJournal interface {
	Journal
	Begin(ctx context.Context) (journal.Head, error)
	Head(ctx context.Context) (journal.Head, error)
}

// PostOptions are what a lane without a hub needs to carry its rows.
type PostOptions struct {
	URL         string // https://hq.example:8444
	Credentials string // path, as kassa enrol wrote it
	Journal     PostJournal
	Box         *outbox.Box
	Grown       <-chan struct{} // the journal has grown
	Linked      func(up bool)   // whether head office is heard; nil: nobody asks
	Idle        time.Duration   // how often head office is asked when nothing is new; 0: a minute
	Pause       time.Duration   // first pause after a failure; 0: half a second
	Log         *slog.Logger
}

// A Poster carries a lane's rows to head office over HTTPS, in order, and takes
// marks back. It has the same keys, hashes and marks as the way through a hub, so
// that a lane may change from one to the other: what head office then has less it
// is sent again.
type Poster struct {
	o      PostOptions
	creds  *Credentials
	client *http.Client
	to     string

	sent   int64 // head office has been given all up to it
	asked  bool  // its mark is known, of this run
	most   int   // rows in a post
	marked wire.Mark
	gapTo  int64 // end of the hole that it said it has, 0: none
	hole   postHole
	pause  time.Duration
	heard  time.Time
	linked bool
}

// A postHole is rows that head office did not keep, or misses. They are sent
// again after a pause that grows: a row that never holds must not keep the wire
// busy.
type postHole struct {
	from, to int64
	next     time.Time
	pause    time.Duration
}

// How long a hole waits: first some pauses, for rows may be under way, and ever
// longer then.
const (
	holeFirst = 4
	holeMost  = 5 * time.Minute
)

// NewPoster prepares a Poster. Head office need not be there.
func NewPoster(o PostOptions) (*Poster, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" {
		return nil, fmt.Errorf("hq.url: %q: want https://host:port", o.URL)
	}
	creds, err := loadKey(o.Credentials, "hq.credentials")
	if err != nil {
		return nil, err
	}
	if o.Idle == 0 {
		o.Idle = time.Minute
	}
	if o.Pause == 0 {
		o.Pause = 500 * time.Millisecond
	}
	cfg := creds.patient()
	cfg.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	return &Poster{
		o: o, creds: creds, to: u.JoinPath(wire.PostPath).String(), most: postRows,
		client: &http.Client{
			Timeout:       time.Minute,
			Transport:     &http.Transport{TLSClientConfig: cfg, ForceAttemptHTTP2: true, IdleConnTimeout: 2 * time.Minute, TLSHandshakeTimeout: 15 * time.Second},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Run carries until ctx ends, or until the lane's own disk fails.
func (p *Poster) Run(ctx context.Context) error {
	var err error
	if p.marked, err = p.o.Box.Mark(ctx, p.o.Journal.Epoch()); err != nil {
		return err
	}
	defer p.client.CloseIdleConnections()
	wait := time.NewTimer(0)
	defer wait.Stop()
	gathering := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.o.Grown:
			if p.pause == 0 && !gathering { // while head office is away, selling knocks no more often
				gathering = true
				wait.Reset(gather)
			}
			continue
		case <-wait.C:
			gathering = false
		}
		next, err := p.carry(ctx)
		if err != nil {
			return err
		}
		wait.Reset(next)
	}
}

// carry sends all that waits and returns when to look again. Its error is the
// lane's own disk's.
func (p *Poster) carry(ctx context.Context) (time.Duration, error) {
	for {
		more, err := p.step(ctx)
		disk, own := errors.AsType[*diskError](err)
		switch {
		case ctx.Err() != nil:
			return time.Hour, nil //nolint:nilerr // told to stop: that is no fault
		case own:
			return 0, disk.err
		case err != nil:
			p.link(false)
			p.pause = min(max(2*p.pause, p.o.Pause), time.Minute)
			p.o.Log.InfoContext(ctx, "rows wait for head office", "from", p.sent+1, "err", err, "pause", p.pause)
			return max(jittered(p.pause), retryAfter(err)), nil
		}
		p.link(true)
		p.pause = 0
		if !more {
			return p.rest(), nil
		}
	}
}

// rest is how long nothing need be done.
func (p *Poster) rest() time.Duration {
	rest := p.o.Idle - time.Since(p.heard)
	if p.hole.from > 0 {
		rest = min(rest, time.Until(p.hole.next))
	}
	return max(rest, time.Millisecond)
}

// jittered is about d: many lanes lost the same head office.
func jittered(d time.Duration) time.Duration { return d/2 + rand.N(d) }

// step does one post, if there is anything to say, and reports whether there may
// be more.
func (p *Poster) step(ctx context.Context) (more bool, err error) {
	from, to := p.sent, int64(1<<63-1)
	hole := p.hole.from > 0 && !time.Now().Before(p.hole.next)
	switch {
	case !p.asked:
		return true, p.post(ctx, nil)
	case hole:
		from, to = p.hole.from-1, p.hole.to
	}
	rows, last, err := p.read(ctx, from, to)
	if err != nil {
		return false, &diskError{err}
	}
	if last == from {
		p.hole.next = later(p.hole, hole)
		if time.Since(p.heard) < p.o.Idle {
			return false, nil
		}
		return false, p.post(ctx, nil)
	}
	err = p.post(ctx, rows)
	if errors.Is(err, errTooLarge) && p.most > 1 {
		p.most /= 2
		return true, nil
	}
	if errors.Is(err, errTooLarge) {
		p.o.Log.ErrorContext(ctx, "a row is larger than head office takes: those behind it go on", "seq", last)
		err = nil
	}
	if err != nil {
		return false, err
	}
	p.settle(last, hole)
	return true, nil
}

// later puts a hole off that could not be filled.
func later(h postHole, tried bool) time.Time {
	if !tried {
		return h.next
	}
	return time.Now().Add(h.pause)
}

// settle takes stock after a post of rows up to last.
func (p *Poster) settle(last int64, hole bool) {
	p.sent = max(p.sent, last)
	p.most = min(postRows, p.most+p.most/4+1)
	from := p.marked.Seq + 1
	switch {
	case p.marked.Seq >= p.sent:
		p.hole = postHole{}
	case p.hole.from != from: // a new one, or the old one has shrunk
		p.hole = postHole{from: from, to: p.sent, next: time.Now().Add(holeFirst * p.o.Pause), pause: holeFirst * p.o.Pause}
		if p.gapTo > 0 {
			p.hole.to = min(p.sent, p.gapTo)
		}
		if hole {
			p.hole.next = time.Now() // it is being filled: go on
		}
	case hole:
		p.hole.pause = min(2*p.hole.pause, holeMost)
		p.hole.next = time.Now().Add(jittered(p.hole.pause))
	}
}

// A diskError is one of the lane's own.
type diskError struct{ err error }

func (e *diskError) Error() string { return e.err.Error() }

// read gives rows after from up to to, as they travel, and the number of the last.
func (p *Poster) read(ctx context.Context, from, to int64) (rows [][]byte, last int64, err error) {
	last = from
	size := 0
	for r, err := range p.o.Journal.Since(ctx, from) {
		if err != nil {
			return nil, from, err
		}
		if r.Seq > to || len(rows) >= p.most || size >= postPlain {
			break
		}
		last = r.Seq
		data, err := wire.Encode(Row(p.o.Journal, r))
		if err != nil {
			p.o.Log.ErrorContext(ctx, "a journal row cannot be sent: those behind it go on", "seq", r.Seq, "err", err)
			continue
		}
		rows, size = append(rows, data), size+len(data)
	}
	return rows, last, nil
}

// post sends rows, none to ask for the mark alone, and takes the answer.
func (p *Poster) post(ctx context.Context, rows [][]byte) error {
	begin, err := p.o.Journal.Begin(ctx)
	if err != nil {
		return &diskError{err}
	}
	head, err := p.o.Journal.Head(ctx)
	if err != nil {
		return &diskError{err}
	}
	whose := wire.Posting{Store: p.o.Journal.Store(), Lane: p.o.Journal.Lane(), Epoch: p.o.Journal.Epoch(), Head: head.Seq}
	if head.Seq > 0 {
		whose.HeadHash = head.Hex()
	}
	if begin.Seq > 0 {
		whose.Begin, whose.BeginHash = begin.Seq, begin.Hex()
	}
	body, err := pack(whose, rows)
	if err != nil {
		return err
	}
	got, err := p.send(ctx, body)
	if err != nil {
		return err
	}
	if got.Refused > 0 {
		p.o.Log.ErrorContext(ctx, "head office put rows aside: see kassa verify", "refused", got.Refused, "mark", got.Mark.Seq)
	}
	p.gapTo = 0
	if got.Resend != nil {
		p.gapTo = got.Resend.To
	}
	return p.hear(ctx, got.Mark)
}

func pack(whose wire.Posting, rows [][]byte) ([]byte, error) {
	first, err := wire.Encode(whose)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	for _, line := range append([][]byte{first}, rows...) {
		_, _ = z.Write(append(line, '\n')) // Close tells
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// hear takes a mark: the truth of what head office has, be it less than before.
func (p *Poster) hear(ctx context.Context, m wire.Mark) error {
	if m.Epoch != p.o.Journal.Epoch() || m.Keeper != "hq" {
		return fmt.Errorf("head office answered with a mark of another journal, %.64q", m.Epoch)
	}
	if !p.asked || m.Seq < p.marked.Seq {
		if m.Seq < p.marked.Seq {
			p.o.Log.WarnContext(ctx, "head office has less than was known: sending again", "had", p.marked.Seq, "keeper", p.marked.Keeper, "has", m.Seq)
		}
		p.sent, p.hole = m.Seq, postHole{}
	}
	p.asked, p.marked, p.heard = true, m, time.Now()
	p.sent = max(p.sent, m.Seq)
	if err := p.o.Box.Set(context.WithoutCancel(ctx), m, p.heard); err != nil {
		return &diskError{err}
	}
	return nil
}

// errTooLarge says that a post was more than head office takes at once.
var errTooLarge = errors.New("head office takes less at once")

// A statusError is an answer that is none.
type statusError struct {
	status string
	after  time.Duration
}

func (e *statusError) Error() string { return "head office answered " + e.status }

func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*statusError](err); ok {
		return e.after
	}
	return 0
}

// send posts a body and reads the answer.
func (p *Poster) send(ctx context.Context, body []byte) (got wire.Posted, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.to, bytes.NewReader(body))
	if err != nil {
		return got, err
	}
	sum := sha256.Sum256(body)
	signature, err := p.creds.key.Sign(wire.SignedPost(hex.EncodeToString(sum[:])))
	if err != nil {
		return got, fmt.Errorf("hq.credentials: %w", err)
	}
	public, err := p.creds.key.PublicKey()
	if err != nil {
		return got, fmt.Errorf("hq.credentials: %w", err)
	}
	req.Header.Set("Authorization", wire.AuthScheme+" "+public+" "+base64.StdEncoding.EncodeToString(signature))
	req.Header.Set("Content-Type", "application/x-ndjson")
	req.Header.Set("Content-Encoding", "gzip")
	res, err := p.client.Do(req)
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, wire.MaxSize))
	switch {
	case res.StatusCode == http.StatusRequestEntityTooLarge:
		return got, errTooLarge
	case res.StatusCode != http.StatusOK:
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After")) // absent: none
		return got, &statusError{res.Status, min(time.Duration(max(seconds, 0))*time.Second, 10*time.Minute)}
	case err != nil:
		return got, err
	}
	return got, wire.Decode(answer, &got)
}

func (p *Poster) link(up bool) {
	if p.linked != up && p.o.Linked != nil {
		p.o.Linked(up)
	}
	if up && !p.linked {
		p.o.Log.Info("head office is heard")
	}
	p.linked = up
}
