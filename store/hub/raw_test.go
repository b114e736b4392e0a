package hub_test

import (
	"os"

	"github.com/nats-io/nats.go"

	"kassa/store/wire"
)

// raw connects with the lane's real credentials, for what no lane would do.
func (r *register) raw() *nats.Conn {
	r.t.Helper()
	creds, err := os.ReadFile(r.creds())
	must(r.t, err)
	nc, err := nats.Connect(r.url, nats.UserCredentialBytes(creds), nats.CustomInboxPrefix(wire.Inbox(storeName, r.id)),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	must(r.t, err)
	r.t.Cleanup(nc.Close)
	return nc
}
