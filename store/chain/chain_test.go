package chain

import (
	"encoding/hex"
	"testing"
)

// A hash that was worked out by hand with sha256sum, so that it stays for good:
//
//	printf '15:kassa-journal-1,1:e,1:1,1:r,20:2026-11-22T10:00:00Z,1:5,6:synced,1:7,4:scan,2:{},0:,64:%064d,' 0 | sha256sum
func TestSumStays(t *testing.T) {
	r := Record{Epoch: "e", Seq: 1, Run: "r", At: "2026-11-22T10:00:00Z", Mono: 5, Clock: "synced", Txn: 7, Kind: "scan", Event: "{}"}
	sum := r.Sum()
	if got := hex.EncodeToString(sum[:]); got != "d00f445742dc023a3d839e5f08737463ff555c11f25649b36672710aab5eaa1f" {
		t.Errorf("hash %s", got)
	}
}

// Two records that differ in anything have different hashes, also when their
// fields run together the same.
func TestEveryFieldCounts(t *testing.T) {
	base := Record{Epoch: "e", Seq: 1, Run: "r", At: "a", Mono: 5, Clock: "c", Txn: 7, Kind: "k", Event: "{}", Facts: "f"}
	seen := map[[32]byte]bool{base.Sum(): true}
	for _, change := range []func(*Record){
		func(r *Record) { r.Epoch = "E" },
		func(r *Record) { r.Seq = 2 },
		func(r *Record) { r.Run = "R" },
		func(r *Record) { r.At = "A" },
		func(r *Record) { r.Mono = 6 },
		func(r *Record) { r.Clock = "C" },
		func(r *Record) { r.Txn = 8 },
		func(r *Record) { r.Kind = "K" },
		func(r *Record) { r.Event = "{ }" },
		func(r *Record) { r.Facts = "F" },
		func(r *Record) { r.Prev[31] = 1 },
		func(r *Record) { r.Event, r.Facts = "{}f", "" },
		func(r *Record) { r.Kind, r.Event = "k{", "}" },
	} {
		r := base
		change(&r)
		if sum := r.Sum(); seen[sum] {
			t.Errorf("%+v has the hash of another", r)
		} else {
			seen[sum] = true
		}
	}
}
