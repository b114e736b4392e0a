package scanner

import "bytes"

// A splitter cuts a stream of bytes into codes at CR and LF. All other bytes
// are data. Empty lines are nothing, so CR LF ends one code.
type splitter struct {
	prefix, suffix string

	code     []byte
	overlong int // bytes of a too long code thrown away so far; 0: none is
	dropped  int // bytes of damaged codes so far
}

// feed takes the next bytes and calls emit with each code that is complete.
// The slice passed to emit is not used again.
func (s *splitter) feed(b []byte, emit func(code []byte)) {
	for len(b) > 0 {
		i := bytes.IndexAny(b, "\r\n")
		if i < 0 {
			s.add(b)
			return
		}
		s.add(b[:i])
		s.end(emit)
		b = b[i+1:]
	}
}

func (s *splitter) add(b []byte) {
	if s.overlong > 0 || len(s.code)+len(b) > len(s.prefix)+MaxCode+len(s.suffix) {
		s.overlong += len(s.code) + len(b)
		s.code = s.code[:0]
		return
	}
	s.code = append(s.code, b...)
}

// end finishes the code in hand.
func (s *splitter) end(emit func(code []byte)) {
	code := s.code
	if s.overlong > 0 {
		s.reset()
		return
	}
	s.code = nil // the receiver owns it now
	if len(code) == 0 {
		return
	}
	body, ok := bytes.CutPrefix(code, []byte(s.prefix))
	if ok {
		body, ok = bytes.CutSuffix(body, []byte(s.suffix))
	}
	if !ok {
		s.dropped += len(code)
		return
	}
	if len(body) > 0 {
		emit(body)
	}
}

// reset gives up the code in hand.
func (s *splitter) reset() {
	s.dropped += len(s.code) + s.overlong
	s.code, s.overlong = s.code[:0], 0
}

// pending reports whether a code has begun and not ended.
func (s *splitter) pending() bool { return len(s.code) > 0 || s.overlong > 0 }
