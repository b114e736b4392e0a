package wire

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A Take asks for the basket that a lane of the store has parked under a number.
// The same lane may ask again: until it has the basket on its own disk, nobody
// knows whether the answer arrived.
type Take struct {
	Lane   string `json:"lane"` // that parked it
	Number int64  `json:"number"`
	Epoch  string `json:"epoch"` // of the journal that asks
}

// Why a basket is not given.
const (
	TakeUnknown = "unknown" // its rows have not come, are no longer kept, or it was never parked
	TakeTaken   = "taken"   // it has been taken up before: By says at which lane
)

// Taken is the answer: the basket is the asking lane's, and of nobody else, or Why
// not.
type Taken struct {
	Why  string `json:"why,omitempty"`
	By   string `json:"by,omitempty"`
	Rows []byte `json:"rows,omitempty"` // see [PackRows]
}

// A Whose asks a lane, by way of the hub, for the member's number behind a handle in
// a basket that it has parked. Handles are random, and known to who was given the
// basket.
type Whose struct {
	Lane   string `json:"lane"` // that parked it
	Handle string `json:"handle"`
}

// An Owner is the answer: Number is "" where the lane does not know it, or no
// longer. It goes from beside one journal to beside another, and on no disk between.
type Owner struct {
	Number string `json:"number"`
}

// ErrAway says that nobody heard a question: the hub is not there. After any other
// error it may have heard it and answered.
var ErrAway = errors.New("the hub is not heard")

// maxUnpacked bounds the rows of one sale, in bytes.
const maxUnpacked = 16 << 20

// PackRows writes the rows of one sale down, small enough for a message.
func PackRows(rows []Row) ([]byte, error) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if err := json.NewEncoder(z).Encode(rows); err != nil {
		return nil, fmt.Errorf("pack rows: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack rows: %w", err)
	}
	return out.Bytes(), nil
}

// UnpackRows reads them back.
func UnpackRows(data []byte) (rows []Row, err error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("unpack rows: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(z, maxUnpacked+1))
	if err == nil && len(text) > maxUnpacked {
		err = fmt.Errorf("more than %d bytes", maxUnpacked)
	}
	if err == nil {
		err = json.Unmarshal(text, &rows)
	}
	if err != nil {
		return nil, fmt.Errorf("unpack rows: %w", err)
	}
	return rows, nil
}
