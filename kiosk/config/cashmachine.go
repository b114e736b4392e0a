package config

import (
	"cmp"
	"net"
	"net/url"
)

// A Cash is a machine that takes cash and gives change.
type Cash struct {
	Protocol     string // cashdro
	URL          string
	User         string
	PasswordFile string
	CAFile       string // whose certificate the machine must have; "" the system's own
	POS          string // the lane's name in the machine's books
	PayOut       string // type of an operation that gives out, "" the usual one
}

// cash reads [cash].
func (f *file) cash(raw *rawCash, lane string) *Cash {
	if raw == nil {
		return nil
	}
	c := &Cash{
		Protocol: f.oneOf("cash.protocol", raw.Protocol, "cashdro"), URL: raw.URL, User: raw.User,
		PasswordFile: f.Beside(raw.PasswordFile), CAFile: f.Beside(raw.CAFile), POS: cmp.Or(raw.POS, lane), PayOut: raw.PayOut,
	}
	u, err := url.Parse(raw.URL)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "":
		f.bad("cash.url", "is no address such as https://192.0.2.30")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		f.bad("cash.url", "begins with http: the machine's password would go over the network in the clear, want https")
	case u.Scheme != "https" && u.Scheme != "http":
		f.bad("cash.url", "begins with %q, want https", u.Scheme)
	}
	if c.User == "" {
		f.bad("cash.user", "is missing: the machine's own user for this lane")
	}
	if c.PasswordFile == "" {
		f.bad("cash.password_file", "is missing: a file with that user's password")
	}
	return c
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
