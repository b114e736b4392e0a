package online

import (
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// How fast one address may ask, and how often it may bring a code that leads
// nowhere. A family behind one router never meets these; a program that guesses
// does at once, though 128 bits would stand without.
const (
	burst, each          = 120, 500 * time.Millisecond
	missBurst, missEach  = 20, 30 * time.Second
	writeBurst, writeGap = 30, time.Minute // messages of all shoppers together
	mostGuests           = 10_000
)

// A bucket lets so many through at once and one more in each span of time.
type bucket struct {
	used int
	at   time.Time // when used last went down
}

func (b *bucket) take(most int, each time.Duration, now time.Time) bool {
	if gone := int(now.Sub(b.at) / each); gone > 0 {
		b.used, b.at = max(0, b.used-gone), b.at.Add(time.Duration(gone)*each)
	}
	if b.used >= most {
		return false
	}
	if b.used == 0 {
		b.at = now
	}
	b.used++
	return true
}

// guests counts who comes. What it knows fits into a few megabytes: of very many
// addresses all are forgotten, and begin anew.
type guests struct {
	mu     sync.Mutex
	asked  map[string]*bucket
	missed map[string]*bucket
	wrote  bucket
}

func newGuests() *guests {
	return &guests{asked: map[string]*bucket{}, missed: map[string]*bucket{}}
}

func (g *guests) comes(who string, now time.Time) bool { return g.take(g.asked, who, burst, each, now) }

func (g *guests) misses(who string, now time.Time) bool {
	return g.take(g.missed, who, missBurst, missEach, now)
}

func (g *guests) take(all map[string]*bucket, who string, most int, each time.Duration, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := all[who]
	if b == nil {
		if len(all) >= mostGuests {
			clear(all)
		}
		b = &bucket{at: now}
		all[who] = b
	}
	return b.take(most, each, now)
}

// writes reports whether there is room for one more message.
func (g *guests) writes(now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.wrote.take(writeBurst, writeGap, now)
}

// who is the address that asks: of IPv6 the network, which is one customer's.
// Behind a proxy on this machine it is the one that the proxy names.
func who(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	ip := net.ParseIP(host)
	if ip != nil && ip.IsLoopback() {
		all := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
		if named := net.ParseIP(strings.TrimSpace(all[len(all)-1])); named != nil {
			ip = named
		}
	}
	if ip == nil {
		return host
	}
	if ip.To4() == nil {
		ip = ip.Mask(net.CIDRMask(64, 128))
	}
	return ip.String()
}
