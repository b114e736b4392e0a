// Package help decides who comes when a shopper needs somebody: reasons and how
// urgent each is, the calls of a store and what may be done to them, the tiers
// of people who are asked one after another, and the self-help that comes first.
//
// It is pure. It knows neither wires nor pages: the hub feeds a [Board] with
// what lanes and attendants do and sends out what changed, a lane picks articles
// from a [Library]. What a deed does to a sale is package flow's matter.
//
// Its one rule: no call is ever forgotten. A call leaves the board only when
// somebody settled it, the shopper took it back, or its lane ended it; a person
// who took it and did not come loses it again, one tier up.
package help
