package uplink

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"kassa/store/wire"
)

// heartbeat is how often a lane says that it lives.
const heartbeat = 2 * time.Second

// callWait is how long the hub may take to answer a call. It answers when the
// call is on its disk.
const callWait = 2 * time.Second

// subscribe hears what is said to this lane.
func (u *Uplink) subscribe(ctx context.Context) error {
	hears := map[wire.Topic]func(context.Context, *nats.Msg) error{
		wire.DownMark:    into(func(m wire.Mark) { offer(ctx, u.marks, m) }),
		wire.DownResend:  into(func(r wire.Resend) { offer(ctx, u.resend, r) }),
		wire.DownCall:    into(u.o.Lane.Heard),
		wire.DownWatch:   into(u.o.Lane.Watch),
		wire.DownTalk:    into(u.o.Lane.Talk),
		wire.DownCommand: u.command,
		wire.DownStaff:   tried(u.o.Lane.Staff),
	}
	if u.o.Forget != nil {
		hears[wire.DownForget] = tried(u.o.Forget)
	}
	if u.o.Whose != nil {
		hears[wire.DownWhose] = u.whose
	}
	for topic, hear := range hears {
		conn := u.live
		if topic == wire.DownMark || topic == wire.DownResend {
			conn = u.rows
		}
		subject := wire.Down(u.o.Journal.Store(), u.o.Journal.Lane(), topic)
		if _, err := conn.Subscribe(subject, func(m *nats.Msg) {
			if err := hear(ctx, m); err != nil {
				u.o.Log.WarnContext(ctx, "message not taken", "topic", string(topic), "err", err)
			}
		}); err != nil {
			return fmt.Errorf("hub: %s: %w", subject, err)
		}
	}
	return nil
}

// into reads a message and hands it on.
func into[T any](take func(T)) func(context.Context, *nats.Msg) error {
	return func(_ context.Context, m *nats.Msg) error {
		var body T
		if err := wire.Decode(m.Data, &body); err != nil {
			return err
		}
		take(body)
		return nil
	}
}

// tried reads a message and hands it to what may fail.
func tried[T any](take func(context.Context, T) error) func(context.Context, *nats.Msg) error {
	return func(ctx context.Context, m *nats.Msg) error {
		var body T
		if err := wire.Decode(m.Data, &body); err != nil {
			return err
		}
		return take(ctx, body)
	}
}

// offer hands a value over unless the uplink ends.
func offer[T any](ctx context.Context, to chan<- T, v T) {
	select {
	case to <- v:
	case <-ctx.Done():
	}
}

// command has the lane do something and answers with what came of it.
func (u *Uplink) command(ctx context.Context, m *nats.Msg) error {
	var c wire.Command
	if err := wire.Decode(m.Data, &c); err != nil {
		return err
	}
	result := wire.Result{ID: c.ID, Why: "expired"}
	if time.Now().Before(c.Expires) {
		result = u.o.Lane.Do(ctx, c)
	}
	data, err := wire.Encode(result)
	if err != nil {
		return err
	}
	return m.Respond(data)
}

// say tells the hub how the lane stands: when something changed, and as a sign
// of life. A call is said until it is answered.
func (u *Uplink) say(ctx context.Context) error {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case s := <-u.o.Say:
			u.publish(ctx, s.Topic, s.Body)
			continue
		case <-u.o.Changed:
		case <-beat.C:
		}
		u.publish(ctx, wire.UpState, u.o.Lane.State())
		u.calls(ctx)
		u.renew(ctx)
	}
}

func (u *Uplink) publish(ctx context.Context, t wire.Topic, body any) {
	if !u.live.IsConnected() {
		return
	}
	data, err := wire.Encode(body)
	if err == nil {
		err = u.live.Publish(wire.Up(u.o.Journal.Store(), u.o.Journal.Lane(), t), data)
	}
	if err != nil {
		u.o.Log.DebugContext(ctx, "not said", "topic", string(t), "err", err)
	}
}

func (u *Uplink) calls(ctx context.Context) {
	for _, up := range u.o.Lane.Calls() {
		if !u.live.IsConnected() {
			return
		}
		var down wire.CallDown
		if err := u.request(ctx, wire.UpCall, up, &down); err != nil {
			u.o.Log.InfoContext(ctx, "the hub has not answered a call", "call", up.ID, "err", err)
			return
		}
		u.o.Lane.Answered(up, down)
	}
}

func (u *Uplink) request(ctx context.Context, t wire.Topic, body, answer any) error {
	return requestOn(ctx, u.live, wire.Up(u.o.Journal.Store(), u.o.Journal.Lane(), t), body, answer)
}

// requestOn says something to the hub and reads its answer.
func requestOn(ctx context.Context, conn *nats.Conn, subject string, body, answer any) error {
	data, err := wire.Encode(body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callWait)
	defer cancel()
	m, err := conn.RequestWithContext(ctx, subject, data)
	if err != nil {
		return err
	}
	return wire.Decode(m.Data, answer)
}

// renew asks for new credentials when half of their life is over.
func (u *Uplink) renew(ctx context.Context) {
	at, err := u.creds.renewAt()
	if err != nil || at.IsZero() || time.Now().Before(at) || !u.live.IsConnected() {
		return
	}
	var got wire.Renewed
	if err := u.request(ctx, wire.UpRenew, struct{}{}, &got); err != nil {
		u.o.Log.WarnContext(ctx, "credentials not renewed yet", "err", err)
		return
	}
	if err := u.creds.Replace(u.o.Credentials, got.User); err != nil {
		u.o.Log.ErrorContext(ctx, "new credentials not kept", "err", err)
	}
}
