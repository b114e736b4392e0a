package zvt

import (
	"bytes"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"kassa/device/terminal"
	"kassa/kiosk/money"
)

// A Charset is the way a terminal writes text.
type Charset int

// The character sets. The specification's own is the first.
const (
	CP437 Charset = iota
	Latin1
	Latin9
)

// decode turns text of the terminal into UTF-8. Trailing zero bytes end it.
func (c Charset) decode(b []byte) terminal.Text {
	b = bytes.TrimRight(b, "\x00")
	cm := c.table()
	s := make([]rune, len(b))
	for i, x := range b {
		s[i] = cm.DecodeByte(x)
		if x < 0x20 {
			s[i] = rune(x) // CP437 would draw control characters
		}
	}
	text := strings.ReplaceAll(string(s), "\r\n", "\n")
	return terminal.Scrub(strings.TrimRight(strings.ReplaceAll(text, "\r", "\n"), " \n"))
}

func (c Charset) table() *charmap.Charmap {
	switch c {
	case CP437:
	case Latin1:
		return charmap.ISO8859_1
	case Latin9:
		return charmap.ISO8859_15
	}
	return charmap.CodePage437
}

// encode writes text for the terminal, with a question mark for what it lacks.
func (c Charset) encode(s string) []byte {
	var b []byte
	for _, r := range s {
		x, ok := c.table().EncodeRune(r)
		if !ok || r < ' ' {
			x = '?'
		}
		b = append(b, x)
	}
	return b
}

// An info is what a status information (04 0F) says. Card data other than the
// last four digits of the number is dropped here.
type info struct {
	hasCode bool
	code    byte // 27

	hasAmount bool
	amount    money.Amount
	receipt   string // 87, four digits; empty when there is none
	trace     string // 0B, or tag 1F2B when that is longer
	origin    string // 37: the trace of the payment that this one reverses
	date      string
	time      string
	tid       string
	merchant  terminal.Text
	authCode  terminal.Text
	text      terminal.Text
	card      terminal.Card
	cardName  terminal.Text
	totals    []byte // 60
	signature bool   // tag 1F10: the cardholder would have to sign
}

// approved reports whether the terminal says that the money moves.
func (in info) approved() bool { return in.hasCode && in.code == codeOK }

// parseInfo reads the data of a status information. It takes what it can: a
// terminal that knows newer bitmaps has still said whether it charged.
func parseInfo(data []byte, cs Charset) info {
	var in info
	maps, _ := parseBitmaps(data) // what was read before a fault counts (1.5 of our notes: never refuse for this)
	for _, m := range maps {
		in.take(m, cs)
	}
	return in
}

func (in *info) take(m bitmap, cs Charset) {
	switch m.id {
	case bmpResult:
		in.hasCode, in.code = true, m.value[0]
	case bmpAmount:
		v, ok := bcdInt(m.value)
		in.hasAmount, in.amount = ok, money.Amount(v)
	case bmpReceipt:
		if !bytes.Equal(m.value, []byte{0xFF, 0xFF}) {
			in.receipt = bcdString(m.value)
		}
	case bmpTrace:
		if in.trace == "" || in.trace == "000000" {
			in.trace = bcdString(m.value)
		}
	case bmpOrigin:
		in.origin = bcdString(m.value)
	case bmpDate:
		in.date = bcdString(m.value)
	case bmpTime:
		in.time = bcdString(m.value)
	case bmpTID:
		in.tid = bcdString(m.value)
	case bmpMerchant:
		in.merchant = cs.decode(bytes.TrimSpace(m.value))
	case bmpAuthCode:
		in.authCode = cs.decode(m.value)
	case bmpText:
		in.text = cs.decode(m.value)
	case bmpPAN:
		in.card = terminal.MaskCard(bcdString(m.value))
	case bmpCardName:
		in.cardName = cs.decode(m.value)
	case bmpTotals:
		in.totals = m.value
	case bmpTLV:
		in.takeTLV(m.value)
	}
}

// maxTrace is how many bytes of a long trace number are believed: more would
// have room for a card number.
const maxTrace = 6

func (in *info) takeTLV(b []byte) {
	objs := parseTLV(b)
	if v, ok := find(objs, tagLongTrace); ok && len(v) > 0 && len(v) <= maxTrace {
		in.trace = bcdString(v)
	}
	if v, ok := find(objs, tagCVM); ok && len(v) == 1 {
		in.signature = v[0] == cvmSignature
	}
}

// result writes in as the result of a payment.
func (in info) result() terminal.Result {
	r := terminal.Result{
		Code: hexCode(in.code), Text: in.text, Amount: in.amount, TerminalID: in.tid,
		Receipt: in.receipt, Trace: in.trace, Date: in.date, Time: in.time, Merchant: in.merchant,
		AuthCode: in.authCode, Card: in.card, CardName: in.cardName,
	}
	if in.code == codeOK {
		r.Outcome = terminal.Approved
		return r
	}
	r.Outcome, r.Reason = outcomeOf(in.code)
	return r
}

// batch reads the totals of an end of day: two receipt numbers, then count
// and sum of each of seven schemes.
func (in info) batch() terminal.Totals {
	t := terminal.Totals{
		Outcome: terminal.Approved, Code: hexCode(in.code), Amount: in.amount,
		TerminalID: in.tid, Trace: in.trace, Date: in.date, Time: in.time,
	}
	b := in.totals
	if len(b) < 4 {
		return t
	}
	t.First, t.Last = bcdString(b[:2]), bcdString(b[2:4])
	b = b[4:]
	for _, name := range [...]string{"girocard", "JCB", "Mastercard", "American Express", "Visa", "Diners", "other"} {
		if len(b) < 7 {
			break
		}
		sum, _ := bcdInt(b[1:7])
		if b[0] > 0 {
			t.ByCard = append(t.ByCard, terminal.CardTotal{Name: name, Count: int(b[0]), Amount: money.Amount(sum)})
			t.Count += int(b[0])
		}
		b = b[7:]
	}
	return t
}

func hexCode(c byte) string {
	const digits = "0123456789ABCDEF"
	return string([]byte{digits[c>>4], digits[c&0x0F]})
}
