package hq

import "strings"

// clean makes a text one that PostgreSQL takes: valid UTF-8 without NUL. Only
// what goes to quarantine may need it; a sound row is checked before.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}
