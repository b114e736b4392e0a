package hub_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"kassa/kiosk/bagging"
	"kassa/store/hub/lessons"
	"kassa/store/wire"
)

// school is what a lane has learned.
type school struct {
	mu    sync.Mutex
	known bagging.Weights
}

func (s *school) Learned(context.Context) (bagging.Weights, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.known), nil
}

func (s *school) Learn(_ context.Context, all []wire.Lesson) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range all {
		s.put(l.Key, bagging.MergeWeight(s.known[l.Key], l.Weight))
	}
	return nil
}

func (s *school) put(key string, w bagging.Weight) {
	if s.known == nil {
		s.known = bagging.Weights{}
	}
	s.known[key] = w
}

func (s *school) teach(key string, w bagging.Weight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(key, w)
}

func (s *school) of(key string) bagging.Weight {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[key]
}

func weight(n int64, grams float64) bagging.Weight {
	return bagging.Weight{N: n, MeanG: grams, Kappa: 20, Alpha: 20, Beta: 80}
}

// TestLanesLearnTogether: what one lane has learned of an article the others know,
// also those that were away and after a hub that lost all it had; what one lane
// alone claims of an article that others know is theirs to believe.
func TestLanesLearnTogether(t *testing.T) {
	s := newSite(t, false)
	one, two := s.join("1"), s.join("2")
	one.learns.teach("apple", weight(30, 180))
	two.learns.teach("pear", weight(12, 210))
	knows := func(r *register, key string, n int64) func() bool {
		return func() bool { return r.learns.of(key).N == n }
	}
	till(t, "lane 2 knows the apple", knows(two, "apple", 30))
	till(t, "lane 1 knows the pear", knows(one, "pear", 12))

	two.stop()
	one.learns.teach("plum", weight(5, 60))
	two.learns.teach("fig", weight(6, 40))
	two.link()
	till(t, "lane 2, back, knows the plum", knows(two, "plum", 5))
	till(t, "lane 1 knows the fig", knows(one, "fig", 6))

	s.stop()
	must(t, os.Remove(filepath.Join(s.dir, lessons.FileName)))
	s.start()
	three := s.join("3")
	for _, key := range []string{"apple", "pear", "plum", "fig"} {
		till(t, "lane 3 knows the "+key+" of a hub that had forgotten", func() bool { return three.learns.of(key).MeanG > 0 })
	}

	evil := weight(1<<29, 1500)
	three.learns.teach("apple", evil)
	three.learns.teach("marker", weight(3, 99))
	till(t, "what lane 3 says is heard", knows(two, "marker", 3))
	if w := two.learns.of("apple"); w.MeanG != 180 || w.Second != nil {
		t.Errorf("one lane's word made the apple %.0f g at another: %+v", w.MeanG, w)
	}
}
