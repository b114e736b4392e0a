// Package secret writes the hub's keys to disk. It is not for anything that may
// be read by others, or that changes often.
//
// Its one rule: a file of it is there whole or not at all, and its owner's alone.
package secret

import "kassa/store/durable"

// Write writes a file as a whole, in place of what was there.
func Write(path string, data []byte) error { return durable.WriteBytes(path, 0o600, data) }
