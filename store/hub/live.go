package hub

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"kassa/store/hub/members"
	"kassa/store/wire"
)

// ownCalls begins the ids of calls that the hub raises itself. No lane's call
// can begin so: theirs begin with the lane's name, which has no colon.
const ownCalls = "hub:"

// deskWait is how long a lane's word may wait for the desk.
const deskWait = 2 * time.Second

// subscribe hears what lanes say of the moment.
func (h *Hub) subscribe(ctx context.Context) (leave func(), err error) {
	var subs []*nats.Subscription
	leave = func() {
		for _, s := range subs {
			_ = s.Unsubscribe() // the connection is closed next
		}
	}
	hear := map[wire.Topic]func(context.Context, string, *nats.Msg) error{
		wire.UpState: h.hearState, wire.UpCall: h.hearCall, wire.UpRenew: h.hearRenew, wire.UpView: h.hearView,
		wire.UpResult: h.hearResult, wire.UpLearned: h.hearLearned, wire.UpTake: h.hearTake, wire.UpTalk: h.hearTalk,
		wire.UpWhose: h.hearWhose,
	}
	for topic, take := range hear {
		s, err := h.live.Subscribe(wire.AllUp(h.o.Store, topic), h.from(ctx, topic, take))
		if err != nil {
			leave()
			return nil, fmt.Errorf("hub: %s: %w", topic, err)
		}
		subs = append(subs, s)
	}
	if h.o.Keeper == "hq" {
		s, err := h.live.Subscribe(wire.Down(h.o.Store, "*", wire.DownMark), h.hearMark)
		if err != nil {
			leave()
			return nil, fmt.Errorf("hub: marks: %w", err)
		}
		subs = append(subs, s)
	}
	return leave, h.live.Flush()
}

// from takes the lane from the subject, which the broker has checked, and hands
// the message on.
func (h *Hub) from(ctx context.Context, topic wire.Topic, take func(context.Context, string, *nats.Msg) error) nats.MsgHandler {
	return func(m *nats.Msg) {
		store, lane, _, _, ok := wire.Parse(m.Subject)
		if !ok || store != h.o.Store {
			return
		}
		if err := take(ctx, lane, m); err != nil && ctx.Err() == nil {
			h.o.Log.WarnContext(ctx, "message of a lane not taken", "lane", lane, "topic", string(topic), "err", err)
		}
	}
}

func (h *Hub) hearState(ctx context.Context, lane string, m *nats.Msg) error {
	var s wire.LaneState
	if err := wire.Decode(m.Data, &s); err != nil {
		return err
	}
	h.fleet.Heard(ctx, lane, s)
	if len(s.Calls) > 0 {
		if err := errors.Join(h.desk.Remind(ctx, lane), h.retell(ctx, lane, s)); err != nil {
			return err
		}
	}
	return h.remind(ctx, lane, s)
}

// hearCall answers when the call is on the desk's disk. A lane that hears no
// answer says it again.
func (h *Hub) hearCall(ctx context.Context, lane string, m *nats.Msg) error {
	var up wire.CallUp
	if err := wire.Decode(m.Data, &up); err != nil {
		return err
	}
	if !of(lane, up.ID) {
		return fmt.Errorf("call %.80q is none of this lane's", up.ID)
	}
	ctx, cancel := context.WithTimeout(ctx, deskWait)
	defer cancel()
	h.meet(ctx, &up)
	down, err := h.desk.Heard(ctx, lane, up)
	if err != nil {
		return err
	}
	h.count.calls.Add(1)
	return h.respond(lane, m, down)
}

// meet puts a handle for the number of a member's card, which is written nowhere,
// and counts the call of one who agreed to that.
func (h *Hub) meet(ctx context.Context, up *wire.CallUp) {
	number := up.Context.MemberCode
	up.Context.MemberCode = ""
	if number == "" {
		return
	}
	m, err := h.member.Find(ctx, number)
	if err == nil && m.Consent {
		up.Context.Member = m.Handle
		err = h.member.Called(ctx, m.Handle, up.ID, h.o.Now())
	}
	if err != nil && !errors.Is(err, members.ErrUnknown) {
		h.o.Log.WarnContext(ctx, "member not looked up", "call", up.ID, "err", err)
	}
}

// of reports whether a lane can have raised a call: LANE-NUMBER/N, or
// LANE-NUMBER/nN for an intervention.
func of(lane, id string) bool {
	rest, ok := strings.CutPrefix(id, lane+"-")
	number, n, parted := strings.Cut(rest, "/")
	return ok && parted && digits(number) && digits(strings.TrimPrefix(n, "n"))
}

func digits(s string) bool { return s != "" && len(s) < 20 && strings.Trim(s, "0123456789") == "" }

// respond answers a lane, and nobody else: a lane may name any subject for its
// answer, and the hub may speak on all of them.
func (h *Hub) respond(lane string, m *nats.Msg, body any) error {
	if !strings.HasPrefix(m.Reply, wire.Inbox(h.o.Store, lane)+".") {
		return fmt.Errorf("an answer is wanted at %.80q, which is not the lane's", m.Reply)
	}
	data, err := wire.Encode(body)
	if err != nil {
		return err
	}
	return m.Respond(data)
}

// hearRenew signs a lane's key for another while. Only the lane itself can ask
// on its subject, and only its key as it was enrolled is signed.
func (h *Hub) hearRenew(ctx context.Context, lane string, m *nats.Msg) error {
	key, err := h.book.Key(ctx, lane)
	if err != nil {
		return err
	}
	user, err := h.authority.Lane(lane, key, h.o.Now())
	if err != nil {
		return err
	}
	h.o.Log.InfoContext(ctx, "a lane's credentials are renewed", "lane", lane)
	return h.respond(lane, m, wire.Renewed{User: user})
}

// hearLearned keeps what a lane has learned of weights, and answers with what
// others have. A lane whose numbers make no sense hears nothing and sells on.
func (h *Hub) hearLearned(ctx context.Context, lane string, m *nats.Msg) error {
	var said wire.Learned
	if err := wire.Decode(m.Data, &said); err != nil {
		return err
	}
	answer, err := h.learnt.Take(ctx, lane, said)
	if err != nil {
		return err
	}
	return h.respond(lane, m, answer)
}

func (h *Hub) hearView(_ context.Context, lane string, m *nats.Msg) error {
	view, err := screen(m.Data)
	if err == nil {
		h.fleet.View(lane, view)
	}
	return err
}

// hearResult notes what came of a command whose answer came too late to be one.
// The lane's next word on the call says the rest.
func (h *Hub) hearResult(ctx context.Context, lane string, m *nats.Msg) error {
	var r wire.Result
	if err := wire.Decode(m.Data, &r); err != nil {
		return err
	}
	h.o.Log.InfoContext(ctx, "a lane's late answer", "lane", lane, "command", r.ID, "ok", r.OK, "why", r.Why)
	return nil
}

// anchor keeps a lane's head, so that a journal that is cut or made anew shows.
func (h *Hub) anchor(ctx context.Context, s wire.LaneState) {
	if err := h.book.Heard(ctx, s.Lane, s.Mode, h.o.Now()); err != nil {
		h.o.Log.WarnContext(ctx, "sign of life not kept", "lane", s.Lane, "err", err)
	}
	if err := h.keeper.Anchor(ctx, h.o.Store, s); err != nil {
		h.o.Log.ErrorContext(ctx, "a lane's head was not kept", "lane", s.Lane, "err", err) // what does not fit lies in quarantine: see sound
	}
}

// arrived gives a lane what it should have.
func (h *Hub) arrived(ctx context.Context, s wire.LaneState) {
	h.o.Log.InfoContext(ctx, "a lane is heard", "lane", s.Lane, "version", s.Version, "mode", s.Mode)
	if err := h.book.Heard(ctx, s.Lane, s.Mode, h.o.Now()); err != nil {
		h.o.Log.WarnContext(ctx, "sign of life not kept", "lane", s.Lane, "err", err)
	}
	h.staff.send(h, s.Lane)
}
