package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A zvtFault is something that goes wrong once, at a message of the terminal.
type zvtFault struct{ kind, point string }

// Kinds of faults, as Fault names them.
const (
	zvtCutBefore = "cut before"
	zvtSilent    = "silent at"
	zvtLate      = "late"
	zvtTwice     = "twice"
	zvtNoise     = "noise before"
	zvtDamaged   = "damaged"
	zvtRefused   = "refused at"
)

const (
	zvtLateness = 8 * time.Second // simulated; more than an answer may take
	zvtHanging  = 4 * time.Minute // simulated; more than an operation may be quiet
)

// Fault makes something go wrong once, at a message that the terminal sends:
//
//	cut after MESSAGE      as CutAfter
//	cut before MESSAGE     the line breaks instead of it
//	silent at MESSAGE      the terminal hangs for four minutes instead of sending it
//	late MESSAGE           it comes eight seconds late
//	twice MESSAGE          it comes twice
//	noise before MESSAGE   bytes that mean nothing come before it
//	damaged MESSAGE        a bit falls over on its way (serial lines)
//	refused at MESSAGE     the lane's next frame is answered with NAK (serial lines)
//
// with the messages of CutAfter, but for those of the lane.
func (z *ZVT) Fault(words string) error {
	if m, ok := strings.CutPrefix(words, "cut after "); ok {
		return z.CutAfter(m)
	}
	for _, kind := range []string{zvtCutBefore, zvtSilent, zvtLate, zvtTwice, zvtNoise, zvtDamaged, zvtRefused} {
		message, ok := strings.CutPrefix(words, kind+" ")
		if !ok {
			continue
		}
		point, err := zvtPoint(message)
		if err != nil {
			return fmt.Errorf("%s %w", kind, err)
		}
		z.mu.Lock()
		z.faulty = append(z.faulty, zvtFault{kind, point})
		z.mu.Unlock()
		return nil
	}
	return fmt.Errorf("fault %q: want cut after, cut before, silent at, late, twice, noise before, damaged or refused at, and a message", words)
}

// zvtPoint reads the name of a message.
func zvtPoint(message string) (string, error) {
	name := strings.ToLower(strings.TrimSpace(message))
	switch strings.ReplaceAll(name, " ", "") {
	case "0600":
		name = "registration"
	case "0601", "authorization":
		name = "authorisation"
	case "80", "800000":
		name = "ack"
	case "04ff", "intermediate":
		name = "progress"
	case "040f":
		name = "status"
	case "06d1", "06d3":
		name = "print"
	case "060f":
		name = "completion"
	}
	if name != "" && !slices.Contains(ZVTMessages(), name) {
		return "", fmt.Errorf("%q: want one of %s", message, strings.Join(ZVTMessages(), ", "))
	}
	return name, nil
}

// ZVTMessages returns the messages at which CutAfter cuts, in the order of a
// payment. Those in -ack lie behind the lane's answer.
func ZVTMessages() []string {
	return []string{
		"registration", "authorisation", "ack", "progress", "status", "status-ack",
		"print", "print-ack", "completion", "completion-ack",
	}
}

// fault reports whether kind is due at point, once.
func (z *ZVT) fault(kind, point string) bool {
	z.mu.Lock()
	defer z.mu.Unlock()
	i := slices.Index(z.faulty, zvtFault{kind, point})
	if i < 0 {
		return false
	}
	z.faulty = slices.Delete(z.faulty, i, i+1)
	return true
}

// faults does what is due before a message and returns how often to send it.
func (k *zvtTalk) faults(point string) (times int, err error) {
	z := k.z
	if z.fault(zvtCutBefore, point) {
		k.line.cut()
		return 0, errZVTCut
	}
	if z.fault(zvtSilent, point) {
		return 0, k.hang(point)
	}
	if z.fault(zvtLate, point) {
		if err := k.pause(zvtLateness); err != nil {
			return 0, err
		}
	}
	if z.fault(zvtNoise, point) {
		k.line.noise()
	}
	if z.fault(zvtDamaged, point) {
		k.line.damage()
	}
	if z.fault(zvtRefused, point) {
		k.line.refuse()
	}
	if z.fault(zvtTwice, point) {
		return 2, nil
	}
	return 1, nil
}

// hang says nothing more until the lane has gone or the time of a hanging
// terminal is over.
func (k *zvtTalk) hang(point string) error {
	k.z.setHanging(point)
	defer k.z.setHanging("")
	if err := k.pause(zvtHanging); err != nil {
		return err
	}
	k.line.hangUp()
	return errZVTLost
}

func (z *ZVT) setHanging(point string) {
	z.mu.Lock()
	z.hanging = point
	z.mu.Unlock()
	z.o.Changed()
}

// numbered gives a command of the terminal its number, if numbers were agreed
// on and the message has room for one.
func (k *zvtTalk) numbered(m zvtMessage) zvtMessage {
	if !k.ids || m.code == 0x06D1 || m.code == 0x04FF || m.code == 0x061E || m.code == 0x060F && len(m.data) > 0 {
		return m
	}
	k.id++
	number := zvtTLV([]byte{0x1F, 0x73}, zvtDigits(k.id, 3))
	m.data = append(slices.Clip(m.data), append([]byte{0x06}, zvtTLV(nil, number)...)...)
	return m
}
