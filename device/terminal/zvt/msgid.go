package zvt

import "bytes"

// messageID finds the number of a message (tag 1F73), which stands in a
// container behind fields that depend on the message.
func messageID(code int, data []byte) ([]byte, bool) {
	switch code {
	case cmdPrintLine:
		return nil, false // has no room for one
	case cmdProgress:
		data = data[min(2, len(data)):] // status, minutes
	case cmdAbort:
		skip := 1
		if len(data) > 0 && data[0] == codeWrongCurrency {
			skip = 3 // and the currency
		}
		data = data[min(skip, len(data)):]
	}
	maps, _ := parseBitmaps(data)
	for _, m := range maps {
		if m.id != bmpTLV {
			continue
		}
		if v, ok := find(parseTLV(m.value), tagMessageID); ok && len(v) == 3 {
			return v, true
		}
	}
	return nil, false
}

// A numbering is the message ids of one conversation. The zero numbering is
// one without.
type numbering struct {
	on   bool
	next int64  // of our next command, 1 to 999999
	sent []byte // of our last command

	heard      []byte // of the terminal's last command
	heardCode  int
	heardReply apdu
}

const maxMessageID = 999_999

// number begins to number messages.
func (s *session) number() { s.ids = numbering{on: true, next: 1} }

// command puts the next number into a command.
func (n *numbering) command(a apdu) apdu {
	if !n.on || a.answer() {
		return a
	}
	n.sent = bcd(n.next, 3)
	n.next = n.next%maxMessageID + 1
	a.tlv = appendTLV(a.tlv, tagMessageID, n.sent)
	return a
}

// stale reports whether an answer is to a command other than our last.
func (n *numbering) stale(a apdu) bool {
	if !n.on {
		return false
	}
	id, ok := messageID(a.code(), a.data)
	return ok && !bytes.Equal(id, n.sent)
}

// repeated returns our answer to a command that the terminal sent before.
func (n *numbering) repeated(a apdu) (apdu, bool) {
	id, ok := messageID(a.code(), a.data)
	if !n.on || !ok || a.code() != n.heardCode || !bytes.Equal(id, n.heard) {
		return apdu{}, false
	}
	return n.heardReply, true
}

// reply puts the number of the terminal's command into our answer.
func (n *numbering) reply(to, answer apdu) apdu {
	id, ok := messageID(to.code(), to.data)
	if !n.on || !ok {
		return answer
	}
	answer.tlv = appendTLV(nil, tagMessageID, id)
	n.heard, n.heardCode, n.heardReply = id, to.code(), answer
	return answer
}
