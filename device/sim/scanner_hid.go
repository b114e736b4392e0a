package sim

import (
	"strings"
	"sync"
)

// HIDScannerOptions describes a simulated HID-POS scanner.
type HIDScannerOptions struct {
	// Form is how its reports are built.
	Form HIDForm
}

// A HIDForm is a way of building reports, told by the report descriptor.
type HIDForm uint8

// The forms found.
const (
	HIDCounted HIDForm = iota // number, length, identifier, 56 bytes, vendor, reserved, continued
	HIDPlain                  // no numbers, no length: identifier, continued, 60 bytes to the first NUL
)

// A HIDScanner is a scanner in HID-POS mode, as the kernel's raw node shows it.
type HIDScanner struct {
	*Node
	o       HIDScannerOptions
	sending sync.Mutex
}

// NewHIDScanner makes a scanner whose node is at path, plugged in.
func NewHIDScanner(path string, o HIDScannerOptions) (*HIDScanner, error) {
	node, err := NewNode(path, o.Form.Descriptor())
	return &HIDScanner{Node: node, o: o}, err
}

// Descriptor is the report descriptor of a form.
func (f HIDForm) Descriptor() []byte {
	if f == HIDPlain {
		return []byte{
			0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, // bar code scanner, application
			0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, // bytes
			0x95, 0x03, 0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd, 0x81, 0x02, // identifier
			0x75, 0x01, 0x95, 0x01, 0x09, 0xff, 0x81, 0x02, // continued
			0x95, 0x07, 0x81, 0x03, // padding
			0x75, 0x08, 0x95, 0x3c, 0x09, 0xfe, 0x82, 0x02, 0x01, // decoded data
			0xc0,
		}
	}
	return []byte{
		0x06, 0x66, 0xff, 0x09, 0x01, 0xa1, 0x01, // the vendor's own collection first
		0x85, 0x01, 0x75, 0x08, 0x95, 0x3f, 0x09, 0x01, 0x81, 0x02, 0xc0,
		0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, // bar code scanner, application
		0x09, 0x12, 0xa1, 0x02, // scanned data report, logical
		0x85, 0x02, // report 2
		0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, // bytes
		0x95, 0x01, 0x05, 0x01, 0x09, 0x3b, 0x81, 0x02, // byte count
		0x05, 0x8c, 0x95, 0x03, 0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd, 0x81, 0x02, // identifier
		0x95, 0x38, 0x09, 0xfe, 0x82, 0x02, 0x01, // 56 bytes of decoded data
		0xa4, 0x06, 0x66, 0xff, 0x95, 0x02, 0x09, 0x04, 0x09, 0x00, 0x81, 0x02, 0xb4, // the vendor's two
		0x75, 0x01, 0x95, 0x01, 0x09, 0xff, 0x81, 0x02, // continued
		0x95, 0x07, 0x81, 0x03, // padding
		0xc0, 0xc0,
	}
}

// Scan sends a code, given with its AIM identifier or plain.
func (s *HIDScanner) Scan(code string) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	for _, report := range s.o.Form.Reports(code) {
		if err := s.Send(report); err != nil {
			return err
		}
	}
	return nil
}

// Reports are the reports of a code.
func (f HIDForm) Reports(code string) [][]byte {
	aim, data := "\x00\x00\x00", code
	if strings.HasPrefix(code, "]") && len(code) >= 3 {
		aim, data = code[:3], code[3:]
	}
	room := 56
	if f == HIDPlain {
		room = 60
	}
	var reports [][]byte
	for {
		part := data[:min(len(data), room)]
		data = data[len(part):]
		more := byte(0)
		if data != "" {
			more = 1
		}
		report := make([]byte, 64)
		if f == HIDPlain {
			copy(report, aim)
			report[3] = more
			copy(report[4:], part)
		} else {
			report[0], report[1], report[63] = 2, byte(len(part)), more
			copy(report[2:], aim)
			copy(report[5:], part)
		}
		reports = append(reports, report)
		if data == "" {
			return reports
		}
	}
}
