package config

import (
	"cmp"
	"slices"

	"kassa/kiosk/weight"
)

// scaleProtocols returns what a scale may speak.
func scaleProtocols() []string {
	return []string{"toledo8217", "toledo8213", "nci", "sma", "sics", "dialog06", "cas", "ascii", "magellan"}
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
	s.Line = f.serial("scale.line", raw.Line, s.Port, "9600 7E1")
	f.capacity("scale", &s, raw.Unit, raw.Division, raw.Max)
	return &s
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
		f.need("bagging.data", raw.Data, `"GPIO5"`)
		f.need("bagging.clock", raw.Clock, `"GPIO6"`)
		if raw.Port != "" {
			f.bad("bagging.port", "is set, but hx711 hangs on the pins data and clock: remove it")
		}
		b.Data, b.Clock = raw.Data, raw.Clock
	} else {
		if raw.Data != "" || raw.Clock != "" {
			key := "bagging.data"
			if raw.Data == "" {
				key = "bagging.clock"
			}
			f.bad(key, "names a pin, but %s hangs on a port: remove it", b.Protocol)
		}
		b.Port = f.port("bagging.port", raw.Port, PortDevice, PortTCP, PortUnix, PortScanner)
		f.shared("bagging", b.Scale, scanner)
		b.Line = f.serial("bagging.line", raw.Line, b.Port, "9600 7E1")
	}
	f.capacity("bagging", &b.Scale, raw.Unit, raw.Division, raw.Max)
	if mode == "off" {
		return nil
	}
	return b
}

func (f *file) terminal(raw *rawTerminal) *Terminal {
	if raw == nil {
		return nil
	}
	t := &Terminal{
		Protocol:     f.oneOf("terminal.protocol", raw.Protocol, "zvt", "nexo"),
		Port:         f.port("terminal.port", raw.Port, PortTCP, PortUnix),
		PasswordFile: f.beside(raw.PasswordFile),
	}
	return t
}

func (f *file) printer(raw *rawPrinter) *Printer {
	if raw == nil {
		return nil
	}
	p := &Printer{
		Protocol: f.oneOf("printer.protocol", raw.Protocol, "escpos"),
		Profile:  f.oneOf("printer.profile", raw.Profile, "epson-80", "epson-58"),
		Port:     f.port("printer.port", raw.Port, PortDevice, PortTCP, PortUnix),
	}
	p.Line = f.serial("printer.line", raw.Line, p.Port, "19200 8N1")
	return p
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
