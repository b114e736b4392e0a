package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
)

// MaxForget is how many people stand in one [Forget]: some 150 bytes each.
const MaxForget = 200

// A Forget names people whose values a lane has to erase. Saying it twice is
// saying it once; what the lane did stands in [LaneState].Forgot.
type Forget struct {
	Forgot // where the lane stands after it

	Whom []Forgotten `json:"whom"`
}

// Forgot is how far a lane has erased whom the hub named. Boot is the hub's run:
// of another, the lane is told all of them again.
type Forgot struct {
	Boot   string `json:"boot"`
	Serial int64  `json:"serial"`
}

// A Forgotten is somebody who asked to be erased, by a number that is not told:
// who has it knows it again. It hides a number from whoever has neither; who has a
// Forgotten can try all numbers there are, so it is on no disk: the hub makes it
// for each time that it is said.
type Forgotten struct {
	Salt string `json:"salt"` // the key of the hash, another for everybody
	Hash string `json:"hash"` // HMAC-SHA256 of the number, hex
}

// NewForgotten hides a number under a key that is used for no other.
func NewForgotten(key, number string) Forgotten { return Forgotten{key, hidden(key, number)} }

// Is reports whether it is this number.
func (f Forgotten) Is(number string) bool {
	return hmac.Equal([]byte(f.Hash), []byte(hidden(f.Salt, number)))
}

func hidden(salt, number string) string {
	mac := hmac.New(sha256.New, []byte(salt))
	_, _ = io.WriteString(mac, number) // a hash never fails
	return hex.EncodeToString(mac.Sum(nil))
}
