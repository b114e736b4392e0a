// Package online is the page of an e-receipt: what the code on the lane's screen
// or on the paper leads to. It shows the receipt, brings it as a PDF, shows the
// self-help articles, and takes "something is wrong with this receipt" to the
// store's desk. It is not for the lane's own screen (kiosk/web), keeps nothing,
// and knows neither journal nor desk: what it needs is handed in.
//
// Its one rule: who has the code has the receipt, and nobody else learns even
// that there is one. The page has no script, no cookie and nothing of others.
package online

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"kassa/device/printer"
	"kassa/kiosk/help"
	"kassa/kiosk/receipt"
	"kassa/kiosk/words"
)

//go:embed page.html online.css
var files embed.FS

// ErrUnknown says that a code leads nowhere: it was never made, or its time is
// over.
var ErrUnknown = errors.New("no receipt has this code")

// ErrFull says that a sale has as many messages as one may have, or that one of
// them is still open.
var ErrFull = errors.New("no more messages about this receipt")

// A Sale is what stands behind a code.
type Sale struct {
	Receipt  *receipt.Receipt // nil: it is still on its way
	Language string           // on the lane's screen at the end
	Until    time.Time        // when the code ends to work
}

// Sales finds a sale by its code, or returns ErrUnknown.
type Sales interface {
	Sale(ctx context.Context, code string) (Sale, error)
}

// A Message is what a shopper says of a receipt.
type Message struct {
	Reason   help.Reason
	Lines    []int // as the receipt numbers them
	Text     string
	Language string
}

// A Contact is a message and what became of it.
type Contact struct {
	N       int // in the sale, from 1
	Reason  help.Reason
	Note    string
	At      time.Time
	State   help.State
	Outcome string
	Said    []Said
	Rating  int
	Solved  *bool
}

// Said is what a colleague wrote: a phrase of the book or free words.
type Said struct {
	Phrase, Text, Lang string
	At                 time.Time
}

// Desk is where messages go. Contacts are a sale's, oldest first; Raise returns
// ErrFull when there is no room for one more.
type Desk interface {
	Contacts(ctx context.Context, code string) ([]Contact, error)
	Raise(ctx context.Context, code string, m Message) error
	Rate(ctx context.Context, code string, n, rating int, solved *bool) error
}

// Options are what the page needs.
type Options struct {
	Prefix  string // "/r/"
	Sales   Sales
	Desk    Desk
	Words   *words.Book
	Help    *help.Library
	Shop    string // its name
	Hours   string // when somebody reads messages, "" for not said
	Shared  fs.FS  // tokens.css and pictures.svg, as the lane's page has them
	Profile printer.Profile
	Now     func() time.Time
	Log     *slog.Logger
}

// A Site answers below its prefix.
type Site struct {
	Options

	page   *template.Template
	build  string
	mux    *http.ServeMux
	guests *guests
	drawn  chan struct{} // how many PDFs are drawn at once
}

// drawers is how many PDFs may be drawn at once: each takes a core for a moment.
const drawers = 2

// New makes the site.
func New(o Options) (*Site, error) {
	t, err := template.New("page.html").ParseFS(files, "page.html")
	if err != nil {
		return nil, fmt.Errorf("e-receipt: %w", err)
	}
	s := &Site{Options: o, page: t, mux: http.NewServeMux(), guests: newGuests(), drawn: make(chan struct{}, drawers)}
	sum := sha256.New()
	for name, from := range s.statics() {
		data, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, fmt.Errorf("e-receipt: %w", err)
		}
		_, _ = sum.Write(data) // a hash never fails
	}
	s.build = hex.EncodeToString(sum.Sum(nil))[:12]
	s.mux.HandleFunc("GET "+o.Prefix+"{code}", s.known(s.show))
	s.mux.HandleFunc("GET "+o.Prefix+"{code}/{file}", s.file)
	s.mux.HandleFunc("POST "+o.Prefix+"{code}/message", s.known(s.message))
	s.mux.HandleFunc("POST "+o.Prefix+"{code}/rate", s.known(s.rate))
	s.mux.HandleFunc(o.Prefix, s.gone)
	return s, nil
}

// policy lets the page load its own style and pictures, send its own forms, and
// nothing else.
const policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxBody is more than any form of the page sends, in bytes.
const maxBody = 16 << 10

// ServeHTTP answers.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex, nofollow, noarchive")
	h.Set("Referrer-Policy", "no-referrer") // the code is in the address
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
	h.Set("Cache-Control", "no-store")
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if !s.guests.comes(who(r), s.Now()) {
		s.note(w, r, http.StatusTooManyRequests, "much")
		return
	}
	s.mux.ServeHTTP(w, r)
}

// A visit is a request with a code that leads somewhere.
type visit struct {
	code string
	sale Sale
}

// known lets in who has a code. A guess and a code whose time is over get the
// same answer.
func (s *Site) known(next func(http.ResponseWriter, *http.Request, visit)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		code := r.PathValue("code")
		sale, err := s.Sales.Sale(r.Context(), code)
		switch {
		case errors.Is(err, ErrUnknown):
			s.gone(w, r)
		case err != nil:
			s.fail(w, r, err)
		default:
			next(w, r, visit{code, sale})
		}
	}
}

// gone answers a code that leads nowhere. Who brings many of them waits.
func (s *Site) gone(w http.ResponseWriter, r *http.Request) {
	if !s.guests.misses(who(r), s.Now()) {
		s.note(w, r, http.StatusTooManyRequests, "much")
		return
	}
	s.note(w, r, http.StatusNotFound, "gone")
}

func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() == nil {
		s.Log.ErrorContext(r.Context(), "e-receipt", "err", err)
	}
	s.note(w, r, http.StatusServiceUnavailable, "away")
}

// statics are the files behind the page, and where they lie.
func (s *Site) statics() map[string]fs.FS {
	return map[string]fs.FS{"online.css": files, "tokens.css": s.Shared, "pictures.svg": s.Shared}
}

// file is one of the page's own, or the receipt as a file.
func (s *Site) file(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.PathValue("code") == "static":
		s.static(w, r)
	case r.PathValue("file") == "receipt.pdf":
		s.known(s.pdf)(w, r)
	default:
		s.gone(w, r)
	}
}

func (s *Site) static(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	from, ok := s.statics()[name]
	if !ok {
		s.gone(w, r)
		return
	}
	if r.URL.Query().Get("v") == s.build {
		w.Header().Set("Cache-Control", "max-age=31536000, immutable")
	}
	http.ServeFileFS(w, r, from, name)
}
