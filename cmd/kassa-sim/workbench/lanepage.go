package workbench

import (
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// dark is what the frame shows while the lane has no power: it looks again by
// itself, as a panel lights up when power is back.
const dark = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="1">` +
	`<title>No power</title><link rel="stylesheet" href="/__bench/dark.css"></head>` +
	`<body><p>The screen is dark: the lane is not running.</p></body></html>`

const darkStyle = `html,body{height:100%;margin:0;background:#111417;color:#8b939c}
body{display:grid;place-items:center;font:1.25rem system-ui,"Noto Sans",sans-serif}`

// NewLanePage returns a handler that shows the shopper's page of the lane at
// screen (host:port) for the frame in the workbench's page at bench
// (scheme://host:port). The lane forbids to be framed, as it must; only here,
// on the way, that one ban is lifted for that one page.
func NewLanePage(screen, bench string, log *slog.Logger) http.Handler {
	target := &url.URL{Scheme: "http", Host: screen}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = screen
			if r.Out.Header.Get("Origin") != "" {
				r.Out.Header.Set("Origin", target.String())
			}
			r.Out.Header.Del("Referer")
		},
		FlushInterval: -1,
		ModifyResponse: func(r *http.Response) error {
			r.Header.Del("X-Frame-Options")
			policy := r.Header.Get("Content-Security-Policy")
			r.Header.Set("Content-Security-Policy", frameable(policy, bench))
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			log.DebugContext(r.Context(), "lane's page not there", "err", err)
			if r.Method != http.MethodGet || r.URL.Path != "/" {
				http.Error(w, "the lane is not running", http.StatusBadGateway)
				return
			}
			h := w.Header()
			h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors "+bench)
			h.Set("Content-Type", "text/html; charset=utf-8")
			h.Set("Cache-Control", "no-store")
			if _, err := w.Write([]byte(dark)); err != nil {
				log.DebugContext(r.Context(), "dark page not sent", "err", err)
			}
		},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /__bench/dark.css", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		if _, err := w.Write([]byte(darkStyle)); err != nil {
			log.DebugContext(r.Context(), "dark page not sent", "err", err)
		}
	})
	mux.Handle("/", proxy)
	return mux
}

// frameable returns policy with bench as the only other page that may frame it.
func frameable(policy, bench string) string {
	var keep []string
	for part := range strings.SplitSeq(policy, ";") {
		part = strings.TrimSpace(part)
		if part != "" && !strings.HasPrefix(part, "frame-ancestors") {
			keep = append(keep, part)
		}
	}
	return strings.Join(append(keep, "frame-ancestors 'self' "+bench), "; ")
}
