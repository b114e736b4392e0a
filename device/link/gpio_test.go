package link

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestHoldStdin(t *testing.T) {
	saved, err := unix.Dup(0)
	if err != nil {
		t.Skip("descriptor 0 is closed:", err)
	}
	defer func() {
		if err := unix.Dup2(saved, 0); err != nil {
			t.Error(err)
		}
		_ = unix.Close(saved)
	}()
	if err := unix.Close(0); err != nil {
		t.Fatal(err)
	}
	if err := holdStdin(); err != nil {
		t.Fatal(err)
	}
	var st unix.Stat_t
	if err := unix.Fstat(0, &st); err != nil {
		t.Errorf("descriptor 0 after holdStdin: %v", err)
	}
}
