// Package flow is the shop flow of one lane as a pure function.
//
// [Step] takes the rules of the lane, its [State] and one [Event], and returns
// the next state and the [Effect]s to carry out. It reads no clock, does no I/O
// and starts no goroutine: the same events always give the same states. [Look]
// turns a state into the [View] that the shopper's page shows. Package station
// feeds Step, writes down what it says and acts for it; nothing else does.
//
// Read it in this order: event.go (what can happen), state.go (what a lane
// remembers), step.go (who handles what), then one file a matter: touch.go,
// selling.go, symbols.go, limits.go, withdrawn.go, prices.go, weighing.go, scaling.go,
// bagcheck.go, help.go, hold.go, paying.go, leaving.go, staff.go, afar.go, open.go.
// effect.go says what may be asked for and what must be durable before, look.go
// and view.go what people see, decide.go and facts.go what the journal keeps,
// recover.go how a lane is taken up again. The scenarios in testdata are scripts
// anyone can read; a change of a rule shows there first.
//
// Its one rule: what the core needs from outside (an article and its price, the
// time, a terminal's answer) arrives on the event, so a journal replays to the
// same sale anywhere. Where a change of Step would take an old journal elsewhere,
// it counts [Rev] up and asks State.Rev.
package flow
