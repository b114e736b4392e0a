package sim

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // the protocol's
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// nexoSeal is the message encryption, written here a second time from its
// description, block by block.
type nexoSeal struct {
	id      string
	version int
	mac     []byte
	block   cipher.Block
	base    []byte
}

func newNexoSeal(id string, version int, passphrase string) *nexoSeal {
	material := nexoStretch([]byte(passphrase), []byte("AdyenNexoV1Salt"), 4000, 80)
	block, err := aes.NewCipher(material[32:64])
	if err != nil {
		panic(err) // unreachable: 32 bytes are a key
	}
	return &nexoSeal{id, version, material[:32], block, material[64:80]}
}

// nexoStretch is PBKDF2 of RFC 8018 5.2 with HMAC-SHA-1.
func nexoStretch(password, salt []byte, rounds, length int) []byte {
	var out []byte
	for i := uint32(1); len(out) < length; i++ {
		h := hmac.New(sha1.New, password)
		h.Write(salt)
		h.Write(binary.BigEndian.AppendUint32(nil, i))
		u := h.Sum(nil)
		sum := append([]byte(nil), u...)
		for range rounds - 1 {
			h.Reset()
			h.Write(u)
			u = h.Sum(u[:0])
			for j := range sum {
				sum[j] ^= u[j]
			}
		}
		out = append(out, sum...)
	}
	return out[:length]
}

func (s *nexoSeal) xor(a, b []byte) []byte {
	out := make([]byte, 16)
	for i := range out {
		out[i] = a[i] ^ b[i]
	}
	return out
}

func (s *nexoSeal) tag(plain []byte) []byte {
	h := hmac.New(sha256.New, s.mac)
	h.Write(plain)
	return h.Sum(nil)
}

// lock returns blob and trailer of a message.
func (s *nexoSeal) lock(plain []byte) (string, map[string]any) {
	nonce := make([]byte, 16)
	_, _ = rand.Read(nonce) // never fails
	padded := append([]byte(nil), plain...)
	for n := 16 - len(plain)%16; len(padded) < len(plain)+n; {
		padded = append(padded, byte(n))
	}
	chain := s.xor(s.base, nonce)
	var out []byte
	for i := 0; i < len(padded); i += 16 {
		next := make([]byte, 16)
		s.block.Encrypt(next, s.xor(padded[i:i+16], chain))
		out, chain = append(out, next...), next
	}
	b64 := base64.StdEncoding.EncodeToString
	return b64(out), map[string]any{
		"AdyenCryptoVersion": 1, "KeyIdentifier": s.id, "KeyVersion": s.version, "Nonce": b64(nonce), "Hmac": b64(s.tag(plain)),
	}
}

var errNexoSeal = errors.New("cannot be decrypted")

// unlock reads what lock made.
func (s *nexoSeal) unlock(blob string, trailer map[string]any) ([]byte, error) {
	text := func(key string) []byte {
		v, _ := trailer[key].(string)
		b, _ := base64.StdEncoding.DecodeString(v)
		return b
	}
	data, err := base64.StdEncoding.DecodeString(blob)
	nonce := text("Nonce")
	if err != nil || len(data) == 0 || len(data)%16 != 0 || len(nonce) != 16 || trailer["KeyIdentifier"] != s.id ||
		fmt.Sprint(trailer["KeyVersion"]) != fmt.Sprint(s.version) {
		return nil, errNexoSeal
	}
	chain := s.xor(s.base, nonce)
	var plain []byte
	for i := 0; i < len(data); i += 16 {
		d := make([]byte, 16)
		s.block.Decrypt(d, data[i:i+16])
		plain, chain = append(plain, s.xor(d, chain)...), data[i:i+16]
	}
	n := int(plain[len(plain)-1])
	if n < 1 || n > 16 || !hmac.Equal(s.tag(plain[:len(plain)-n]), text("Hmac")) {
		return nil, errNexoSeal
	}
	return plain[:len(plain)-n], nil
}

// certify makes a root and, signed by it, the terminal's certificate. It names
// the terminal and no address, as theirs do.
func (n *Nexo) certify() error {
	template := func(serial int64, name string, ca bool) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
			NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().AddDate(10, 0, 0),
			IsCA: ca, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		}
	}
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("simulated terminal: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("simulated terminal: %w", err)
	}
	root := template(1, "simulated terminal root", true)
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, &rootKey.PublicKey, rootKey)
	if err != nil {
		return fmt.Errorf("simulated terminal: %w", err)
	}
	leaf, err := x509.CreateCertificate(rand.Reader, template(2, n.Name(), false), root, &key.PublicKey, rootKey)
	if err != nil {
		return fmt.Errorf("simulated terminal: %w", err)
	}
	sum := sha256.Sum256(leaf)
	n.print = hex.EncodeToString(sum[:])
	n.ca = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER})
	n.tls = &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{{Certificate: [][]byte{leaf}, PrivateKey: key}},
	}
	return nil
}
