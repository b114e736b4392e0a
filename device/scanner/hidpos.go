package scanner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"kassa/device/link"
)

// HIDPOS says how a HID-POS scanner differs from its own descriptor.
type HIDPOS struct {
	// FullGoesOn is for a make that announces a continuation with every report
	// that is full: the gap then ends the code instead of giving it up.
	FullGoesOn bool
}

// hidGap is the most time between two reports of one code.
const hidGap = 300 * time.Millisecond

// hidpos reads a scanner in HID-POS mode from the kernel's raw HID node.
type hidpos struct {
	cfg    Config
	addr   string // a path, or VID:PID
	sysfs  string
	open   func(ctx context.Context, path string) (descriptor, error)
	layout hidLayout // of the connection; set by dial
}

// A descriptor is an open raw HID node.
type descriptor interface {
	link.Conn // each Read is one report
	// Descriptor returns the report descriptor.
	Descriptor() ([]byte, error)
}

func newHIDPOS(cfg Config) (unit, error) {
	addr, ok := strings.CutPrefix(cfg.Port, "hidraw:")
	_, _, isID := parseVIDPID(addr)
	if !ok || !isID && !filepath.IsAbs(addr) {
		return nil, fmt.Errorf("port %q: want hidraw:VID:PID or hidraw:/dev/hidrawN", cfg.Port)
	}
	return &hidpos{cfg: cfg, addr: addr, sysfs: "/sys/class/hidraw", open: openHIDRaw}, noLetters(cfg)
}

func parseVIDPID(s string) (vendor, product uint64, ok bool) {
	v, p, ok := strings.Cut(s, ":")
	if !ok || len(v) != 4 || len(p) != 4 {
		return 0, 0, false
	}
	vendor, err1 := strconv.ParseUint(v, 16, 16)
	product, err2 := strconv.ParseUint(p, 16, 16)
	return vendor, product, err1 == nil && err2 == nil
}

// dial finds the node, opens it and reads how its reports are built.
func (h *hidpos) dial(ctx context.Context) (link.Conn, error) {
	path := h.addr
	if vendor, product, ok := parseVIDPID(h.addr); ok {
		var err error
		if path, err = findHIDRaw(h.sysfs, vendor, product); err != nil {
			return nil, fmt.Errorf("hidraw %s: %w", h.addr, err)
		}
	}
	node, err := h.open(ctx, path)
	if err != nil {
		return nil, err
	}
	raw, err := node.Descriptor()
	if err == nil {
		h.layout, err = parseHIDPOS(raw)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), node.Close())
	}
	return node, nil
}

// findHIDRaw looks for the one scanner of that identity. A scanner shows
// several nodes if it has several interfaces; only one is the HID-POS one.
func findHIDRaw(sysfs string, vendor, product uint64) (string, error) {
	dirs, err := filepath.Glob(filepath.Join(sysfs, "hidraw*"))
	if err != nil {
		return "", err
	}
	var found []string
	other := false
	for _, dir := range dirs {
		uevent, err := os.ReadFile(filepath.Join(dir, "device", "uevent"))
		if err != nil || !hasHIDID(string(uevent), vendor, product) {
			continue // one that went away between the two
		}
		raw, err := os.ReadFile(filepath.Join(dir, "device", "report_descriptor"))
		if err != nil {
			continue
		}
		if _, err := parseHIDPOS(raw); err != nil {
			other = true
			continue
		}
		found = append(found, "/dev/"+filepath.Base(dir))
	}
	slices.Sort(found)
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return "", fmt.Errorf("%d scanners are the same: name one by a udev link, not by its number", len(found))
	case other:
		return "", fmt.Errorf("%w: switch it with its set-up code", ErrNotHIDPOS)
	default:
		return "", fmt.Errorf("not plugged in: %w", os.ErrNotExist)
	}
}

// hasHIDID looks for HID_ID=BUS:VENDOR:PRODUCT, in hexadecimal.
func hasHIDID(uevent string, vendor, product uint64) bool {
	for line := range strings.Lines(uevent) {
		id, ok := strings.CutPrefix(strings.TrimSpace(line), "HID_ID=")
		if !ok {
			continue
		}
		parts := strings.Split(id, ":")
		if len(parts) != 3 {
			return false
		}
		v, err1 := strconv.ParseUint(parts[1], 16, 32)
		p, err2 := strconv.ParseUint(parts[2], 16, 32)
		return err1 == nil && err2 == nil && v == vendor && p == product
	}
	return false
}

func (h *hidpos) read(ctx context.Context, conn link.Conn, deliver func(code []byte)) error {
	j := &hidJoiner{layout: h.layout, fullGoesOn: h.cfg.HIDPOS.FullGoesOn}
	buf := make([]byte, maxReportBits/8+1)
	for {
		var deadline time.Time
		if j.pending() {
			deadline = time.Now().Add(hidGap)
		}
		if err := conn.SetReadDeadline(deadline); err != nil {
			return err
		}
		n, err := conn.Read(buf)
		dropped := j.dropped
		var code []byte
		switch {
		case err == nil:
			code = j.take(buf[:n])
		case errors.Is(err, os.ErrDeadlineExceeded):
			code = j.silence()
		default:
			j.giveUp()
		}
		if j.dropped != dropped {
			h.cfg.Log.WarnContext(ctx, "damaged code dropped", "bytes", j.dropped-dropped)
		}
		if len(code) > 0 {
			deliver(code)
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("%s: %w", h.addr, lost(err))
		}
	}
}

// A hidJoiner puts codes together from reports.
type hidJoiner struct {
	layout     hidLayout
	fullGoesOn bool

	aim     string
	code    []byte
	open    bool // more must follow
	full    bool // the last report was
	skip    bool // until the last report of a code that is given up
	dropped int
}

// take adds a report and returns the code when it is complete.
func (j *hidJoiner) take(report []byte) []byte {
	l := j.layout
	if l.numbered {
		if len(report) == 0 || report[0] != l.id {
			return nil // a status or a setting
		}
		report = report[1:]
	}
	room := max(0, min(l.data.bits/8, len(report)-l.data.bit/8))
	if room == 0 {
		return nil
	}
	data := report[l.data.bit/8:][:room]
	length := bytes.IndexByte(data, 0)
	if length < 0 {
		length = room
	}
	if l.length.bits > 0 {
		length = l.length.value(report)
	}
	more := l.more.bits > 0 && l.more.value(report) != 0
	if length > room || j.skip || len(j.code)+length > MaxCode {
		j.dropped += len(j.code) + min(length, room)
		j.code, j.open, j.skip = nil, false, more
		return nil
	}
	if !j.open {
		j.aim = l.identifier(report)
	}
	j.code = append(j.code, data[:length]...)
	j.full = length == room
	j.open = more
	if more {
		return nil
	}
	return j.end()
}

// identifier returns the AIM identifier of a report, "" for none.
func (l hidLayout) identifier(report []byte) string {
	var aim [3]byte
	for i, f := range l.aim {
		aim[i] = byte(f.value(report))
	}
	if !identified(append(aim[:], '0')) {
		return ""
	}
	return string(aim[:])
}

// end returns the code in hand.
func (j *hidJoiner) end() []byte {
	code, aim := j.code, j.aim
	j.code, j.aim, j.open = nil, "", false
	if len(code) == 0 || aim == "" || identified(code) && code[1] == aim[1] {
		return code
	}
	return withAIM(aim, code)
}

// silence deals with a code whose next report did not come, and returns it if
// it is whole after all.
func (j *hidJoiner) silence() []byte {
	if j.fullGoesOn && j.open && j.full {
		return j.end()
	}
	j.giveUp()
	return nil
}

// giveUp forgets the code in hand.
func (j *hidJoiner) giveUp() {
	j.dropped += len(j.code)
	j.code, j.aim, j.open, j.skip = nil, "", false, false
}

func (j *hidJoiner) pending() bool { return j.open || j.skip }

// A hidNode is the kernel's.
type hidNode struct{ *os.File }

func openHIDRaw(_ context.Context, path string) (descriptor, error) {
	f, err := openNode(path, "set by a udev rule")
	if err != nil {
		return nil, err
	}
	return hidNode{f}, nil
}

// Descriptor asks the kernel.
func (n hidNode) Descriptor() ([]byte, error) {
	var desc unix.HIDRawReportDescriptor
	err := ioctl(n.File, func(fd int) error {
		size, err := unix.IoctlGetInt(fd, unix.HIDIOCGRDESCSIZE)
		if err != nil {
			return err
		}
		desc.Size = uint32(min(max(size, 0), len(desc.Value)))
		return unix.IoctlHIDGetDesc(fd, &desc)
	})
	if errors.Is(err, unix.ENOTTY) {
		return nil, fmt.Errorf("not a raw HID node: %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("report descriptor: %w", err)
	}
	return desc.Value[:min(int(desc.Size), len(desc.Value))], nil
}
