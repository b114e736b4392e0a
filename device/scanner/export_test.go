package scanner

import (
	"context"
	"net"

	"kassa/device/link"
)

// SocketNode stands in for a node of the kernel.
type SocketNode struct {
	net.Conn
	About []byte
	Busy  error // what Grab returns
}

// Grab does what the kernel does with EVIOCGRAB.
func (n SocketNode) Grab() error { return n.Busy }

// Descriptor returns the report descriptor.
func (n SocketNode) Descriptor() ([]byte, error) { return n.About, nil }

// OpenBy has the drivers of nodes open them with open.
func (s *Scanner) OpenBy(open func(path string) (SocketNode, error)) {
	switch u := s.unit.(type) {
	case *evdev:
		u.open = func(_ context.Context, path string) (grabber, error) { return open(path) }
	case *hidpos:
		u.open = func(_ context.Context, path string) (descriptor, error) { return open(path) }
	}
}

// Sysfs has a HID-POS driver look for its node in another place.
func (s *Scanner) Sysfs(dir string) { s.unit.(*hidpos).sysfs = dir }

var _ link.Conn = SocketNode{}
