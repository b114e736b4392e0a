package zvt

import (
	"bytes"
	"testing"

	"kassa/device/terminal"
)

func FuzzAPDU(f *testing.F) {
	f.Add([]byte{0x06, 0x0F, 0x00})
	f.Add([]byte{0x06, 0xD3, 0xFF, 0x02, 0x00, 1, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := decodeAPDU(b)
		if err != nil {
			return
		}
		out, err := a.encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := decodeAPDU(out)
		if err != nil || back.code() != a.code() || !bytes.Equal(back.data, a.data) {
			t.Errorf("% X prints back as % X", b, out)
		}
	})
}

// FuzzBitmaps checks that no message of a terminal upsets the parsers, and
// that a result code which stands first is always seen.
func FuzzBitmaps(f *testing.F) {
	f.Add(unhex(f, realApproval)[2:])
	f.Add([]byte{0x04, 0, 0, 0, 0, 0, 1, 0x92, 0x01})
	f.Add([]byte{0x06, 0x82, 0xFF, 0xFF, 0x1F})
	f.Add([]byte{0x60, 0xF9, 0xF9, 0xF9})
	f.Fuzz(func(t *testing.T, b []byte) {
		in := parseInfo(append([]byte{bmpResult, 0x05}, b...), CP437)
		if !in.hasCode {
			t.Errorf("result code lost before % X", b)
		}
		r := in.result()
		if n := len(r.Card.String()); n >= 8 {
			for _, c := range r.Card.String()[:n-4] {
				if c != '*' {
					t.Errorf("card number %q", r.Card)
				}
			}
		}
		in.batch()
		p := &paper{}
		p.block(b)
		p.line(b)
		p.into(&r)
		parseState(b, Latin9)
		if len(b) > 0 {
			progressIn(b, CP437)
		}
	})
}

// FuzzRedact checks that a trace keeps its length and lets no long run of
// foreign bytes through.
func FuzzRedact(f *testing.F) {
	f.Add(uint16(cmdStatusInfo), unhex(f, realApproval))
	f.Add(uint16(cmdRegister), unhex(f, "12 34 56 BE 09 78 03 01 06 06 26 04 0A 02 06 D3"))
	f.Add(uint16(cmdPrintBlock), unhex(f, "06 0B 1F 07 01 01 25 05 07 03 41 42 43"))
	f.Add(uint16(cmdProgress), []byte{0x0A})
	f.Fuzz(func(t *testing.T, code uint16, data []byte) {
		a := command(int(code), data...)
		b, err := a.encode()
		out := redact(a)
		if err == nil && len(out) != len(b) {
			t.Errorf("% X becomes % X", b, out)
		}
		pan := unhex(t, "41 11 11 11 11 11 11 11")
		if bytes.Contains(redact(command(int(code), append(data, pan...)...)), pan) && !bytes.Contains(b, pan[1:]) {
			t.Errorf("a card number behind % X is in the trace", b)
		}
	})
}

func FuzzTLV(f *testing.F) {
	f.Add([]byte{0x1F, 0x07, 0x01, 0x01, 0x25, 0x00})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, o := range parseTLV(b) {
			again := parseTLV(appendTLV(nil, o.tag&0xFFFF, o.value))
			if o.tag <= 0xFFFF && (len(again) != 1 || again[0].tag != o.tag || !bytes.Equal(again[0].value, o.value)) {
				t.Errorf("object %X prints back as %v", o.tag, again)
			}
		}
		find(parseTLV(b), tagCVM)
	})
}

// FuzzVerdict checks the one thing that must never be wrong: without a stored
// approval of the terminal that fits, nobody has paid.
func FuzzVerdict(f *testing.F) {
	f.Add(unhex(f, realApproval), "0021", int64(1), false, false)
	f.Fuzz(func(t *testing.T, data []byte, last string, amount int64, accepted, none bool) {
		in := terminal.Intent{Request: terminal.Request{Amount: 5, Evidence: evidence{Last: stored{Receipt: last}, None: none}.pack()}}
		if accepted {
			in.Approval = terminal.Result{Outcome: terminal.Approved, Amount: 5, Receipt: last}
		}
		was := lastOf(parseInfo(data, CP437))
		got := verdict(in, "", was)
		if got.Outcome == terminal.Approved && (!was.found || !was.info.approved() || was.info.hasAmount && was.info.amount != 5) {
			t.Errorf("paid, says the verdict on %+v", was)
		}
		if got.Outcome == 0 {
			t.Errorf("no verdict on %+v", was)
		}
	})
}

func lastOf(in info) last { return last{found: in.hasCode, info: in} }

// FuzzPaper checks that print lines and blocks stay within bounds, lose no
// signature and keep no card number, whatever they hold beside it.
func FuzzPaper(f *testing.F) {
	f.Add([]byte{0x81, 'T', 'H', 'E', ' ', 'E', 'N', 'D'})
	f.Add(unhex(f, "06 0E 1F 07 01 02 25 08 09 01 40 07 03 41 42 43"))
	f.Add([]byte{0xFF, 0xFF})
	f.Fuzz(func(t *testing.T, b []byte) {
		const pan = "4111111111111111"
		p := &paper{}
		p.line(b)
		p.block(b)
		card := appendTLV(nil, tagPrint, appendTLV(nil, tagText, []byte(pan)))
		p.block(append([]byte{bmpTLV, byte(len(card) + 4)}, append(appendTLV(nil, tagReceiptFlag, []byte{flagSignature}), card...)...))
		p.line(append([]byte{0}, pan...))
		var r terminal.Result
		p.into(&r)
		if !r.Signature {
			t.Error("the signature field is lost")
		}
		all := p.all()
		if len(all) > 2*maxLines+100 {
			t.Errorf("%d lines of % X", len(all), b)
		}
		for _, l := range all {
			if l.Text.String() == pan {
				t.Errorf("a line says %q", l.Text)
			}
		}
	})
}

// FuzzState checks that the answer to a status enquiry is read whatever it is.
func FuzzState(f *testing.F) {
	f.Add(unhex(f, "F0 F0 F7 32 2E 31 34 2E 31 35 00"))
	f.Add([]byte{codeCardInserted})
	f.Fuzz(func(t *testing.T, b []byte) {
		status, _ := parseState(b, CP437)
		if len(b) == 0 && status != codeOK {
			t.Errorf("status %02X of nothing", status)
		}
		if stateOf(status) == 0 || statusText(status) == "" {
			t.Errorf("no state or words for %02X", status)
		}
	})
}
