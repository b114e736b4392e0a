package main

import (
	"cmp"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/bojanz/currency"

	"kassa/kiosk/config/strict"
	"kassa/kiosk/help"
	"kassa/kiosk/hours"
	"kassa/store/hub"
	"kassa/store/retain/ages"
	"kassa/store/wire"
)

// The file as it is written: kassa-hub.toml.
type rawFile struct {
	Hub  rawHub  `toml:"hub"`
	NATS rawNATS `toml:"nats"`
	TLS  rawTLS  `toml:"tls"`
	Shop rawShop `toml:"shop"`

	Retention ages.Raw `toml:"retention"`

	Receipts *rawReceipts `toml:"receipts"`

	Call rawCall `toml:"call"`
}

// rawCall is about video and voice calls.
type rawCall struct {
	On      bool   `toml:"on"`
	Turn    string `toml:"turn"`
	Address string `toml:"address"`
	Ports   string `toml:"ports"`
	Relay   bool   `toml:"relay"`
}

// rawShop is what an attendant, perhaps far away, should know of the store.
type rawShop struct {
	Name     string     `toml:"name"`
	Hours    string     `toml:"hours"`
	Holidays []string   `toml:"holidays"`
	Notes    []string   `toml:"notes"`
	Currency string     `toml:"currency"`
	Layout   [][]string `toml:"layout"`
	AtLane   []string   `toml:"at_lane"`
}

type rawHub struct {
	Store     string `toml:"store"`
	Data      string `toml:"data"`
	Listen    string `toml:"listen"`
	Timezone  string `toml:"timezone"`
	Policy    string `toml:"policy"`
	Keeper    string `toml:"keeper"`
	ShowNames bool   `toml:"show_names"`
}

type rawNATS struct {
	Listen      string `toml:"listen"`
	URL         string `toml:"url"`
	Credentials string `toml:"credentials"`
	CA          string `toml:"ca"`
}

type rawTLS struct {
	Cert     string   `toml:"cert"`
	Key      string   `toml:"key"`
	Names    []string `toml:"names"`
	Loopback bool     `toml:"loopback"`
}

// settings are a checked kassa-hub.toml.
type settings struct {
	file      string
	store     string
	data      string
	listen    string
	location  *time.Location
	policy    string // path of help.toml, "": the default policy
	keeper    string
	showNames bool
	nats      hub.NATS
	retention ages.Policy
	tls       hub.TLS
	shop      rawShop
	receipts  *rawReceipts // nil: there are no e-receipts
	decimals  int          // of the currency
	call      callSettings
}

// Where a hub listens unless it is told otherwise.
const (
	defaultListen = "0.0.0.0:8443"
	defaultNATS   = "0.0.0.0:4222"
	defaultData   = "/var/lib/kassa-hub"
)

// loadSettings reads and checks a kassa-hub.toml. Its error is one line with
// file, line, key and remedy.
func loadSettings(path string) (*settings, error) {
	var raw rawFile
	f, err := strict.Load(path, "kassa-hub.toml", &raw)
	if err != nil {
		return nil, err
	}
	s := &settings{
		file: path, store: raw.Hub.Store, data: f.Beside(cmp.Or(raw.Hub.Data, defaultData)), listen: cmp.Or(raw.Hub.Listen, defaultListen),
		shop: raw.Shop, policy: f.Beside(raw.Hub.Policy), keeper: cmp.Or(raw.Hub.Keeper, "hub"), showNames: raw.Hub.ShowNames,
		nats: hub.NATS{
			Listen: raw.NATS.Listen, URL: raw.NATS.URL, Credentials: f.Beside(raw.NATS.Credentials), CA: f.Beside(raw.NATS.CA),
		},
		tls: hub.TLS{Cert: f.Beside(raw.TLS.Cert), Key: f.Beside(raw.TLS.Key), Names: raw.TLS.Names, Loopback: raw.TLS.Loopback},
	}
	s.checkHub(f, raw.Hub)
	s.checkNATS(f)
	s.checkTLS(f)
	s.checkShop(f)
	s.checkRetention(f, raw.Retention)
	s.checkReceipts(f, raw.Receipts)
	s.checkCall(f, raw.Call)
	if f.Err() != nil {
		return nil, f.Err()
	}
	return s, nil
}

func (s *settings) checkHub(f *strict.File, raw rawHub) {
	switch {
	case !f.Has("hub.store"):
		f.Bad("hub.store", `is missing: add store = "0421"`)
	case !wire.Token(s.store):
		f.Bad("hub.store", "is %q, want 1 to 32 of a-z, 0-9 and -, the same as lane.store of the lanes", strict.Short(s.store))
	}
	if !f.Has("hub.timezone") {
		f.Bad("hub.timezone", `is missing: add timezone = "Europe/Berlin"`)
	} else if at, err := time.LoadLocation(raw.Timezone); err != nil || raw.Timezone == "" || raw.Timezone == "Local" {
		f.Bad("hub.timezone", `is %q, which is no time zone: want a name as in "Europe/Berlin"`, strict.Short(raw.Timezone))
	} else {
		s.location = at
	}
	checkAddr(f, "hub.listen", s.listen)
	if !slices.Contains([]string{"hub", "hq"}, s.keeper) {
		f.Bad("hub.keeper", "is %q, want hub or hq: whose copy lets a lane forget", strict.Short(s.keeper))
	}
	if s.policy != "" {
		if _, err := os.Stat(s.policy); err != nil {
			f.Bad("hub.policy", "is %q, which cannot be read: %v", strict.Short(raw.Policy), err)
		}
	}
}

func (s *settings) checkNATS(f *strict.File) {
	if s.nats.URL == "" {
		s.nats.Listen = cmp.Or(s.nats.Listen, defaultNATS)
		checkAddr(f, "nats.listen", s.nats.Listen)
		for key, value := range map[string]string{"nats.credentials": s.nats.Credentials, "nats.ca": s.nats.CA} {
			if value != "" {
				f.Bad(key, "is for a cluster outside: add url, or remove it")
			}
		}
		return
	}
	if s.nats.Listen != "" {
		f.Bad("nats.listen", "is set beside url: the broker is inside or outside, keep one of them")
	}
	scheme, addr, _ := strings.Cut(s.nats.URL, "://")
	if scheme != "tls" && scheme != "nats" {
		f.Bad("nats.url", `is %q, want an address as in "tls://nats.example.org:4222"`, strict.Short(s.nats.URL))
	}
	checkAddr(f, "nats.url", addr)
	if s.nats.Credentials == "" {
		f.Bad("nats.credentials", `is missing: add credentials = "hub.creds", a file that the cluster's operator gives`)
	}
}

func (s *settings) checkShop(f *strict.File) {
	s.shop.Currency = cmp.Or(s.shop.Currency, "EUR")
	digits, ok := currency.GetDigits(s.shop.Currency)
	if !ok {
		f.Bad("shop.currency", `is %q, want three letters of ISO 4217 as in "EUR"`, strict.Short(s.shop.Currency))
	}
	s.decimals = int(digits)
	if _, err := hours.Parse(s.shop.Hours); s.shop.Hours != "" && err != nil {
		f.Bad("shop.hours", `is %q: %v`, strict.Short(s.shop.Hours), err)
	}
	for _, row := range s.shop.Layout {
		for _, lane := range row {
			if lane != "" && !wire.Token(lane) {
				f.Bad("shop.layout", `has %q, want names of lanes, and "" for a gap`, strict.Short(lane))
			}
		}
	}
}

func (s *settings) checkTLS(f *strict.File) {
	if (s.tls.Cert == "") != (s.tls.Key == "") {
		f.Bad("tls", "has cert or key alone: give both, or none and the hub makes its own")
	}
	for i, name := range s.tls.Names {
		if name == "" || len(name) > 253 || strings.ContainsAny(name, " /:*") && net.ParseIP(name) == nil {
			f.Bad("tls.names", "has %q as number %d, want host names or addresses that lanes and phones use", strict.Short(name), i+1)
		}
	}
}

func checkAddr(f *strict.File, key, addr string) {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		f.Bad(key, `is %q, want host:port, as in "0.0.0.0:8443"`, strict.Short(addr))
	}
}

// helpPolicy reads the store's policy, or takes the default one.
func (s *settings) helpPolicy() (*policy, error) {
	if s.policy == "" {
		p := &policy{Policy: help.DefaultPolicy()}
		p.Tiers = reachable(p.Tiers, nil)
		return p, nil
	}
	return loadPolicy(s.policy, s.store)
}

// options are those that say who the hub is.
func (s *settings) options() hub.Options {
	return hub.Options{Store: s.store, Dir: s.data, Listen: s.listen, NATS: s.nats, TLS: s.tls, Keeper: s.keeper}
}

// address is how a lane reaches the hub's pages, as far as the file says.
func (s *settings) address() string {
	host, port, err := net.SplitHostPort(s.listen)
	if err != nil {
		return "https://HUB:8443"
	}
	ip := net.ParseIP(host)
	switch {
	case ip != nil && ip.IsLoopback() && !s.tls.Loopback:
		return "http://" + s.listen
	case len(s.tls.Names) > 0:
		host = s.tls.Names[0]
	case host == "" || ip != nil && ip.IsUnspecified():
		if host, err = os.Hostname(); err != nil {
			host = "HUB"
		}
	}
	return "https://" + net.JoinHostPort(host, port)
}
