package barcode

import (
	"strings"
	"testing"
)

func TestOwnCodes(t *testing.T) {
	makers := map[Kind]func(string) string{Staff: StaffCode, Ticket: TicketCode, Voucher: VoucherCode, Member: MemberCode}
	for kind, code := range makers {
		for _, number := range []string{"1", "17", "0421-1-000123", "ABC", strings.Repeat("9", 40)} {
			text := code(number)
			for _, in := range []string{text, "]C0" + text, "]Q1" + text, "]d1" + text} {
				m := Parse([]byte(in), nil)
				if m.Kind != kind || m.Number != number || m.Error != "" {
					t.Errorf("%s: %s %q (%s), want %s %q", in, m.Kind, m.Number, m.Error, kind, number)
				}
			}
		}
		for _, bad := range []string{"", "-1", "1-", "a", "1 2", "Ä", strings.Repeat("9", 41)} {
			if got := code(bad); got != "" {
				t.Errorf("a code for %q: %s", bad, got)
			}
		}
	}
	for _, bad := range []string{"KS-STAFF-", "KS-STAFF--", "KS-STAFF-1", "KS-STAFF-1-", "KS-TICKET-17-*", "KS-STAFF-17"} {
		if m := Parse([]byte(bad), nil); m.Kind != Invalid {
			t.Errorf("%s is %s", bad, m.Kind)
		}
	}
	for _, other := range []string{"KS-OTHER-17-1", "ks-staff-17-1", "KS-"} {
		if m := Parse([]byte(other), nil); m.Kind != Unknown {
			t.Errorf("%s is %s", other, m.Kind)
		}
	}
}

// The check character finds every wrong character and every swap of
// neighbours.
func TestOwnCheckCharacter(t *testing.T) {
	const number = "A7Z01142"
	code := []byte(StaffCode(number))
	from := len(staffPrefix)
	for i := from; i < len(code); i++ {
		if code[i] == '-' {
			continue
		}
		for _, c := range []byte(alphabet36) {
			wrong := append([]byte{}, code...)
			wrong[i] = c
			m := Parse(wrong, nil)
			if (m.Kind == Staff) != (c == code[i]) {
				t.Errorf("%s is %s", wrong, m.Kind)
			}
		}
		if i+1 < from+len(number) && code[i] != code[i+1] {
			wrong := append([]byte{}, code...)
			wrong[i], wrong[i+1] = wrong[i+1], wrong[i]
			if m := Parse(wrong, nil); m.Kind != Invalid {
				t.Errorf("%s is %s", wrong, m.Kind)
			}
		}
	}
}

// A store's own prefix stands before kassa's.
func TestOwnCodesGiveWay(t *testing.T) {
	p, err := ParsePatterns("[[prefix]]\nmatch = \"KS-\"\nkind = \"member\"\n")
	if err != nil {
		t.Fatal(err)
	}
	if m := Parse([]byte(StaffCode("17")), &Options{Patterns: p}); m.Kind != Member {
		t.Errorf("got %+v", m)
	}
}
