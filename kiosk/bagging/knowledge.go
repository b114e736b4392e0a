package bagging

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
)

// Knowledge is all that a check has learned: what articles weigh, what shoppers
// do, what people said of its questions, how the scale behaves. It is kept as
// JSON, and a lane may begin with another's.
type Knowledge struct {
	Version int     `json:"version"`
	Weights Weights `json:"weights"`
	Habits  Habits  `json:"habits"`
	Health  Health  `json:"health"`
}

// knowledgeVersion is of the JSON; what is newer is not understood.
const knowledgeVersion = 2

// ParseKnowledge reads what Knowledge was marshalled to, or, from before there
// was more than weights, a plain Weights object. Numbers that make no sense are
// dropped, and with them what was learned from them.
func ParseKnowledge(data []byte) (Knowledge, error) {
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil || head.Version == 0 {
		k := Knowledge{Version: knowledgeVersion}
		if err := json.Unmarshal(data, &k.Weights); err != nil {
			return Knowledge{}, fmt.Errorf("learned weights: %w", err)
		}
		return k.sound(), nil
	}
	if head.Version < 0 || head.Version > knowledgeVersion {
		return Knowledge{}, fmt.Errorf("what was learned: %w: version %d, want up to %d", errors.ErrUnsupported, head.Version, knowledgeVersion)
	}
	var k Knowledge
	if err := json.Unmarshal(data, &k); err != nil {
		return Knowledge{}, fmt.Errorf("what was learned: %w", err)
	}
	return k.sound(), nil
}

// sound returns k without nonsense.
func (k Knowledge) sound() Knowledge {
	if k.Weights == nil {
		k.Weights = Weights{}
	}
	if !k.Habits.sound() {
		k.Habits = Habits{}
	}
	// Once these were counted of changes.
	before := &k.Habits.Bags[bagBefore]
	before.Of = max(before.Of, k.Habits.Trips-k.Habits.Bags[bagSaid].Of)
	if !k.Health.sound() {
		k.Health = Health{}
	}
	k.Version = knowledgeVersion
	return k
}

// sound reports whether the counts can be counts.
func (h *Habits) sound() bool {
	const most = 1e9
	fine := h.Trips >= 0 && h.Trips <= most
	h.each(func(n, of *float64) { fine = fine && *n >= 0 && *n <= most && *of >= 0 && *of <= most })
	return fine
}

// NewFrom returns a check that starts from what was learned before; it takes
// over the map of weights.
func NewFrom(set Settings, k Knowledge) *Check {
	k = k.sound()
	c := New(set, k.Weights)
	c.habits, c.health = k.Habits, k.Health
	c.rate, c.jitter = c.habits.rates(), k.Health.jitter(c.division)
	return c
}

// Knowledge returns a copy of all that was learned, of what lies on the scale too.
func (c *Check) Knowledge() Knowledge {
	c.teachLying()
	return Knowledge{Version: knowledgeVersion, Weights: maps.Clone(c.weights), Habits: c.habits, Health: c.health}
}
