package broker

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kassa/store/wire"
)

var crowd = flag.Int("crowd", 200, "lanes that come back at once")

// A crowd of lanes loses its hub and comes back as lanes do, each with its own
// credentials: all are let in, each is answered, and nobody waits long. With
//
//	go test ./store/hub/broker -run Crowd -crowd 2000 -v
//
// it prints the figures that the README's arithmetic goes by.
func TestCrowdComesBack(t *testing.T) {
	dir := t.TempDir()
	s, a := store(t, dir)
	addr := s.Addr()
	answering(t, s)
	begin := time.Now()
	lanes := make([]*nats.Conn, *crowd)
	back := make(chan int, *crowd*4)
	each(*crowd, func(i int) { lanes[i] = crowded(t, a, addr, i, back) })
	ask(t, lanes)
	t.Logf("%d lanes are there after %v", *crowd, time.Since(begin).Round(time.Millisecond))

	for len(back) > 0 { // those whose first try failed
		<-back
	}
	s.Stop()
	began := time.Now()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s, err := Start(t.Context(), Options{Dir: dir, Listen: addr, Authority: a, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	answering(t, s)
	deadline := time.After(60 * time.Second)
	for seen := map[int]bool{}; len(seen) < *crowd; {
		select {
		case i := <-back:
			seen[i] = true
		case <-deadline:
			t.Fatalf("%d of %d lanes are back after a minute", len(seen), *crowd)
		}
	}
	all := time.Since(began)
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		publish(t, lanes)
	}()
	took := ask(t, lanes)
	<-sent
	everyRow(t, s)
	runtime.ReadMemStats(&after)
	slices.Sort(took)
	t.Logf("all are back after %v; each then asks at once: median %v, the last %v; %d kB a lane, both ends in one process",
		all.Round(time.Millisecond), took[len(took)/2].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond),
		int64(after.Sys-before.Sys)/int64(*crowd)/1024+int64(before.HeapInuse+before.StackInuse)/int64(*crowd)/1024)
}

// answering answers calls as the hub does.
func answering(t *testing.T, s *Server) {
	t.Helper()
	nc, err := s.Connect("desk")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	if _, err := nc.Subscribe(wire.AllUp("0421", wire.UpCall), func(m *nats.Msg) { _ = m.Respond([]byte("seen")) }); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
}

func name(i int) string { return fmt.Sprintf("c%d", i) }

// crowded connects a lane with the options that package uplink has.
func crowded(t *testing.T, a *Authority, addr string, i int, back chan<- int) *nats.Conn {
	pair := laneKey(t)
	user, err := a.Lane(name(i), public(pair), time.Now())
	if err != nil {
		t.Error(err)
		return nil
	}
	nc, err := nats.Connect("nats://"+addr, nats.CustomInboxPrefix(wire.Inbox("0421", name(i))), nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true),
		nats.UserJWT(func() (string, error) { return user, nil }, pair.Sign), nats.ReconnectWait(500*time.Millisecond),
		nats.ReconnectJitter(time.Second, 2*time.Second), nats.PingInterval(5*time.Second), nats.IgnoreAuthErrorAbort(), nats.Timeout(10*time.Second),
		nats.ReconnectHandler(func(*nats.Conn) { back <- i }))
	if err != nil {
		t.Errorf("lane %d: %v", i, err)
		return nil
	}
	t.Cleanup(nc.Close)
	return nc
}

// ask has every lane call for help at once and returns how long each waited.
func ask(t *testing.T, lanes []*nats.Conn) []time.Duration {
	t.Helper()
	took := make([]time.Duration, len(lanes))
	each(len(lanes), func(i int) {
		if lanes[i] == nil {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		begin := time.Now()
		if _, err := lanes[i].RequestWithContext(ctx, wire.Up("0421", name(i), wire.UpCall), []byte("help")); err != nil {
			t.Errorf("lane %d: %v", i, err)
		}
		took[i] = time.Since(begin)
	})
	if t.Failed() {
		t.FailNow()
	}
	return took
}

// crowdRows is how many rows each lane sends when it is back.
const crowdRows = 3

// publish has every lane send rows, until each is acknowledged.
func publish(t *testing.T, lanes []*nats.Conn) {
	each(len(lanes), func(i int) {
		js, err := jetstream.New(lanes[i])
		if err != nil {
			t.Error(err)
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		for row := range crowdRows {
			text := fmt.Sprintf("%s/%d", name(i), row)
			if _, err := js.Publish(ctx, wire.Up("0421", name(i), wire.UpJournal), []byte(text), jetstream.WithMsgID(text)); err != nil {
				t.Errorf("row %s: %v", text, err)
				return
			}
		}
	})
}

// everyRow wants each lane's rows in the stream, each once and in order.
func everyRow(t *testing.T, s *Server) {
	t.Helper()
	nc, err := s.Connect("rows")
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := Journal(t.Context(), js, "0421")
	if err != nil {
		t.Fatal(err)
	}
	info, err := stream.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for seq := info.State.FirstSeq; seq <= info.State.LastSeq; seq++ {
		m, err := stream.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		_, lane, _, _, _ := wire.Parse(m.Subject)
		if want := fmt.Sprintf("%s/%d", lane, seen[lane]); string(m.Data) != want {
			t.Errorf("message %d is %q, want %q", seq, m.Data, want)
		}
		seen[lane]++
	}
	for i := range *crowd {
		if seen[name(i)] != crowdRows {
			t.Errorf("lane %s has %d of %d rows in the stream", name(i), seen[name(i)], crowdRows)
		}
	}
}

// each does f for all numbers below n at once.
func each(n int, f func(i int)) {
	var g sync.WaitGroup
	for i := range n {
		g.Go(func() { f(i) })
	}
	g.Wait()
}
