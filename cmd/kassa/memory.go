package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"kassa/kiosk/flow"
)

// How a lane keeps house. A board has a gigabyte, and a browser wants most of it.
const (
	quietAfter = 20 * time.Millisecond // without an event: a person needs longer between two things
	litter     = 512 << 10             // bytes of new garbage worth a collection
	tidyEvery  = 10 * time.Minute      // what was needed once and no longer goes back to the system
	backstop   = 200                   // GOGC, for a lane that is never quiet
)

// A keeper collects garbage while nothing happens, so that no shopper waits for
// it, and gives back to the system what only the start needed. It is the
// station's observer, in front of the meter.
type keeper struct {
	*meter
	moved chan struct{} // something has happened
}

func newKeeper(m *meter) *keeper { return &keeper{meter: m, moved: make(chan struct{}, 1)} }

// Wrote implements station.Observer.
func (k *keeper) Wrote(ev flow.Event, decided flow.Facts) {
	k.meter.Wrote(ev, decided)
	select {
	case k.moved <- struct{}{}:
	default: // it knows
	}
}

// run keeps house until ctx ends, from when the lane is ready.
func (k *keeper) run(ctx context.Context, ready <-chan struct{}) error {
	select {
	case <-ready:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	debug.SetGCPercent(backstop)
	tidy()
	quiet, often, rarely := time.NewTimer(time.Hour), time.NewTicker(time.Second), time.NewTicker(tidyEvery)
	defer quiet.Stop()
	defer often.Stop()
	defer rarely.Stop()
	last, swept := time.Now(), allocated()
	for {
		select {
		case <-k.moved:
			last = time.Now()
			quiet.Reset(quietAfter)
			continue
		case <-quiet.C:
		case <-often.C:
		case <-rarely.C:
			tidy()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if now := allocated(); now-swept > litter && time.Since(last) >= quietAfter {
			runtime.GC()
			swept = now
		}
	}
}

// allocated is how many bytes were ever taken from the heap.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// tidy gives back memory and forgets which of the program's pages were used:
// most of a start's code is never run again. What is needed comes back with a
// page fault, from the page cache, and not by two megabytes at once.
func tidy() {
	debug.FreeOSMemory()
	ranges, err := programPages("/proc/self/smaps")
	if err != nil {
		return // it costs memory and nothing else
	}
	for _, r := range ranges {
		for _, advice := range []uintptr{unix.MADV_NOHUGEPAGE, unix.MADV_DONTNEED} {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, r.from, r.to-r.from, advice) // the same
		}
	}
}

// A pageRange is a piece of this process's memory.
type pageRange struct{ from, to uintptr }

// programPages finds the program's own code and constants: mapped from its
// file, not writable, and with no page changed since, so that the file has all
// that is in them.
func programPages(smaps string) ([]pageRange, error) {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return nil, err
	}
	f, err := os.Open(smaps)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // was read
	var all []pageRange
	var at pageRange
	ours := false
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var r pageRange
		var access, offset, device, inode, file string
		n, _ := fmt.Sscanf(lines.Text(), "%x-%x %s %s %s %s %s", &r.from, &r.to, &access, &offset, &device, &inode, &file)
		if n >= 6 { // the first line of a mapping; its properties follow, each with a colon
			at, ours = r, file == program && (access == "r-xp" || access == "r--p")
			continue
		}
		if kb, ok := strings.CutPrefix(lines.Text(), "Anonymous:"); ok && ours && strings.TrimSpace(kb) == "0 kB" {
			all = append(all, at)
		}
	}
	return all, lines.Err()
}
