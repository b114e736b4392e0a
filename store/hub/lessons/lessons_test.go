package lessons

import (
	"errors"
	"fmt"
	"testing"

	"kassa/kiosk/bagging"
	"kassa/store/wire"
)

func open(t *testing.T) *Book {
	t.Helper()
	b, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func lesson(key string, n int64, grams float64) wire.Lesson {
	return wire.Lesson{Key: key, Weight: bagging.Weight{N: n, MeanG: grams, Kappa: 20, Alpha: 20, Beta: 80, Calls: 9}}
}

func take(t *testing.T, b *Book, lane string, said wire.Learned) wire.Lessons {
	t.Helper()
	got, err := b.Take(t.Context(), lane, said)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestTake: a lane hears what others know once, in parts, and never itself.
func TestTake(t *testing.T) {
	b := open(t)
	const n = 3*perAnswer + 7
	for from := 0; from < n; from += wire.MaxLessons {
		var part []wire.Lesson
		for i := from; i < min(n, from+wire.MaxLessons); i++ {
			part = append(part, lesson(fmt.Sprintf("a%04d", i), 5, 100))
		}
		if got := take(t, b, "1", wire.Learned{Weights: part}); len(got.Weights) != 0 || got.More {
			t.Fatalf("a lane hears itself: %d", len(got.Weights))
		}
	}
	heard, said := map[string]int{}, wire.Learned{}
	for more := true; more; {
		got := take(t, b, "2", said)
		for _, l := range got.Weights {
			heard[l.Key]++
			if l.Weight.Calls != 0 {
				t.Fatalf("%s: calls of another lane", l.Key)
			}
		}
		said, more = wire.Learned{Boot: got.Boot, Since: got.Serial}, got.More
	}
	if len(heard) != n {
		t.Errorf("heard of %d articles, want %d", len(heard), n)
	}
	take(t, b, "1", wire.Learned{Weights: []wire.Lesson{lesson("a0001", 5, 100), lesson("a0002", 6, 101)}})
	if got := take(t, b, "2", said); len(got.Weights) != 1 || got.Weights[0].Key != "a0002" {
		t.Errorf("heard %+v, want what changed", got.Weights)
	}
	if got := take(t, b, "2", wire.Learned{Boot: "another", Since: said.Since}); len(got.Weights) == 0 {
		t.Error("after another hub's serial nothing is heard")
	}
	take(t, b, "3", wire.Learned{Weights: []wire.Lesson{lesson("a0002", 50, 400)}})
	all, err := b.Articles(t.Context())
	if err != nil || len(all) != n || all[2].Lanes != 2 || len(all[2].Known) != 2 || all[2].Known[0].MeanG != 400 {
		t.Errorf("%d articles, %v; %+v", len(all), err, all[min(2, len(all)-1)])
	}
	if err := b.Forget(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	if all, err := b.Articles(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%d articles after a lane was forgotten, %v", len(all), err)
	}
}

func TestTakeNonsense(t *testing.T) {
	b := open(t)
	bad := lesson("x", 5, -1)
	if _, err := b.Take(t.Context(), "1", wire.Learned{Weights: []wire.Lesson{lesson("y", 5, 100), bad}}); err == nil {
		t.Error("a weight below nothing is taken")
	}
	if _, err := b.Take(t.Context(), "1", wire.Learned{Weights: make([]wire.Lesson, wire.MaxLessons+1)}); err == nil {
		t.Error("a message of any length is taken")
	}
	if got := take(t, b, "2", wire.Learned{}); len(got.Weights) != 0 {
		t.Errorf("something of it was kept: %+v", got.Weights)
	}
	if _, err := b.db.Writer().Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < ?)
		INSERT INTO learned SELECT '1', 'k' || i, i, '{}' FROM n`, MaxArticles); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Take(t.Context(), "1", wire.Learned{Weights: []wire.Lesson{lesson("y", 5, 100)}}); !errors.Is(err, ErrTooMany) {
		t.Errorf("%v, want ErrTooMany", err)
	}
}
