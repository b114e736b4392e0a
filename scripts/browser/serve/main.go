// Serve shows the shopper's page and its storybook without a lane behind it, for
// the browser tests. It prints its address and serves until it is interrupted.
// POST /stage with a JSON object of lines, screen and language changes what the
// page shows and answers what has been touched; a silent scene answers no
// request and gives no sign of life, as a hung lane would.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/kiosk/web"
	"kassa/kiosk/words"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	book, err := words.New(words.Settings{Currency: "EUR", Decimals: 2, Digits: os.Getenv("DIGITS")})
	if err != nil {
		return err
	}
	s := &stage{changed: make(chan struct{})}
	s.set(scene{Screen: flow.ScreenBasket, Language: "en"})
	page, err := web.New(web.Options{
		Views: s.views, Now: s.now, Post: s.post,
		PIN:    func(context.Context, string) error { return nil },
		Health: func() web.Health { return web.Health{OK: true} },
		Words:  book, Storybook: true, Beat: 500 * time.Millisecond,
	})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", s.hang(page))
	mux.HandleFunc("POST /stage", s.serveStage)
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	fmt.Printf("http://%s\n", l.Addr())
	if err := server.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// hang serves nothing while the scene is silent, and cuts what is being served.
func (s *stage) hang(page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		for r.URL.Path == "/events" && s.silent() {
			select {
			case <-ctx.Done():
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
		go func() {
			for ctx.Err() == nil && !s.silent() {
				time.Sleep(50 * time.Millisecond)
			}
			cancel()
		}()
		page.ServeHTTP(w, r.WithContext(ctx))
		if s.silent() && r.URL.Path == "/events" {
			<-r.Context().Done() // the line stays open and says nothing
		}
	})
}

func (s *stage) silent() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.scene.Silent
}

// scene is what the tests set.
type scene struct {
	Screen   flow.Screen `json:"screen"`
	Language string      `json:"language"`
	Lines    int         `json:"lines"`
	Silent   bool        `json:"silent"`
}

// stage stands in for a lane.
type stage struct {
	mu      sync.Mutex
	scene   scene
	version int64
	touched []web.Touch
	changed chan struct{}
}

func (s *stage) set(next scene) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scene = next
	s.version++
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *stage) serveStage(w http.ResponseWriter, r *http.Request) {
	var next scene
	if err := json.NewDecoder(r.Body).Decode(&next); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.set(next)
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = json.NewEncoder(w).Encode(s.touched)
	s.touched = nil
}

func (s *stage) post(_ context.Context, t web.Touch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touched = append(s.touched, t)
	if t.Act == flow.ActRate {
		return web.ErrUnfit
	}
	return nil
}

func (s *stage) now() flow.View {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := flow.View{
		Version: s.version, Screen: s.scene.Screen, Language: s.scene.Language, Languages: words.Languages(),
		Lamp: flow.LampWhite, Sale: &flow.ViewSale{},
		Acts: map[flow.Act]bool{
			flow.ActLanguage: true, flow.ActMode: true, flow.ActHelp: true, flow.ActFind: true, flow.ActPay: true,
			flow.ActQuantity: true, flow.ActVoidSale: true, flow.ActBack: true,
		},
	}
	for n := s.scene.Lines; n > 0; n-- {
		v.Sale.Lines = append(v.Sale.Lines, flow.ViewLine{
			N: n, GTIN: fmt.Sprintf("%014d", n), Name: fmt.Sprintf("Article <b>%d</b>", n), Qty: 1,
			Unit: 100, Amount: 100, Net: 100, Newest: n == s.scene.Lines,
		})
	}
	v.Sale.Count, v.Sale.Total = int64(s.scene.Lines), money.Amount(100*s.scene.Lines)
	return v
}

func (s *stage) views(ctx context.Context) <-chan flow.View {
	out := make(chan flow.View)
	go func() {
		defer close(out)
		for {
			s.mu.Lock()
			changed := s.changed
			s.mu.Unlock()
			select {
			case <-ctx.Done():
				return
			case <-changed:
			}
			select {
			case <-ctx.Done():
				return
			case out <- s.now():
			}
		}
	}()
	return out
}
