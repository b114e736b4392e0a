package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// noDumps keeps this process's memory out of files: a terminal may send a card's
// number, which is masked before anything keeps it, but stands in memory for a
// moment. No core is dumped, and no other process of this user may look inside.
// It reads back what it set, as a lane that cannot promise this must not run.
func noDumps() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("switch core dumps off: limit: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("switch core dumps off: %w", err)
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil {
		return fmt.Errorf("core dumps: limit: %w", err)
	}
	dumps, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	if err != nil {
		return fmt.Errorf("core dumps: %w", err)
	}
	if limit.Cur != 0 || limit.Max != 0 || dumps != 0 {
		return fmt.Errorf("core dumps are still on: limit %d of %d, dumpable %d", limit.Cur, limit.Max, dumps)
	}
	return nil
}
