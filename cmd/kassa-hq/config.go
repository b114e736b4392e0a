package main

import (
	"cmp"
	"net"
	"strings"

	"kassa/kiosk/config/strict"
	"kassa/store/retain/ages"
)

// The file as it is written: kassa-hq.toml.
type rawFile struct {
	HQ        rawHQ    `toml:"hq"`
	TLS       rawTLS   `toml:"tls"`
	Retention ages.Raw `toml:"retention"`
}

// rawTLS is the door's certificate; without one it makes its own.
type rawTLS struct {
	Cert  string   `toml:"cert"`
	Key   string   `toml:"key"`
	Names []string `toml:"names"`
}

type rawHQ struct {
	NATS        string `toml:"nats"`
	Credentials string `toml:"credentials"`
	CA          string `toml:"ca"`
	Postgres    string `toml:"postgres"`
	Listen      string `toml:"listen"`
	Marks       *bool  `toml:"marks"` // false where the stores' hubs are the last keeper
	Door        string `toml:"door"`  // where lanes without a hub send their rows, over HTTPS
	Data        string `toml:"data"`  // folder of the door's keys
}

// settings are a checked kassa-hq.toml.
type settings struct {
	nats, credentials, ca, postgres, listen string

	marks     bool   // lanes go by what head office has
	door      string // "": there is none
	data      string
	tls       rawTLS
	retention ages.Policy
}

// defaultListen is where health and metrics are, for this machine alone.
const defaultListen = "127.0.0.1:8082"

// defaultData is the folder of the door's keys.
const defaultData = "/var/lib/kassa-hq"

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
		door: raw.HQ.Door, data: f.Beside(cmp.Or(raw.HQ.Data, defaultData)),
		tls: rawTLS{f.Beside(raw.TLS.Cert), f.Beside(raw.TLS.Key), raw.TLS.Names},
	}
	s.checkNATS(f)
	s.checkDoor(f)
	s.retention = raw.Retention.Policy(ages.Kept(raw.Retention.Country), ages.Legal(raw.Retention.Country), f.Bad)
	if s.postgres == "" {
		f.Bad("hq.postgres", `is missing: add postgres = "host=/run/postgresql dbname=kassa"`)
	}
	if _, _, err := net.SplitHostPort(s.listen); err != nil {
		f.Bad("hq.listen", `is %q, want HOST:PORT as in "127.0.0.1:8082"`, strict.Short(s.listen))
	}
	return s, f.Err()
}

// checkNATS checks the way by which hubs' rows come. Head office may have none
// where every lane comes to its door.
func (s *settings) checkNATS(f *strict.File) {
	if s.nats == "" && s.door != "" {
		return
	}
	switch plain, isPlain := strings.CutPrefix(s.nats, "nats://"); {
	case s.nats == "":
		f.Bad("hq.nats", `is missing: add nats = "tls://hub.store:4222", a hub's or the chain's server`)
	case isPlain && !loopback(plain):
		f.Bad("hq.nats", "is %q, which would talk in the clear: want tls://", strict.Short(s.nats))
	case !isPlain && !strings.HasPrefix(s.nats, "tls://"):
		f.Bad("hq.nats", "is %q, want tls://HOST:PORT", strict.Short(s.nats))
	}
	if s.credentials == "" {
		f.Bad("hq.credentials", `is missing: make them on the hub with kassa-hub credentials hq`)
	}
}

// checkDoor checks the way by which lanes without a hub come.
func (s *settings) checkDoor(f *strict.File) {
	if s.door == "" {
		return
	}
	if _, _, err := net.SplitHostPort(s.door); err != nil {
		f.Bad("hq.door", `is %q, want HOST:PORT as in "0.0.0.0:8444"`, strict.Short(s.door))
	}
	if (s.tls.Cert == "") != (s.tls.Key == "") {
		f.Bad("tls.cert", "and tls.key go together: name both files, or neither")
	}
}

func loopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}
