// Package bagging tells whether the weight in the bagging area fits what was
// scanned. It takes raw samples of the scale and what happened at the lane, and
// gives back decisions: all is well, a hint for the shopper, a call for a
// person. It finds settled loads by itself, matches each change of the load
// with the articles still waiting to be bagged, and learns what each article
// weighs.
//
// It does not read scales, show hints or ring for anybody; it knows no prices
// and no names. It is pure: time comes in with each input, as a monotonic
// [time.Duration] since whatever the caller likes, and never runs backwards.
//
// Its one rule: only weight that nobody has paid for can call a person. What is
// missing from the scale or was taken away costs the store nothing; it may hint
// and never calls.
//
// # How it decides
//
// A change of the load is first explained: a subset of the waiting articles, an
// own bag, both, something taken out or put back, an open question undone. What
// is left unexplained becomes a question: it may be a hand, an article bagged
// before its scan, one that leans on the frame, a new packaging, or something
// unpaid. Each story has a prior and a likelihood, and those that promise to
// end (the hand goes, the scan comes) fade with every second they do not. The
// share of the unpaid stories is [Decision].PUnpaid. A question first waits,
// then hints, and calls when it has stood for [Settings].CallAfter with at least
// [Settings].CallAt. The next change, or the next scan, can close it at any time.
//
// # How it is run
//
// One goroutine owns a [Check], steps it with every sample and event, and with a
// [Tick] when [Check.Next] says so; it hands the decisions to the flow and keeps
// what [Check.Learned] returns:
//
//	for _, d := range check.Step(in) { ... }
//	if at, ok := check.Next(); ok { timer.Reset(at - now()) }
//
// A decision is only given when a load settled, when a line was voided, at pay,
// and when what should be shown changes. OK closes what was shown; Call comes
// once for each question, and while that stands the verdict is Hint.
package bagging
