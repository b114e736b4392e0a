package help

import (
	"testing"
	"time"
)

func friday(seed uint64) Evening {
	return Evening{
		Seed: seed, Lanes: 24, From: noon.Add(5 * time.Hour), Length: 2 * time.Hour,
		Crew: crew("attendant", "attendant", "supervisor"), PerHour: 11, SelfHelp: true,
	}
}

// 24 lanes and three people: with self-help and the policy the urgent are
// reached sooner than in the order they came, and nobody is forgotten.
func TestEvening(t *testing.T) {
	p := DefaultPolicy()
	for seed := range uint64(2) {
		e := friday(seed)
		ours := e.Run(p)
		e.SelfHelp, e.InOrder = false, true
		plain := e.Run(p)
		t.Logf("seed %d: %d wishes, %d by articles, %d calls, %d from afar, claimed after %v (95 %%: %v), urgent %v; in order: %d calls, %v (%v), urgent %v",
			seed, ours.Wishes, ours.ByArticle, ours.Calls, ours.Remote, Median(ours.ToClaim), High(ours.ToClaim), High(ours.UrgentWait),
			plain.Calls, Median(plain.ToClaim), High(plain.ToClaim), High(plain.UrgentWait))
		if ours.Forgotten != 0 || ours.Settled+ours.Waiting != ours.Calls || ours.Wishes != plain.Wishes {
			t.Errorf("seed %d: %d forgotten; %d settled and %d waiting of %d", seed, ours.Forgotten, ours.Settled, ours.Waiting, ours.Calls)
		}
		if ours.ByArticle == 0 || High(ours.UrgentWait) > High(plain.UrgentWait) {
			t.Errorf("seed %d: no better than in order", seed)
		}
	}
}

func TestEveningIsTheSameTwice(t *testing.T) {
	e := friday(7)
	e.Length = 20 * time.Minute
	a, b := e.Run(DefaultPolicy()), e.Run(DefaultPolicy())
	if a.Calls != b.Calls || High(a.ToSettle) != High(b.ToSettle) {
		t.Errorf("%+v and %+v", a, b)
	}
}
