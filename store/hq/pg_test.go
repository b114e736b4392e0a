package hq

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// A cluster of the tests' own: nothing of the machine's PostgreSQL is touched.
var (
	bins    string // folder of its programs
	cluster string // connection string without a database; "" none is installed
	serial  atomic.Int64
)

func TestMain(m *testing.M) {
	if role := os.Getenv(roleEnv); role != "" {
		os.Exit(play(role))
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	all, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(all) == 0 {
		fmt.Println("PostgreSQL is not installed (apt-get install postgresql): its tests are skipped")
		return m.Run()
	}
	slices.Sort(all)
	bins = all[len(all)-1]
	stop, err := startCluster(bins)
	if err != nil {
		fmt.Println("PostgreSQL does not start:", err)
		return 1
	}
	defer stop()
	return m.Run()
}

// startCluster makes a cluster in a folder of its own and starts it on a socket
// there. PostgreSQL does not run as root, so root runs it as postgres.
func startCluster(bin string) (stop func(), err error) {
	dir, err := os.MkdirTemp("", "kassa-pg-")
	if err != nil {
		return nil, err
	}
	as, name, err := whom(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	command := func(program string, args ...string) error {
		c := exec.CommandContext(context.Background(), filepath.Join(bin, program), args...)
		c.SysProcAttr, c.Dir = as, dir
		out, err := c.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", program, err, out)
		}
		return nil
	}
	if err := command("initdb", "-D", data, "-A", "trust", "-U", name, "-E", "UTF8", "--no-sync"); err != nil {
		return nil, err
	}
	if err := command("pg_ctl", "-D", data, "-w", "-l", filepath.Join(dir, "log"), "-o", "-c listen_addresses='' -k "+dir, "start"); err != nil {
		return nil, err
	}
	cluster = fmt.Sprintf("host=%s user=%s", dir, name)
	return func() {
		if err := command("pg_ctl", "-D", data, "-m", "immediate", "stop"); err != nil {
			fmt.Println(err)
		}
		_ = os.RemoveAll(dir)
	}, nil
}

// whom returns as whom PostgreSQL runs, and gives that user the folder.
func whom(dir string) (*syscall.SysProcAttr, string, error) {
	if os.Getuid() != 0 {
		u, err := user.Current()
		if err != nil {
			return nil, "", err
		}
		return nil, u.Username, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, "", err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, "", err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, "", err
	}
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		return nil, "", err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, "postgres", nil
}

// newDatabase makes an empty one and returns its connection string.
func newDatabase(t testing.TB) string {
	t.Helper()
	if cluster == "" {
		t.Skip("PostgreSQL is not installed: apt-get install postgresql")
	}
	name := fmt.Sprintf("t%d", serial.Add(1))
	conn, err := pgx.Connect(t.Context(), cluster+" dbname=postgres")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return cluster + " dbname=" + name
}

func open(t testing.TB, dsn string) *HQ {
	t.Helper()
	h, err := Open(t.Context(), dsn, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return h
}

// rows is a query's result as text, a line a row.
func rows(t *testing.T, h *HQ, query string) string {
	t.Helper()
	got, err := h.pool.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	var out []string
	for got.Next() {
		values, err := got.Values()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.Trim(fmt.Sprint(values), "[]"))
	}
	if err := got.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, "\n")
}
