package pan

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestHide(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"bare", "PAN 4111111111111111 ok", "PAN ************1111 ok"},
		{"15 digits", "378282246310005", "***********0005"},
		{"19 digits", "6212345678901234569", "***************4569"},
		{"12 digits", "401288888888", "401288888888"},
		{"within more digits", "00004111111111111111", "0000************1111"},
		{"between letters", "x4111111111111111y", "x************1111y"},
		{"single spaces", "4111 1111 1111 1111", "**** **** **** 1111"},
		{"single hyphens", "4111-1111-1111-1111", "****-****-****-1111"},
		{"other groups", "411111 1111 111111", "****** **** **1111"},
		{"a line's end", "4111 1111 11  \n  11 1111", "**** **** **  \n  ** 1111"},
		{"two line's ends", "4111111111\n\n111111", "4111111111\n\n111111"},
		{"dots", "4111.1111.1111.1111", "****.****.****.1111"},
		{"two spaces", "4111  1111  1111  1111", "****  ****  ****  1111"},
		{"three spaces", "4111   1111   1111   1111", "****   ****   ****   1111"},
		{"four spaces", "4111    1111    1111    1111", "4111    1111    1111    1111"}, // columns
		{"no-break spaces", "4111\u00a01111\u00a01111\u00a01111", "****\u00a0****\u00a0****\u00a01111"},
		{"thin spaces", "4111\u20091111\u202f1111\u20091111", "****\u2009****\u202f****\u20091111"},
		{"dashes", "4111\u20131111 - 1111\u20141111", "****\u2013**** - ****\u20141111"},
		{"a byte nobody reads", "4111\xa01111\xa01111\xa01111", "****\xa0****\xa0****\xa01111"},
		{"mixed gaps", "4111 1111  1111.1111", "**** ****  ****.1111"},
		{"4-6-5", "3782. 822463. 10005", "****. ******. *0005"},
		{"4-6-4", "3056  930902  5904", "****  ******  5904"},
		{"4-4-4-4-3", "6212.3456.7890.1234.569", "****.****.****.***4.569"},
		{"beside other groups", "12  4111  1111  1111  1111  34", "12  ****  ****  ****  1111  34"},
		{"wrong check digit", "4111.1111.1111.1112", "4111.1111.1111.1112"},
		{"loose, not of a card", "411111.1111.111111", "411111.1111.111111"},
		{"a sum", "1.234.567.890.123.450", "1.234.567.890.123.450"},
		{"amounts in columns", "4111   11.11   11.11   11.11", "4111   11.11   11.11   11.11"},
		{"masked already", "************1111", "************1111"},
		{"a date", "2026-11-22 14:05", "2026-11-22 14:05"},
		{"terminal and trace", "Terminal 29001006 Trace 000022", "Terminal 29001006 Trace 000022"},
		{"gap at the end", "4111 1111 1111 1111 ", "**** **** **** 1111 "},
	}
	for _, tt := range tests {
		if got := Hide(tt.in); got != tt.want {
			t.Errorf("%s: Hide(%q) = %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

// A number in the middle of anything, set in any way a card is, is hidden; the
// text is as long as before, changes in no other place, and stays as it is when
// it is hidden again.
func FuzzHide(f *testing.F) {
	f.Add("x", uint64(411111111111111), " ", uint8(0), " y")
	f.Add("1234 ", uint64(378282246310005), "  ", uint8(1), " 5678")
	f.Add("12", uint64(411111111111111), "\u00a0.", uint8(2), "34")
	f.Add("4111 1111 1111 12345", uint64(100000000000000), ".", uint8(4), "9 8765 4321 1234")
	f.Fuzz(func(t *testing.T, before string, n uint64, between string, shape uint8, after string) {
		number := set(n, gapOf(between), shape)
		in := before + number + after
		got := Hide(in)
		if first, _ := utf8.DecodeRuneInString(after); !touches(before, number, first) && strings.Contains(got, number) {
			t.Errorf("%q is left in %q", number, got)
		}
		if len(got) != len(in) {
			t.Errorf("Hide(%q) = %q is not as long", in, got)
		}
		for i := range len(in) {
			if got[i] != in[i] && (got[i] != mask || !isDigit(in[i])) {
				t.Errorf("Hide(%q) = %q differs at %d", in, got, i)
			}
		}
		if again := Hide(got); again != got {
			t.Errorf("Hide(%q) = %q hides more", got, again)
		}
	})
}

// set makes a card number of n in one of the shapes, or without gaps.
func set(n uint64, between string, shape uint8) string {
	groups := [][]int{{16}, {4, 4, 4, 4}, {4, 6, 5}, {4, 6, 4}, {4, 4, 4, 4, 3}}[shape%5]
	size := 0
	for _, g := range groups {
		size += g
	}
	number := make([]digit, size)
	for i := range number {
		number[i].value = byte('0'+(n+uint64(i)*7)%10) - '0'
		n /= 3
	}
	number[0].value = max(1, number[0].value)
	for !luhn(number) {
		number[size-1].value = (number[size-1].value + 1) % 10
	}
	var out strings.Builder
	for _, g := range groups {
		if out.Len() > 0 {
			out.WriteString(between)
		}
		for _, d := range number[:g] {
			out.WriteByte('0' + d.value)
		}
		number = number[g:]
	}
	return out.String()
}

// gapOf is a gap that may stand between groups: what of a text is one, or a space.
func gapOf(text string) string {
	if n, _ := gap([]byte(text + "1")); n > 0 && n == len(text) && !strings.Contains(text, "\n") {
		return text
	}
	return " "
}

// touches reports whether a number in groups goes on in what stands beside it, so
// that its outer groups are longer than a card's.
func touches(before, number string, after rune) bool {
	if !strings.ContainsFunc(number, func(r rune) bool { return r < '0' || r > '9' }) {
		return false
	}
	return before != "" && isDigit(before[len(before)-1]) || after >= '0' && after <= '9'
}
