package zvt

import (
	"time"

	"kassa/device/terminal"
)

// progressOf says what an intermediate status (04 FF, PA00P015 3.7) asks of
// the shopper. Every status has an entry, be it Wait: the terminal's own text
// is in its language, not hers, and some of it is for the merchant.
func progressOf(status byte) terminal.ProgressKind {
	if status >= 0x41 && status <= 0x5D { // 01 to 1D and "please remove card"
		switch kind := progressOf(status - 0x40); kind {
		case terminal.OtherCard, terminal.PINLocked:
			return kind // says more, and the terminal beeps for its card
		default:
			return terminal.RemoveCard
		}
	}
	switch status {
	case 0x00:
		return terminal.ConfirmAmount
	case 0x01, 0x02, 0x26, 0x27: // the PIN pad, a telephone number
		return terminal.LookAtTerminal
	case 0x03, 0x07, 0x08, 0x09, 0x10, 0x13, 0x14, 0x16, 0x19: // why is the card's secret, not the shop's
		return terminal.OtherCard
	case 0x04, 0xD2, 0xD3, 0xF2:
		return terminal.AskingHost
	case 0x05:
		return terminal.TakingBack
	case 0x0A, 0x66, 0x67:
		return terminal.PresentCard
	case 0x0B, 0x5E:
		return terminal.RemoveCard
	case 0x0C:
		return terminal.CardUnreadable
	case 0x0D, 0x12:
		return terminal.SeemsAborted
	case 0x15:
		return terminal.WrongPIN
	case 0x18:
		return terminal.PINLocked
	case 0x1B, 0x1C: // "approved, take the goods": not before Pay has returned
		return terminal.SeemsApproved
	case 0x1D:
		return terminal.SeemsDeclined
	case 0x68:
		return terminal.CardDetected
	case 0x69, 0xE0, 0xE1:
		return terminal.Choose
	}
	return terminal.Wait // 06, 0E, 0F, 17, C9, CA and whatever is newer
}

// progressIn reads an intermediate status: the status, perhaps a new T4 in
// minutes, perhaps a container with display texts.
func progressIn(data []byte, cs Charset) terminal.Progress {
	p := terminal.Progress{Kind: progressOf(data[0]), Code: hexCode(data[0])}
	if len(data) < 4 || data[2] != bmpTLV {
		return p
	}
	n, rest, ok := berLength(data[3:])
	if !ok || n > len(rest) {
		return p
	}
	if v, ok := find(parseTLV(rest[:n]), tagText); ok {
		p.Text = cs.decode(v)
	}
	return p
}

// ownT4 reads the new timeout, in minutes, that an intermediate status may bring.
func ownT4(data []byte) time.Duration {
	if len(data) < 2 {
		return 0
	}
	v, ok := bcdInt(data[1:2])
	if !ok {
		return 0
	}
	return time.Duration(v) * time.Minute
}
