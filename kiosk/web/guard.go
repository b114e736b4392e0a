package web

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// policy lets the page load its own files and nothing else; scripts can put no
// text into the page as HTML except through our one named policy.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; " +
	"connect-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'self'; form-action 'self'; " +
	"frame-src 'self'; require-trusted-types-for 'script'; trusted-types kassa"

// guard sets the headers of every answer and refuses hosts that are not ours: a
// page elsewhere whose name points here (DNS rebinding) gets nothing.
func (s *site) guard(next http.Handler) http.Handler {
	eyes := "()"
	if s.Call != nil {
		eyes = "(self)"
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera="+eyes+", microphone="+eyes+", geolocation=(), payment=(), usb=(), serial=()")
		h.Set("Cache-Control", "no-store")
		if strings.HasPrefix(r.URL.Path, "/static/") && r.URL.Query().Get("v") == s.build {
			h.Set("Cache-Control", "max-age=31536000, immutable")
		}
		if !s.ours(r.Host) {
			http.Error(w, "this host name is not served here", http.StatusMisdirectedRequest)
			return
		}
		most := int64(maxBody)
		if s.Call != nil && r.URL.Path == "/call" {
			most = maxSignal
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		next.ServeHTTP(w, r)
	})
}

// maxBody is more than any act needs.
const maxBody = 4 << 10

// ours reports whether a Host header names this lane.
func (s *site) ours(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	if name == "localhost" || slices.Contains(s.Hosts, name) {
		return true
	}
	ip := net.ParseIP(name)
	return ip != nil && ip.IsLoopback()
}
