package staff

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/argon2"
)

// How long a PIN may be, in digits. Six is the least of OWASP ASVS 5.0, 6.2.1 for
// a second step beside a badge.
const (
	MinPIN = 6
	MaxPIN = 12
)

// ErrPIN says that a PIN is not good enough; the error it is wrapped in says
// why, and holds no digit of it.
var ErrPIN = errors.New("PIN is not good enough")

// GoodPIN returns nil if pin may be used by somebody with this badge.
func GoodPIN(pin, badge string) error {
	switch {
	case strings.Trim(pin, "0123456789") != "":
		return fmt.Errorf("%w: use digits only", ErrPIN)
	case len(pin) < MinPIN:
		return fmt.Errorf("%w: use at least %d digits", ErrPIN, MinPIN)
	case len(pin) > MaxPIN:
		return fmt.Errorf("%w: use at most %d digits", ErrPIN, MaxPIN)
	case strings.Contains(badge, pin) || len(badge) >= MinPIN && strings.Contains(pin, badge):
		return fmt.Errorf("%w: it stands on the badge", ErrPIN)
	case weak(pin):
		return fmt.Errorf("%w: it is one of the first that anybody would try", ErrPIN)
	}
	return nil
}

// weak reports whether pin is a pattern: a run, a repeated group, a mirror, few
// digits, or a line across the keys.
func weak(pin string) bool {
	for step := range byte(10) { // 111111, 123456, 246802, 987654, wrapping at 9
		if run(pin, step) {
			return true
		}
	}
	for group := 1; group <= len(pin)/2; group++ { // 121212, 123123
		if len(pin)%group == 0 && strings.Repeat(pin[:group], len(pin)/group) == pin {
			return true
		}
	}
	if mirrored(pin) || distinct(pin) < 3 { // 123321, 112211
		return true
	}
	return pairs(pin) || slices.Contains(keyLines(), pin)
}

func run(pin string, step byte) bool {
	for i := 1; i < len(pin); i++ {
		if (pin[i]-'0'+10-(pin[i-1]-'0'))%10 != step {
			return false
		}
	}
	return true
}

func mirrored(pin string) bool {
	for i := range len(pin) / 2 {
		if pin[i] != pin[len(pin)-1-i] {
			return false
		}
	}
	return true
}

func distinct(pin string) int {
	seen := map[rune]bool{}
	for _, d := range pin {
		seen[d] = true
	}
	return len(seen)
}

// pairs reports a run of doubled digits or of counted tens: 112233, 102030.
func pairs(pin string) bool {
	if len(pin)%2 != 0 {
		return false
	}
	var first, second strings.Builder
	for i := 0; i < len(pin); i += 2 {
		first.WriteByte(pin[i])
		second.WriteByte(pin[i+1])
	}
	for step := byte(1); step < 10; step += 8 { // up or down
		if run(first.String(), step) && (second.String() == first.String() || run(second.String(), 0)) {
			return true
		}
	}
	return false
}

// keyLines are lines across the keys of a pad.
func keyLines() []string {
	return []string{
		"147258", "258369", "147369", "369258", "258147", "741852", "852963", "159753", "753159", "159357", "357159",
		"789456", "456789", "456123", "321654", "654987", "147896", "147852", "789632", "741236",
	}
}

// Parameters of argon2id: the second choice of OWASP's password storage sheet,
// 19 MiB and two passes, which a small board does in a fraction of a second.
const (
	argonTime   = 2
	argonMemory = 19 << 10 // KiB
	argonLanes  = 1
	hashBytes   = 32
)

// HashPIN returns what is kept of a PIN. Salt is random and the person's own;
// pepper is the store's secret, kept outside the database: all six-digit PINs
// can be tried in hours by whoever has a stolen database alone.
func HashPIN(pin string, salt, pepper []byte) []byte {
	mac := hmac.New(sha256.New, pepper)
	_, _ = mac.Write([]byte(pin)) // a hash never fails
	return argon2.IDKey(mac.Sum(nil), salt, argonTime, argonMemory, argonLanes, hashBytes)
}

// MatchPIN reports whether pin is the one that hash was made of, in a time that
// does not tell how much of it is right.
func MatchPIN(pin string, hash, salt, pepper []byte) bool {
	return subtle.ConstantTimeCompare(HashPIN(pin, salt, pepper), hash) == 1
}
