package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"kassa/store/hq"
	"kassa/store/hub/pki"
)

// hosts are the names that lanes may know the door by.
func (s *settings) hosts() []string {
	hosts := append([]string{"127.0.0.1", "localhost"}, s.tls.Names...)
	if host, _, err := net.SplitHostPort(s.door); err == nil && host != "" {
		if ip := net.ParseIP(host); ip == nil || !ip.IsUnspecified() {
			hosts = append(hosts, host)
		}
	}
	if name, err := os.Hostname(); err == nil {
		hosts = append(hosts, name)
	}
	return hosts
}

// identity is the door's certificate: the configured one, or one of an authority
// of its own. Print is what a lane's code ends in; ca is what a lane is told to
// trust, nil where the system's authorities do.
func (s *settings) identity() (cfg *tls.Config, print string, ca []byte, err error) {
	if s.tls.Cert == "" {
		own, err := pki.Open(filepath.Join(s.data, "tls"), "hq", s.hosts(), time.Now())
		if err != nil {
			return nil, "", nil, fmt.Errorf("hq.data: %w", err)
		}
		return own.Server(), own.Fingerprint(), own.PEM(), nil
	}
	pair, err := tls.LoadX509KeyPair(s.tls.Cert, s.tls.Key)
	if err != nil {
		return nil, "", nil, fmt.Errorf("tls.cert: %w", err)
	}
	last := pair.Certificate[len(pair.Certificate)-1]
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, pki.Fingerprint(last), nil, nil
}

// serveDoor takes rows from lanes without a hub until ctx ends.
func serveDoor(ctx context.Context, s *settings, h *hq.HQ, log *slog.Logger) error {
	cfg, _, ca, err := s.identity()
	if err != nil {
		return err
	}
	cfg.NextProtos = []string{"h2", "http/1.1"}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.door)
	if err != nil {
		return fmt.Errorf("hq.door: %w: choose a free port or stop what has it", err)
	}
	door := &hq.Door{HQ: h, CA: ca, Log: log}
	srv := &http.Server{
		Handler: door.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute, IdleTimeout: 3 * time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug), BaseContext: func(net.Listener) context.Context { return ctx },
	}
	log.InfoContext(ctx, "lanes without a hub may send", "door", listener.Addr().String())
	defer context.AfterFunc(ctx, func() { _ = srv.Close() })()
	if err := srv.Serve(tls.NewListener(listener, cfg)); ctx.Err() == nil {
		return fmt.Errorf("hq.door: %w", err)
	}
	return context.Cause(ctx)
}
