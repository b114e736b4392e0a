package config

import (
	"cmp"
	"slices"

	"kassa/kiosk/weight"
)

// scaleLines are what a scale may speak, and the line settings it is shipped
// with.
func scaleLines() [][2]string {
	return [][2]string{
		{"toledo8217", "9600 7E1"},
		{"toledo8213", "9600 7E1"},
		{"nci", "9600 7E1"},
		{"sma", "9600 8N1"},
		{"sics", "9600 8N1"},
		{"dialog06", "9600 7O1"},
		{"cas", "9600 8N1"},
		{"ascii", "9600 8N1"},
		{"magellan", "9600 7O1"},
	}
}

func scaleProtocols() []string {
	var names []string
	for _, s := range scaleLines() {
		names = append(names, s[0])
	}
	return names
}

// lineOf is the line that a protocol's scales are shipped with.
func lineOf(protocol string) string {
	for _, s := range scaleLines() {
		if s[0] == protocol {
			return s[1]
		}
	}
	return ""
}

// port checks a port that is one of kinds.
func (f *file) port(key, text string, kinds ...PortKind) Port {
	if !f.need(key, text, examplePort(kinds[0])) {
		return Port{}
	}
	p, err := ParsePort(text)
	if err != nil {
		f.bad(key, "is %q: %v", short(text), err)
		return p
	}
	if !slices.Contains(kinds, p.Kind) {
		f.bad(key, "is %q, which this device cannot hang on: want one as %s", short(text), examplePort(kinds[0]))
	}
	return p
}

func examplePort(k PortKind) string {
	switch k {
	case PortTCP:
		return `"tcp://192.0.2.10:20007"`
	case PortEvdev:
		return `"evdev:/dev/input/by-id/..."`
	case PortHidraw:
		return `"hidraw:05e0:1300"`
	case PortNone, PortDevice, PortUnix, PortScanner:
		return `"/dev/serial/by-id/..."`
	default:
		return `"/dev/..."`
	}
}

// serial checks the line settings of a port, which only a device path has.
func (f *file) serial(key, text string, p Port, otherwise string) Line {
	if text != "" && p.Kind != PortDevice && p.Kind != PortNone {
		f.bad(key, "is set, but port %s is no serial line: remove it", p)
	}
	l, err := ParseLine(cmp.Or(text, otherwise))
	if err != nil {
		f.bad(key, "is %q: %v", short(text), err)
	}
	return l
}

func (f *file) scanner(at string, raw rawScanner) Scanner {
	s := Scanner{Protocol: f.oneOf(at+".protocol", raw.Protocol, "lines", "magellan", "ssi", "evdev", "hidpos")}
	switch s.Protocol {
	case "evdev":
		s.Port = f.port(at+".port", raw.Port, PortEvdev)
	case "hidpos":
		s.Port = f.port(at+".port", raw.Port, PortHidraw)
	default:
		s.Port = f.port(at+".port", raw.Port, PortDevice, PortTCP, PortUnix)
	}
	s.Line = f.serial(at+".line", raw.Line, s.Port, scannerLine(s.Protocol))
	s.Letters = f.letters(at+".letters", raw.Letters, s.Protocol)
	return s
}

func (f *file) scale(raw *rawScale, scanner bool) *Scale {
	if raw == nil {
		return nil
	}
	f.need("scale.protocol", raw.Protocol, `"toledo8217"`)
	s := Scale{Protocol: f.oneOf("scale.protocol", raw.Protocol, scaleProtocols()...)}
	s.Port = f.port("scale.port", raw.Port, PortDevice, PortTCP, PortUnix, PortScanner)
	f.shared("scale", s, scanner)
	s.Line = f.serial("scale.line", raw.Line, s.Port, lineOf(s.Protocol))
	f.capacity("scale", &s, raw.Unit, raw.Division, raw.Max)
	f.least(&s, raw.Min)
	s.Variant = f.variant("scale", raw.Variant)
	return &s
}

// leastDivisions is the least load of a class III scale (OIML R 76-1, 3.2).
const leastDivisions = 20

// least checks the least weight that may be sold; "0" takes the limit away.
func (f *file) least(s *Scale, text string) {
	s.Min = s.Division
	s.Min.Digits *= leastDivisions
	if text == "" {
		return
	}
	m, err := weight.ParseShown(text, s.Unit)
	if err != nil || m.Decimals > s.Division.Decimals || m.Grams() >= s.Max.Grams() {
		f.bad("scale.min", "is %q, want the least that may be sold, as in %q, or \"0\"", short(text), s.Min)
	}
	s.Min = m
}

func (f *file) variant(at string, raw rawVariant) Variant {
	if raw.ZeroBits < 0 || raw.ZeroBits > 0x3f {
		f.bad(at+".variant.zero_bits", "is %d, want the sum of status bits, 0 to 63", raw.ZeroBits)
	}
	return Variant{
		ZeroBits: byte(raw.ZeroBits), Status: raw.Status, HighResolution: raw.HighResolution, Poll: raw.Poll,
		Pair: raw.Pair, PairEscape: raw.PairEscape, DoubleEOT: raw.DoubleEOT,
		ShortPrice: raw.ShortPrice, Repeat: raw.Repeat,
	}
}

// shared checks a scale that shares a scanner's line.
func (f *file) shared(at string, s Scale, scanner bool) {
	if s.Port.Kind != PortScanner {
		return
	}
	if !scanner {
		f.bad(at+".port", "is \"scanner\", but there is no [[scanner]]: add one or write the scale's own port")
	}
	if s.Protocol != "magellan" {
		f.bad(at+".protocol", "is %q on the scanner's line: write protocol = \"magellan\"", s.Protocol)
	}
}

// capacity checks unit, smallest step and the most a scale can weigh.
func (f *file) capacity(at string, s *Scale, unit, division, most string) {
	var err error
	if s.Unit, err = weight.ParseUnit(cmp.Or(unit, "kg")); err != nil {
		f.bad(at+".unit", "is %q, want kg or lb", short(unit))
		return
	}
	step, top := "0.005", "15"
	if s.Unit == weight.Pound {
		step, top = "0.01", "30"
	}
	if s.Division, err = weight.ParseShown(cmp.Or(division, step), s.Unit); err != nil || s.Division.Zero() {
		f.bad(at+".division", "is %q, want the smallest step as the scale shows it, as in %q", short(division), step)
	}
	if s.Max, err = weight.ParseShown(cmp.Or(most, top), s.Unit); err != nil || s.Max.Grams() <= s.Division.Grams() {
		f.bad(at+".max", "is %q, want the most it can weigh in %s, as in %q", short(most), s.Unit, top)
	}
}

// bagging returns nil too where the mode is off: the lane then has no check.
func (f *file) bagging(raw *rawBagging, scanner bool) *Bagging {
	if raw == nil {
		return nil
	}
	mode := f.oneOf("bagging.mode", raw.Mode, "check", "watch", "off")
	b := &Bagging{
		Watch:     mode == "watch",
		CallAtPPM: f.ppm("bagging.call_at", raw.CallAt, 100_000),
		Close:     f.oneOf("bagging.without", raw.Without, "watch", "close") == "close",
	}
	f.need("bagging.protocol", raw.Protocol, `"toledo8217"`)
	b.Protocol = f.oneOf("bagging.protocol", raw.Protocol, append(scaleProtocols(), "hx711")...)
	if b.Protocol == "hx711" {
		b.Cell = f.cell(raw)
	} else {
		f.noCell(raw, b.Protocol)
		b.Port = f.port("bagging.port", raw.Port, PortDevice, PortTCP, PortUnix, PortScanner)
		f.shared("bagging", b.Scale, scanner)
		b.Line = f.serial("bagging.line", raw.Line, b.Port, lineOf(b.Protocol))
		b.Variant = f.variant("bagging", raw.Variant)
	}
	f.capacity("bagging", &b.Scale, raw.Unit, raw.Division, raw.Max)
	if mode == "off" {
		return nil
	}
	return b
}

// cell checks a load cell. Without its calibration it is no scale yet.
func (f *file) cell(raw *rawBagging) Cell {
	f.need("bagging.data", raw.Data, `"GPIO5"`)
	f.need("bagging.clock", raw.Clock, `"GPIO6"`)
	const counts = 1 << 23
	switch {
	case raw.Port != "":
		f.bad("bagging.port", "is set, but hx711 hangs on the pins data and clock: remove it")
	case raw.Data == raw.Clock && raw.Data != "":
		f.bad("bagging.clock", "is %q, as is data: give each its own pin", short(raw.Clock))
	case raw.Gain != 0 && raw.Gain != 128 && raw.Gain != 64 && raw.Gain != 32:
		f.bad("bagging.gain", "is %d, want 128, 64 or 32", raw.Gain)
	case raw.RateHz != 0 && raw.RateHz != 10 && raw.RateHz != 80:
		f.bad("bagging.rate_hz", "is %d, want 10 or 80, as the chip is wired", raw.RateHz)
	case raw.SpanG < 1 || raw.SpanG > 300_000:
		f.bad("bagging.span_g", "is %d, want grams from: kassa weigh --protocol hx711 --calibrate", raw.SpanG)
	case max(raw.ZeroCount, -raw.ZeroCount) > counts:
		f.bad("bagging.zero_count", "is %d, want a count of 24 bits", raw.ZeroCount)
	case max(raw.SpanCount, -raw.SpanCount) > counts || raw.SpanCount == raw.ZeroCount:
		f.bad("bagging.span_count", "is %d, want a count of 24 bits that is not zero_count", raw.SpanCount)
	case raw.InitialZero < 0 || raw.InitialZero > 10:
		f.bad("bagging.initial_zero_percent", "is %d, want 0 to 10", raw.InitialZero)
	}
	return Cell{
		Data: raw.Data, Clock: raw.Clock, Gain: int(raw.Gain), Rate: int(raw.RateHz),
		ZeroCount: raw.ZeroCount, SpanCount: raw.SpanCount, Span: weight.Grams(raw.SpanG), InitialZero: int(raw.InitialZero),
	}
}

// noCell refuses a load cell's keys beside a port.
func (f *file) noCell(raw *rawBagging, protocol string) {
	for _, key := range []struct {
		name string
		set  bool
	}{
		{"data", raw.Data != ""},
		{"clock", raw.Clock != ""},
		{"gain", raw.Gain != 0},
		{"rate_hz", raw.RateHz != 0},
		{"zero_count", raw.ZeroCount != 0},
		{"span_count", raw.SpanCount != 0},
		{"span_g", raw.SpanG != 0},
		{"initial_zero_percent", raw.InitialZero != 0},
	} {
		if key.set {
			f.bad("bagging."+key.name, "is for hx711, but %s hangs on a port: remove it", protocol)
		}
	}
}

func (f *file) terminal(raw *rawTerminal, saleID string) *Terminal {
	if raw == nil {
		return nil
	}
	t := &Terminal{
		Protocol:     f.oneOf("terminal.protocol", raw.Protocol, "zvt", "nexo"),
		PasswordFile: f.Beside(raw.PasswordFile),
	}
	kinds := []PortKind{PortTCP}
	if t.Protocol == "zvt" {
		kinds = append(kinds, PortUnix, PortDevice)
	}
	t.Port = f.port("terminal.port", raw.Port, kinds...)
	t.Line = f.serial("terminal.line", raw.Line, t.Port, "9600 8N2")
	t.Nexo = f.nexo(raw, t, saleID)
	t.Partial = f.oneOf("terminal.partial", raw.Partial, "return", "keep") == "keep"
	return t
}

func (f *file) printer(raw *rawPrinter) *Printer {
	if raw == nil {
		return nil
	}
	p := &Printer{
		Protocol: f.oneOf("printer.protocol", raw.Protocol, "escpos"),
		Profile:  cmp.Or(raw.Profile, PrinterProfiles()[0]),
		Profiles: f.Beside(raw.Profiles),
		Port:     f.port("printer.port", raw.Port, PortDevice, PortTCP, PortUnix),
	}
	if raw.Profiles == "" { // else the name may be one of the store's own
		f.oneOf("printer.profile", p.Profile, PrinterProfiles()...)
	}
	p.Line = f.serial("printer.line", raw.Line, p.Port, "19200 8N1")
	return p
}

// PrinterProfiles returns the printer profiles that come with kassa, the default
// first; what each means stands in device/printer/profiles.toml.
func PrinterProfiles() []string {
	return []string{"epson-80", "epson-80-42", "epson-58", "star-80", "generic-80", "generic-58", "mute-80"}
}

func (f *file) panel(raw *rawPanel) *Panel {
	if raw == nil {
		return nil
	}
	p := &Panel{
		Protocol:  f.oneOf("panel.protocol", raw.Protocol, "gpio", "lines"),
		LampGreen: raw.LampGreen, LampRed: raw.LampRed, LampWhite: raw.LampWhite,
		CallButton: raw.CallButton, Drawer: raw.Drawer, Door: raw.Door,
	}
	pins := []struct{ key, name string }{
		{"lamp_green", p.LampGreen},
		{"lamp_red", p.LampRed},
		{"lamp_white", p.LampWhite},
		{"call_button", p.CallButton},
		{"drawer", p.Drawer},
		{"door", p.Door},
	}
	named := map[string]string{}
	for _, pin := range pins {
		switch other := named[pin.name]; {
		case pin.name == "":
			continue
		case p.Protocol == "lines":
			f.bad("panel."+pin.key, "names a pin, but a lines board has its own: remove it")
		case other != "":
			f.bad("panel."+pin.key, "is %q, as is %s: give each its own pin", short(pin.name), other)
		}
		named[pin.name] = pin.key
	}
	if p.Protocol == "lines" {
		p.Port = f.port("panel.port", raw.Port, PortDevice, PortTCP, PortUnix)
		p.Line = f.serial("panel.line", raw.Line, p.Port, "9600 8N1")
		return p
	}
	if raw.Port != "" {
		f.bad("panel.port", "is set, but gpio has pins: remove it or write protocol = \"lines\"")
	}
	if len(named) == 0 {
		f.bad("panel", "has no pin: add lamp_green = \"GPIO17\" or another, or remove the section")
	}
	return p
}
