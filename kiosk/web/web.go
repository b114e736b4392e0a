// Package web is the shopper's screen: it shows a [flow.View] as a page and
// turns touches into posts. It decides nothing about a sale, keeps no state of
// its own but which part of a page a browser has already, and knows neither the
// station nor any device.
//
// Its one rule: the page is what the View says, whole. A browser that connects
// gets everything, then only the parts that changed; without JavaScript the same
// page works by plain form posts.
package web

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
	"sync"
	"time"

	"kassa/kiosk/basket"
	"kassa/kiosk/flow"
	"kassa/kiosk/help"
	"kassa/kiosk/words"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// ErrUnfit says that an act does not fit the state of the lane: answered by 409.
// The page then shows what does fit, because a new View is on its way.
var ErrUnfit = errors.New("act does not fit the state")

// A Touch is what a person touched: the act and the touched element's other
// data- attributes.
type Touch struct {
	Act         flow.Act
	Line        int
	Code, Value string
}

// A Finder looks articles up for the shopper. Pages count from 0 and have
// PageSize articles; a group of "" is all of them.
type Finder interface {
	// Search returns articles whose names in any language, or whose number,
	// begin like text, best first.
	Search(ctx context.Context, lang, text string, limit int) ([]basket.Article, error)
	// Browse returns one page of a group and how many pages it has.
	Browse(ctx context.Context, group string, page int) (articles []basket.Article, pages int, err error)
	// Groups returns the ids of the groups that have articles, most wanted first.
	Groups(ctx context.Context) ([]string, error)
}

// PageSize is how many articles the find page shows at once.
const PageSize = 12

// Health is what /healthz answers.
type Health struct {
	OK      bool           `json:"ok"` // a shopper can start
	Screen  flow.Screen    `json:"screen,omitempty"`
	Why     string         `json:"why,omitempty"`
	Hub     string         `json:"hub,omitempty"` // up or away; no reason to be unready
	Devices []DeviceHealth `json:"devices"`
}

// DeviceHealth is one peripheral in a Health.
type DeviceHealth struct {
	Device flow.Device `json:"device"`
	Up     bool        `json:"up"`
	Why    string      `json:"why,omitempty"`
}

// Options are all that the page needs of the lane. Views, Now, Post, PIN,
// Health and Words must be set.
type Options struct {
	// Views sends each new View until ctx ends; a reader that is slow gets the
	// newest only. It may begin with the View of now.
	Views func(ctx context.Context) <-chan flow.View
	// Now returns the View of now.
	Now func() flow.View
	// Post hands in a touch and returns when it has been taken. [ErrUnfit]
	// becomes 409, anything else 503.
	Post func(ctx context.Context, t Touch) error
	// PIN hands in the digits of the member of staff at the lane. They are held
	// nowhere and logged nowhere.
	PIN func(ctx context.Context, digits string) error
	// Sounds sends the lane's cues until ctx ends; nil: a silent page.
	Sounds func(ctx context.Context) <-chan flow.Sound
	// Code returns the text of the receipt's QR code for a sale; nil or "":
	// no code is shown.
	Code func(ctx context.Context, sale string) string
	// Finder answers the find page; nil: nothing is found.
	Finder Finder
	Health func() Health
	// Metrics serves /metrics; nil: not found.
	Metrics http.Handler
	Words   *words.Book
	// Hosts are the names, without port, that the page may be asked by, beside
	// localhost and the loopback addresses.
	Hosts []string
	// TerminalAt is where the card terminal stands as seen from the screen:
	// left, right (the default), above or below.
	TerminalAt string
	// Help is the self-help articles; nil: those that come with kassa.
	Help *help.Library
	// Talk is what is said while a call is open; nil: nothing can be.
	Talk Talk
	// Call is a video or voice call, CallFiles its scripts; nil: none is possible,
	// and the page may use neither camera nor microphone.
	Call      Call
	CallFiles fs.FS
	Storybook bool
	Log       *slog.Logger
	// Beat is the time between two signs of life on /events; 0: two seconds.
	Beat time.Duration
}

// site is the page of one lane.
type site struct {
	Options
	tmpl  *template.Template
	build string // changes with the page's files
	art   map[string]bool
}

// New returns the handler of the shopper's page.
func New(o Options) (http.Handler, error) {
	s, err := newSite(o)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.servePage)
	mux.HandleFunc("GET /events", s.serveEvents)
	mux.HandleFunc("POST /act", s.serveAct)
	mux.HandleFunc("GET /find", s.serveFind)
	mux.HandleFunc("GET /help", s.serveHelp)
	mux.HandleFunc("GET /healthz", s.serveHealth)
	if o.Metrics != nil {
		mux.Handle("GET /metrics", o.Metrics)
	}
	s.withCall(mux)
	files, err := fs.Sub(staticFiles, "static")
	if err != nil {
		return nil, fmt.Errorf("web: static files: %w", err)
	}
	mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServerFS(files)))
	mux.HandleFunc("GET /sound/{name}", serveSound(sync.OnceValue(makeSounds)))
	if o.Storybook {
		mux.HandleFunc("GET /storybook", s.serveStorybook)
		mux.HandleFunc("GET /storybook/{story}", s.serveStory)
	}
	return s.guard(http.NewCrossOriginProtection().Handler(mux)), nil
}

func newSite(o Options) (*site, error) {
	if o.Views == nil || o.Now == nil || o.Post == nil || o.PIN == nil || o.Health == nil || o.Words == nil {
		return nil, errors.New("web: an option that must be set is not")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Beat == 0 {
		o.Beat = 2 * time.Second
	}
	switch o.TerminalAt {
	case "left", "right", "above", "below":
	default:
		o.TerminalAt = "right"
	}
	if o.Help == nil {
		own, err := ownShelf()
		if err != nil {
			return nil, err
		}
		o.Help = own
	}
	tmpl, err := template.ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("web: templates: %w", err)
	}
	s := &site{Options: o, tmpl: tmpl}
	if s.build, err = fingerprint(); err != nil {
		return nil, fmt.Errorf("web: fingerprint: %w", err)
	}
	if s.art, err = symbols(); err != nil {
		return nil, fmt.Errorf("web: pictures: %w", err)
	}
	return s, nil
}

// fingerprint names this build of the page, so that a browser that has an older
// one loads anew.
func fingerprint() (string, error) {
	sum := sha256.New()
	for _, files := range []fs.FS{templateFiles, staticFiles} {
		err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(files, path)
			sum.Write([]byte(path))
			sum.Write(data)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:6]), nil
}
