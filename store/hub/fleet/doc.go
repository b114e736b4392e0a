// Package fleet knows how every lane of the store stands at this moment: what it
// last said, whether it is still heard, what its screen shows. Nothing of it is
// for keeps; what became of calls is package desk's matter.
//
// Its one rule: a lane that is not heard is not shown as if it were. One that
// falls silent while it serves is a call of its own, until it is heard again.
package fleet
