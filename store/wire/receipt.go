package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"io"
	"strconv"
	"strings"
)

// A ReceiptRef names a sale whose receipt can be had without paper.
type ReceiptRef struct {
	Store, Lane string
	Number      int64
	Epoch       string // of the lane's journal, or its first letters
}

// epochLetters of the epoch stand in a code: a replaced journal gets others.
const epochLetters = 8

// A ReceiptKey makes and reads the codes that lead to e-receipts. Lanes and hub
// make the same one of the store's pepper, so that no list of codes is kept and
// a code works before its sale has arrived.
type ReceiptKey struct{ key []byte }

// NewReceiptKey makes the key of a store's pepper.
func NewReceiptKey(pepper []byte) ReceiptKey {
	mac := hmac.New(sha256.New, pepper)
	_, _ = io.WriteString(mac, "kassa e-receipt 1") // a hash never fails
	return ReceiptKey{mac.Sum(nil)}
}

// codeBytes of the hash stand in a code: 128 bits nobody guesses.
const codeBytes = 16

func (k ReceiptKey) sum(ref string) string {
	mac := hmac.New(sha256.New, k.key)
	_, _ = io.WriteString(mac, ref) // a hash never fails
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:codeBytes]))
}

// Code returns the code of a sale: STORE.LANE.NUMBER.EPOCH.SECRET, in letters,
// digits, dots and hyphens.
func (k ReceiptKey) Code(r ReceiptRef) string {
	ref := strings.Join([]string{r.Store, r.Lane, strconv.FormatInt(r.Number, 10), r.Epoch[:min(len(r.Epoch), epochLetters)]}, ".")
	return ref + "." + k.sum(ref)
}

// maxReceiptCode is longer than any code, in bytes.
const maxReceiptCode = 160

// Read returns the sale that a code stands for; false for a code that this store
// never made. Epoch is its first letters alone.
func (k ReceiptKey) Read(code string) (ReceiptRef, bool) {
	at := strings.LastIndexByte(code, '.')
	if at < 0 || len(code) > maxReceiptCode || !hmac.Equal([]byte(k.sum(code[:at])), []byte(code[at+1:])) {
		return ReceiptRef{}, false
	}
	part := strings.Split(code[:at], ".")
	if len(part) != 4 {
		return ReceiptRef{}, false
	}
	n, err := strconv.ParseInt(part[2], 10, 64)
	return ReceiptRef{Store: part[0], Lane: part[1], Number: n, Epoch: part[3]}, err == nil && n > 0
}
