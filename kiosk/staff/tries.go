package staff

import "time"

// The pause after wrong PINs: the fifth in a row costs 30 s, each further one
// twice as much up to 15 min. Beyond patient it is 30 min, so that a thief with
// somebody's badge and all day has less than one chance in 10,000.
const (
	freeTries    = 5
	firstPause   = 30 * time.Second
	longestPause = 15 * time.Minute
	patient      = 40
	patientPause = 30 * time.Minute
)

// Tries are somebody's wrong PINs in a row.
type Tries struct {
	Wrong int
	Last  time.Time // of the last one
}

// Fail returns t after one more wrong PIN at now.
func (t Tries) Fail(now time.Time) Tries { return Tries{Wrong: t.Wrong + 1, Last: now} }

// Settle puts a last try that lies in the future back to now. A board without a
// clock battery boots in 1970: the pause begins again then, instead of lasting
// until the clock is set.
func (t Tries) Settle(now time.Time) Tries {
	if t.Last.After(now) {
		t.Last = now
	}
	return t
}

// Wait returns how long after now the next PIN may be tried; 0: at once.
func (t Tries) Wait(now time.Time) time.Duration {
	t = t.Settle(now)
	return max(0, t.Last.Add(t.pause()).Sub(now))
}

func (t Tries) pause() time.Duration {
	if t.Wrong < freeTries {
		return 0
	}
	if t.Wrong >= patient {
		return patientPause
	}
	pause := firstPause
	for range t.Wrong - freeTries {
		pause = min(2*pause, longestPause)
	}
	return pause
}
