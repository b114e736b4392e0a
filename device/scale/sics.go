package scale

import (
	"bytes"
	"strings"

	"kassa/device/link"
)

// A sicsAnswer is the answer to SI, taken apart.
type sicsAnswer struct {
	status byte   // S stable, D dynamic, I busy, + over, - under, E the line was not understood
	value  []byte // with S and D: the spaces before it, and the number
	unit   []byte
}

// parseSICS finds the last answer to SI in a line: S, a status, and with S and D
// a value and a unit, parted by runs of spaces. Makes differ in the columns:
// Elicom writes "SS    0.360 Kg" and A&D "SI+". What stands before belongs to an
// answer that broke off.
func parseSICS(line []byte) (sicsAnswer, bool) {
	for i := len(line) - 2; i >= 0; i-- {
		if a, ok := sicsAt(line[i:]); ok {
			return a, true
		}
	}
	return sicsAnswer{}, false
}

func sicsAt(s []byte) (sicsAnswer, bool) {
	if string(s) == "ES" || string(s) == "ET" || string(s) == "EL" {
		return sicsAnswer{status: 'E'}, true
	}
	s, ok := bytes.CutPrefix(s, []byte{'S'})
	if !ok {
		return sicsAnswer{}, false
	}
	rest := bytes.TrimPrefix(s, []byte{' '})
	if string(rest) == "I+" || string(rest) == "I-" { // A&D's way
		rest = rest[1:]
	}
	if len(rest) == 1 && strings.ContainsRune("I+-", rune(rest[0])) {
		return sicsAnswer{status: rest[0]}, true
	}
	if len(rest) > 0 && (rest[0] == 'S' || rest[0] == 'D') {
		return sicsWeight(rest[0], rest[1:])
	}
	// A&D leaves the letter of a stable weight out: "S   183.96 g".
	if len(rest) > 0 && rest[0] == ' ' {
		return sicsWeight('S', s)
	}
	return sicsAnswer{}, false
}

// sicsWeight takes apart a value and its unit.
func sicsWeight(status byte, s []byte) (sicsAnswer, bool) {
	cut := bytes.LastIndexByte(s, ' ')
	if cut <= 0 || cut == len(s)-1 {
		return sicsAnswer{}, false
	}
	a := sicsAnswer{status: status, value: bytes.TrimRight(s[:cut], " "), unit: s[cut+1:]}
	_, ok := parseNumber(a.value)
	return a, ok && a.value[0] == ' '
}

// A sics speaks Mettler-Toledo's MT-SICS, levels 0 and 1.
type sics struct {
	p     params
	awake bool  // it has answered the reset
	width width // of the value, where it is aligned to the right
}

func newSICS(p params) dialect { return &sics{p: p} }

func (*sics) manner() manner { return answers }

// ask resets a scale that was just opened, as another program may have told it
// to send without end, and asks for the weight once.
func (d *sics) ask(conn link.Conn) (Reading, error) {
	if !d.awake {
		if _, err := d.say(conn, "@"); err != nil {
			return blame(err)
		}
		d.awake = true
	}
	line, err := d.say(conn, "SI")
	if err != nil {
		return blame(err)
	}
	r := d.meaning(line)
	r.Frame = string(line)
	return r, nil
}

// say sends a command and returns the line that comes.
func (d *sics) say(conn link.Conn, cmd string) ([]byte, error) {
	if _, err := conn.Write([]byte(cmd + "\r\n")); err != nil {
		return nil, err
	}
	return receive(conn, (&lineCutter{mask: d.p.mask}).next)
}

// meaning says what a line tells.
func (d *sics) meaning(line []byte) Reading {
	a, ok := parseSICS(line)
	if !ok {
		return garbled(line, "no weight")
	}
	switch a.status {
	case '+':
		return Reading{State: Over}
	case '-':
		return Reading{State: Under}
	case 'D':
		return Reading{State: Motion}
	case 'I':
		return Reading{State: Fault, Err: ErrNoWeight}
	case 'E':
		return garbled(line, "the scale did not understand")
	}
	// A value after several spaces is aligned to the right, and then as wide as
	// all others.
	if d.width != 0 || bytes.HasPrefix(a.value, []byte("  ")) {
		if err := d.width.fits(line, len(a.value)); err != nil {
			return Reading{State: Fault, Err: err}
		}
	}
	n, _ := parseNumber(a.value) // has been seen to be one
	return d.p.settled(n, a.unit, false)
}
