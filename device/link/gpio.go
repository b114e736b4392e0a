package link

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
	"periph.io/x/host/v3"
)

// InitGPIO finds the board's GPIO chips, once in a process's life. On boards
// with a doubled chip node (Raspberry Pi: gpiochip4 points to gpiochip0) periph
// closes descriptor 0 on the way, so a program should call this before it opens
// files of its own; a descriptor 0 that is closed afterwards becomes /dev/null.
func InitGPIO() error {
	if _, err := host.Init(); err != nil {
		return fmt.Errorf("GPIO: %w", err)
	}
	if err := holdStdin(); err != nil {
		return fmt.Errorf("GPIO: keep descriptor 0: %w", err)
	}
	return nil
}

// holdStdin fills descriptor 0 if it is closed. If another file has moved in
// there it is that file's, and stays.
func holdStdin() error {
	var st unix.Stat_t
	if err := unix.Fstat(0, &st); !errors.Is(err, unix.EBADF) {
		return err
	}
	fd, err := unix.Open("/dev/null", unix.O_RDWR, 0) // the lowest free number: 0
	if err != nil || fd == 0 {
		return err
	}
	return unix.Close(fd) // someone was quicker; 0 is taken and that will do
}
