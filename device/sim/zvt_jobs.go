package sim

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// obey does one command of the lane. An error ends the connection.
func (k *zvtTalk) obey(m zvtMessage) error {
	k.hear(m)
	switch m.code {
	case 0x0600:
		return k.register(m.data)
	case 0x0501:
		return k.enquire()
	case 0x06B0: // nothing is running
		return k.yes()
	case 0x06E0:
		k.z.show(zvtDisplayText(m.data), false)
		return k.yes()
	case 0x0602:
		k.z.mu.Lock()
		k.z.registered, k.z.config, k.z.blocks = false, 0x86, false
		k.z.mu.Unlock()
		k.ids = false
		return k.yes()
	}
	if m.code>>8 == 0x80 || m.code>>8 == 0x84 {
		return nil // an answer nobody waits for
	}
	jobs := map[int]struct {
		do       func([]byte) error
		password bool
	}{
		0x0601: {k.pay, false}, 0x0620: {k.repeat, true}, 0x0630: {k.reverse, true}, 0x0631: {k.refund, true},
		0x0610: {k.turnover, true}, 0x0650: {k.endOfDay, true}, 0x0670: {k.heal, false}, 0x0693: {k.heal, true},
	}
	job, known := jobs[m.code]
	if !known {
		return k.no(0x83)
	}
	if m.code == 0x0601 || m.code == 0x0631 {
		if err := k.point("authorisation"); err != nil {
			return err
		}
	}
	k.z.mu.Lock()
	registered := k.z.registered
	k.z.mu.Unlock()
	switch {
	case !registered:
		return k.no(0x6B)
	case job.password && !k.z.passwordIn(m.data):
		return k.no(0x37)
	case !k.z.takeBusy():
		return k.no(0x9C)
	}
	k.stop, k.late = false, false
	data := m.data
	if job.password {
		data = data[3:]
	}
	err := job.do(data)
	k.z.giveBusy(err != nil)
	return err
}

func (z *ZVT) passwordIn(data []byte) bool {
	return len(data) >= 3 && fmt.Sprintf("%06d", zvtNumber(data[:3])) == z.o.Password
}

// register takes password, config byte, currency, service byte, container.
func (k *zvtTalk) register(data []byte) error {
	z := k.z
	switch {
	case len(data) < 4 || !z.passwordIn(data):
		return k.no(0x37)
	case len(data) >= 6 && zvtNumber(data[4:6]) != int64(z.o.Currency):
		return k.no(0x6F)
	}
	z.mu.Lock()
	z.registered, z.config = true, data[3]
	z.blocks = bytes.Contains(data, []byte{0x26, 0x04, 0x0A, 0x02, 0x06, 0xD3})
	status := z.status
	z.mu.Unlock()
	if err := k.yes(); err != nil {
		return err
	}
	if err := k.point("registration"); err != nil {
		return err
	}
	var due byte
	switch status {
	case 0x51:
		due = 0x01
	case 0xC2:
		due = 0x02
	}
	reply := append([]byte{0x19, due, 0x29}, z.tid()...)
	reply = append(append(reply, 0x49), zvtDigits(int64(z.o.Currency), 2)...)
	k.ids, k.id = false, 0
	agreed := z.o.MessageIDs && k.lane != nil
	if agreed {
		reply = append(append(reply, 0x06), zvtTLV(nil, zvtTLV([]byte{0x1F, 0x73}, k.lane))...)
	}
	_, err := k.tell("registered", 0x060F, reply)
	k.ids = agreed
	return err
}

// zvtDisplayText reads the lines of a display command.
func zvtDisplayText(data []byte) string {
	var lines []string
	for len(data) >= 2 {
		if data[0] < 0xF1 || data[0] > 0xF8 {
			data = data[2:] // a byte of seconds or beeps
			continue
		}
		if len(data) < 3 {
			break
		}
		n := int(data[1]&0x0F)*10 + int(data[2]&0x0F)
		n = min(n, len(data)-3)
		lines = append(lines, string(data[3:3+n]))
		data = data[3+n:]
	}
	return strings.Join(lines, "\n")
}

func (z *ZVT) tid() []byte {
	var v int64
	for _, c := range z.o.TerminalID {
		v = v*10 + int64(c-'0')
	}
	return zvtDigits(v, 4)
}

func (k *zvtTalk) enquire() error {
	if err := k.yes(); err != nil {
		return err
	}
	k.z.mu.Lock()
	status := k.z.status
	if k.z.isBusy() {
		status = 0x9C
	}
	k.z.mu.Unlock()
	const version = "2.14.15"
	data := append([]byte{0xF0, 0xF0, 0xF0 + byte(len(version))}, version...)
	_, err := k.tell("state", 0x060F, append(data, status))
	return err
}

// heal is initialisation or diagnosis.
func (k *zvtTalk) heal([]byte) error {
	if err := k.yes(); err != nil {
		return err
	}
	if err := k.pause(2 * time.Second); err != nil {
		return err
	}
	k.z.SetStatus(0)
	return k.finish()
}

// repeat gives the last transaction once more.
func (k *zvtTalk) repeat(data []byte) error {
	if err := k.yes(); err != nil {
		return err
	}
	k.z.mu.Lock()
	last := k.z.last
	k.z.mu.Unlock()
	if last == nil {
		return k.giveUp(0x66)
	}
	if _, err := k.tell("repeated", 0x040F, k.z.statusData(last)); err != nil {
		return err
	}
	if service, ok := zvtField(data, 0x03); !ok || service[0]&0x02 == 0 {
		if _, err := k.print(last, 2); err != nil {
			return err
		}
	}
	return k.finish()
}

// reverse takes a payment of the open batch back.
func (k *zvtTalk) reverse(data []byte) error {
	if err := k.yes(); err != nil {
		return err
	}
	receipt, _ := zvtField(data, 0x87)
	amount, given := zvtField(data, 0x04)
	z := k.z
	z.mu.Lock()
	var paid *ZVTCharge
	for _, c := range z.charges[z.closed:] {
		if c.origin == 0 && !c.Refund && int64(c.Receipt) == zvtNumber(receipt) {
			paid = c
		}
	}
	z.mu.Unlock()
	switch {
	case paid == nil || given && zvtNumber(amount) != paid.Amount:
		return k.giveUp(0xB5)
	case paid.Reversed:
		return k.giveUp(0xB4)
	}
	if err := k.progress(0x0E, "Please wait"); err != nil {
		return err
	}
	back := z.newCharge(paid.Amount)
	back.origin = paid.Trace
	answer, err := k.tell("status", 0x040F, z.statusData(back))
	if err != nil || !heard(answer) {
		return k.unlessLost(err, 0x6C)
	}
	z.mu.Lock()
	paid.Reversed, z.last = true, back
	z.mu.Unlock()
	if _, err := k.print(back, 2); err != nil {
		return err
	}
	return k.finish()
}

func heard(answer zvtMessage) bool { return answer.code>>8 == 0x80 || answer.code == 0x8400 }

// unlessLost ends with an abort if there is still a line.
func (k *zvtTalk) unlessLost(err error, code byte) error {
	if err != nil {
		return err
	}
	return k.giveUp(code)
}

// endOfDay closes the batch and tells its totals.
func (k *zvtTalk) endOfDay([]byte) error {
	if err := k.yes(); err != nil {
		return err
	}
	if err := k.progress(0x0E, "Please wait"); err != nil {
		return err
	}
	if err := k.pause(2 * time.Second); err != nil {
		return err
	}
	count, sum, err := k.sums(true)
	if err != nil {
		return err
	}
	text := []string{"END OF DAY", fmt.Sprintf("payments %d", count), fmt.Sprintf("total %d.%02d", sum/100, sum%100)}
	if _, err := k.printLines(text, 3); err != nil {
		return err
	}
	return k.finish()
}

// turnover tells the open batch's totals and closes nothing.
func (k *zvtTalk) turnover([]byte) error {
	if k.z.o.NoTotals {
		return k.no(0x83)
	}
	if err := k.yes(); err != nil {
		return err
	}
	if _, _, err := k.sums(false); err != nil {
		return err
	}
	return k.finish()
}

// sums tells the lane the totals of the open batch.
func (k *zvtTalk) sums(closing bool) (count, sum int64, err error) {
	z := k.z
	z.mu.Lock()
	from, to := 0, 0
	for _, c := range z.charges[z.closed:] {
		if c.Reversed {
			continue
		}
		if from == 0 {
			from = c.Receipt
		}
		count, sum, to = count+1, sum+c.signed(), c.Receipt
	}
	if closing {
		z.closed = len(z.charges)
		z.trace++
		z.status = 0
	}
	trace := z.trace
	z.mu.Unlock()

	sum = max(0, sum) // the message has no sign
	totals := append(zvtDigits(int64(from), 2), zvtDigits(int64(to), 2)...)
	for scheme := range 7 {
		n, s := int64(0), int64(0)
		if scheme == 2 { // every simulated card is of this scheme
			n, s = count, sum
		}
		totals = append(append(totals, byte(n)), zvtDigits(s, 6)...)
	}
	data := append([]byte{0x27, 0x00, 0x04}, zvtDigits(sum, 6)...)
	data = append(append(data, 0x0B), zvtDigits(int64(trace), 3)...)
	data = append(data, zvtLLL(0x60, totals)...)
	_, err = k.tell("status", 0x040F, data)
	return count, sum, err
}
