package journal

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"kassa/kiosk/flow"
)

// small is a record of a usual size that derives nothing.
func small() Entry {
	e := entry(1, "Scanned", flow.Facts{})
	e.Event = json.RawMessage(`{"at":{"mono":81234567890,"wall":"2026-11-23T10:00:00+01:00","clock":"synced"},` +
		`"code":{"raw":"4006381333931","kind":"article","gtin":"04006381333931"},"article":null}`)
	return e
}

func quantile(d []time.Duration, q float64) time.Duration {
	slices.Sort(d)
	return d[int(q*float64(len(d)-1))]
}

// BenchmarkCommit compares one durable record with a bare write and flush of
// the same bytes, in alternating blocks within one run, so that a busy disk
// does not decide. One iteration is one block of each.
func BenchmarkCommit(b *testing.B) {
	const block = 60
	dir := b.TempDir()
	j := opened(b, dir)
	logSize := func() int64 {
		info, err := os.Stat(filepath.Join(dir, FileName+"-wal"))
		if err != nil {
			b.Fatal(err)
		}
		return info.Size()
	}
	put(b, j, small())
	before := logSize()
	for range 50 {
		put(b, j, small())
	}
	bytes := (logSize() - before) / 50
	for range 400 {
		put(b, j, small()) // until the log is used again from its beginning
	}
	f, err := os.Create(filepath.Join(dir, "bare"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	const size = 4 << 20
	if _, err := f.Write(make([]byte, size)); err != nil {
		b.Fatal(err)
	}
	buf, at := make([]byte, bytes), int64(0)
	var ours, bare []time.Duration
	for b.Loop() {
		for range block {
			begin := time.Now()
			put(b, j, small())
			ours = append(ours, time.Since(begin))
		}
		for range block {
			begin := time.Now()
			if _, err := f.WriteAt(buf, at); err != nil {
				b.Fatal(err)
			}
			if err := syscall.Fdatasync(int(f.Fd())); err != nil {
				b.Fatal(err)
			}
			bare = append(bare, time.Since(begin))
			if at += bytes; at > size-bytes {
				at = 0
			}
		}
	}
	b.ReportMetric(float64(bytes), "bytes/commit")
	b.ReportMetric(float64(quantile(ours, 0.5).Microseconds()), "us-p50")
	b.ReportMetric(float64(quantile(ours, 0.5))/float64(quantile(bare, 0.5)), "ratio-p50")
	b.ReportMetric(float64(quantile(ours, 0.98))/float64(quantile(bare, 0.98)), "ratio-p98")
}

// BenchmarkProducers compares 32 producers, each waiting for its own record,
// with one, in alternating blocks. One iteration is one block of each.
func BenchmarkProducers(b *testing.B) {
	j := opened(b, b.TempDir())
	produce := func(producers, each int) (perSecond float64, took []time.Duration) {
		begin := time.Now()
		all := make([][]time.Duration, producers)
		var wg sync.WaitGroup
		for p := range producers {
			wg.Go(func() {
				for range each {
					begin := time.Now()
					put(b, j, small())
					all[p] = append(all[p], time.Since(begin))
				}
			})
		}
		wg.Wait()
		return float64(producers*each) / time.Since(begin).Seconds(), slices.Concat(all...)
	}
	var one, many []float64
	var oneTook, manyTook []time.Duration
	for b.Loop() {
		rate, took := produce(1, 100)
		one, oneTook = append(one, rate), append(oneTook, took...)
		rate, took = produce(32, 100)
		many, manyTook = append(many, rate), append(manyTook, took...)
	}
	slices.Sort(one)
	slices.Sort(many)
	b.ReportMetric(one[len(one)/2], "one/s")
	b.ReportMetric(many[len(many)/2], "many/s")
	b.ReportMetric(many[len(many)/2]/one[len(one)/2], "ratio-rate")
	b.ReportMetric(float64(quantile(manyTook, 0.5))/float64(quantile(oneTook, 0.5)), "ratio-p50")
}
