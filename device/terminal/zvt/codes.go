package zvt

import "kassa/device/terminal"

// Result codes that decide something (PA00P015 chapter 10).
const (
	codeOK              = 0x00
	codeWrongPIN        = 0x37
	codeNotRegistered   = 0x6B
	codeCancelled       = 0x6C
	codeWrongCurrency   = 0x6F
	codeUnsupported     = 0x83
	codeBusy            = 0x9C
	codeReceiverNotUp   = 0xA0
	codeAlreadyReversed = 0xB4
	codeCannotReverse   = 0xB5
	codeNeedsInit       = 0x51 // in a status only; there is a host code 51 too
	codeNeedsDiagnosis  = 0xC2
	codeCardInserted    = 0xDC
	codeNeedsEndOfDay   = 0xF0
)

// codeText says in English what a result code of status information, abort
// or a negative answer means. Codes to 63 come from the card's host.
func codeText(code byte) string {
	switch code {
	case codeOK:
		return "ok"
	case 0x06, 0x0E:
		return "invalid card"
	case 0x0D:
		return "invalid amount"
	case 0x36, 0x50:
		return "card expired"
	case codeWrongPIN, 0x38:
		return "wrong PIN"
	case 0x40:
		return "wrong amount"
	case 0x56:
		return "terminal not active at the host"
	case 0x59:
		return "terminal locked at the host"
	case 0x5F:
		return "try again"
	case 0x64:
		return "card unreadable"
	case 0x65:
		return "no card data"
	case 0x66:
		return "processing error"
	case 0x67, 0x68:
		return "not allowed for this card"
	case 0x6A:
		return "turnover file full"
	case codeNotRegistered:
		return "not registered"
	case codeCancelled:
		return "cancelled by key or timeout"
	case 0x6E:
		return "card on the block list"
	case codeWrongCurrency:
		return "wrong currency"
	case 0x71:
		return "no credit"
	case 0x72:
		return "chip error"
	case 0x73:
		return "card data wrong"
	case 0x74:
		return "key counter used up"
	case 0x75:
		return "text not authentic"
	case 0x76:
		return "card not on the white list"
	case 0x77:
		return "end of day impossible"
	case 0x78:
		return "card expired"
	case 0x79:
		return "card not yet valid"
	case 0x7A:
		return "unknown card"
	case 0x7B, 0x7C, 0x7E:
		return "fallback to another reader"
	case 0x7D:
		return "communication error"
	}
	if code < 0x64 {
		return "declined by the host"
	}
	return deviceText(code)
}

// deviceText is codeText from 80 up: the terminal's own troubles, and the
// answers to a status enquiry.
func deviceText(code byte) string {
	switch code {
	case codeUnsupported:
		return "function not possible"
	case 0x85:
		return "key missing"
	case 0x89, 0xED:
		return "PIN pad defective"
	case 0x9A:
		return "message not understood"
	case 0x9B:
		return "dial-up error"
	case codeBusy:
		return "please wait"
	case codeReceiverNotUp:
		return "receiver not ready"
	case 0xA1:
		return "remote station does not answer"
	case 0xA3:
		return "no connection to the host"
	case 0xA4:
		return "submission of purse payments impossible"
	case 0xA5:
		return "not allowed"
	}
	return serviceText(code)
}

// serviceText is codeText from B0 up.
func serviceText(code byte) string {
	switch code {
	case 0xB1:
		return "memory full"
	case 0xB2:
		return "journal full"
	case codeAlreadyReversed:
		return "already reversed"
	case 0xB5:
		return "reversal impossible"
	case 0xB7:
		return "pre-authorisation amount wrong"
	case 0xB8:
		return "pre-authorisation open"
	case 0xBF:
		return "voltage too low"
	case 0xC0:
		return "card lock defective"
	case 0xC1:
		return "merchant card locked"
	case codeNeedsDiagnosis:
		return "diagnosis required"
	case 0xC3:
		return "amount over the limit"
	case 0xC4:
		return "card profile invalid"
	case 0xC5:
		return "way of paying not supported"
	case 0xC6:
		return "currency not available"
	case 0xC8:
		return "amount too small"
	case 0xC9:
		return "limit of the terminal too small"
	}
	return readerText(code)
}

// readerText is codeText from CB up.
func readerText(code byte) string {
	switch code {
	case 0xCB:
		return "euro only"
	case 0xCC:
		return "printer not ready"
	case 0xCD:
		return "cashback refused"
	case 0xD2:
		return "not allowed by the service code"
	case codeCardInserted:
		return "card inserted"
	case 0xDD, 0xDE:
		return "card is not drawn in or given out"
	case 0xDF:
		return "out of order"
	case 0xE0:
		return "remote maintenance"
	case 0xE1:
		return "card half inserted"
	case 0xE2:
		return "card reader defective"
	case 0xE3:
		return "shutter"
	case 0xE4:
		return "activation required"
	case 0xE7, 0xE8, 0xE9, 0xEA:
		return "goods not allowed for this card"
	case 0xEB, 0xEC:
		return "PIN cannot be processed"
	case codeNeedsEndOfDay:
		return "end of day required"
	case 0xF1:
		return "offline error"
	case 0xF5, 0xF6:
		return "outdoor terminal"
	case 0xFA:
		return "clearing error"
	case 0xFB:
		return "record defective"
	case 0xFC:
		return "device missing"
	case 0xFD:
		return "baud rate"
	case 0xFE:
		return "register unknown"
	case 0xFF:
		return "system error"
	}
	return "unlisted code"
}

// outcomeOf says what a result code other than 00 makes of a payment.
func outcomeOf(code byte) (terminal.Outcome, terminal.Reason) {
	switch code {
	case codeCancelled:
		return terminal.Aborted, terminal.ReasonCancelled
	case codeBusy:
		return terminal.Aborted, terminal.ReasonBusy
	case codeWrongPIN, 0x38:
		return terminal.Declined, terminal.ReasonWrongPIN
	case 0x36, 0x50, 0x78:
		return terminal.Declined, terminal.ReasonExpired
	case 0x06, 0x0E, 0x64, 0x65, 0x67, 0x68, 0x72, 0x73, 0x76, 0x79, 0x7A, 0x7B, 0x7C, 0x7E, 0xC4,
		0xD2, 0xE7, 0xE8, 0xE9, 0xEA:
		return terminal.Declined, terminal.ReasonInvalidCard
	case 0x5F, 0x7D, 0x9B, 0xA1, 0xA3:
		return terminal.Aborted, terminal.ReasonHost
	case codeNotRegistered, codeWrongCurrency, codeUnsupported, 0x85, 0x89, 0xED, 0x9A, 0xA0,
		0xA5, 0xB1, 0xB2, codeNeedsDiagnosis, 0xC5, 0xC6, 0xCB, 0xCC, 0xDF, 0xE0, 0xE3, 0xE4,
		codeNeedsEndOfDay, 0x74, 0x75, 0xBF, 0xC0, 0xC1, 0xE2, 0xEB, 0xEC, 0xF1, 0xF5, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF, 0x56, 0x59, 0x6A:
		return terminal.Aborted, terminal.ReasonService
	}
	return terminal.Declined, terminal.ReasonDeclined
}

// stateOf says what the status byte of a status enquiry means.
func stateOf(status byte) terminal.State {
	switch status {
	case codeOK:
		return terminal.Ready
	case codeBusy:
		return terminal.Busy
	case codeNeedsInit, codeNeedsDiagnosis, codeNeedsEndOfDay, 0xB1, 0xB2:
		return terminal.NeedsSetup
	case codeCardInserted, 0xE1:
		return terminal.CardLeft
	}
	return terminal.NeedsService
}

// statusText is codeText for a status enquiry, where a few codes mean
// something else.
func statusText(status byte) string {
	switch status {
	case codeOK:
		return "ready"
	case codeNeedsInit:
		return "initialisation required"
	case 0x62:
		return "clock wrong"
	}
	return codeText(status)
}
