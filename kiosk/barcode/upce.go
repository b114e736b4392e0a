package barcode

// ExpandUPCE turns a UPC-E into the twelve digits of its UPC-A. Eight digits
// are number system (0 or 1), body and the check digit of the UPC-A; six are
// the body alone, of number system 0. Seven are refused: scanners leave out
// either the number system or the check digit, and both may look right.
func ExpandUPCE(s string) (string, error) {
	upca, f := expandUPCE(s)
	if f != nil {
		return "", f
	}
	return upca, nil
}

// expandUPCE gives the digits even when only the check digit is wrong.
func expandUPCE(s string) (string, *fault) {
	if !allDigits(s) {
		return "", &fault{"charset", "UPC-E holds digits only"}
	}
	switch len(s) {
	case 6:
		payload := expandBody('0', s)
		return payload + string(CheckDigit(payload)), nil
	case 8:
		if s[0] > '1' {
			return "", &fault{"content", "UPC-E begins with 0 or 1"}
		}
		upca := expandBody(s[0], s[1:7]) + s[7:]
		if !checked(upca) {
			return upca, &fault{"check_digit", "of the UPC-A behind the UPC-E"}
		}
		return upca, nil
	default:
		return "", &fault{"length", "UPC-E has 6 or 8 digits"}
	}
}

// expandBody gives the eleven digits of the UPC-A payload; the last digit of
// the body says where the zeros went.
func expandBody(system byte, d string) string {
	n := string(system)
	switch last := d[5]; last {
	case '0', '1', '2':
		return n + d[:2] + string(last) + "0000" + d[2:5]
	case '3':
		return n + d[:3] + "00000" + d[3:5]
	case '4':
		return n + d[:4] + "00000" + d[4:5]
	default:
		return n + d[:5] + "0000" + d[5:]
	}
}

// CompressUPCA is the UPC-E of a UPC-A of twelve digits, for display, and ""
// when it has none.
func CompressUPCA(s string) string {
	if len(s) != 12 || s[0] > '1' || !checked(s) {
		return ""
	}
	maker, item := s[1:6], s[6:11]
	var body string
	switch {
	case maker[2] <= '2' && maker[3:] == "00" && item[:2] == "00":
		body = maker[:2] + item[2:] + maker[2:3]
	case maker[3:] == "00" && item[:3] == "000":
		body = maker[:3] + item[3:] + "3"
	case maker[4] == '0' && item[:4] == "0000":
		body = maker[:4] + item[4:] + "4"
	case item[:4] == "0000" && item[4] >= '5':
		body = maker + item[4:]
	default:
		return ""
	}
	return s[:1] + body + s[11:]
}
