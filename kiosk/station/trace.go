package station

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"kassa/kiosk/bagging"
)

// A trace keeps the raw input of the bagging check, one file per day, for
// `kassa bagging replay`. It is bounded and no record: whatever goes wrong with
// it, the lane goes on.
type trace struct {
	dir   string
	day   string
	file  *os.File
	out   *bufio.Writer
	size  int64
	since time.Duration // start of the trip
}

// Bounds of the trace: a full day of samples at ten a second is about 40 MB.
const (
	traceDays = 7
	traceMax  = 64 << 20
)

// newTrace prepares a trace in dir/trace; with no dir there is none.
func newTrace(dir string) *trace {
	if dir == "" {
		return &trace{}
	}
	return &trace{dir: filepath.Join(dir, "trace")}
}

// input notes what the check was told, so long after the station began.
func (t *trace) input(in bagging.Input, now time.Duration) {
	if s, ok := in.(bagging.Start); ok {
		t.since = s.T
		t.flush()
	}
	if line, ok := bagging.TraceOf(in, max(0, now-t.since)); ok {
		t.write(line)
	}
}

func (t *trace) write(line bagging.TraceLine) {
	if t.dir == "" || !t.open(time.Now().UTC().Format(time.DateOnly)) || t.size > traceMax {
		return
	}
	data, err := json.Marshal(line)
	if err != nil {
		return
	}
	n, _ := t.out.Write(append(data, '\n'))
	t.size += int64(n)
}

// open has the day's file open, and deletes the oldest.
func (t *trace) open(day string) bool {
	if t.file != nil && t.day == day {
		return true
	}
	t.close()
	if err := os.MkdirAll(t.dir, 0o700); err != nil {
		return false
	}
	f, err := os.OpenFile(filepath.Join(t.dir, day+".jsonl"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return false
	}
	t.file, t.out, t.day, t.size = f, bufio.NewWriter(f), day, 0
	if info, err := f.Stat(); err == nil {
		t.size = info.Size()
	}
	t.prune()
	return true
}

// prune keeps the newest days.
func (t *trace) prune() {
	files, err := filepath.Glob(filepath.Join(t.dir, "????-??-??.jsonl")) // sorted by name, which is by day
	if err != nil {
		return
	}
	for len(files) > traceDays {
		if os.Remove(files[0]) != nil {
			return
		}
		files = files[1:]
	}
}

func (t *trace) flush() {
	if t.out != nil {
		_ = t.out.Flush()
	}
}

func (t *trace) close() {
	if t.file == nil {
		return
	}
	t.flush()
	_ = t.file.Close()
	t.file = nil
}
