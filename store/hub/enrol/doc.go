// Package enrol keeps which lanes belong to the store and lets new ones in: a
// person at the hub makes a one-time code, the lane brings it back with the
// public half of a key it made itself. What a lane may say and hear then is
// package broker's matter.
//
// Its one rule: a code opens the door once, for one lane, for ten minutes, and
// the door keeps no copy of it: only its hash lies on the disk.
package enrol
