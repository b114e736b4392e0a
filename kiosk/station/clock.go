package station

import "golang.org/x/sys/unix"

// kernelSynced asks the kernel whether its clock is disciplined (adjtimex(2):
// STA_UNSYNC is set until something such as chrony has set the clock).
func kernelSynced() bool {
	var t unix.Timex
	_, err := unix.Adjtimex(&t)
	return err == nil && t.Status&unix.STA_UNSYNC == 0
}
