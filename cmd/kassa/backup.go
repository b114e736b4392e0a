package main

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kassa/kiosk/config"
	"kassa/store/journal"
	"kassa/store/sqlite"
)

// A backup is a tar file: manifest.json, then each file of the data folder. It
// holds the staff's PIN secret and personal data, so nobody but its owner may
// read it.
const (
	manifestName    = "manifest.json"
	manifestVersion = 1
)

// manifest says what a backup holds.
type manifest struct {
	V       int          `json:"v"`
	MadeAt  string       `json:"made_at"`
	Store   string       `json:"store"`
	Lane    string       `json:"lane"`
	Epoch   string       `json:"epoch"`
	Records int64        `json:"records"`
	Hash    string       `json:"hash"` // of the newest record
	Files   []backupFile `json:"files"`
}

type backupFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// backupCmd is `kassa backup`.
type backupCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	Out    string `arg:"" help:"The backup to write, a tar file."`
}

// Run writes a backup while the lane goes on selling, and prints its manifest.
func (c *backupCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout, time.Now()) }

func (c *backupCmd) run(ctx context.Context, out io.Writer, now time.Time) (err error) {
	lane, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(c.Out); err == nil {
		return fmt.Errorf("backup %s: there is such a file already: give the backup another name", c.Out)
	}
	// Copies are made beside OUT: the lane's own disk may be nearly full.
	stage, err := os.MkdirTemp(filepath.Dir(c.Out), ".kassa-backup-*")
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(stage)) }()
	m := manifest{V: manifestVersion, MadeAt: now.Format(time.RFC3339), Store: lane.Store, Lane: lane.ID}
	if m.Files, err = copyData(ctx, lane.Data, stage); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := m.prove(ctx, stage); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := writeFile(c.Out, func(w io.Writer) error { return m.pack(w, stage) }); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := os.Chmod(c.Out, 0o600); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return json.NewEncoder(out).Encode(m)
}

// copyData copies the data folder's files, databases each as of one moment.
func copyData(ctx context.Context, dir, to string) (files []backupFile, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := e.Name()
		if !e.Type().IsRegular() || !kept(name) {
			continue
		}
		if strings.HasSuffix(name, ".db") {
			err = sqlite.Copy(ctx, filepath.Join(dir, name), filepath.Join(to, name))
		} else {
			err = copyFile(filepath.Join(dir, name), filepath.Join(to, name))
		}
		if err != nil {
			return nil, err
		}
		f, err := describe(to, name)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// kept reports whether a file of the data folder belongs into a backup: locks,
// SQLite's logs, half-made files and copies before a migration do not.
func kept(name string) bool {
	for _, end := range []string{"-wal", "-shm", "-journal", ".tmp"} {
		if strings.HasSuffix(name, end) {
			return false
		}
	}
	return name != "lock" && !strings.HasPrefix(name, ".") && !strings.Contains(name, ".before-v") && name != manifestName
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

func describe(dir, name string) (backupFile, error) {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return backupFile{}, err
	}
	defer f.Close()
	h := sha256.New()
	size, err := io.Copy(h, f)
	return backupFile{Name: name, Size: size, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}

// prove follows the copied journal's chain and notes where it ends: a backup
// that cannot be restored is found when it is made.
func (m *manifest) prove(ctx context.Context, dir string) error {
	j, err := journal.OpenFile(ctx, filepath.Join(dir, journal.FileName))
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }() // only read
	head, err := j.Verify(ctx, nil)
	if err != nil {
		return err
	}
	m.Epoch, m.Records, m.Hash = j.Epoch(), head.Seq, head.Hex()
	if j.Store() != m.Store || j.Lane() != m.Lane {
		return fmt.Errorf("the journal is of lane %q of store %q, the configuration of lane %q of store %q: use the lane's own kassa.toml",
			j.Lane(), j.Store(), m.Lane, m.Store)
	}
	return nil
}

func (m *manifest) pack(w io.Writer, dir string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	t := tar.NewWriter(w)
	if err := t.WriteHeader(&tar.Header{Name: manifestName, Size: int64(len(text)), Mode: 0o600}); err != nil {
		return err
	}
	if _, err := t.Write(text); err != nil {
		return err
	}
	for _, f := range m.Files {
		if err := t.WriteHeader(&tar.Header{Name: f.Name, Size: f.Size, Mode: 0o600}); err != nil {
			return err
		}
		in, err := os.Open(filepath.Join(dir, f.Name))
		if err != nil {
			return err
		}
		_, err = io.Copy(t, in)
		if err := errors.Join(err, in.Close()); err != nil {
			return err
		}
	}
	return t.Close()
}
