// Package uplink is a lane's end of the wire to its hub: it carries the journal's
// rows up and takes marks back, says what the lane does and hears what became of
// its calls, and hands commands to the lane. What a command does is not its
// matter, nor is who may give one.
//
// Its one rule: the lane never waits for it. Without a hub everything is as it
// is with one, only nobody elsewhere knows of it yet.
//
// There are two connections, so that a week's backlog does not stand before a
// call for help: one for the rows (sender.go), one for what is of the moment
// (live.go).
package uplink
