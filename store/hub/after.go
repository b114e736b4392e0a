package hub

import "strings"

// OwnCall returns the id of a call that no lane raised: what is done to it
// reaches no lane, and none can speak of it.
func OwnCall(name string) string { return ownCalls + name }

// own reports whether a call is the hub's.
func own(id string) bool { return strings.HasPrefix(id, ownCalls) }
