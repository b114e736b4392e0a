package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"kassa/store/hub/broker"
	"kassa/store/journal"
	"kassa/store/outbox"
	"kassa/store/uplink"
	"kassa/store/wire"
)

const (
	drainRounds = 7
	drainRows   = 20_000 // a lane's backlog: two busy days
	singleRows  = 2000   // of them, one by one
	bareBatch   = 1000   // the most that JetStream takes at once
	bareWindow  = 64     // of single messages
)

// drained measures how fast a lane's backlog comes to be in the hub's JetStream,
// flushed, with everything between journal and acknowledgement, against bare
// publishes of the same bytes to the same stream over the same kind of
// connection: in atomic batches of 1,000, the fastest way there is, the same with
// the message ids by which JetStream knows a double, and one by one.
func drained(ctx context.Context, o options, progress io.Writer) (_ []row, err error) {
	rig, err := newRig(ctx, filepath.Join(o.dir, "drain"))
	if err != nil {
		return nil, err
	}
	defer rig.close()
	var batches, named, singles contest
	for round := range drainRounds {
		lane := fmt.Sprintf("d%d", round)
		ours := func() error { return rig.drain(ctx, lane, &batches.ours) }
		theirs := func() error {
			rows, err := rowsOf(ctx, filepath.Join(rig.dir, lane+"b"), lane+"b", drainRows)
			if err != nil {
				return err
			}
			return errors.Join(
				rig.publish(ctx, rows, lane+"b", atOnce(bareBatch, false), &batches.bare),
				rig.publish(ctx, rows, lane+"n", atOnce(bareBatch, true), &named.bare),
				rig.publish(ctx, rows[:singleRows], lane+"s", oneByOne, &singles.bare))
		}
		if err := alternate(round, ours, theirs); err != nil {
			return nil, err
		}
		singles.ours, named.ours = batches.ours, batches.ours
		_, _ = fmt.Fprintf(progress, "  round %d: lane %.0f, batches of 1,000 %.0f, with message ids %.0f, one by one %.0f rows/s\n",
			round+1, batches.ours[round], batches.bare[round], named.bare[round], singles.bare[round])
	}
	return []row{{
		id: "P8", what: "lane's outbox / bare JetStream, atomic batches of 1,000", got: batches.share(), limit: 70, atLeast: true, unit: " %",
		basis:   batches.basis(", every acknowledgement flushed"),
		because: fmt.Sprintf("the same batches with message ids, which tell a double, come to %.0f rows/s: of that it is %.0f %%", middle(named.bare), named.share()),
	}, {
		id: "P8", what: "lane's outbox / bare JetStream, message by message", got: singles.share(), limit: 70, atLeast: true, unit: " %",
		basis: singles.basis(fmt.Sprintf(", %d under way", bareWindow)),
	}}, nil
}

// rig is a hub's server without a hub.
type rig struct {
	dir       string
	authority *broker.Authority
	server    *broker.Server
	admin     *nats.Conn
	stream    jetstream.Stream
}

func newRig(ctx context.Context, dir string) (_ *rig, err error) {
	r := &rig{dir: dir}
	defer func() {
		if err != nil {
			r.close()
		}
	}()
	if r.authority, err = broker.OpenAuthority(filepath.Join(dir, "keys"), "0001"); err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	if r.server, err = broker.Start(ctx, broker.Options{Dir: dir, Listen: "127.0.0.1:0", Authority: r.authority, Log: log}); err != nil {
		return nil, err
	}
	if r.admin, err = r.server.Connect("bench"); err != nil {
		return nil, err
	}
	js, err := jetstream.New(r.admin)
	if err != nil {
		return nil, err
	}
	if r.stream, err = broker.Journal(ctx, js, "0001"); err != nil {
		return nil, err
	}
	config := r.stream.CachedInfo().Config
	config.AllowAtomicPublish = true
	r.stream, err = js.UpdateStream(ctx, config)
	return r, err
}

func (r *rig) close() {
	if r.admin != nil {
		r.admin.Close()
	}
	if r.server != nil {
		r.server.Stop()
	}
}

// enrol writes a lane's credentials.
func (r *rig) enrol(lane string) (path string, err error) {
	key, err := nkeys.CreateUser()
	if err != nil {
		return "", err
	}
	public, err := key.PublicKey()
	if err != nil {
		return "", err
	}
	seed, err := key.Seed()
	if err != nil {
		return "", err
	}
	user, err := r.authority.Lane(lane, public, time.Now())
	if err != nil {
		return "", err
	}
	text, err := jwt.FormatUserConfig(user, seed)
	if err != nil {
		return "", err
	}
	path = filepath.Join(r.dir, lane+".creds")
	return path, os.WriteFile(path, text, 0o600)
}

// arrived is how many rows the stream has.
func (r *rig) arrived(ctx context.Context) (uint64, error) {
	info, err := r.stream.Info(ctx)
	if err != nil {
		return 0, err
	}
	return info.State.LastSeq, nil
}

// drain lets a lane send a backlog and waits until all of it is there.
func (r *rig) drain(ctx context.Context, lane string, to *[]float64) error {
	creds, err := r.enrol(lane)
	if err != nil {
		return err
	}
	dir := filepath.Join(r.dir, lane)
	return withLane(ctx, dir, lane, func(j *journal.Journal) (err error) {
		if err := backlog(ctx, j, drainRows); err != nil {
			return err
		}
		box, err := outbox.Open(ctx, dir)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, box.Close()) }()
		u, err := uplink.New(uplink.Options{
			URL: "nats://" + r.server.Addr(), Credentials: creds, Journal: j, Box: box, Lane: silent{lane, j.Epoch()}, Log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			return err
		}
		before, err := r.arrived(ctx)
		if err != nil {
			return err
		}
		running, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		begin := time.Now()
		go func() { ended <- u.Run(running) }()
		defer func() {
			stop()
			err = errors.Join(err, <-ended)
		}()
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			now, err := r.arrived(ctx)
			if err != nil {
				return err
			}
			if now-before >= drainRows {
				took(to, drainRows, time.Since(begin))
				return nil
			}
			if time.Since(begin) > 2*time.Minute {
				return fmt.Errorf("%d of %d rows arrived", now-before, drainRows)
			}
			<-tick.C
		}
	})
}

// A way publishes messages to a subject.
type way func(ctx context.Context, nc *nats.Conn, subject string, data [][]byte) error

// publish sends the rows' bytes without a lane. Connecting counts, as it does for
// the lane.
func (r *rig) publish(ctx context.Context, rows []wire.Row, lane string, send way, to *[]float64) error {
	creds, err := r.enrol(lane)
	if err != nil {
		return err
	}
	var data [][]byte
	for _, row := range rows {
		b, err := wire.Encode(row)
		if err != nil {
			return err
		}
		data = append(data, b)
	}
	begin := time.Now()
	nc, err := nats.Connect("nats://"+r.server.Addr(), nats.UserCredentials(creds), nats.CustomInboxPrefix(wire.Inbox("0001", lane)))
	if err != nil {
		return err
	}
	defer nc.Close()
	err = send(ctx, nc, wire.Up("0001", lane, wire.UpJournal), data)
	took(to, len(data), time.Since(begin))
	return err
}

// atOnce publishes in atomic batches, with message ids or without.
func atOnce(size int, ids bool) way {
	return func(ctx context.Context, nc *nats.Conn, subject string, data [][]byte) error {
		for at := 0; at < len(data); at += size {
			if err := oneBatch(ctx, nc, subject, data[at:min(at+size, len(data))], at, ids); err != nil {
				return err
			}
		}
		return nil
	}
}

// oneBatch publishes the messages from number at on, and waits for their one
// acknowledgement.
func oneBatch(ctx context.Context, nc *nats.Conn, subject string, part [][]byte, at int, ids bool) error {
	for i, d := range part {
		m := nats.NewMsg(subject)
		m.Data = d
		if ids {
			m.Header.Set(jetstream.MsgIDHeader, strconv.Itoa(at+i)+subject)
		}
		m.Header.Set("Nats-Batch-Id", fmt.Sprintf("b%d", at))
		m.Header.Set("Nats-Batch-Sequence", strconv.Itoa(i+1))
		if i < len(part)-1 {
			if err := nc.PublishMsg(m); err != nil {
				return err
			}
			continue
		}
		m.Header.Set("Nats-Batch-Commit", "1")
		ack, err := nc.RequestMsgWithContext(ctx, m)
		if err != nil {
			return err
		}
		if !strings.Contains(string(ack.Data), `"count":`+strconv.Itoa(len(part))) {
			return fmt.Errorf("batch: %s", ack.Data)
		}
	}
	return nil
}

// oneByOne publishes with a bounded number under way.
func oneByOne(ctx context.Context, nc *nats.Conn, subject string, data [][]byte) error {
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(bareWindow), jetstream.WithPublishAsyncTimeout(time.Minute))
	if err != nil {
		return err
	}
	var acks []jetstream.PubAckFuture
	for i, d := range data {
		if i >= bareWindow {
			if err := acknowledged(ctx, acks[i-bareWindow]); err != nil {
				return err
			}
		}
		ack, err := js.PublishAsync(subject, d, jetstream.WithMsgID(strconv.Itoa(i)+subject))
		if err != nil {
			return err
		}
		acks = append(acks, ack)
	}
	for _, ack := range acks[max(0, len(acks)-bareWindow):] {
		if err := acknowledged(ctx, ack); err != nil {
			return err
		}
	}
	return nil
}

func acknowledged(ctx context.Context, ack jetstream.PubAckFuture) error {
	select {
	case <-ack.Ok():
		return nil
	case err := <-ack.Err():
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// silent is a lane that says nothing but its rows.
type silent struct{ lane, epoch string }

func (s silent) State() wire.LaneState {
	return wire.LaneState{Lane: s.lane, Epoch: s.epoch, Boot: "b", At: time.Now(), Mode: "open"}
}
func (silent) Calls() []wire.CallUp                    { return nil }
func (silent) Answered(wire.CallUp, wire.CallDown)     {}
func (silent) Heard(wire.CallDown)                     {}
func (silent) Staff(context.Context, wire.Staff) error { return nil }
func (silent) Watch(wire.Watch)                        {}
func (silent) Talk(wire.Talk)                          {}
func (silent) Linked(bool)                             {}
func (silent) Do(_ context.Context, c wire.Command) wire.Result {
	return wire.Result{ID: c.ID, Why: "unfit"}
}
