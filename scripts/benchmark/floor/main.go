// Floor is the least that a service with a database and a page can be: it opens
// SQLite as the lane does, commits once, durably, and answers HTTP. What the
// lane needs beyond it is what the lane costs. It is nothing to build on.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver the lane has too
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: floor DATABASE HOST:PORT")
	}
	ctx := context.Background()
	db, err := sql.Open("sqlite3", "file:"+args[0]+"?_journal_mode=WAL&_synchronous=FULL")
	if err != nil {
		return err
	}
	for _, q := range []string{"create table if not exists started (at integer)", "insert into started values (1)"} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", args[1])
	if err != nil {
		return err
	}
	srv := &http.Server{
		ReadHeaderTimeout: time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<!doctype html><title>floor</title>\n"))
		}),
	}
	return srv.Serve(l)
}
