// Package bagging tells whether the weight in the bagging area fits what was
// scanned. It takes raw samples of the scale and what happened at the lane, and
// gives back decisions: all is well, a hint for the shopper, a call for a
// person. It finds settled loads by itself, matches each change of the load
// with the articles still waiting to be bagged, and learns what each article
// weighs.
//
// It does not read scales, show hints or ring for anybody; it knows no names, and
// of prices only which is higher. It is pure: time comes in with each input, as a monotonic
// [time.Duration] since whatever the caller likes, and never runs backwards.
//
// Its one rule: only weight that nobody has paid for can call a person. What is
// missing from the scale or was taken away costs the store nothing; it may hint
// and never calls.
//
// # How it decides
//
// It keeps several accounts of the trip side by side: which scanned pieces wait,
// which are on the scale and what each weighed when it came, and what else is
// there: a hand, something bagged before its scan, a voided piece, something
// unpaid. A settled change of the load is explained on top of every account by
// every story that could: waiting pieces, alone or together; an own bag; a hand
// that comes or goes; an article that leans on the frame, or in a new packaging;
// something taken out or put back; something unpaid, with a scanned piece or in
// its place. A story has a prior and a likelihood; the best of both sorts, with
// and without something unpaid, go on as the new accounts, and equal ones are
// added up. So nothing is decided before the next change or the next scan has
// had its say.
//
// Time is evidence too: a story that promises to end (the hand goes, the scan
// comes, the waiting article is bagged) fades with every second it does not.
// The share of the accounts with something unpaid is [Decision].PUnpaid. A doubt
// first waits, then hints, and calls when it has stood for [Settings].CallAfter
// with at least [Settings].CallAt; one that never got there is written off.
// Nothing is judged while the load moves; at [Pay] it is waited for. What is unpaid
// is no less so once it was lifted out and put back, or when it left with the bag it
// lies in: there it is still asked about.
//
// What people do at the lane is counted from the accounts themselves, trip by
// trip ([Habits]): how often and how long hands rest, how likely what waits is to
// come yet when later scans have passed it, what part of an article on the frame
// is felt, what own bags weigh, how far sold weights are off. What something
// unpaid may weigh is what is sold here, article by article, as often as it is; what
// comes in place of a scanned article is dearer than that, the likelier the cheaper the
// one and the dearer the other. How finely the scale weighs, its samples tell: where
// they waver, their mean is finer than its division.
//
// An article that few have bagged is expected to be like the well-known ones that
// the catalogue doubts as much: as far off the list as they were, with pieces as
// different as theirs, and never more so than any of them. That is kept apart from
// what the article has shown itself, so that it can follow what its kind shows. A
// piece is learned as it weighs when the next thing moves: until then each sample
// makes it surer.
//
// A weight that does not fit is believed once four people agree, one of them
// staff when it fits a dearer article; if nothing else brings staff, they are
// called once. Until then it is one of the things that a piece may weigh: as likely
// as the trip it was seen in makes it, more so with each that agrees, less with each
// that weighs as before. Where staff are all that is missing, it is learned on beside
// what is believed ([Weight].Next): it explains pieces, and is neither expected nor
// shared with other lanes. What staff say ([Staff], [Told]) shows which unpaid things
// there are. [Check.Knowledge] is all of that.
//
// What leaves the scale should weigh what it weighed when it came, not what the
// catalogue says.
//
// # How it is run
//
// One goroutine owns a [Check], steps it with every sample and event, and with a
// [Tick] when [Check.Next] says so; it hands the decisions to the flow and keeps
// what [Check.Learned] and [Check.Knowledge] return:
//
//	for _, d := range check.Step(in) { ... }
//	if at, ok := check.Next(); ok { timer.Reset(at - now()) }
//
// A decision is only given when a load settled, when a line was voided, at pay,
// and when what should be shown changes. OK closes what was shown; Call comes
// once for each question, and while that stands the verdict is Hint.
package bagging
