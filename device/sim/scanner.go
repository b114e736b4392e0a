package sim

import (
	"sync"
	"time"
)

// LineScannerOptions describes a simulated serial scanner.
type LineScannerOptions struct {
	Prefix   string        // sent before each code
	Suffix   string        // sent after each code; "" means CR
	ByteTime time.Duration // pause after each byte; 0: the code goes out in one piece
}

// A LineScanner is a barcode scanner that sends each code as a line. What the
// lane sends to it is read and forgotten.
type LineScanner struct {
	*Pty
	o LineScannerOptions

	sending sync.Mutex // codes do not mix on the wire
	work    sync.WaitGroup
}

// NewLineScanner makes a scanner on a serial port at path, plugged in.
func NewLineScanner(path string, o LineScannerOptions) (*LineScanner, error) {
	if o.Suffix == "" {
		o.Suffix = "\r"
	}
	pty, err := NewPty(path)
	if err != nil {
		return nil, err
	}
	s := &LineScanner{Pty: pty, o: o}
	s.work.Go(func() {
		buf := make([]byte, 64)
		for {
			if _, err := s.Read(buf); err != nil {
				return
			}
		}
	})
	return s, nil
}

// Close takes the scanner away and waits until nothing of it runs.
func (s *LineScanner) Close() error {
	err := s.Pty.Close()
	s.work.Wait()
	return err
}

// Scan sends one code. Like the real thing it knows nothing of whether anyone
// heard it.
func (s *LineScanner) Scan(code string) error {
	return s.Send([]byte(s.o.Prefix + code + s.o.Suffix))
}

// Send puts bytes on the wire as they are: half a code, garbage.
func (s *LineScanner) Send(raw []byte) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	if s.o.ByteTime <= 0 {
		_, err := s.Write(raw)
		return err
	}
	for i := range raw {
		if _, err := s.Write(raw[i : i+1]); err != nil {
			return err
		}
		time.Sleep(s.o.ByteTime)
	}
	return nil
}
