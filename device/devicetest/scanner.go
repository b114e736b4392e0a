package devicetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/device/link"
	"kassa/device/scanner"
	"kassa/device/sim"
)

// A Scanner is a scanner driver under test.
type Scanner interface {
	Run(ctx context.Context, deliver func(scanner.Scan)) error
}

// NewScanner opens the driver under test on a port. It must pass o on to
// link.Keep.
type NewScanner func(t *testing.T, port string, o link.Options) Scanner

type scannerTest struct {
	harness[scanner.Scan]
	far FarScanner
}

func startScanner(t *testing.T, open NewScanner, o sim.LineScannerOptions) *scannerTest {
	t.Helper()
	far, err := sim.NewLineScanner(portPath(t, "scanner"), o)
	must(t, err)
	t.Cleanup(func() { must(t, far.Close()) })
	return startOn(t, open, far)
}

// startOn runs the driver under test on far.
func startOn(t *testing.T, open NewScanner, far FarScanner) *scannerTest {
	t.Helper()
	s := &scannerTest{far: far}
	s.t = t
	s.run(open(t, far.Path(), s.quick()).Run)
	s.untilUp()
	return s
}

// want waits for exactly these codes, and for nothing after them.
func (s *scannerTest) want(codes ...string) {
	s.t.Helper()
	s.until(fmt.Sprintf("the codes %.40q have come", codes), func() bool { return len(s.got) >= len(codes) })
	if len(codes) == 0 {
		time.Sleep(calm)
	}
	var got []string
	for _, c := range s.take() {
		got = append(got, string(c.Code))
		if c.At.IsZero() {
			s.t.Errorf("code %q has no time", c.Code)
		}
	}
	if !slices.Equal(got, codes) {
		s.t.Errorf("codes = %.80q, want %.80q", got, codes)
	}
}

// TestScanner checks a driver that reads codes as lines ending in CR.
func TestScanner(t *testing.T, open NewScanner) {
	t.Run("normal use", func(t *testing.T) {
		s := startScanner(t, open, sim.LineScannerOptions{})
		for _, code := range []string{"4006381333931", "]d20109506000134352\x1d10AB-12", "1", strings.Repeat("7", 2000)} {
			must(t, s.far.Scan(code))
			s.want(code)
		}
	})
	t.Run("split and joined", func(t *testing.T) {
		slow := startScanner(t, open, sim.LineScannerOptions{ByteTime: time.Millisecond, Suffix: "\r\n"})
		must(t, slow.far.Scan("4006381333931"))
		slow.want("4006381333931")
		s := startScanner(t, open, sim.LineScannerOptions{})
		must(t, s.far.Send([]byte("111\r222\r33")))
		must(t, s.far.Send([]byte("3\r")))
		s.want("111", "222", "333")
	})
	t.Run("half a code, then silence", func(t *testing.T) {
		s := startScanner(t, open, sim.LineScannerOptions{})
		must(t, s.far.Send([]byte("40063")))
		time.Sleep(3 * scanner.DefaultGap) // the driver may hear of the half late
		must(t, s.far.Scan("96385074"))
		s.want("96385074")
	})
	t.Run("garbage", func(t *testing.T) {
		s := startScanner(t, open, sim.LineScannerOptions{})
		for range 20 { // far more than a code can be long; paced, as a wire is
			must(t, s.far.Send([]byte(strings.Repeat("\xff\x00~", 200))))
			time.Sleep(time.Millisecond)
		}
		must(t, s.far.Send([]byte("\r")))
		must(t, s.far.Scan("96385074"))
		s.want("96385074")
	})
	t.Run("unplugged at every moment", func(t *testing.T) { testScannerUnplug(t, open) })
	t.Run("lane restarted", func(t *testing.T) { // the second run reads on where the first had the port
		far, err := sim.NewLineScanner(portPath(t, "scanner"), sim.LineScannerOptions{})
		must(t, err)
		t.Cleanup(func() { must(t, far.Close()) })
		for _, life := range []string{"first", "second", "third"} {
			t.Run(life, func(t *testing.T) {
				s := &scannerTest{far: far}
				s.t = t
				s.run(open(t, far.Path(), s.quick()).Run)
				s.untilUp()
				must(t, far.Scan(life))
				s.want(life)
				must(t, far.Send([]byte("half"))) // dies with this run
			})
		}
	})
}

func testScannerUnplug(t *testing.T, open NewScanner) {
	const code = "4006381333931\r"
	s := startScanner(t, open, sim.LineScannerOptions{})
	for cut := range len(code) {
		must(t, s.far.Send([]byte(code[:cut])))
		must(t, s.far.Unplug())
		s.untilDown()
		must(t, s.far.Plug())
		s.untilUp()
		must(t, s.far.Scan("96385074"))
		s.want("96385074")
	}
	must(t, s.far.Unplug()) // and while nobody is there at all
	s.untilDown()
	must(t, s.far.Scan("lost"))
	must(t, s.far.Plug())
	s.untilUp()
	s.want()
}

// BenchScanner shows what a real scanner on port sends, for as long as it takes
// to scan three codes.
func BenchScanner(t *testing.T, open NewScanner, port string) {
	t.Helper()
	s := &scannerTest{}
	s.t = t
	s.run(open(t, port, s.quick()).Run)
	s.untilUp()
	t.Log("scan three codes")
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(calm) {
		s.mu.Lock()
		n := len(s.got)
		s.mu.Unlock()
		if n >= 3 {
			break
		}
	}
	got := s.take()
	for _, c := range got {
		t.Logf("%q", c.Code)
	}
	if len(got) < 3 {
		t.Errorf("%d codes came in a minute, want 3", len(got))
	}
}
