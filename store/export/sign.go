package export

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// KeyFile is the key that signs exports, in the lane's or the hub's folder. It
// is made when first needed and never leaves the machine.
const KeyFile = "export.key"

// A Signature stands beside an export, in NAME.sig, as JSON. It covers name,
// size and SHA-256 of each file, whose it is and when, by Ed25519 (RFC 8032).
type Signature struct {
	V         int      `json:"v"`
	Store     string   `json:"store"`
	Lane      string   `json:"lane"` // "" of a hub
	SignedAt  string   `json:"signed_at"`
	Files     []Signed `json:"files"`
	PublicKey string   `json:"public_key"` // base64, 32 bytes
	Signature string   `json:"signature"`  // base64, 64 bytes, over [Signature.text]
}

// Signed is one file that a signature covers.
type Signed struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// ErrSignature says that an export is not as it was signed.
var ErrSignature = errors.New("the export is not as it was signed")

// text is what is signed: a line of words, then a line for each file. Names come
// last and hold no line end.
func (s *Signature) text() []byte {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "kassa export %d\n%q %q %q\n", s.V, s.Store, s.Lane, s.SignedAt) // a builder takes all
	for _, f := range s.Files {
		_, _ = fmt.Fprintf(&b, "%s %d %q\n", f.SHA256, f.Size, f.Name)
	}
	return []byte(b.String())
}

// Sign writes PATH.sig beside an export, a file or a folder of files, with the
// key in dir.
func Sign(path, dir, store, lane string, now time.Time) error {
	key, err := signingKey(filepath.Join(dir, KeyFile))
	if err != nil {
		return err
	}
	files, err := filesOf(path)
	if err != nil {
		return err
	}
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return errors.New("export: the key has no public half") // unreachable
	}
	s := Signature{V: 1, Store: store, Lane: lane, SignedAt: now.Format(time.RFC3339), Files: files, PublicKey: base64.StdEncoding.EncodeToString(public)}
	s.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(key, s.text()))
	text, err := json.MarshalIndent(&s, "", " ")
	if err != nil {
		return err
	}
	path = filepath.Clean(path)
	return Drop(filepath.Dir(path), filepath.Base(path)+".sig", func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}

// Check reads PATH.sig and compares the export with it. Key is the public key in
// base64 that must have signed; "" takes the signature's own, which proves only
// that nothing was changed since somebody signed. It returns an error that wraps
// [ErrSignature] and says what differs.
func Check(path, key string) (*Signature, error) {
	path = filepath.Clean(path)
	text, err := os.ReadFile(path + ".sig")
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	var s Signature
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("%w: the signature cannot be read: %w", ErrSignature, err)
	}
	public, err := base64.StdEncoding.DecodeString(s.PublicKey)
	if err != nil || len(public) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%w: its public key is none", ErrSignature)
	}
	if key != "" && key != s.PublicKey {
		return nil, fmt.Errorf("%w: another key signed it: %s", ErrSignature, s.PublicKey)
	}
	signature, err := base64.StdEncoding.DecodeString(s.Signature)
	if err != nil || s.V != 1 || !ed25519.Verify(public, s.text(), signature) {
		return nil, fmt.Errorf("%w: the signature does not fit what it says", ErrSignature)
	}
	files, err := filesOf(path)
	if err != nil {
		return nil, err
	}
	for _, f := range s.Files {
		if i := slices.IndexFunc(files, func(g Signed) bool { return g.Name == f.Name }); i < 0 {
			return nil, fmt.Errorf("%w: %s is missing", ErrSignature, f.Name)
		} else if files[i] != f {
			return nil, fmt.Errorf("%w: %s was changed", ErrSignature, f.Name)
		}
	}
	if len(files) != len(s.Files) {
		return nil, fmt.Errorf("%w: there are %d files, %d were signed", ErrSignature, len(files), len(s.Files))
	}
	return &s, nil
}

// PublicKey is the public half of the key in dir, in base64. Keep it elsewhere:
// it is what signatures are checked with. It fails where nothing was signed yet.
func PublicKey(dir string) (string, error) {
	path := filepath.Join(dir, KeyFile)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("export: key: nothing was signed here: name the key with --key: %w", err)
	}
	key, err := signingKey(path)
	if err != nil {
		return "", err
	}
	public, _ := key.Public().(ed25519.PublicKey)
	return base64.StdEncoding.EncodeToString(public), nil
}

// filesOf sums up the files of an export.
func filesOf(path string) ([]Signed, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	names, dir := []string{filepath.Base(path)}, filepath.Dir(path)
	if info.IsDir() {
		names, dir = nil, path
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, fmt.Errorf("export: %w", err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	var all []Signed
	for _, name := range names {
		s, err := sumUp(filepath.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("export: %w", err)
		}
		s.Name = name
		all = append(all, s)
	}
	return all, nil
}

func sumUp(path string) (s Signed, err error) {
	f, err := os.Open(path)
	if err != nil {
		return s, err
	}
	defer func() { _ = f.Close() }() // only read
	h := sha256.New()
	if s.Size, err = io.Copy(h, f); err != nil {
		return s, err
	}
	s.SHA256 = hex.EncodeToString(h.Sum(nil))
	return s, nil
}

// signingKey reads the key, or makes one that only its owner can read.
func signingKey(path string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("export: key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("export: key %s: it is no PEM file", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("export: key %s: %w", path, err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("export: key %s is of another kind, want Ed25519", path)
	}
	return key, nil
}

func makeKey(path string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("export: key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("export: key: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) { // another process was faster
		return signingKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("export: key: %w", err)
	}
	err = errors.Join(pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: der}), f.Sync(), f.Close())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("export: key: %w", err), os.Remove(path))
	}
	return key, syncFolder(filepath.Dir(path))
}
