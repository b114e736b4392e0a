// Package wire is what lanes, hub and head office say to each other: subjects,
// messages and how they are written down. Who says what when is not decided
// here.
//
// Its one rule: a message means the same to both sides for good. Fields are
// only added, a receiver passes over those it does not know, and what can no
// longer be read so gets a new version, which an older receiver refuses by name.
package wire
