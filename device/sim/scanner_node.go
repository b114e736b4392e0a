package sim

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
)

// A Node stands in for a device node of the kernel that hands out records: a
// socket at a path, which comes and goes as the cable does. Each Write is one
// Read of the far end. What is written while nobody has it open is lost.
//
// A lane opens it with OpenNode, as it would a node of the kernel with open(2).
type Node struct {
	path  string
	about []byte

	mu     sync.Mutex
	ln     *net.UnixListener // nil while unplugged
	conns  map[net.Conn]bool
	closed bool
	work   sync.WaitGroup
}

// NewNode makes a node at path, plugged in. The folder of path is made if
// absent. about is what the kernel knows of the device: its report descriptor.
func NewNode(path string, about []byte) (*Node, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("node %s: %w", path, err)
	}
	n := &Node{path: path, about: append([]byte{'!'}, about...), conns: map[net.Conn]bool{}}
	return n, n.Plug()
}

// OpenNode opens a Node from the lane's side and returns what is known about
// the device.
func OpenNode(path string) (net.Conn, []byte, error) {
	conn, err := net.DialUnix("unixpacket", nil, &net.UnixAddr{Name: path, Net: "unixpacket"})
	if err != nil {
		return nil, nil, err
	}
	about := make([]byte, 8192)
	k, err := conn.Read(about)
	if err != nil || k == 0 {
		return nil, nil, errors.Join(fmt.Errorf("node %s: %w", path, os.ErrNotExist), err, conn.Close())
	}
	return conn, about[1:k], nil
}

// Path returns the stable name of the node.
func (n *Node) Path() string { return n.path }

// Plug puts the cable in. If it is in already, nothing happens.
func (n *Node) Plug() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return ErrClosed
	}
	if n.ln != nil {
		return nil
	}
	_ = os.Remove(n.path) // left by a run that was killed
	ln, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: n.path, Net: "unixpacket"})
	if err != nil {
		return fmt.Errorf("node %s: %w", n.path, err)
	}
	n.ln = ln
	n.work.Go(func() { n.accept(ln) })
	return nil
}

// accept lets the lane in, and forgets it when it leaves.
func (n *Node) accept(ln *net.UnixListener) {
	for {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		n.mu.Lock()
		if n.ln != ln { // pulled in between
			n.mu.Unlock()
			_ = conn.Close()
			return
		}
		n.conns[conn] = true
		_, _ = conn.Write(n.about) // the far end waits for it, so it is open now
		n.mu.Unlock()
		n.work.Go(func() {
			buf := make([]byte, 256)
			for {
				if _, err := conn.Read(buf); err != nil {
					break
				}
			}
			n.mu.Lock()
			delete(n.conns, conn)
			n.mu.Unlock()
			_ = conn.Close()
		})
	}
}

// Unplug pulls the cable: the path vanishes and whoever has the node open gets
// an error.
func (n *Node) Unplug() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return ErrClosed
	}
	return n.pull()
}

// pull needs mu.
func (n *Node) pull() error {
	if n.ln == nil {
		return nil
	}
	err := n.ln.Close()
	n.ln = nil
	for conn := range n.conns {
		_ = conn.Close()
	}
	clear(n.conns)
	return err
}

// Close pulls the cable for good and waits until nothing of the node runs.
func (n *Node) Close() error {
	n.mu.Lock()
	n.closed = true
	err := n.pull()
	n.mu.Unlock()
	n.work.Wait()
	return err
}

// Open reports whether a program has the node open.
func (n *Node) Open() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.conns) > 0
}

// Send hands one record, or several, to whoever has the node open.
func (n *Node) Send(raw []byte) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return ErrClosed
	}
	for conn := range n.conns {
		_, _ = conn.Write(raw) // a program that has just left hears nothing
	}
	return nil
}
