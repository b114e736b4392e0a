package nexo

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // the protocol's key derivation, not a signature
	"crypto/sha256"
	"errors"
	"fmt"

	"kassa/device/terminal"
)

// What the key derivation is made of (Adyen, "Protect local communications").
const (
	cryptoVersion = 1
	keySalt       = "AdyenNexoV1Salt"
	keyRounds     = 4000
	hmacKeyLen    = 32
	aesKeyLen     = 32
)

// A Key is the shared key that a lane and its terminal encrypt messages with.
type Key struct {
	Identifier string
	Version    int

	hmac, aes, iv []byte
}

// NewKey derives the key from a passphrase, as it was entered in the customer
// area. It takes some ten milliseconds on a small board.
func NewKey(identifier string, version int, passphrase string) (*Key, error) {
	switch {
	case identifier == "" || terminal.Scrub(identifier).String() != identifier:
		return nil, errors.New("key identifier is empty or no plain name")
	case version < 0:
		return nil, fmt.Errorf("key version %d is below 0", version)
	case passphrase == "":
		return nil, errors.New("passphrase is empty")
	}
	var latin []byte // the other side takes the passphrase as ISO 8859-1
	for _, r := range passphrase {
		if r > 0xFF {
			return nil, errors.New("passphrase has a character beyond ISO 8859-1")
		}
		latin = append(latin, byte(r))
	}
	k, err := pbkdf2.Key(sha1.New, string(latin), []byte(keySalt), keyRounds, hmacKeyLen+aesKeyLen+aes.BlockSize)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return &Key{identifier, version, k[:hmacKeyLen], k[hmacKeyLen : hmacKeyLen+aesKeyLen], k[hmacKeyLen+aesKeyLen:]}, nil
}

// A trailer is the SecurityTrailer of an encrypted message.
type trailer struct {
	Version       int    `json:"AdyenCryptoVersion"`
	KeyIdentifier word   `json:"KeyIdentifier"`
	KeyVersion    int    `json:"KeyVersion"`
	Nonce         []byte `json:"Nonce"`
	HMAC          []byte `json:"Hmac"`
}

// seal encrypts a message under a new nonce.
func (k *Key) seal(plain []byte) (blob []byte, t trailer, err error) {
	nonce := make([]byte, aes.BlockSize)
	if _, err := rand.Read(nonce); err != nil {
		return nil, trailer{}, fmt.Errorf("nonce: %w", err)
	}
	return k.sealWith(plain, nonce)
}

func (k *Key) sealWith(plain, nonce []byte) (blob []byte, t trailer, err error) {
	block, err := aes.NewCipher(k.aes)
	if err != nil {
		return nil, trailer{}, err
	}
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	blob = append(bytes.Clone(plain), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, k.ivFor(nonce)).CryptBlocks(blob, blob)
	return blob, trailer{cryptoVersion, word{terminal.Scrub(k.Identifier)}, k.Version, nonce, k.mac(plain)}, nil
}

// errSealed is the only thing said of a blob that cannot be opened: which step
// failed would help whoever tries keys and paddings.
var errSealed = errors.New("message is not encrypted with the lane's key (check key_id, key_version and passphrase_file here and at the terminal)")

// open decrypts a blob and proves where it comes from.
func (k *Key) open(blob []byte, t trailer) ([]byte, error) {
	if t.Version != cryptoVersion || t.KeyIdentifier.String() != k.Identifier || t.KeyVersion != k.Version ||
		len(t.Nonce) != aes.BlockSize || len(blob) == 0 || len(blob)%aes.BlockSize != 0 {
		return nil, errSealed
	}
	block, err := aes.NewCipher(k.aes)
	if err != nil {
		return nil, errSealed
	}
	plain := make([]byte, len(blob))
	cipher.NewCBCDecrypter(block, k.ivFor(t.Nonce)).CryptBlocks(plain, blob)
	n, padded := unpad(plain)
	if !hmac.Equal(k.mac(plain[:n]), t.HMAC) || !padded {
		return nil, errSealed
	}
	return plain[:n], nil
}

// unpad returns the length without PKCS#7 padding; the whole length if the
// padding is wrong.
func unpad(b []byte) (n int, ok bool) {
	pad := int(b[len(b)-1])
	if pad == 0 || pad > aes.BlockSize || !bytes.Equal(b[len(b)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return len(b), false
	}
	return len(b) - pad, true
}

func (k *Key) ivFor(nonce []byte) []byte {
	iv := make([]byte, aes.BlockSize)
	for i := range iv {
		iv[i] = k.iv[i] ^ nonce[i]
	}
	return iv
}

func (k *Key) mac(plain []byte) []byte {
	m := hmac.New(sha256.New, k.hmac)
	m.Write(plain)
	return m.Sum(nil)
}
