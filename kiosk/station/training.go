package station

// A TrainingError is why [Station.Run] returns when staff begin or end practice:
// the lane comes up again with the journal that belongs to it.
type TrainingError struct {
	On bool // practice begins
}

func (e *TrainingError) Error() string {
	if e.On {
		return "practice begins"
	}
	return "practice ends"
}
