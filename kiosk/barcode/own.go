package barcode

import "strings"

// kassa's own codes, for what a lane prints and reads back: a fixed beginning,
// a number, a hyphen and one check character, all of it fit for Code 128, QR
// and Code 39. The check character is ISO 7064 MOD 37,36 over the letters and
// digits of the number; it finds a slip, not a forger, so whoever reads such a
// code looks its number up.
const (
	staffPrefix   = "KS-STAFF-"
	ticketPrefix  = "KS-TICKET-"
	voucherPrefix = "KS-VOUCHER-"
	memberPrefix  = "KS-MEMBER-"

	maxNumber = 40 // characters of a number in such a code
)

// StaffCode is the text of a badge with this number: KS-STAFF-number-check. It
// is "" when number is empty, longer than 40 or holds anything but A-Z, 0-9 and
// hyphens between them.
func StaffCode(number string) string { return ownCode(staffPrefix, number) }

// TicketCode is the text of a parked basket's ticket; see StaffCode.
func TicketCode(number string) string { return ownCode(ticketPrefix, number) }

// VoucherCode is the text of a voucher; see StaffCode.
func VoucherCode(number string) string { return ownCode(voucherPrefix, number) }

// MemberCode is the text of a member card; see StaffCode.
func MemberCode(number string) string { return ownCode(memberPrefix, number) }

func ownCode(prefix, number string) string {
	check := checkCharacter(number)
	if check == 0 {
		return ""
	}
	return prefix + number + "-" + string(check)
}

const alphabet36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// checkCharacter is the hybrid system of ISO 7064, 37 and 36; 0 when number is
// not fit for a code.
func checkCharacter(number string) byte {
	if number == "" || len(number) > maxNumber || number[0] == '-' || number[len(number)-1] == '-' {
		return 0
	}
	p := 36
	for i := range len(number) {
		if number[i] == '-' {
			continue
		}
		v := strings.IndexByte(alphabet36, number[i])
		if v < 0 {
			return 0
		}
		p += v
		if p %= 36; p == 0 {
			p = 36
		}
		p = p * 2 % 37
	}
	return alphabet36[(37-p)%36]
}

// claims asks the store's own prefixes, then kassa's own codes, whose text this
// is.
func (o *Options) claims(m *Meaning, data string) bool {
	if o.Patterns.claim(m, data) {
		return true
	}
	if !strings.HasPrefix(data, "KS-") {
		return false
	}
	for prefix, kind := range map[string]Kind{
		staffPrefix: Staff, ticketPrefix: Ticket, voucherPrefix: Voucher, memberPrefix: Member,
	} {
		rest, ok := strings.CutPrefix(data, prefix)
		if !ok {
			continue
		}
		dash := len(rest) - 2
		if dash < 1 || rest[dash] != '-' || checkCharacter(rest[:dash]) != rest[dash+1] {
			m.refuse(&fault{"check_digit", "of a code of this shop"})
			return true
		}
		m.Kind, m.Number = kind, rest[:dash]
		return true
	}
	return false
}
