package config

// scannerLine is the line that a protocol's scanners are shipped with.
func scannerLine(protocol string) string {
	if protocol == "magellan" {
		return "9600 7O1"
	}
	return "9600 8N1"
}

// letters checks the vendor whose code letters a scanner sends. Protocols that
// say themselves what was read have none.
func (f *file) letters(key, text, protocol string) string {
	if text == "" && !f.Has(key) {
		return ""
	}
	if protocol != "lines" && protocol != "evdev" {
		f.bad(key, "is set, but %s itself says what was read: remove it", protocol)
	}
	return f.oneOf(key, text, "datalogic", "honeywell", "magellan", "zebra")
}

// sharing checks that a scale on the scanner's line can be there: the first
// scanner speaks to one, and to one only.
func (f *file) sharing(l *Lane) {
	shares := func(s *Scale) bool { return s != nil && s.Port.Kind == PortScanner && len(l.Scanners) > 0 }
	var bagging *Scale
	if l.Bagging != nil {
		bagging = &l.Bagging.Scale
	}
	key := "scale.port"
	if !shares(l.Scale) {
		key = "bagging.port"
	}
	switch {
	case !shares(l.Scale) && !shares(bagging):
	case l.Scanners[0].Protocol != "magellan":
		f.bad(key, "is \"scanner\", but the first [[scanner]] speaks %s, which no scale shares: write the scale's own port",
			l.Scanners[0].Protocol)
	case shares(l.Scale) && shares(bagging):
		f.bad("bagging.port", "is \"scanner\", as is scale.port: only one scale is on that line")
	}
}
