package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"kassa/store/hq"
)

// A monitor is answered also while PostgreSQL is away, and told so.
func TestPagesWithoutPostgreSQL(t *testing.T) {
	h, err := hq.OpenReader(t.Context(), "host="+t.TempDir()+" dbname=none", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, listener, h) }()
	defer func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}()
	for page, want := range map[string]struct {
		status int
		text   string
	}{
		"/healthz": {http.StatusServiceUnavailable, `"why":"hq:`},
		"/metrics": {http.StatusOK, "\nkassa_hq_up 0\n"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String()+page, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != want.status || !strings.Contains(string(body), want.text) {
			t.Errorf("%s: %s, %v, %.300s; want %d with %q", page, res.Status, err, body, want.status, want.text)
		}
	}
}
