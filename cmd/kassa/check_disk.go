package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"kassa/store/journal"
)

// A diskCheck is what is known of the disk under the lane's data.
type diskCheck struct {
	Folder  string   `json:"folder"`
	Mount   string   `json:"mount"`
	Type    string   `json:"type"` // of the file system
	Options []string `json:"options"`
	Device  string   `json:"device"`
	Kind    string   `json:"kind"`     // of the medium: card, rotating, virtual, solid, memory or network; "" where not known
	FlushUS int64    `json:"flush_us"` // the median of writing 4 KiB and flushing, 0: not measured
	Free    int64    `json:"free_bytes"`
}

// String describes the disk in a line.
func (d diskCheck) String() string {
	flush := "flush not measured"
	if d.FlushUS > 0 {
		flush = fmt.Sprintf("write and flush take %v", time.Duration(d.FlushUS)*time.Microsecond)
	}
	return fmt.Sprintf("%s on %s %s, %s, %d MB free", d.Type, d.Device, d.Mount, flush, d.Free>>20)
}

// disk looks at the disk under dir and adds warnings. What a lying disk costs
// no setting of a database can mend.
func (r *checkReport) disk(dir string) {
	r.Disk.Folder = dir
	if dir = existing(dir); dir != r.Disk.Folder {
		r.Warnings = append(r.Warnings, fmt.Sprintf("lane.data: %s is not there yet: the first run makes it", r.Disk.Folder))
	}
	warn := func(format string, args ...any) {
		r.Warnings = append(r.Warnings, fmt.Sprintf("disk of %s: ", r.Disk.Folder)+fmt.Sprintf(format, args...))
	}
	m, err := mountOf(dir)
	if err != nil {
		warn("%v", err)
		return
	}
	r.Disk.Mount, r.Disk.Type, r.Disk.Options, r.Disk.Device = m.point, m.fs, m.options, m.source
	r.Disk.Kind = m.kind("/sys")
	for _, w := range m.warnings() {
		warn("%s", w)
	}
	if free, want, err := journal.Reserve(dir); err == nil {
		if r.Disk.Free = free; free < want {
			warn("%d MB are free, and below %d MB no new sale starts: make room", free>>20, want>>20)
		}
	}
	if dir != r.Disk.Folder {
		return // nothing is written where the lane will not write
	}
	median, err := measureFlush(dir)
	if err != nil {
		warn("flush cannot be measured: %v", err)
		return
	}
	r.Disk.FlushUS = max(1, median.Microseconds())
	if least := plausible(r.Disk.Kind); median < least {
		warn("a write is said to be flushed after %v, and a %s disk needs %v or more: it lies about flushes, "+
			"and a power cut will lose sales; turn its write cache off (hdparm -W0) or use another",
			median, r.Disk.Kind, least)
	}
}

// existing returns dir or the nearest folder above it that is there.
func existing(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// A mount is one line of /proc/self/mountinfo.
type mount struct {
	number  string // major:minor
	point   string
	fs      string
	source  string
	options []string // of the mount and of the file system
}

// mountOf finds where dir lies.
func mountOf(dir string) (mount, error) {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return mount{}, err
	}
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return mount{}, err
	}
	defer f.Close()
	return findMount(f, dir)
}

// findMount returns the last mount with the longest mount point above dir, the
// one that a path reaches. The form of the lines is in proc(5).
func findMount(info io.Reader, dir string) (found mount, err error) {
	lines := bufio.NewScanner(info)
	for lines.Scan() {
		left, right, ok := strings.Cut(lines.Text(), " - ")
		l, r := strings.Fields(left), strings.Fields(right)
		if !ok || len(l) < 6 || len(r) < 3 {
			continue
		}
		m := mount{number: l[2], point: unescape(l[4]), fs: r[0], source: unescape(r[1])}
		if !holds(m.point, dir) || len(m.point) < len(found.point) {
			continue
		}
		m.options = slices.Concat(strings.Split(l[5], ","), strings.Split(r[2], ","))
		slices.Sort(m.options)
		m.options = slices.Compact(m.options)
		found = m
	}
	if err := lines.Err(); err != nil {
		return mount{}, err
	}
	if found.point == "" {
		return mount{}, fmt.Errorf("no mount holds %s", dir)
	}
	return found, nil
}

func holds(point, dir string) bool {
	return point == "/" || dir == point || strings.HasPrefix(dir, point+"/")
}

// unescape turns the octal escapes of mountinfo back.
func unescape(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}

// warnings says what is wrong with where the data lies.
func (m mount) warnings() []string {
	var ws []string
	for _, o := range m.options {
		switch o {
		case "nobarrier", "barrier=0":
			ws = append(ws, "mounted with "+o+", so a power cut loses sales: mount it without that option")
		case "ro":
			ws = append(ws, "mounted read-only: the lane cannot write")
		}
	}
	switch m.fs {
	case "tmpfs", "ramfs", "overlay", "zram":
		ws = append(ws, m.fs+" is gone, or may be, when the power is: put lane.data on a disk")
	case "nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "virtiofs", "ceph", "glusterfs":
		ws = append(ws, m.fs+" is reached over a wire, and a database in WAL mode needs a disk of its own machine")
	case "vfat", "exfat", "msdos":
		ws = append(ws, m.fs+" has no journal and may lose the whole folder in a power cut: use ext4")
	}
	return ws
}

// kind says what medium a mount's device is, as sysfs under sys tells.
func (m mount) kind(sys string) string {
	switch m.fs {
	case "tmpfs", "ramfs":
		return "memory"
	case "nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs":
		return "network"
	}
	dir, err := filepath.EvalSymlinks(filepath.Join(sys, "dev/block", m.number))
	if err != nil {
		return ""
	}
	if _, err := os.Stat(filepath.Join(dir, "partition")); err == nil {
		dir = filepath.Dir(dir)
	}
	name := filepath.Base(dir)
	rotating, err := os.ReadFile(filepath.Join(dir, "queue/rotational"))
	switch {
	case strings.HasPrefix(name, "mmcblk"):
		return "card"
	case strings.HasPrefix(name, "vd") || strings.HasPrefix(name, "xvd"):
		return "virtual" // what the host does with a flush cannot be seen from here
	case err != nil:
		return ""
	case strings.TrimSpace(string(rotating)) == "1":
		return "rotating"
	default:
		return "solid"
	}
}

// plausible is the least that a durable write of 4 KiB can take. A card of
// class A2 promises 2,000 random writes a second; a disk of 15,000 turns a
// minute needs half a turn; flash without a battery programs a page.
func plausible(kind string) time.Duration {
	switch kind {
	case "card":
		return 200 * time.Microsecond
	case "rotating":
		return time.Millisecond
	case "solid":
		return 15 * time.Microsecond // with power-loss protection it may answer from its cache
	default:
		return 0
	}
}

const (
	flushes     = 64
	flushBudget = 2 * time.Second
	flushBytes  = 4096
)

// measureFlush writes and flushes a small file in dir again and again, removes
// it, and returns the median time.
func measureFlush(dir string) (median time.Duration, err error) {
	f, err := os.CreateTemp(dir, ".kassa-check-*")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	buf := make([]byte, flushBytes)
	if _, err := f.Write(make([]byte, flushes*flushBytes)); err != nil {
		return 0, err
	}
	if err := f.Sync(); err != nil {
		return 0, err
	}
	var took []time.Duration
	begin := time.Now()
	for i := range flushes {
		at := time.Now()
		if _, err := f.WriteAt(buf, int64(i*flushBytes)); err != nil {
			return 0, err
		}
		if err := unix.Fdatasync(int(f.Fd())); err != nil {
			return 0, err
		}
		took = append(took, time.Since(at))
		if time.Since(begin) > flushBudget {
			break
		}
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}
