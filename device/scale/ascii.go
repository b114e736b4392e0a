package scale

import (
	"bytes"

	"kassa/device/link"
)

// An asciiAnswer is a line of text, taken apart.
type asciiAnswer struct {
	status string // ST, US or OL
	net    bool
	value  []byte // sign, spaces and number; with OL whatever was sent
	unit   []byte
}

// parseASCII finds the last answer in a line. Two forms are sent: "ST,GS,..."
// and "ST,...", with or without the station number and lamps of CAS's 22 bytes
// ("ST,GS,1x,  1.250 kg"), which are passed over. Pieces (QT) and checkweighers
// (LO, OK, HI) are refused.
func parseASCII(line []byte) (asciiAnswer, bool) {
	start := -1
	for _, header := range []string{"ST,", "US,", "OL,"} {
		start = max(start, bytes.LastIndex(line, []byte(header)))
	}
	if start < 0 {
		return asciiAnswer{}, false
	}
	a := asciiAnswer{status: string(line[start : start+2])}
	line = line[start+3:]
	if len(line) > 2 && (bytes.HasPrefix(line, []byte("GS,")) || bytes.HasPrefix(line, []byte("NT,"))) {
		a.net = line[0] == 'N'
		line = line[3:]
		// Station and lamps are two bytes of any value and a comma.
		if len(line) > 3 && line[2] == ',' {
			line = line[3:]
		}
	}
	cut := bytes.LastIndexAny(line, "0123456789") + 1
	a.value, a.unit = line[:cut], bytes.TrimSpace(line[cut:])
	if a.status == "OL" {
		return a, true
	}
	_, ok := parseNumber(a.value)
	return a, ok && len(a.unit) > 0 && len(line)-cut <= 3
}

// An ascii reads lines of text as CAS, A&D and many indicators send them, by
// themselves or when asked.
type ascii struct {
	p     params
	width width // of a line
}

func newASCII(p params) dialect { return &ascii{p: p} }

func (d *ascii) manner() manner {
	if d.p.Poll == "" {
		return streams
	}
	return answers
}

// ask reads the first line that came whole after the call, or the answer to a
// question if the scale has to be asked.
func (d *ascii) ask(conn link.Conn) (Reading, error) {
	cut := &lineCutter{mask: d.p.mask}
	whole := d.p.Poll != ""
	if whole {
		if _, err := conn.Write([]byte(d.p.Poll + "\r\n")); err != nil {
			return Reading{}, err
		}
	}
	line, err := receive(conn, func(c byte) ([]byte, bool) {
		line, ok := cut.next(c)
		// The first line may have begun before; then it is shorter than the others.
		if ok && !whole {
			whole = true
			ok = d.width != 0 && len(line) == int(d.width)
		}
		return line, ok
	})
	if err != nil {
		return blame(err)
	}
	r := d.meaning(line)
	r.Frame = string(line)
	return r, nil
}

// meaning says what a line tells.
func (d *ascii) meaning(line []byte) Reading {
	a, ok := parseASCII(line)
	switch {
	case !ok:
		return garbled(line, "no weight")
	case a.status == "OL" && bytes.HasPrefix(bytes.TrimLeft(a.value, " "), []byte{'-'}):
		return Reading{State: Under}
	case a.status == "OL":
		return Reading{State: Over}
	case a.status == "US":
		return Reading{State: Motion}
	}
	// Of a line that another one broke into only the end counts.
	length := len(line) - max(0, bytes.LastIndex(line, []byte("ST,")))
	if err := d.width.fits(line, length); err != nil {
		return Reading{State: Fault, Err: err}
	}
	n, _ := parseNumber(a.value) // has been seen to be one
	return d.p.settled(n, a.unit, a.net)
}
