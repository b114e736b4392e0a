package nexo

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"testing"
)

// The published vector of the message encryption.
const (
	vectorPassphrase = "mysupersecretpassphrase"
	vectorPlain      = `{"SaleToPOIRequest":{"MessageHeader":{"ProtocolVersion":"3.0"}}}`
	vectorBlob       = "gP0vnBpYJLc06akeJiZwNBlFjrp5++STsmoXHGz4jwAr9O5BymB2RSOz7rVhr/LFFQxKiZ/u1lWkfWQejToJJYLRHO+A0B2+75nMO9AcjFw="
	vectorHMAC       = "B3uQC5LLZjOJYznRP4yya8+TiXZb3rbdSrRchipay+Q="
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newKey(t testing.TB, passphrase string) *Key {
	t.Helper()
	k, err := NewKey("mykey", 1, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestVector(t *testing.T) {
	k := newKey(t, vectorPassphrase)
	for _, part := range []struct {
		name string
		got  []byte
		want string
	}{
		{"hmac key", k.hmac, "633651f2a778f91ef37ca2eae92d2f8e58073b766d26899967dc1202c1444742"},
		{"aes key", k.aes, "89b3399a5c77fc0c38762ba1529488d19b4daf8360a2ef3f7a0b06d23c89b12a"},
		{"iv base", k.iv, "17be85c2e52ba327bdce1910f4c2c7de"},
	} {
		if !bytes.Equal(part.got, unhex(t, part.want)) {
			t.Errorf("%s = %x, want %s", part.name, part.got, part.want)
		}
	}
	blob, trailer, err := k.sealWith([]byte(vectorPlain), unhex(t, "000102030405060708090a0b0c0d0e0f"))
	if err != nil || base64.StdEncoding.EncodeToString(blob) != vectorBlob || base64.StdEncoding.EncodeToString(trailer.HMAC) != vectorHMAC {
		t.Errorf("seal = %s, %+v, %v", base64.StdEncoding.EncodeToString(blob), trailer, err)
	}
	plain, err := k.open(blob, trailer)
	if err != nil || string(plain) != vectorPlain {
		t.Errorf("open = %q, %v", plain, err)
	}
}

// TestOpenRefuses changes one thing of a sealed message at a time. Whatever it
// is, the error is the same.
func TestOpenRefuses(t *testing.T) {
	k := newKey(t, vectorPassphrase)
	for name, spoil := range map[string]func(blob *[]byte, tr *trailer){
		"first byte of the blob": func(b *[]byte, _ *trailer) { (*b)[0] ^= 1 },
		"last byte of the blob":  func(b *[]byte, _ *trailer) { (*b)[len(*b)-1] ^= 1 },
		"a block less":           func(b *[]byte, _ *trailer) { *b = (*b)[:len(*b)-16] },
		"a byte less":            func(b *[]byte, _ *trailer) { *b = (*b)[:len(*b)-1] },
		"no blob":                func(b *[]byte, _ *trailer) { *b = nil },
		"nonce":                  func(_ *[]byte, tr *trailer) { tr.Nonce[3] ^= 0x80 },
		"short nonce":            func(_ *[]byte, tr *trailer) { tr.Nonce = tr.Nonce[:15] },
		"no nonce":               func(_ *[]byte, tr *trailer) { tr.Nonce = nil },
		"mac":                    func(_ *[]byte, tr *trailer) { tr.HMAC[31] ^= 1 },
		"no mac":                 func(_ *[]byte, tr *trailer) { tr.HMAC = nil },
		"version of the key":     func(_ *[]byte, tr *trailer) { tr.KeyVersion++ },
		"version of the crypto":  func(_ *[]byte, tr *trailer) { tr.Version++ },
		"name of the key":        func(_ *[]byte, tr *trailer) { tr.KeyIdentifier = word{} },
	} {
		blob, tr, err := k.seal([]byte(vectorPlain))
		if err != nil {
			t.Fatal(err)
		}
		spoil(&blob, &tr)
		if plain, err := k.open(blob, tr); !errors.Is(err, errSealed) || plain != nil {
			t.Errorf("%s: open = %q, %v", name, plain, err)
		}
	}
	blob, tr, err := k.seal(nil) // a whole block of padding
	if plain, e := k.open(blob, tr); err != nil || e != nil || len(plain) != 0 {
		t.Errorf("empty message: %q, %v, %v", plain, err, e)
	}
	if _, err := newKey(t, "another").open(blob, tr); !errors.Is(err, errSealed) {
		t.Errorf("other passphrase: %v", err)
	}
}

func TestNewKeyRefuses(t *testing.T) {
	for _, tt := range []struct {
		id         string
		version    int
		passphrase string
	}{
		{"", 1, "p"},
		{"k", -1, "p"},
		{"k", 1, ""},
		{"k", 1, "snow \u2603"},
		{"4111111111111111", 1, "p"},
	} {
		if k, err := NewKey(tt.id, tt.version, tt.passphrase); err == nil {
			t.Errorf("NewKey(%q, %d, %q) = %v, want an error", tt.id, tt.version, tt.passphrase, k)
		}
	}
}

func TestNonceIsNew(t *testing.T) {
	k := newKey(t, "p")
	a, _, errA := k.seal([]byte("x"))
	b, _, errB := k.seal([]byte("x"))
	if errA != nil || errB != nil || bytes.Equal(a, b) {
		t.Error("the same message is sealed twice to the same bytes")
	}
}
