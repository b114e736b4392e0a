package station

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"kassa/kiosk/bagging"
)

// weightsFile holds what the bagging check has learned, one JSON object by
// article, in the form `kassa bagging replay --weights` reads. Losing it costs
// only learning.
const weightsFile = "weights.json"

func readWeights(dir string) bagging.Weights {
	data, err := os.ReadFile(filepath.Join(dir, weightsFile))
	if err != nil {
		return bagging.Weights{}
	}
	known := bagging.Weights{}
	if json.Unmarshal(data, &known) != nil {
		return bagging.Weights{} // half written, or from elsewhere: learn anew
	}
	return known
}

// keepWeights hands on what was learned since the last time. When the disk is
// far behind, this trip's lesson is lost.
func (s *Station) keepWeights() {
	learned := s.check.Learned()
	if len(learned) == 0 {
		return
	}
	select {
	case s.learned <- learned:
	default:
	}
}

// learn writes down what was learned: a card that takes a second for it does
// not hold up the lane.
func (s *Station) learn(ctx context.Context) error {
	known := readWeights(s.o.Dir)
	for {
		select {
		case learned := <-s.learned:
			for _, u := range learned {
				known[u.Key] = u.Weight
			}
			if err := writeFile(filepath.Join(s.o.Dir, weightsFile), known); err != nil {
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
