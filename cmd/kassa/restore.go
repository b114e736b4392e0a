package main

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kassa/kiosk/config"
	"kassa/store/durable"
	"kassa/store/journal"
	"kassa/store/sqlite"
)

var errNoBackup = errors.New("this is no backup of kassa: name a file that kassa backup wrote")

// restoreCmd is `kassa restore`.
type restoreCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	In     string `arg:"" help:"A backup of this lane."`
	Force  bool   `help:"Also when the lane's journal has records that the backup lacks. They are kept aside."`
}

// Run puts a backup in the place of the lane's files. The lane must not run.
// What was there is kept in a folder replaced-TIME beside it.
//
// The backup is unpacked and proved before anything is touched, and each file
// is then replaced in one step; a restore that was cut is done again.
func (c *restoreCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout, time.Now()) }

func (c *restoreCmd) run(ctx context.Context, out io.Writer, now time.Time) (err error) {
	lane, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(lane.Data, 0o750); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	release, err := journal.LockFolder(lane.Data)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer func() { err = errors.Join(err, release()) }()
	stage := filepath.Join(lane.Data, "restore.tmp")
	if err := os.RemoveAll(stage); err != nil { // of a restore that was cut
		return fmt.Errorf("restore: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(stage)) }()
	m, err := unpack(c.In, stage)
	if err != nil {
		return fmt.Errorf("restore %s: %w", c.In, err)
	}
	if err := m.check(ctx, lane, stage); err != nil {
		return fmt.Errorf("restore %s: %w", c.In, err)
	}
	if err := c.compare(ctx, m, lane.Data); err != nil {
		return fmt.Errorf("restore %s: %w", c.In, err)
	}
	aside := filepath.Join(lane.Data, "replaced-"+now.Format("20060102T150405.000"))
	if err := m.place(ctx, stage, lane.Data, aside); err != nil {
		return fmt.Errorf("restore %s: %w: do it again", c.In, err)
	}
	return json.NewEncoder(out).Encode(struct {
		manifest
		Replaced string `json:"replaced"`
	}{*m, aside})
}

// maxManifest bounds what is read of a manifest.
const maxManifest = 1 << 20

// unpack writes a backup's files into the new folder dir. Names that are not
// plain, or that the manifest lacks, are refused before they are written.
func unpack(path, dir string) (*manifest, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if err := os.Mkdir(dir, 0o750); err != nil {
		return nil, err
	}
	t := tar.NewReader(in)
	h, err := t.Next()
	if err != nil || h.Name != manifestName {
		return nil, errNoBackup
	}
	var m manifest
	if err := json.NewDecoder(io.LimitReader(t, maxManifest)).Decode(&m); err != nil {
		return nil, fmt.Errorf("its manifest cannot be read: %w", err)
	}
	if m.V != manifestVersion {
		return nil, fmt.Errorf("it has version %d, this kassa reads %d: use the kassa that wrote it", m.V, manifestVersion)
	}
	for i := 0; ; i++ {
		h, err := t.Next()
		if errors.Is(err, io.EOF) && i == len(m.Files) {
			return &m, nil
		}
		if err != nil {
			return nil, fmt.Errorf("it is cut after %d of %d files: %w", i, len(m.Files), err)
		}
		if i >= len(m.Files) || h.Name != m.Files[i].Name || !plain(h.Name) {
			return nil, fmt.Errorf("file %q in it is not what its manifest says", h.Name)
		}
		if err := unpackFile(t, dir, m.Files[i]); err != nil {
			return nil, err
		}
	}
}

// plain reports whether name stays in the folder it is written to.
func plain(name string) bool {
	return filepath.IsLocal(name) && filepath.Base(name) == name && kept(name)
}

func unpackFile(r io.Reader, dir string, want backupFile) error {
	mode := os.FileMode(0o640)
	if !strings.HasSuffix(want.Name, ".db") {
		mode = 0o600 // secrets
	}
	f, err := os.OpenFile(filepath.Join(dir, want.Name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("unpack %s: %w", want.Name, err)
	}
	got, err := describe(dir, want.Name)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("file %s in it is damaged: use another backup", want.Name)
	}
	return nil
}

// check makes sure that an unpacked backup is whole and of this lane.
func (m *manifest) check(ctx context.Context, lane *config.Lane, stage string) error {
	if !slices.ContainsFunc(m.Files, func(f backupFile) bool { return f.Name == journal.FileName }) {
		return errors.New("it holds no journal")
	}
	found := manifest{Store: lane.Store, Lane: lane.ID}
	if err := found.prove(ctx, stage); err != nil {
		return err
	}
	if found.Epoch != m.Epoch || found.Records != m.Records || found.Hash != m.Hash {
		return errors.New("its journal is not the one its manifest names: use another backup")
	}
	return nil
}

// compare refuses to lose records that only the lane has. A journal that cannot
// be read is no reason: it is why people restore.
func (c *restoreCmd) compare(ctx context.Context, m *manifest, dir string) error {
	if c.Force {
		return nil
	}
	j, err := journal.OpenReader(ctx, dir)
	if err != nil {
		return nil
	}
	defer func() { _ = j.Close() }() // only read
	head, err := j.Head(ctx)
	if err != nil {
		return nil
	}
	newer := head.Seq
	if j.Epoch() == m.Epoch {
		newer = head.Seq - m.Records
	}
	if newer > 0 {
		return fmt.Errorf("the journal in %s has %d records that the backup lacks: export them, then say --force", dir, newer)
	}
	return nil
}

// place puts the unpacked files where the lane looks for them. Old ones are
// linked into the folder aside first, so that no moment is without either.
func (m *manifest) place(ctx context.Context, stage, dir, aside string) error {
	if err := os.Mkdir(aside, 0o750); err != nil {
		return err
	}
	for _, f := range m.Files {
		path := filepath.Join(dir, f.Name)
		if _, err := os.Lstat(path); err == nil {
			// The log of an old database must not be taken for the new one's.
			// One that is too broken to fold is moved as it is.
			if strings.HasSuffix(f.Name, ".db") {
				_ = sqlite.Fold(ctx, path)
			}
			if err := os.Link(path, filepath.Join(aside, f.Name)); err != nil {
				return err
			}
		}
		if err := moveLog(path, aside); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(stage, f.Name), path); err != nil {
			return err
		}
	}
	for _, folder := range []string{aside, dir} {
		if err := durable.Names(folder); err != nil {
			return err
		}
	}
	return nil
}

// moveLog takes SQLite's log of a database away from it.
func moveLog(path, aside string) error {
	for _, end := range []string{"-wal", "-shm"} {
		err := os.Rename(path+end, filepath.Join(aside, filepath.Base(path)+end))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
