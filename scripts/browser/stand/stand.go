// Package stand lets a program show a page to the browser tests: in a folder of
// its own, at an address of its own, until it is interrupted. What the page is,
// the program says; nothing here is part of the product.
//
// Its one rule: when the program ends, its folder and all it started are gone.
package stand

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// Main runs a program with a new folder until it is interrupted, and takes the
// folder away. It exits 1 if the program ends by itself with an error.
func Main(name string, run func(ctx context.Context, dir string) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := within(name, func(dir string) error { return run(ctx, dir) })
	ended := ctx.Err() != nil
	stop()
	if err != nil && !ended {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

func within(name string, run func(dir string) error) (err error) {
	dir, err := os.MkdirTemp("", name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return run(dir)
}

// Serve shows a page on a loopback port and runs what goes on beside it, until
// ctx or one of them ends. It prints the address and more on one line once it
// listens.
func Serve(ctx context.Context, page http.Handler, more string, beside ...func(context.Context) error) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: page, ReadHeaderTimeout: 5 * time.Second}
	g, ctx := errgroup.WithContext(ctx)
	for _, run := range beside {
		g.Go(func() error { return run(ctx) })
	}
	g.Go(func() error { return server.Serve(l) })
	g.Go(func() error { <-ctx.Done(); return server.Close() })
	fmt.Println(strings.TrimSpace("http://" + l.Addr().String() + " " + more))
	return g.Wait()
}
