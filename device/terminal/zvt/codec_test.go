package zvt

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"reflect"
	"strings"
	"testing"

	"kassa/device/terminal"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAPDU(t *testing.T) {
	for _, tt := range []struct {
		name string
		a    apdu
		head string
	}{
		{"empty", command(0x06B0), "06 B0 00"},
		{"short", command(0x0601, 1, 2, 3), "06 01 03"},
		{"longest short", command(0x06D3, make([]byte, 0xFE)...), "06 D3 FE"},
		{"shortest extended", command(0x06D3, make([]byte, 0xFF)...), "06 D3 FF FF 00"},
		{"extended", command(0x06D3, make([]byte, 0x020E)...), "06 D3 FF 0E 02"},
		{"longest", command(0x06D3, make([]byte, 0xFFFF)...), "06 D3 FF FF FF"},
	} {
		b, err := tt.a.encode()
		head := unhex(t, tt.head)
		if err != nil || !bytes.HasPrefix(b, head) || len(b) != len(head)+len(tt.a.data) {
			t.Errorf("%s: encode() = % X..., %v, want it to begin %s", tt.name, b[:5], err, tt.head)
		}
		if back, err := decodeAPDU(b); err != nil || back.code() != tt.a.code() || !bytes.Equal(back.data, tt.a.data) {
			t.Errorf("%s: decodes to %v, %v", tt.name, back, err)
		}
		if _, err := decodeAPDU(b[:len(b)-1]); !errors.Is(err, errShort) {
			t.Errorf("%s: cut short: %v", tt.name, err)
		}
	}
	if _, err := command(0x06D3, make([]byte, 0x10000)...).encode(); err == nil {
		t.Error("a message of 64 KiB was written")
	}
}

// A terminal's messages arrive in any pieces, and two in one.
func TestStreamReassembles(t *testing.T) {
	long := command(0x06D3, bytes.Repeat([]byte{0x10}, 1648)...)
	var wire []byte
	want := []apdu{command(0x8000), long, command(0x040F, 0x27, 0x00), command(0x060F)}
	for _, a := range want {
		b, err := a.encode()
		if err != nil {
			t.Fatal(err)
		}
		wire = append(wire, b...)
	}
	for _, size := range []int{1, 7, 1024, len(wire)} {
		near, far := net.Pipe()
		go func() {
			defer far.Close()
			for rest := wire; len(rest) > 0; {
				n := min(size, len(rest))
				if _, err := far.Write(rest[:n]); err != nil {
					return
				}
				rest = rest[n:]
			}
		}()
		line := Stream(near)
		for _, w := range want {
			msg, err := line.Receive()
			got, derr := decodeAPDU(msg)
			if err != nil || derr != nil || got.code() != w.code() || !bytes.Equal(got.data, w.data) {
				t.Errorf("in pieces of %d: %v, %v, %v, want %v", size, got, err, derr, w)
			}
		}
		if _, err := line.Receive(); !errors.Is(err, io.EOF) {
			t.Errorf("behind the last message: %v", err)
		}
		if err := line.Close(); err != nil {
			t.Error(err)
		}
	}
}

// realApproval is a status information captured from a Worldline Valina.
const realApproval = `
	27 00 04 00 00 00 00 00 01 0B 00 00 22 0C 16 49 23 0D 03 08 17 00 01 19 70 22 F0 F8 EE EE EE EE EE EE 57 26
	29 29 00 10 06 2A 31 30 30 37 36 34 39 39 32 20 20 20 20 20 20 3B 32 39 31 36 37 35 00 00 3C F0 F1 F4 47 45 4E 2E 4E
	52 2E 3A 32 39 31 36 37 35 49 09 78 87 00 22 88 00 00 22 8A 2E 8B F1 F7 44 65 62 69 74 20 4D 61 73 74 65 72 63 61 72
	64 00 06 65 24 10 07 0E 47 45 4E 2E 4E 52 2E 3A 32 39 31 36 37 35 43 07 A0 00 00 00 04 10 10 46 1F 41 30 30 30 30 30
	30 30 30 34 31 30 31 30 20 35 46 32 36 30 45 46 43 35 44 32 38 45 34 35 31 47 1F 41 30 30 30 30 30 30 30 30 34 31 30
	31 30 20 35 46 32 36 30 45 46 43 35 44 32 38 45 34 35 31 1F 10 01 00 1F 12 01 02`

func TestRealStatusInformation(t *testing.T) {
	got := parseInfo(unhex(t, realApproval), Latin1).result()
	want := terminal.Result{
		Outcome: terminal.Approved, Code: "00", Text: terminal.Scrub("GEN.NR.:291675"), Amount: 1,
		TerminalID: "29001006", Receipt: "0022", Trace: "000022", Date: "0308", Time: "164923",
		Merchant: terminal.Scrub("100764992"), AuthCode: terminal.Scrub("291675"),
		Card: terminal.MaskCard("************5726"), CardName: terminal.Scrub("Debit Mastercard"),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("parsed\n%+v, want\n%+v", got, want)
	}
}

func TestInfo(t *testing.T) {
	for _, tt := range []struct {
		name, data string
		check      func(info) bool
	}{
		{"decline", "27 05 29 29 00 10 06 3C F0 F1 F5 4B 61 72 74 65 20 61 62 67 65 6C 65 68 6E 74 8A 0D 06 13 24 11 07 0F 4B 61 72 74 65 20 61 62 67 65 6C 65 68 6E 74", func(i info) bool {
			return i.hasCode && i.code == 5 && i.text.String() == "Karte abgelehnt" && i.tid == "29001006"
		}},
		{"cancelled", "27 6C 29 29 00 10 06", func(i info) bool { return i.code == 0x6C && !i.approved() }},
		{"empty card number and name", "27 6C 04 00 00 00 00 12 00 49 09 78 0C 11 33 39 0D 08 17 22 F0 F0 0B 00 00 00 19 60 29 52 50 02 95 8B F0 F1 00", func(i info) bool {
			return i.amount == 1200 && i.card.IsZero() && i.cardName.IsZero() && i.tid == "52500295"
		}},
		{"full card number and expiry", "27 00 04 00 00 00 00 40 00 49 09 78 0C 09 38 48 0D 04 25 22 F1 F1 59 66 66 66 66 D2 00 21 22 01 00 17 00 01 87 01 75 0B 61 39 95 19 40 29 60 09 99 14 0E 05 12 8A 02", func(i info) bool {
			return i.approved() && i.amount == 4000 && i.receipt == "0175" && i.card.String() == "******6666" && i.trace == "613995"
		}},
		{"unknown bitmap", "27 00 04 00 00 00 00 00 05 87 00 07 92 01 02 29 11 11 11 11", func(i info) bool {
			return i.approved() && i.amount == 5 && i.receipt == "0007" && i.tid == ""
		}},
		{"no receipt number", "27 00 87 FF FF", func(i info) bool { return i.approved() && i.receipt == "" }},
		{"reversal", "27 00 37 00 06 06 0B 00 06 07", func(i info) bool { return i.origin == "000606" && i.trace == "000607" }},
		{"long trace and signature", "27 00 0B 00 00 00 06 0B 1F 2B 04 12 34 56 78 1F 10 01 01", func(i info) bool {
			return i.trace == "12345678" && i.signature
		}},
		{"no result code", "04 00 00 00 00 00 05", func(i info) bool { return !i.hasCode && !i.approved() }},
		{"nothing", "", func(i info) bool { return !i.hasCode }},
	} {
		if got := parseInfo(unhex(t, tt.data), CP437); !tt.check(got) {
			t.Errorf("%s: parsed %+v", tt.name, got)
		}
	}
}

func TestEndOfDayTotals(t *testing.T) {
	data := "27 00 04 00 00 00 00 09 58 0B 00 09 82 0D 04 06 0C 08 17 06 60 F0 F5 F3 02 33 02 34" +
		strings.Repeat(" 00 00 00 00 00 00 00", 2) + " 02 00 00 00 00 09 58" + strings.Repeat(" 00 00 00 00 00 00 00", 4)
	got := parseInfo(unhex(t, data), CP437).batch()
	if got.Count != 2 || got.Amount != 958 || len(got.ByCard) != 1 || got.ByCard[0].Name != "Mastercard" || got.ByCard[0].Amount != 958 {
		t.Errorf("totals = %+v", got)
	}
}

func TestTerminalState(t *testing.T) {
	for _, tt := range []struct {
		data    string
		status  byte
		version string
	}{
		{"F0 F0 F7 32 2E 31 34 2E 31 35 00", 0x00, "2.14.15"},
		{"DC", 0xDC, ""},
		{"F0", 0xF0, ""},
		{"F0 06 00", 0xF0, ""},
		{"00 06 02 12 00", 0x00, ""},
		{"", 0x00, ""},
	} {
		if s, v := parseState(unhex(t, tt.data), CP437); s != tt.status || v != tt.version {
			t.Errorf("state of %s = %02X %q, want %02X %q", tt.data, s, v, tt.status, tt.version)
		}
	}
}

func TestRequests(t *testing.T) {
	never := func() *Terminal {
		d, err := New(Config{Dial: nowhere, Password: "123456", Currency: terminal.Currency{Numeric: 978, Exponent: 2}})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}()
	for _, tt := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"receipts as blocks", func(*Config) {}, "06 00 10 12 34 56 BE 09 78 03 01 06 06 26 04 0A 02 06 D3"},
		{"no receipts", func(c *Config) { c.Printing = PrintNone }, "06 00 0A 12 34 56 3E 09 78 03 01 06 00"},
		{"the terminal prints", func(c *Config) { c.Printing = PrintThere }, "06 00 0A 12 34 56 38 09 78 03 01 06 00"},
		{"own config byte", func(c *Config) { c.Register = 0x9E }, "06 00 10 12 34 56 9E 09 78 03 01 06 06 26 04 0A 02 06 D3"},
		{"columns and numbers", func(c *Config) { c.Columns, c.MessageIDs = 42, true }, "06 00 19 12 34 56 BE 09 78 03 01 06 0F 12 01 42 26 04 0A 02 06 D3 1F 73 03 00 00 00"},
	} {
		was := never.cfg
		tt.change(&never.cfg)
		got, err := never.registration().encode()
		if want := unhex(t, tt.want); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: registration % X, %v, want % X", tt.name, got, err, want)
		}
		never.cfg = was
	}
	record := terminal.Hooks{Recorded: func(terminal.Result) error { return nil }}
	cmd, err := never.moneyCommand(cmdRefund, terminal.Request{Amount: 1, Currency: never.cfg.Currency}, record)
	b, eerr := cmd.encode()
	if want := unhex(t, "06 31 0D 12 34 56 04 00 00 00 00 00 01 49 09 78"); err != nil || eerr != nil || !bytes.Equal(b, want) {
		t.Errorf("refund % X, %v, %v, want % X", b, err, eerr, want)
	}
	cmd, err = never.moneyCommand(cmdAuthorise, terminal.Request{Amount: 1, Currency: never.cfg.Currency}, record)
	b, eerr = cmd.encode()
	if want := unhex(t, "06 01 0A 04 00 00 00 00 00 01 49 09 78"); err != nil || eerr != nil || !bytes.Equal(b, want) {
		t.Errorf("authorisation % X, %v, %v, want % X", b, err, eerr, want)
	}
}

func TestPaper(t *testing.T) {
	p := &paper{charset: Latin1}
	p.block(unhex(t, "06 30 1F 07 01 01 25 26 09 01 40 07 0C 2A 2A 20 48 C4 4E 44 4C 45 52 2A 2A 09 01 00 07 0D 42 45 54 52 41 47 20 20 45 55 52 20 31 09 01 81 1F 37 01 02"))
	p.line(append([]byte{0x40}, "** KUNDE **"...))
	p.line(append([]byte{0x81}, "Danke 4111111111111111"...))
	var r terminal.Result
	p.into(&r)
	if len(r.MerchantLines) != 2 || r.MerchantLines[0].Text.String() != "** HÄNDLER**" || !r.MerchantLines[0].Centre || r.MerchantLines[1].Centre {
		t.Errorf("merchant copy = %+v", r.MerchantLines)
	}
	if len(r.CustomerLines) != 2 || !r.CustomerLines[0].Centre || r.CustomerLines[1].Text.String() != "Danke ************1111" {
		t.Errorf("customer copy = %+v", r.CustomerLines)
	}
	if !r.Signature {
		t.Error("the signature field went unseen")
	}
}

// A receipt that broke off in the middle of a card number keeps no half of it.
func TestBrokenReceiptKeepsNoHalf(t *testing.T) {
	for _, tt := range []struct {
		lines []string
		want  string
	}{
		{[]string{"CARD 4111 1111 11"}, ""},
		{[]string{"Total 12.34", "41111111 -"}, "Total 12.34"},
		{[]string{"Trace 000022"}, "Trace 000022"},
		{[]string{"CARD 4111 1111 11", "11 1111"}, "CARD **** **** **/** 1111"},
	} {
		var p paper
		for _, l := range tt.lines {
			p.line(append([]byte{0}, l...))
		}
		var r terminal.Result
		p.into(&r)
		var got []string
		for _, l := range r.CustomerLines {
			got = append(got, l.Text.String())
		}
		if strings.Join(got, "/") != tt.want {
			t.Errorf("%q is kept as %q, want %q", tt.lines, got, tt.want)
		}
	}
}
