package journal

import (
	"fmt"
	"syscall"
)

// Bounds of the disk reserve, in bytes.
const (
	reservePart = 20       // a 20th of the disk, 5 %
	reserveMin  = 64 << 20 // enough for a running sale and a day's records
	reserveMax  = 2 << 30  // a big disk need not keep more
)

// Reserve returns how many bytes are free on dir's disk for this process and
// how many must be for a new sale to start. A running sale always ends.
func Reserve(dir string) (free, want int64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, 0, fmt.Errorf("free space of %s: %w", dir, err)
	}
	block := int64(s.Bsize)
	return int64(s.Bavail) * block, reserveOf(int64(s.Blocks) * block), nil
}

func reserveOf(size int64) int64 {
	// A disk smaller than the least reserve is a test's or a mistake; half of
	// it still lets a lane start.
	return min(max(size/reservePart, reserveMin), reserveMax, size/2)
}
