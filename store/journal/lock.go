package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// ErrInUse says that another process has the data folder.
var ErrInUse = errors.New("the data folder is in use")

// lockName is the file whose lock tells that a lane runs. The kernel drops the
// lock when the process ends, however it ends; the file stays.
const lockName = "lock"

type lock struct{ file *os.File }

// LockFolder makes sure that no lane runs on dir until release is called. It is
// for commands that replace the lane's files.
func LockFolder(dir string) (release func() error, err error) {
	l, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	return l.release, nil
}

func lockFolder(dir string) (*lock, error) {
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := io.ReadAll(io.LimitReader(f, 20)) // only for the message
		err = fmt.Errorf("lock %s: %w", path, err)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = fmt.Errorf("%s: %w by kassa, process %s: stop it first, or give each its own folder",
				dir, ErrInUse, strings.TrimSpace(string(holder)))
		}
		return nil, errors.Join(err, f.Close())
	}
	pid := fmt.Appendf(nil, "%d\n", os.Getpid())
	if err := errors.Join(f.Truncate(0), writeAt(f, pid)); err != nil {
		return nil, errors.Join(fmt.Errorf("write %s: %w", path, err), f.Close())
	}
	return &lock{f}, nil
}

func writeAt(f *os.File, b []byte) error {
	_, err := f.WriteAt(b, 0)
	return err
}

// release lets the next process have the folder. Twice is once.
func (l *lock) release() error {
	if l == nil || l.file == nil {
		return nil
	}
	f := l.file
	l.file = nil
	return f.Close()
}
