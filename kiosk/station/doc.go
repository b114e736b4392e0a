// Package station runs one lane. It is the shell around package flow: it feeds
// Step with what happens, writes down what Step says, and does what Step asks.
// It holds no rule of the shop; those are in flow, basket and bagging.
//
// # Who owns what
//
// One goroutine, [Station.loop], owns the state of the lane, the bagging check
// and the view. All that happens becomes an input in its queue. Everything slow
// (terminal, printer, disk) runs in a goroutine of its own and comes back as an
// input. [Station.Run] starts them all and waits for them all.
//
// # The queues, and what happens when they are full
//
//	inputs    what people and devices did    waits: a scan is never dropped
//	samples   raw bagging-scale samples      waits
//	deeds     effects waiting for the disk   waits
//	views     what the page shows            the newest wins
//	lamp      the lane light                 the newest wins
//	learned   weights to be written down     the newest is lost
//	scaleJobs what staff ask of the scale    the newest is lost
//
// # Its one rule
//
// Show now, commit together, spend only what is durable: the page and the lamp
// change at once; whatever leaves the lane (a charge, paper, the drawer) waits
// until the event that caused it is on the disk.
//
// # What a crash leaves
//
//	before the append      the event did not happen; the shopper does it again
//	before the commit      as before: nobody outside has heard of it
//	after the commit       the next run replays it; the deed it caused may or
//	                       may not have been done, and Started asks: the
//	                       terminal is asked what became of a payment, a
//	                       receipt that may be out is offered again
package station
