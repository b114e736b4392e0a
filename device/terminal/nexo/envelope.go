package nexo

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// protocolVersion is the version of the nexo Sale to POI messages.
const protocolVersion = "3.0"

// Errors of an answer that cannot be used. A payment that was answered so is in
// doubt.
var (
	errAnswer = errors.New("answer makes no sense")
	errPlain  = errors.New("answer is not encrypted, though the lane has a key (set up the encryption at the terminal, or remove key_id)")
	errNoKey  = errors.New("answer is encrypted, but the lane has no key (add key_id, key_version and passphrase_file)")
)

// sealed is an encrypted SaleToPOIRequest.
type sealed struct {
	Header  *reqHeader `json:"MessageHeader"`
	Blob    []byte     `json:"NexoBlob"`
	Trailer trailer    `json:"SecurityTrailer"`
}

// encode writes a request, encrypted if there is a key.
func encode(r *request, key *Key) ([]byte, error) {
	plain, err := json.Marshal(map[string]*request{"SaleToPOIRequest": r})
	if err != nil || key == nil {
		return plain, err
	}
	s := sealed{Header: r.Header}
	if s.Blob, s.Trailer, err = key.seal(plain); err != nil {
		return nil, err
	}
	return json.Marshal(map[string]sealed{"SaleToPOIRequest": s})
}

// decode reads a message, and proves that it comes from who has the key.
func decode(body []byte, key *Key) (*message, error) {
	m, err := parse(body)
	if err != nil {
		return nil, err
	}
	outer := m.Response
	if outer == nil {
		outer = m.Request
	}
	switch {
	case outer == nil:
		return nil, fmt.Errorf("%w: neither response nor request", errAnswer)
	case outer.Blob == nil && key == nil:
		return m, nil
	case outer.Blob == nil:
		return nil, errPlain
	case key == nil:
		return nil, errNoKey
	case outer.Trailer == nil:
		return nil, errSealed
	}
	plain, err := key.open(outer.Blob, *outer.Trailer)
	if err != nil {
		return nil, err
	}
	inside, err := parse(plain)
	if err != nil {
		return nil, err
	}
	inner := inside.Response
	if m.Response == nil {
		inner = inside.Request
	}
	if inner == nil || inner.Header != outer.Header {
		return nil, fmt.Errorf("%w: header inside and outside of the encryption differ", errAnswer)
	}
	return inside, nil
}

// parse reads JSON. A field of another type than we know is left out.
func parse(body []byte) (*message, error) {
	var m message
	err := json.Unmarshal(body, &m)
	if _, other := errors.AsType[*json.UnmarshalTypeError](err); err != nil && !other {
		return nil, fmt.Errorf("%w: not JSON", errAnswer) // what it is may be card data
	}
	return &m, nil
}

// A rejection is an event in the place of an answer: the terminal did not take
// the message.
type rejection struct{ event, details string }

func (r rejection) Error() string {
	return strings.TrimSpace("terminal says " + r.event + ": " + r.details)
}

// answerTo checks that m answers the request with header h.
func answerTo(h *reqHeader, m *message) (*content, error) {
	if m.Response == nil {
		if e := m.Request.Event; e != nil {
			return nil, rejection{e.Event.String(), e.Details.String()}
		}
		return nil, fmt.Errorf("%w: a request in place of an answer", errAnswer)
	}
	got := m.Response.Header
	for _, f := range []struct{ name, got, want string }{
		{"MessageType", got.Type.String(), "Response"},
		{"MessageCategory", got.Category.String(), h.MessageCategory},
		{"ServiceID", got.ServiceID.String(), h.ServiceID},
		{"SaleID", got.SaleID.String(), h.SaleID},
		{"POIID", got.POIID.String(), h.POIID},
	} {
		if f.got != f.want {
			return nil, fmt.Errorf("%w: its %s is %q, want %q", errAnswer, f.name, f.got, f.want)
		}
	}
	return m.Response, nil
}
