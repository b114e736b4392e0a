package wire

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Version is that of the messages this program writes.
const Version = 1

// MaxSize is the largest message, in bytes. The largest sent is a screen or a
// row of a long basket, both far below.
const MaxSize = 512 << 10

// ErrVersion says that a newer program wrote the message.
var ErrVersion = errors.New("message of a newer version")

// envelope is around every message.
type envelope struct {
	V    int             `json:"v"`
	Body json.RawMessage `json:"body"`
}

// Encode writes a message down.
func Encode(m any) ([]byte, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode message: %w", err)
	}
	data := fmt.Appendf(make([]byte, 0, len(body)+24), `{"v":%d,"body":`, Version) // the body is sound: it is not read once more
	data = append(append(data, body...), '}')
	if len(data) > MaxSize {
		return nil, fmt.Errorf("encode message: %d bytes are more than %d", len(data), MaxSize)
	}
	return data, nil
}

// Decode reads a message into m.
func Decode(data []byte, m any) error {
	if len(data) > MaxSize {
		return fmt.Errorf("decode message: %d bytes are more than %d", len(data), MaxSize)
	}
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil {
		return fmt.Errorf("decode message: %w", err)
	}
	if e.V < 1 || len(e.Body) == 0 {
		return errors.New("decode message: no version or no body")
	}
	if e.V > Version {
		return fmt.Errorf("decode message: %w: it has %d, this program knows %d", ErrVersion, e.V, Version)
	}
	if err := json.Unmarshal(e.Body, m); err != nil {
		return fmt.Errorf("decode message: %w", err)
	}
	return nil
}
