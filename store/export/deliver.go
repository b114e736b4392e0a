package export

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// StickLabel is what a USB stick is called that exports are written to.
const StickLabel = "KASSA"

// ErrNoStick says that no mounted folder carries the label.
var ErrNoStick = errors.New("no mounted stick carries the label " + StickLabel)

// Drop lets fill write a file that a program watching the folder sees only when
// it is whole: it is written under a name with a leading point, flushed, renamed,
// and the folder flushed. A file of that name that is there is replaced.
func Drop(dir, name string, fill func(io.Writer) error) error {
	hidden := filepath.Join(dir, fmt.Sprintf(".%s.%016x.part", name, rand.Uint64())) // of its own: another may be at the same name
	f, err := os.OpenFile(hidden, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return finish(f, dir, name, fill)
}

// maxTaken bounds how many names are tried: so many exports do not end in a second.
const maxTaken = 1000

// DropNew is Drop under a name that nothing has: stem and ending, or with a number
// between them, from -2 on. It returns the path. What another has put there stays.
func DropNew(dir, stem, ending string, fill func(io.Writer) error) (string, error) {
	for n := 1; n <= maxTaken; n++ {
		name := numbered(stem, n) + ending
		// Who has the hidden name has the other: no file system needs to know links.
		f, err := os.OpenFile(filepath.Join(dir, "."+name+".part"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("export: %w", err)
		}
		to := filepath.Join(dir, name)
		_, err = os.Lstat(to)
		if errors.Is(err, fs.ErrNotExist) {
			return to, finish(f, dir, name, fill)
		}
		if err = errors.Join(err, f.Close(), discardFile(f.Name())); err != nil {
			return "", fmt.Errorf("export: %w", err)
		}
	}
	return "", fmt.Errorf("export: %s is there already, and so are %d others", filepath.Join(dir, stem+ending), maxTaken-1)
}

// numbered is the nth name of a stem.
func numbered(stem string, n int) string {
	if n == 1 {
		return stem
	}
	return fmt.Sprintf("%s-%d", stem, n)
}

// finish fills a hidden file and gives it its name.
func finish(f *os.File, dir, name string, fill func(io.Writer) error) error {
	hidden := f.Name()
	err := errors.Join(fill(f), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(hidden, filepath.Join(dir, name))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("export: %w", err), discardFile(hidden))
	}
	return syncFolder(dir)
}

// DropNewFolder is DropNew for a folder of files.
func DropNewFolder(dir, stem string, fill func(dir string) error) (string, error) {
	for n := 1; n <= maxTaken; n++ {
		name := numbered(stem, n)
		err := DropFolder(dir, name, fill)
		if !errors.Is(err, fs.ErrExist) {
			return filepath.Join(dir, name), err
		}
	}
	return "", fmt.Errorf("export: %s is there already, and so are %d others", filepath.Join(dir, stem), maxTaken-1)
}

// DropFolder is Drop for a folder of files: fill writes into an unseen one, which
// gets its name when it is whole. A folder of that name must not be there.
func DropFolder(dir, name string, fill func(dir string) error) error {
	to := filepath.Join(dir, name)
	switch _, err := os.Lstat(to); {
	case err == nil:
		return fmt.Errorf("export: %s: %w", to, fs.ErrExist)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("export: %w", err)
	}
	hidden, err := os.MkdirTemp(dir, "."+name+".*.part")
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	err = fill(hidden)
	if err == nil {
		err = errors.Join(os.Chmod(hidden, 0o750), syncFolder(hidden)) //nolint:gosec // a folder, for its group too
	}
	if err == nil {
		err = os.Rename(hidden, to)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("export: %w", err), os.RemoveAll(hidden))
	}
	return syncFolder(dir)
}

func discardFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	err = f.Sync()
	if errors.Is(err, unix.EINVAL) { // a file system that knows no flush of folders
		err = nil
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// Stick returns the folder where a file system with the label KASSA is mounted,
// or an error that wraps [ErrNoStick].
func Stick() (string, error) {
	return stick("/proc/self/mountinfo", "/dev/disk/by-label/"+StickLabel, deviceOf)
}

func stick(mountinfo, label string, device func(path string) (string, error)) (string, error) {
	want, err := device(label)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: plug one in, and mount it", ErrNoStick)
	}
	if err != nil {
		return "", fmt.Errorf("export: %w", err)
	}
	f, err := os.Open(mountinfo)
	if err != nil {
		return "", fmt.Errorf("export: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if number, at, ok := mountOf(lines.Text()); ok && number == want {
			return at, nil
		}
	}
	return "", fmt.Errorf("%w: it is plugged in and not mounted", ErrNoStick)
}

// deviceOf is a block device's "major:minor", as mountinfo writes it.
func deviceOf(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	var s unix.Stat_t
	if err := unix.Stat(path, &s); err != nil {
		return "", err
	}
	if info.Mode()&fs.ModeDevice == 0 {
		return "", fmt.Errorf("%s is no device", path)
	}
	return fmt.Sprintf("%d:%d", unix.Major(s.Rdev), unix.Minor(s.Rdev)), nil
}

// mountOf reads a line of mountinfo (proc(5)): the third field is the device,
// the fifth where it is mounted, with blanks as \040. Only the whole of a file
// system counts, not a folder of it that is bound elsewhere.
func mountOf(line string) (device, at string, ok bool) {
	fields := strings.Fields(line)
	if len(fields) < 6 || fields[3] != "/" || !strings.HasPrefix(fields[4], "/") {
		return "", "", false
	}
	var b strings.Builder
	for text := fields[4]; text != ""; {
		if text[0] == '\\' && len(text) >= 4 {
			if n, err := strconv.ParseUint(text[1:4], 8, 8); err == nil {
				_ = b.WriteByte(byte(n)) // never fails
				text = text[4:]
				continue
			}
		}
		_ = b.WriteByte(text[0])
		text = text[1:]
	}
	return fields[2], b.String(), true
}
