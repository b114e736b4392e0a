package sim

import (
	"fmt"
	"strings"
	"time"
)

// pay is one authorisation, from the lane's 06 01 to the terminal's last word.
func (k *zvtTalk) pay(data []byte) error { return k.transact(data, false) }

// refund is pay the other way.
func (k *zvtTalk) refund(data []byte) error { return k.transact(data, true) }

func (k *zvtTalk) transact(data []byte, refund bool) error {
	z := k.z
	amount, ok := zvtField(data, 0x04)
	if !ok {
		return k.no(0x9A)
	}
	if cc, ok := zvtField(data, 0x49); ok && zvtNumber(cc) != int64(z.o.Currency) {
		return k.no(0x6F)
	}
	if _, err := k.faults("ack"); err != nil {
		return err
	}
	if err := k.yes(); err != nil {
		return err
	}
	if err := k.point("ack"); err != nil {
		return err
	}
	minor := zvtNumber(amount)
	z.mu.Lock()
	z.asked = minor
	z.mu.Unlock()
	for wrong := 0; ; {
		act, err := k.awaitCard(minor)
		if err != nil {
			return err
		}
		switch act {
		case zvtTap:
			return k.approve(minor, refund)
		case zvtDecline:
			return k.decline(minor, 0x05, "Card declined")
		case zvtCancel:
			return k.decline(minor, 0x6C, "")
		case zvtWrongPIN:
			if wrong++; wrong == 3 {
				return k.decline(minor, 0x37, "PIN wrong too often")
			}
			if err := k.wrongPIN(minor); err != nil {
				return err
			}
		}
	}
}

// awaitCard asks for a card until somebody does something.
func (k *zvtTalk) awaitCard(minor int64) (zvtAct, error) {
	z := k.z
	if err := k.progress(0x0A, "Please present card"); err != nil {
		return 0, err
	}
	z.show(fmt.Sprintf("%d.%02d  Please present card", minor/100, minor%100), true)
	defer z.show("Please wait", false)
	timer := time.NewTimer(z.clock.Real(z.o.CardWait))
	defer timer.Stop()
	for !k.stop {
		select {
		case act := <-z.acts:
			return act, nil
		case m, ok := <-k.in:
			if !ok {
				return 0, errZVTLost
			}
			if err := k.interrupt(m); err != nil {
				return 0, err
			}
		case <-timer.C:
			return zvtCancel, nil
		}
	}
	return zvtCancel, nil
}

// wrongPIN reports a wrong PIN, after which the terminal begins again.
func (k *zvtTalk) wrongPIN(minor int64) error {
	k.z.show("Wrong PIN", false)
	if err := k.progress(0x15, "Wrong PIN"); err != nil {
		return err
	}
	if err := k.pause(time.Second); err != nil {
		return err
	}
	c := &ZVTCharge{Amount: minor, amount: minor, At: time.Now(), code: 0x37}
	_, err := k.tell("status", 0x040F, k.z.statusData(c))
	return err
}

// progress sends an intermediate status, if the lane asked for those.
func (k *zvtTalk) progress(code byte, text string) error {
	k.z.mu.Lock()
	wanted := k.z.config&0x08 != 0
	k.z.mu.Unlock()
	if !wanted {
		return nil
	}
	if k.z.o.CardNumber != "" {
		text += " " + k.z.o.CardNumber
	}
	minutes := byte(0x01)
	if k.z.o.NoPatience {
		minutes = 0
	}
	data := append([]byte{code, minutes, 0x06}, zvtTLV(nil, zvtTLV([]byte{0x24}, zvtTLV([]byte{0x07}, []byte(text))))...)
	_, err := k.tell("progress", 0x04FF, data)
	return err
}

// approve asks the host, which says yes, and settles the payment with the lane.
func (k *zvtTalk) approve(minor int64, refund bool) error {
	z := k.z
	if err := k.progress(0x17, "Please wait"); err != nil {
		return err
	}
	if k.stop { // the abort came before the host was asked
		return k.decline(minor, 0x6C, "")
	}
	k.late = true
	if err := k.pause(1200 * time.Millisecond); err != nil {
		return err // nobody is there to tell: the host is not asked
	}
	c := z.newCharge(minor - z.o.ShortAmount)
	c.Refund = refund
	answer, err := k.tell("status", 0x040F, z.statusData(c))
	switch {
	case err != nil && z.o.KeepUnheard:
		z.commit(c)
		return err
	case err != nil:
		return err // c stays reversed
	case !heard(answer):
		z.show("Taken back", false)
		if err := k.progress(0x05, "Payment is taken back"); err != nil {
			return err
		}
		return k.giveUp(byte(answer.code))
	}
	if err := k.point("status-ack"); err != nil {
		if z.o.KeepUnheard {
			z.commit(c)
		}
		return err
	}
	answer, err = k.print(c, 1, 2)
	switch {
	case err != nil && z.o.KeepUnheard:
		z.commit(c)
		return err
	case err != nil:
		return err
	case !heard(answer):
		return k.giveUp(byte(answer.code))
	}
	z.commit(c)
	if err := k.point("print-ack"); err != nil {
		return err
	}
	z.show("Approved", false)
	return k.finish()
}

// newCharge takes the next numbers. The charge counts as reversed until it is
// committed.
func (z *ZVT) newCharge(minor int64) *ZVTCharge {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.receipt = z.receipt%9999 + 1
	z.trace = z.trace%999999 + 1
	return &ZVTCharge{Receipt: z.receipt, Trace: z.trace, Amount: minor, amount: minor, At: time.Now(), Reversed: true}
}

// commit stores a payment for good.
func (z *ZVT) commit(c *ZVTCharge) {
	z.mu.Lock()
	c.Reversed = false
	z.charges = append(z.charges, c)
	z.last = c
	z.mu.Unlock()
	z.o.Changed()
}

// decline ends a payment without a charge.
func (k *zvtTalk) decline(minor int64, code byte, text string) error {
	z := k.z
	z.mu.Lock()
	z.trace++
	c := &ZVTCharge{Trace: z.trace, Amount: minor, amount: minor, At: time.Now(), code: code}
	if z.o.StoreDeclined {
		z.last = c
	}
	z.mu.Unlock()
	shown, progress := "Declined", byte(0x1D)
	if code == 0x6C {
		shown, progress = "Cancelled", 0x0D
	}
	z.show(shown, false)
	if err := k.progress(progress, shown); err != nil {
		return err
	}
	data := z.statusData(c)
	if text != "" {
		data = append(data, zvtLLL(0x3C, []byte(text))...)
	}
	if _, err := k.tell("status", 0x040F, data); err != nil {
		return err
	}
	if code != 0x6C {
		if _, err := k.print(c, 2); err != nil {
			return err
		}
	}
	return k.giveUp(code)
}

// statusData writes the status information of c.
func (z *ZVT) statusData(c *ZVTCharge) []byte {
	d := append([]byte{0x27, c.code, 0x04}, zvtDigits(c.amount, 6)...)
	d = append(append(d, 0x0B), zvtDigits(int64(c.Trace), 3)...)
	if c.origin > 0 {
		d = append(append(d, 0x37), zvtDigits(int64(c.origin), 3)...)
	}
	at := c.At
	d = append(append(d, 0x0C), zvtDigits(int64(at.Hour()*10000+at.Minute()*100+at.Second()), 3)...)
	d = append(append(d, 0x0D), zvtDigits(int64(int(at.Month())*100+at.Day()), 2)...)
	d = append(append(d, 0x29), z.tid()...)
	d = append(append(d, 0x49), zvtDigits(int64(z.o.Currency), 2)...)
	if c.code == 0x6C {
		return d
	}
	if z.o.CardNumber != "" {
		d = append(d, z.careless()...)
	}
	pan := []byte{0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0x57, 0x26}
	if z.o.CardNumber != "" {
		for i := range pan {
			pan[i] = (z.o.CardNumber[2*i]-'0')<<4 | (z.o.CardNumber[2*i+1] - '0')
		}
	}
	d = append(d, zvtLL(0x22, pan)...)
	d = append(d, 0x19, 0x70)
	d = append(append(d, 0x2A), []byte(fmt.Sprintf("%-15s", "100764992"))...)
	if c.Receipt > 0 {
		d = append(append(d, 0x87), zvtDigits(int64(c.Receipt), 2)...)
		d = append(append(d, 0x3B), fmt.Sprintf("%06d\x00\x00", c.Trace*7919%1000000)...)
	}
	d = append(d, 0x8A, 0x2E)
	d = append(d, zvtLL(0x8B, []byte("Debit Mastercard\x00"))...)
	cvm := byte(0x00)
	if z.o.Signature {
		cvm = 0x01
	}
	emv := append(zvtTLV([]byte{0x1F, 0x10}, []byte{cvm}), zvtTLV([]byte{0x1F, 0x12}, []byte{0x02})...)
	d = append(append(d, 0x06), zvtTLV(nil, emv)...)
	return append(d, z.o.Extra...)
}

// careless is what a terminal may send that should never have left it: the
// card number in every field that has room.
func (z *ZVT) careless() []byte {
	n := z.o.CardNumber
	packed := make([]byte, len(n)/2)
	for i := range packed {
		packed[i] = (n[2*i]-'0')<<4 | (n[2*i+1] - '0')
	}
	track := append(append([]byte{}, packed...), 0xD2, 0x81, 0x22, 0x01)
	var d []byte
	d = append(d, zvtLL(0x23, track)...)
	d = append(d, zvtLLL(0x24, []byte("59"+n+"="))...)
	d = append(d, zvtLL(0x2D, []byte("B"+n+"^DOE/JANE^2812"))...)
	d = append(d, zvtLLL(0x2E, track)...)
	d = append(d, zvtLLL(0x3C, []byte("KARTE "+n[:4]+" "+n[4:8]+" "+n[8:12]+" "+n[12:]))...)
	d = append(d, zvtLL(0xA7, packed)...)
	d = append(d, zvtLLL(0xAF, packed)...)
	d = append(d, zvtLL(0x8B, []byte("Visa "+n+"\x00"))...)
	tlv := zvtTLV([]byte{0x1F, 0x2B}, packed)
	tlv = append(tlv, zvtTLV([]byte{0x1F, 0x17}, []byte("card "+n))...)
	tlv = append(tlv, zvtTLV([]byte{0x24}, zvtTLV([]byte{0x07}, []byte(n)))...)
	tlv = append(tlv, zvtTLV([]byte{0x44}, []byte(n))...)
	tlv = append(tlv, zvtTLV([]byte{0x46}, []byte(n+" 5F260EFC"))...)
	tlv = append(tlv, zvtTLV([]byte{0x1F, 0x08}, track)...)
	tlv = append(tlv, zvtTLV([]byte{0x1F, 0x73}, packed)...)
	return append(append(d, 0x06), zvtTLV(nil, tlv)...)
}

// print sends the receipts of c: 1 the merchant's, 2 the customer's. Without
// a receipt to print it counts as heard.
func (k *zvtTalk) print(c *ZVTCharge, copies ...byte) (zvtMessage, error) {
	answer := zvtMessage{code: 0x8000}
	for _, which := range copies {
		var err error
		answer, err = k.printLines(k.z.receiptText(c, which), which)
		if err != nil || !heard(answer) {
			return answer, err
		}
	}
	return answer, nil
}

// printLines sends text the way the lane registered for.
func (k *zvtTalk) printLines(text []string, which byte) (zvtMessage, error) {
	k.z.mu.Lock()
	config, blocks := k.z.config, k.z.blocks
	k.z.mu.Unlock()
	answer := zvtMessage{code: 0x8000}
	if config&0x82 != 0x82 {
		return answer, nil
	}
	if blocks {
		lines := zvtTLV([]byte{0x09}, []byte{0x40})
		for i, l := range text {
			if i == 1 {
				lines = append(lines, zvtTLV([]byte{0x09}, []byte{0x00})...)
			}
			lines = append(lines, zvtTLV([]byte{0x07}, []byte(l))...)
		}
		lines = append(lines, zvtTLV([]byte{0x09}, []byte{0x81})...)
		block := append(zvtTLV([]byte{0x1F, 0x07}, []byte{which}), zvtTLV([]byte{0x25}, lines)...)
		return k.tell("print", 0x06D3, append([]byte{0x06}, zvtTLV(nil, block)...))
	}
	for i, l := range text {
		attr := byte(0x00)
		switch i {
		case 0:
			attr = 0x40
		case len(text) - 1:
			attr = 0x81
		}
		var err error
		if answer, err = k.tell("print", 0x06D1, append([]byte{attr}, l...)); err != nil || !heard(answer) {
			return answer, err
		}
	}
	return answer, nil
}

func (z *ZVT) receiptText(c *ZVTCharge, which byte) []string {
	title := "** CUSTOMER COPY **"
	if which == 1 {
		title = "** MERCHANT COPY **"
	}
	card, result := "############5726", "APPROVED"
	if z.o.CardNumber != "" {
		card = z.o.CardNumber
	}
	switch {
	case c.code != 0:
		result = fmt.Sprintf("DECLINED %02X", c.code)
	case c.origin > 0:
		result = "REVERSED"
	case c.Refund:
		result = "REFUNDED"
	}
	more := []string{strings.Repeat("-", 24), result}
	if n := z.o.CardNumber; n != "" { // where a narrow printer would break it
		more = append([]string{"CARD " + n[:4] + " " + n[4:8] + " " + n[8:10], n[10:12] + " " + n[12:]}, more...)
	}
	return append([]string{
		title,
		"Terminal-ID   " + z.o.TerminalID,
		fmt.Sprintf("Trace %06d  Receipt %04d", c.Trace, c.Receipt),
		c.At.Format("02.01.2006 15:04:05"),
		"Debit Mastercard",
		card,
		fmt.Sprintf("AMOUNT        EUR %d.%02d", c.amount/100, c.amount%100),
	}, more...)
}
