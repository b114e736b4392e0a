package station

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"kassa/kiosk/bagging"
)

// TestMergeKnowledge: whoever saw more pieces is believed whole; what is about
// this lane stays; taking the same in twice changes nothing.
func TestMergeKnowledge(t *testing.T) {
	known := func(n int64, mean float64) bagging.Weight {
		return bagging.Weight{N: n, MeanG: mean, Kappa: 5, Alpha: 3, Beta: 2}
	}
	mine := bagging.Knowledge{Version: 2, Weights: bagging.Weights{
		"more-here": known(9, 500), "more-there": known(2, 500), "same": known(4, 500), "here": known(1, 500),
	}}
	w := mine.Weights["more-there"]
	w.Calls, w.False = 3, 2
	mine.Weights["more-there"] = w
	mine.Habits.Trips, mine.Health.Lost = 20, 7
	theirs := bagging.Knowledge{Version: 2, Weights: bagging.Weights{
		"more-here": known(3, 600), "more-there": known(8, 600), "same": known(4, 600), "there": known(1, 600),
	}}
	theirs.Habits.Trips, theirs.Health.Lost = 300, 1

	got := MergeKnowledge(mine, theirs)
	for key, want := range map[string]float64{"more-here": 500, "more-there": 600, "same": 500, "here": 500, "there": 600} {
		if got.Weights[key].MeanG != want {
			t.Errorf("%s: %.0f g, want %.0f", key, got.Weights[key].MeanG, want)
		}
	}
	if w := got.Weights["more-there"]; w.Calls != 3 || w.False != 2 {
		t.Errorf("calls %d, false %d, want this lane's own 3 and 2", w.Calls, w.False)
	}
	if got.Habits.Trips != 300 || got.Health.Lost != 7 {
		t.Errorf("habits of %.0f trips, scale lost %.0f times, want 300 and its own 7", got.Habits.Trips, got.Health.Lost)
	}
	if again := MergeKnowledge(got, theirs); !reflect.DeepEqual(again, got) {
		t.Errorf("taken in twice: %+v, want %+v", again, got)
	}
	if len(mine.Weights) != 4 {
		t.Error("what was merged was changed")
	}
	mine.Habits.Trips = fewTrips
	if got := MergeKnowledge(mine, theirs); got.Habits.Trips != fewTrips {
		t.Errorf("habits of %.0f trips, want the lane's own", got.Habits.Trips)
	}
}

// TestKnowledgeFiles: a file of an older version is read, a broken one is said
// to be so, and what was imported twice before the lane took it in is all there.
func TestKnowledgeFiles(t *testing.T) {
	dir := t.TempDir()
	if k, err := ReadKnowledge(dir); err != nil || len(k.Weights) != 0 {
		t.Errorf("no file: %v, %v", k, err)
	}
	name := filepath.Join(dir, knowledgeFile)
	old := `{"04006381333931":{"n":3,"mean_g":55,"kappa":3,"alpha":3,"beta":4}}`
	if err := os.WriteFile(name, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	k, err := ReadKnowledge(dir)
	if err != nil || k.Weights["04006381333931"].MeanG != 55 {
		t.Errorf("an older file: %+v, %v", k, err)
	}
	if err := WriteKnowledge(dir, k); err != nil {
		t.Fatal(err)
	}
	if again, err := ReadKnowledge(dir); err != nil || !reflect.DeepEqual(again, k) {
		t.Errorf("written and read: %+v, %v, want %+v", again, err, k)
	}
	if err := os.WriteFile(name, []byte(old[:20]), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadKnowledge(dir); err == nil {
		t.Error("half a file was read")
	}
	for _, key := range []string{"a", "b"} {
		if err := ImportKnowledge(dir, bagging.Knowledge{Weights: bagging.Weights{key: {N: 1, MeanG: 100, Kappa: 1, Alpha: 2, Beta: 2}}}); err != nil {
			t.Fatal(err)
		}
	}
	if k, err := readKnowledge(filepath.Join(dir, importedFile)); err != nil || len(k.Weights) != 2 {
		t.Errorf("two imports: %+v, %v", k, err)
	}
}
