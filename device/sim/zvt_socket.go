package sim

import (
	"fmt"
	"net"
	"sync"
)

// A socket is the network plug of a simulated device on TCP. Unplugged, it
// refuses connections; plugged again, it has its old address.
type socket struct {
	serve func(net.Conn) // one connection, until it breaks

	mu     sync.Mutex
	addr   string
	ln     net.Listener // nil while unplugged
	conns  map[net.Conn]struct{}
	closed bool
	work   sync.WaitGroup
}

// newSocket listens on addr, where port 0 means any.
func newSocket(addr string, serve func(net.Conn)) (*socket, error) {
	s := &socket{addr: addr, serve: serve, conns: map[net.Conn]struct{}{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s, s.listen()
}

// listen is called with mu held.
func (s *socket) listen() error {
	ln, err := net.Listen("tcp", s.addr) //nolint:noctx // ends at once
	if err != nil {
		return fmt.Errorf("simulated device: %w", err)
	}
	s.ln, s.addr = ln, ln.Addr().String()
	s.work.Go(func() { s.accept(ln) })
	return nil
}

func (s *socket) accept(ln net.Listener) {
	for {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		if !s.keep(ln, conn) {
			conn.Close()
			return
		}
		s.work.Go(func() {
			s.serve(conn)
			s.drop(conn)
		})
	}
}

// keep notes an accepted connection, unless the plug was pulled meanwhile.
func (s *socket) keep(ln net.Listener, conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ln != ln {
		return false
	}
	s.conns[conn] = struct{}{}
	return true
}

func (s *socket) drop(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
	conn.Close()
}

// Addr returns host and port.
func (s *socket) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

// Plugged reports whether the device is on the network.
func (s *socket) Plugged() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ln != nil
}

// Unplug pulls the network cable.
func (s *socket) Unplug() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pull()
	return nil
}

// pull is called with mu held.
func (s *socket) pull() {
	if s.ln != nil {
		_ = s.ln.Close()
		s.ln = nil
	}
	for c := range s.conns {
		c.Close()
	}
}

// Plug puts the cable back.
func (s *socket) Plug() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ln != nil || s.closed {
		return nil
	}
	return s.listen()
}

// Close takes the device away for good and waits until nothing of it runs.
func (s *socket) Close() error {
	s.mu.Lock()
	s.closed = true
	s.pull()
	s.mu.Unlock()
	s.work.Wait()
	return nil
}
