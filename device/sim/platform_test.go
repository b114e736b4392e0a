package sim

import (
	"slices"
	"testing"
	"time"

	"kassa/kiosk/weight"
)

const ms = time.Millisecond

// record samples p every 10 ms.
func record(p *Platform, from, to time.Duration) []Sample {
	var all []Sample
	for now := from; now < to; now += 10 * ms {
		all = append(all, p.At(now))
	}
	return all
}

func TestPlatformSettlesLikeAScale(t *testing.T) {
	for seed := range uint64(50) {
		p := NewPlatform(PlatformOptions{Division: 5, Seed: seed})
		for _, s := range record(p, 0, 200*ms) {
			if !s.Stable || s.Shown != 0 || s.Milligrams > 2000 || s.Milligrams < -2000 {
				t.Fatalf("seed %d: empty plate says %+v", seed, s)
			}
		}
		p.Put(200*ms, "milk", 1032)
		all := record(p, 200*ms, 1200*ms)
		at := slices.IndexFunc(all, func(s Sample) bool { return s.Stable })
		if took := time.Duration(at) * 10 * ms; took < settleShortest || took > settleLongest+10*ms {
			t.Errorf("seed %d: settled after %v, want 400 to 800 ms", seed, took)
		}
		over := slices.MaxFunc(all, func(a, b Sample) int { return int(a.Milligrams - b.Milligrams) })
		if over.Milligrams < 1_100_000 || over.Milligrams > 2_100_000 {
			t.Errorf("seed %d: highest value is %d mg, want an overshoot", seed, over.Milligrams)
		}
		for _, s := range all[at:] {
			if !s.Stable || s.Shown != 1030 {
				t.Errorf("seed %d: settled at %+v, want 1030 g", seed, s)
				break
			}
		}
		if last := all[at]; last.Milligrams == 1_030_000 || last.Milligrams == all[at+10].Milligrams {
			t.Errorf("seed %d: no noise on the cell", seed)
		}
	}
}

func TestPlatformAddsAndTakes(t *testing.T) {
	p := NewPlatform(PlatformOptions{Division: 1, Seed: 3})
	now := time.Duration(0)
	rest := func() weight.Grams {
		now += time.Second
		s := p.At(now)
		if !s.Stable {
			t.Errorf("not stable a second after the last change")
		}
		return s.Shown
	}
	p.Put(now, "a", 100)
	p.Put(now, "b", 20)
	p.Put(now, "a", 3)
	if got := rest(); got != 123 {
		t.Errorf("%d g, want 123", got)
	}
	if !slices.Equal(p.Items(), []string{"a", "b", "a"}) {
		t.Errorf("items = %q", p.Items())
	}
	if !p.Take(now, "a") || rest() != 120 {
		t.Errorf("took the wrong a: %d g", p.At(now).Shown)
	}
	if p.Take(now, "c") || rest() != 120 {
		t.Error("took what is not there")
	}
	p.Clear(now)
	if got := rest(); got != 0 || len(p.Items()) != 0 {
		t.Errorf("%d g after Clear", got)
	}
}

func TestPlatformLean(t *testing.T) {
	p := NewPlatform(PlatformOptions{Division: 1, Seed: 9})
	p.Put(0, "bag", 500)
	p.At(time.Second)
	p.Lean(2*time.Second, 300, 1200*ms)
	most := weight.Grams(0)
	for _, s := range record(p, 2*time.Second, 3200*ms) {
		if s.Stable {
			t.Fatal("stable while somebody leans on it")
		}
		most = max(most, s.Shown)
	}
	if most < 780 || most > 850 {
		t.Errorf("at most %d g shown, want about 800", most)
	}
	if s := p.At(4 * time.Second); !s.Stable || s.Shown != 500 {
		t.Errorf("after the hand is gone: %+v, want 500 g", s)
	}
}

func TestPlatformIsRepeatable(t *testing.T) {
	run := func(seed uint64) []Sample {
		p := NewPlatform(PlatformOptions{Division: 2, Seed: seed})
		p.Put(100*ms, "x", 333)
		p.Lean(600*ms, 50, time.Second)
		return record(p, 100*ms, 3*time.Second)
	}
	if !slices.Equal(run(5), run(5)) {
		t.Error("the same seed gave two courses")
	}
	if slices.Equal(run(5), run(6)) {
		t.Error("two seeds gave the same course")
	}
}

// A settled load does not flicker between two divisions all day long.
func TestPlatformHoldsItsDisplay(t *testing.T) {
	for g := weight.Grams(730); g < 740; g++ {
		p := NewPlatform(PlatformOptions{Division: 5, Seed: uint64(g)})
		p.Put(0, "x", g)
		first := p.At(time.Second).Shown
		for now := time.Second; now < 12*time.Minute; now += 130 * ms {
			if s := p.At(now); s.Shown != first {
				t.Errorf("%d g: shown %d, later %d", g, first, s.Shown)
				break
			}
		}
	}
}
