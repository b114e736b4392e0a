package bagging

import "math"

// A jitter is how far off the mean of a scale's samples is. Samples are rounded to
// the division; where they waver by more than a part of that, their mean is finer
// than any of them, as with dither, and where they stand still it is not.
type jitter struct {
	known    bool
	division float64
	each1    float64 // variance of one sample that others average out,
	stays    float64 // and of what they do not
}

const (
	jitterKept   = 20_000 // pairs of samples that are remembered
	jitterEnough = 300    // ... and from which they say something
	leastEach    = 0.35   // square grams that a settled load may always be off
	fewSamples   = 4      // of a load that has just settled
)

// jitters counts two samples of one load that are d grams apart.
func (h *Health) jitters(d float64) {
	if h.Pairs >= jitterKept {
		h.Pairs, h.Jitter = h.Pairs/2, h.Jitter/2
	}
	h.Pairs++
	h.Jitter += d * d / 2
}

// jitter works out what the samples tell.
func (h *Health) jitter(division float64) jitter {
	j := jitter{division: division}
	if h.Pairs < jitterEnough {
		return j
	}
	seen, round := h.Jitter/h.Pairs, division*division/12
	left := func(v float64) float64 { return round * math.Exp(-4*math.Pi*math.Pi*v/(division*division)) }
	lo, hi := 0.0, seen+1 // variance of the scale before it rounds
	for range 40 {
		v := (lo + hi) / 2
		if v+round-left(v) < seen {
			lo = v
		} else {
			hi = v
		}
	}
	j.known, j.stays = true, left(lo)
	j.each1 = lo + round - j.stays
	return j
}

// each is the variance of the mean of n samples.
func (j *jitter) each(n int) float64 {
	if !j.known {
		sd := math.Max(1, j.division/5)
		return sd*sd + j.division*j.division/12
	}
	return math.Max(j.each1/float64(min(max(n, 1), runMemory))+j.stays, leastEach)
}
