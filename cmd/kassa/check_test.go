package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kassa/device/sim"
	"kassa/kiosk/config"
	"kassa/store/catalog"
	"kassa/store/journal"
)

// A farLane is a lane with every device simulated, and its kassa.toml.
type farLane struct {
	file, data string
	scale      *sim.Toledo
	terminal   *sim.ZVT
}

func newFarLane(t *testing.T) *farLane {
	t.Helper()
	dir := t.TempDir()
	clock := sim.NewClock(100)
	keep := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	scanner, err := sim.NewLineScanner(dir+"/scanner", sim.LineScannerOptions{})
	keep(err)
	scale, err := sim.NewToledo(dir+"/scale", clock, sim.ToledoOptions{})
	keep(err)
	bagging, err := sim.NewToledo(dir+"/bagging", clock, sim.ToledoOptions{})
	keep(err)
	terminal, err := sim.NewZVT("127.0.0.1:0", clock, sim.ZVTOptions{})
	keep(err)
	printer, err := sim.NewPrinter("127.0.0.1:0", clock, sim.PrinterOptions{})
	keep(err)
	board, err := sim.NewBoard(dir+"/panel", nil)
	keep(err)
	t.Cleanup(func() {
		for _, far := range []interface{ Close() error }{scanner, scale, bagging, terminal, printer, board} {
			_ = far.Close()
		}
	})
	l := &farLane{file: dir + "/kassa.toml", data: dir + "/data", scale: scale, terminal: terminal}
	keep(os.WriteFile(l.file, fmt.Appendf(nil, `[lane]
id = "1"
store = "0421"
country = "DE"
timezone = "Europe/Berlin"
currency = "EUR"
languages = ["en"]
data = "data"
[shop]
name = "Corner"
[[tax.class]]
id = "A"
name = "7 %%"
rates_ppm = [70000]
[screen]
listen = %q
[[scanner]]
port = %q
protocol = "lines"
[scale]
port = %q
protocol = "toledo8217"
[bagging]
port = %q
protocol = "toledo8217"
[terminal]
port = "tcp://%s"
protocol = "zvt"
[printer]
port = "tcp://%s"
protocol = "escpos"
profile = "epson-80"
[panel]
port = %q
protocol = "lines"
`, freeAddress(t), scanner.Path(), scale.Path(), bagging.Path(), terminal.Addr(), printer.Addr(), board.Path()), 0o600))
	return l
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// imports gives the lane a catalogue of one article in tax class tax.
func (l *farLane) imports(t *testing.T, tax string) {
	t.Helper()
	cat, err := catalog.Open(t.Context(), l.data)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cat.Close() }()
	file := filepath.Join(t.TempDir(), "articles.csv")
	text := "gtin,name,price_minor,tax\n4006381333931,Pen,129," + tax + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := cat.Import(t.Context(), []string{file}, catalog.Options{}, nil); err != nil {
		t.Fatal(err)
	}
}

// check runs the command with --json.
func (l *farLane) check(t *testing.T) (checkReport, error) {
	t.Helper()
	var out bytes.Buffer
	err := (&checkCmd{Config: l.file, JSON: true}).run(t.Context(), &out)
	var r checkReport
	if bad := json.Unmarshal(out.Bytes(), &r); bad != nil {
		t.Fatalf("%v: %s (%v)", bad, out.String(), err)
	}
	return r, err
}

func (r checkReport) device(name string) deviceCheck {
	i := slices.IndexFunc(r.Devices, func(d deviceCheck) bool { return d.Device == name })
	if i < 0 {
		return deviceCheck{Answer: "not in the report"}
	}
	return r.Devices[i]
}

func TestCheckAllAnswer(t *testing.T) {
	t.Parallel()
	l := newFarLane(t)
	l.imports(t, "A")
	l.scale.Put("apples", 1250)
	r, err := l.check(t)
	if err != nil || !r.OK || len(r.Problems) > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, d := range []string{"scanner", "scale", "bagging", "terminal", "printer", "panel"} {
		if got := r.device(d); !got.OK || got.Answer == "" {
			t.Errorf("%s: %+v", d, got)
		}
	}
	if got := r.device("bagging").Answer; !strings.Contains(got, "zero") {
		t.Errorf("an empty bagging scale says %q", got)
	}
	if r.Disk.FlushUS == 0 || r.Disk.Type == "" {
		t.Errorf("disk is %+v", r.Disk)
	}
	if left, _ := filepath.Glob(l.data + "/.kassa-check*"); len(left) > 0 {
		t.Errorf("check left %v", left)
	}
	var table bytes.Buffer
	if err := r.table(&table); err != nil || !strings.Contains(table.String(), "terminal") {
		t.Errorf("table: %v\n%s", err, table.String())
	}
}

func TestCheckUnplugged(t *testing.T) {
	t.Parallel()
	l := newFarLane(t)
	l.imports(t, "A")
	if err := l.scale.Unplug(); err != nil {
		t.Fatal(err)
	}
	if err := l.terminal.Unplug(); err != nil {
		t.Fatal(err)
	}
	r, err := l.check(t)
	if err == nil || r.OK || !strings.Contains(err.Error(), "no answer from scale, terminal") {
		t.Fatalf("%v, want the scale and the terminal named", err)
	}
	if got := r.device("scale"); got.OK || !strings.Contains(got.Answer, "plugged in") {
		t.Errorf("scale: %+v, want a remedy", got)
	}
	if got := r.device("bagging"); !got.OK {
		t.Errorf("bagging: %+v", got)
	}
}

func TestCheckUnknownTaxClass(t *testing.T) {
	t.Parallel()
	l := newFarLane(t)
	l.imports(t, "Z")
	r, err := l.check(t)
	if err == nil || r.OK || len(r.Problems) != 1 || !strings.Contains(r.Problems[0], `"Z"`) {
		t.Errorf("%v, problems %q, want the class Z named", err, r.Problems)
	}
}

func TestCheckWithoutCatalogueMakesNone(t *testing.T) {
	t.Parallel()
	l := newFarLane(t)
	r, err := l.check(t)
	if err != nil || !r.OK {
		t.Fatalf("%+v, %v", r, err)
	}
	if len(r.Warnings) < 2 {
		t.Errorf("warnings are %q, want the folder and the catalogue missed", r.Warnings)
	}
	if _, err := os.Stat(l.data); err == nil {
		t.Error("check made the data folder")
	}
}

// A running lane has its devices open: check must not take a byte from them.
func TestCheckWhileTheLaneRuns(t *testing.T) {
	t.Parallel()
	l := newFarLane(t)
	l.imports(t, "A")
	release, err := journal.LockFolder(l.data)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = release() }()

	r, err := l.check(t)
	if err == nil || !r.Running || !strings.Contains(r.device("scale").Answer, "busy") {
		t.Errorf("%v, %+v, want every device busy", err, r)
	}

	cfg, err := config.Load(l.file)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", cfg.Screen.Listen)
	if err != nil {
		t.Fatal(err)
	}
	page := &httptest.Server{Listener: listener, Config: &http.Server{ //nolint:gosec // a test's
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"ok":false,"devices":[{"device":"scanner","up":true},{"device":"scale","up":true},` +
				`{"device":"bagging","up":true},{"device":"terminal","up":false,"why":"unreachable"},` +
				`{"device":"printer","up":true},{"device":"panel","up":true}]}`))
		}),
	}}
	page.Start()
	defer page.Close()
	asked := l.scale.Asked()
	r, err = l.check(t)
	if err == nil || err.Error() != "check: no answer from terminal" {
		t.Errorf("%v, want the terminal named", err)
	}
	if got := r.device("terminal"); got.Answer != "unreachable" {
		t.Errorf("terminal: %+v, want what the lane says of it", got)
	}
	if l.scale.Asked() != asked {
		t.Error("the scale of a running lane was asked")
	}
}

func TestFindMount(t *testing.T) {
	t.Parallel()
	const info = `22 1 179:2 / / rw,noatime shared:1 - ext4 /dev/root rw,errors=remount-ro
40 22 179:3 / /var/lib/kassa rw,noatime - ext4 /dev/mmcblk0p3 rw,nobarrier
41 22 0:40 / /var/lib/kas rw - tmpfs tmpfs rw
42 22 8:1 / /mnt/a\040b ro,relatime master:1 - vfat /dev/sda1 rw
garbage
43 22 0:41 / /net rw - nfs4 server:/x rw
`
	for _, c := range []struct {
		dir, point, fs string
		warnings       int
	}{
		{"/srv", "/", "ext4", 0},
		{"/var/lib/kassa", "/var/lib/kassa", "ext4", 1},
		{"/var/lib/kassa/x", "/var/lib/kassa", "ext4", 1},
		{"/var/lib/kassandra", "/", "ext4", 0},
		{"/var/lib/kas/y", "/var/lib/kas", "tmpfs", 1},
		{"/mnt/a b/c", "/mnt/a b", "vfat", 2},
		{"/net/d", "/net", "nfs4", 1},
	} {
		m, err := findMount(strings.NewReader(info), c.dir)
		if err != nil || m.point != c.point || m.fs != c.fs || len(m.warnings()) != c.warnings {
			t.Errorf("%s: %+v, %q, %v, want %s %s and %d warnings", c.dir, m, m.warnings(), err, c.point, c.fs, c.warnings)
		}
	}
	if _, err := findMount(strings.NewReader(""), "/x"); err == nil {
		t.Error("a path without a mount was found")
	}
}

func TestKindOfDisk(t *testing.T) {
	t.Parallel()
	sys := t.TempDir()
	disk := func(number, path, rotational string, part bool) {
		t.Helper()
		dir := filepath.Join(sys, "devices", path)
		whole := dir
		if part {
			whole = filepath.Dir(dir)
		}
		for _, d := range []string{dir, whole + "/queue", sys + "/dev/block"} {
			if err := os.MkdirAll(d, 0o750); err != nil {
				t.Fatal(err)
			}
		}
		write := func(file, text string) {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write(whole+"/queue/rotational", rotational)
		if part {
			write(dir+"/partition", "1\n")
		}
		if err := os.Symlink(dir, filepath.Join(sys, "dev/block", number)); err != nil {
			t.Fatal(err)
		}
	}
	disk("179:2", "mmc/mmcblk0/mmcblk0p2", "0\n", true)
	disk("8:1", "ata/sda/sda1", "1\n", true)
	disk("259:1", "nvme/nvme0n1/nvme0n1p1", "0\n", true)
	disk("254:0", "virtio/vda", "1\n", false)
	for number, want := range map[string]string{
		"179:2": "card", "8:1": "rotating", "259:1": "solid", "254:0": "virtual", "7:7": "",
	} {
		if got := (mount{number: number, fs: "ext4"}).kind(sys); got != want {
			t.Errorf("%s is %q, want %q", number, got, want)
		}
	}
}
