package hq

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nkeys"

	"kassa/store/hub/enrol"
	"kassa/store/wire"
)

// A Door takes rows over HTTPS from lanes without a hub, and enrols them. The
// listener must speak TLS.
type Door struct {
	HQ  *HQ
	CA  []byte // PEM of the authority that lanes are to trust; nil: the system's
	Log *slog.Logger

	busy  chan struct{}
	heads headGate
}

// atOnce is how many posts are worked on at once; the others are asked to come
// again, each at another moment.
const atOnce = 16

// Handler is the door's pages: POST /enrol and POST /v1/rows.
func (d *Door) Handler() http.Handler {
	d.busy = make(chan struct{}, atOnce)
	mux := http.NewServeMux()
	mux.Handle("/enrol", &enrol.Page{
		Redeem: d.HQ.Members().Redeem, Now: time.Now, Log: d.Log,
		Sign:   func(string, string, time.Time) (string, error) { return "", nil }, // its key is all it needs
		Answer: func(string) wire.Enrolled { return wire.Enrolled{CA: string(d.CA)} },
	})
	mux.HandleFunc("POST "+wire.PostPath, d.post)
	return mux
}

// A refusal is why a post was not taken.
type refusal struct {
	status int
	why    string
}

func (r *refusal) Error() string { return r.why }

// post takes one post. What it answers with 200 is on the disk.
func (d *Door) post(w http.ResponseWriter, r *http.Request) {
	select {
	case d.busy <- struct{}{}:
		defer func() { <-d.busy }()
	default:
		w.Header().Set("Retry-After", strconv.Itoa(2+rand.IntN(15)))
		http.Error(w, "come again", http.StatusServiceUnavailable)
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(30 * time.Second)) // a slow one gives its place up
	got, err := d.take(w, r)
	var data []byte
	if err == nil {
		data, err = wire.Encode(got)
	}
	no, refused := errors.AsType[*refusal](err)
	switch {
	case refused:
		d.Log.WarnContext(r.Context(), "a post was not taken", "from", r.RemoteAddr, "why", no.why)
		http.Error(w, no.why, no.status)
	case err != nil:
		d.Log.ErrorContext(r.Context(), "a post was not kept", "from", r.RemoteAddr, "err", err)
		w.Header().Set("Retry-After", strconv.Itoa(5+rand.IntN(25)))
		http.Error(w, "not kept: come again", http.StatusServiceUnavailable)
	default:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(data) // a lane that is gone asks again
	}
}

// take checks whose post it is, keeps its rows and says how far the journal is.
func (d *Door) take(w http.ResponseWriter, r *http.Request) (got wire.Posted, err error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxPost))
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return got, &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("more than %d bytes", large.Limit)}
	}
	if err != nil {
		return got, &refusal{http.StatusBadRequest, "the body broke off"}
	}
	store, lane, err := d.signer(r.Context(), r.Header.Get("Authorization"), body)
	if err != nil {
		return got, err
	}
	lines, err := unpack(body)
	if err != nil {
		return got, err
	}
	var whose wire.Posting
	if err := wire.Decode(lines[0], &whose); err != nil {
		return got, &refusal{http.StatusBadRequest, "its first line does not say whose rows follow: " + err.Error()}
	}
	if whose.Store != store || whose.Lane != lane || len(whose.Epoch) == 0 || len(whose.Epoch) > 64 {
		return got, &refusal{http.StatusForbidden, fmt.Sprintf("lane %s of store %s speaks for itself alone", lane, store)}
	}
	return d.keep(r.Context(), wire.Journal{Store: store, Lane: lane, Epoch: whose.Epoch}, whose, lines[1:])
}

// keep keeps rows; what is none of this lane is put aside and holds up nothing.
func (d *Door) keep(ctx context.Context, j wire.Journal, whose wire.Posting, lines [][]byte) (got wire.Posted, err error) {
	var rows []wire.Row
	aside := 0
	for _, line := range lines {
		var r wire.Row
		err := wire.Decode(line, &r)
		if err == nil && (r.Store != j.Store || r.Lane != j.Lane) {
			err = fmt.Errorf("it says that it is of store %.40q, lane %.40q", r.Store, r.Lane)
		}
		if err == nil {
			rows = append(rows, r)
			continue
		}
		aside++
		d.Log.ErrorContext(ctx, "a line is no row of its lane", "store", j.Store, "lane", j.Lane, "err", err)
		if err := d.HQ.Aside(ctx, j.Store, j.Lane, err.Error(), line); err != nil {
			return got, err
		}
	}
	if h, err := hex.DecodeString(whose.BeginHash); whose.Begin > 0 && err == nil && len(h) == 32 {
		if _, err := d.HQ.Begins(ctx, j, whose.Begin, whose.BeginHash); err != nil {
			return got, err
		}
	}
	var taken Taken
	if len(rows) > 0 {
		if taken, err = d.HQ.Take(ctx, rows); err != nil {
			return got, err
		}
	}
	// The head is of the moment before the post: rows that came since are behind it.
	if isHead(whose.Head, whose.HeadHash) && d.heads.due(j.Store, j.Lane, time.Now()) {
		if err := d.HQ.Anchor(ctx, j, whose.Head, whose.HeadHash); err != nil {
			return got, err
		}
	}
	got = wire.Posted{Kept: taken.Kept, Known: taken.Known, Refused: taken.Refused + aside}
	var to int64
	if got.Mark, to, err = d.HQ.MarkOf(ctx, j); err == nil && to > got.Mark.Seq {
		got.Resend = &wire.Resend{Epoch: j.Epoch, From: got.Mark.Seq + 1, To: to}
	}
	return got, err
}

// signer finds the lane whose key signed a body.
func (d *Door) signer(ctx context.Context, header string, body []byte) (store, lane string, err error) {
	no := &refusal{http.StatusUnauthorized, "no lane's signature"}
	scheme, rest, _ := strings.Cut(header, " ")
	key, text, _ := strings.Cut(rest, " ")
	signature, err := base64.StdEncoding.DecodeString(text)
	if scheme != wire.AuthScheme || err != nil || !nkeys.IsValidPublicUserKey(key) {
		return "", "", no
	}
	public, err := nkeys.FromPublicKey(key)
	if err != nil {
		return "", "", no
	}
	sum := sha256.Sum256(body)
	if public.Verify(wire.SignedPost(hex.EncodeToString(sum[:])), signature) != nil {
		return "", "", no
	}
	store, lane, known, err := d.HQ.Members().whose(ctx, key)
	if err == nil && !known {
		return "", "", &refusal{http.StatusForbidden, "a key of no lane: enrol it again"}
	}
	return store, lane, err
}

// unpack takes a body apart into its lines, the last perhaps without its end.
func unpack(body []byte) ([][]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, "the body is not packed by gzip"}
	}
	left := &io.LimitedReader{R: z, N: wire.MaxPostPlain + 1}
	var lines [][]byte
	in := bufio.NewScanner(left)
	in.Buffer(make([]byte, 64<<10), wire.MaxPostPlain+1)
	for in.Scan() {
		if len(in.Bytes()) > 0 {
			lines = append(lines, bytes.Clone(in.Bytes()))
		}
	}
	switch {
	case left.N <= 0:
		return nil, &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("more than %d bytes unpacked", wire.MaxPostPlain)}
	case in.Err() != nil:
		return nil, &refusal{http.StatusBadRequest, "the body is broken"}
	case len(lines) == 0:
		return nil, &refusal{http.StatusBadRequest, "the body is empty"}
	}
	return lines, nil
}
