package station

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"

	"kassa/kiosk/bagging"
	"kassa/kiosk/flow"
)

// What the bagging check of a lane has learned lies in the data folder as one
// JSON object ([bagging.Knowledge]); older files, with weights alone, are still
// read. Losing it costs only learning, so it is written at most once in
// keepEvery, and when the lane stops.
const (
	knowledgeFile = "weights.json"
	importedFile  = "weights-import.json" // put there for a running lane to take in
	keepEvery     = time.Minute
)

// ReadKnowledge returns what the lane with this data folder has learned; nothing
// where there is no file.
func ReadKnowledge(dir string) (bagging.Knowledge, error) {
	return readKnowledge(filepath.Join(dir, knowledgeFile))
}

func readKnowledge(name string) (bagging.Knowledge, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = []byte("{}"), nil
	}
	if err != nil {
		return bagging.Knowledge{}, fmt.Errorf("what was learned: %w", err)
	}
	k, err := bagging.ParseKnowledge(data)
	if err != nil {
		return bagging.Knowledge{}, fmt.Errorf("%s: %w", name, err)
	}
	return k, nil
}

// WriteKnowledge replaces what the lane with this data folder has learned. It
// must not be running: a lane that runs keeps its own ([ImportKnowledge]).
func WriteKnowledge(dir string, k bagging.Knowledge) error {
	return writeFile(filepath.Join(dir, knowledgeFile), k)
}

// ImportKnowledge leaves what another lane has learned for the running lane to
// take in between two sales.
func ImportKnowledge(dir string, k bagging.Knowledge) error {
	waiting, err := readKnowledge(filepath.Join(dir, importedFile))
	if err != nil {
		waiting = bagging.Knowledge{} // it would not be taken in either
	}
	return writeFile(filepath.Join(dir, importedFile), MergeKnowledge(waiting, k))
}

// fewTrips is how many trips a lane's own habits must be counted over to be kept
// where those of another lane are offered.
const fewTrips = 100

// MergeKnowledge returns what a lane that has learned mine knows after it took in
// theirs:
//
//   - Weights as [bagging.MergeWeight] says: nothing counts double, and a weight that
//     contradicts a well known one is not taken over, only easily believed.
//   - Who was called about an article, and how often for nothing, stays what it
//     was here: it is about this lane.
//   - Habits of shoppers, and what people said, are taken only where this lane
//     has fewer than fewTrips and theirs has more.
//   - The health of the scale is never taken: theirs is another scale.
func MergeKnowledge(mine, theirs bagging.Knowledge) bagging.Knowledge {
	out := mine
	out.Version = max(mine.Version, theirs.Version)
	out.Weights = maps.Clone(mine.Weights)
	if out.Weights == nil {
		out.Weights = bagging.Weights{}
	}
	for key, w := range theirs.Weights {
		out.Weights[key] = bagging.MergeWeight(mine.Weights[key], w)
	}
	if mine.Habits.Trips < min(fewTrips, theirs.Habits.Trips) {
		out.Habits = theirs.Habits
	}
	return out
}

// startKnowing makes the check from what was learned before. What cannot be read
// was half written or is from elsewhere: the lane learns anew.
func (s *Station) startKnowing(ctx context.Context) {
	var k bagging.Knowledge
	var err error
	if s.o.Dir != "" {
		k, err = ReadKnowledge(s.o.Dir)
	}
	if err != nil {
		s.o.Log.WarnContext(ctx, "learned weights", "err", err)
		k = bagging.Knowledge{}
	}
	s.check = bagging.NewFrom(s.o.Bagging, k)
	s.takeImport(ctx)
}

// takeImport takes in what was put there for this lane, between two sales.
func (s *Station) takeImport(ctx context.Context) {
	name := filepath.Join(s.o.Dir, importedFile)
	if s.o.Dir == "" {
		return
	}
	if _, err := os.Stat(name); err != nil {
		return
	}
	theirs, err := readKnowledge(name)
	if err == nil {
		k := MergeKnowledge(s.check.Knowledge(), theirs)
		if err = WriteKnowledge(s.o.Dir, k); err == nil {
			s.check = bagging.NewFrom(s.o.Bagging, k)
			if d, known := s.state.Devices[flow.DeviceBagging]; known && !d.Up {
				s.check.Step(bagging.Scale{T: time.Since(s.start)})
			}
			s.kept = time.Now()
			s.o.Log.InfoContext(ctx, "learned weights taken in", "articles", len(theirs.Weights))
		}
	}
	if err != nil {
		s.o.Log.ErrorContext(ctx, "learned weights not taken in", "err", err)
	}
	if err := removed(name); err != nil {
		s.o.Log.ErrorContext(ctx, "learned weights", "err", err)
	}
}

// taught notes that the check may know more after in. What was learned is handed
// on when a trip has ended.
func (s *Station) taught(in bagging.Input) {
	_, told := in.(bagging.Told)
	_, looked := in.(bagging.Staff)
	_, end := in.(bagging.End)
	s.unkept = s.unkept || told || looked || end
	if end {
		s.keepWeights()
	}
}

// keepWeights hands on what was learned, at most once in keepEvery.
func (s *Station) keepWeights() {
	if !s.unkept || s.o.Dir == "" || time.Since(s.kept) < keepEvery {
		return
	}
	s.kept, s.unkept = time.Now(), false
	replace(s.learned, s.check.Knowledge())
}

// keepLast writes down what no one has yet, when the lane stops.
func (s *Station) keepLast(ctx context.Context) {
	if s.o.Dir == "" || s.check == nil {
		return
	}
	select {
	case <-s.learned: // older than what the check knows now
		s.unkept = true
	default:
	}
	if !s.unkept {
		return
	}
	if err := WriteKnowledge(s.o.Dir, s.check.Knowledge()); err != nil {
		s.o.Log.WarnContext(ctx, "learned weights", "err", err)
	}
}

// learn writes down what was learned: a card that takes a second for it does
// not hold up the lane.
func (s *Station) learn(ctx context.Context) error {
	for {
		select {
		case k := <-s.learned:
			if err := WriteKnowledge(s.o.Dir, k); err != nil {
				s.o.Log.WarnContext(ctx, "learned weights", "err", err)
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// writeFile replaces a file as a whole: a crash leaves the old one or the new.
func writeFile(path string, v any) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".weights-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, removed(f.Name()))
		}
	}()
	w := bufio.NewWriter(f)
	if err = json.NewEncoder(w).Encode(v); err == nil {
		err = w.Flush()
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
