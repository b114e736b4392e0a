package main

import (
	"cmp"
	"net"
	"strings"

	"kassa/kiosk/config/strict"
)

// The file as it is written: kassa-hq.toml.
type rawFile struct {
	HQ rawHQ `toml:"hq"`
}

type rawHQ struct {
	NATS        string `toml:"nats"`
	Credentials string `toml:"credentials"`
	CA          string `toml:"ca"`
	Postgres    string `toml:"postgres"`
	Listen      string `toml:"listen"`
	Marks       *bool  `toml:"marks"` // false where the stores' hubs are the last keeper
}

// settings are a checked kassa-hq.toml.
type settings struct {
	nats, credentials, ca, postgres, listen string

	marks bool // lanes go by what head office has
}

// defaultListen is where health and metrics are, for this machine alone.
const defaultListen = "127.0.0.1:8082"

// loadSettings reads and checks a kassa-hq.toml. Its error is one line with
// file, line, key and remedy.
func loadSettings(path string) (*settings, error) {
	var raw rawFile
	f, err := strict.Load(path, "kassa-hq.toml", &raw)
	if err != nil {
		return nil, err
	}
	s := &settings{
		nats: raw.HQ.NATS, credentials: f.Beside(raw.HQ.Credentials), ca: f.Beside(raw.HQ.CA), postgres: raw.HQ.Postgres,
		listen: cmp.Or(raw.HQ.Listen, defaultListen), marks: raw.HQ.Marks == nil || *raw.HQ.Marks,
	}
	switch plain, isPlain := strings.CutPrefix(s.nats, "nats://"); {
	case s.nats == "":
		f.Bad("hq.nats", `is missing: add nats = "tls://hub.store:4222", a hub's or the chain's server`)
	case isPlain && !loopback(plain):
		f.Bad("hq.nats", "is %q, which would talk in the clear: want tls://", strict.Short(s.nats))
	case !isPlain && !strings.HasPrefix(s.nats, "tls://"):
		f.Bad("hq.nats", "is %q, want tls://HOST:PORT", strict.Short(s.nats))
	}
	if raw.HQ.Credentials == "" {
		f.Bad("hq.credentials", `is missing: make them on the hub with kassa-hub credentials hq`)
	}
	if s.postgres == "" {
		f.Bad("hq.postgres", `is missing: add postgres = "host=/run/postgresql dbname=kassa"`)
	}
	if _, _, err := net.SplitHostPort(s.listen); err != nil {
		f.Bad("hq.listen", `is %q, want HOST:PORT as in "127.0.0.1:8082"`, strict.Short(s.listen))
	}
	return s, f.Err()
}

func loopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}
