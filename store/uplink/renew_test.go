package uplink

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"kassa/store/hub/broker"
	"kassa/store/wire"
)

// A lane whose credentials grow old asks for new ones while it works, long before
// they end, writes them down, and is heard when the old ones are worth nothing.
func TestCredentialsAreRenewedWhileRunning(t *testing.T) {
	r := newRig(t)
	a, err := broker.OpenAuthority(r.dir+"/hub/keys", "0421")
	if err != nil {
		t.Fatal(err)
	}
	old, err := Load(r.creds())
	if err != nil {
		t.Fatal(err)
	}
	key, err := old.key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	const life = 6 * time.Second
	short, err := a.Lane("1", key, time.Now().Add(life-broker.LaneTTL))
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Replace(r.creds(), short); err != nil {
		t.Fatal(err)
	}
	ends := time.Now().Add(life)
	hub, err := r.server.Connect("hub")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hub.Close)
	asked := make(chan time.Time, 8)
	if _, err := hub.Subscribe(wire.Up("0421", "1", wire.UpRenew), func(m *nats.Msg) {
		asked <- time.Now()
		user, err := a.Lane("1", key, time.Now())
		data, bad := wire.Encode(wire.Renewed{User: user})
		if err == nil && bad == nil {
			_ = m.Respond(data) // a lane that hears nothing asks again
		}
	}); err != nil {
		t.Fatal(err)
	}
	r.uplink()
	select {
	case at := <-asked:
		if left := ends.Sub(at); left < time.Second || left > life/2+time.Second { // it looks every two seconds, and counts whole ones
			t.Errorf("asked %v before the end, half the life is %v", left, life/2)
		}
	case <-time.After(life):
		t.Fatal("it never asked")
	}
	heard := make(chan struct{}, 64)
	if _, err := hub.Subscribe(wire.Up("0421", "1", wire.UpState), func(*nats.Msg) {
		if time.Now().After(ends.Add(time.Second)) {
			heard <- struct{}{}
		}
	}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-heard:
	case <-time.After(4 * life):
		t.Fatal("it is not heard after the old credentials' end")
	}
	kept, err := Load(r.creds())
	if err != nil || kept.User() == short {
		t.Errorf("on the disk are the old ones, %v", err)
	}
	if at, err := kept.renewAt(); err != nil || at.Before(time.Now().Add(24*time.Hour)) {
		t.Errorf("to be renewed at %v, %v", at, err)
	}
	if len(asked) > 1 {
		t.Errorf("it went on asking: %d times more", len(asked))
	}
}
