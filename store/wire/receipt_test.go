package wire

import (
	"strings"
	"testing"
)

func TestReceiptCode(t *testing.T) {
	key := NewReceiptKey([]byte("a pepper of thirty-two bytes ...."))
	ref := ReceiptRef{"0421", "1", 123, "9f3a01bc77d1e2f0"}
	code := key.Code(ref)
	if got, ok := key.Read(code); !ok || got != (ReceiptRef{"0421", "1", 123, "9f3a01bc"}) {
		t.Errorf("%s reads as %+v, %t", code, got, ok)
	}
	if len(code) > 60 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
		t.Errorf("code %q is long or odd", code)
	}
	next := key.Code(ReceiptRef{"0421", "1", 124, "9f3a01bc"})
	secret := code[strings.LastIndexByte(code, '.'):]
	for _, wrong := range []string{
		"", ".", code + "a", code[:len(code)-1], strings.ToUpper(code), strings.Replace(code, ".123.", ".124.", 1),
		next[:strings.LastIndexByte(next, '.')] + secret, strings.Replace(code, "0421.", "0422.", 1), strings.Repeat("x.", 100),
	} {
		if ref, ok := key.Read(wrong); ok {
			t.Errorf("%q is taken for %+v", wrong, ref)
		}
	}
	if _, ok := NewReceiptKey([]byte("another")).Read(code); ok {
		t.Error("another store reads the code")
	}
}

func FuzzReceiptCode(f *testing.F) {
	key := NewReceiptKey([]byte("pepper"))
	f.Add(key.Code(ReceiptRef{"0421", "1", 1, "9f3a01bc"}))
	f.Add("0421.1.1.9f3a01bc.aaaaaaaaaaaaaaaaaaaaaaaaaa")
	f.Fuzz(func(t *testing.T, code string) {
		if ref, ok := key.Read(code); ok && key.Code(ref) != code {
			t.Errorf("%q reads as %+v, whose code is another", code, ref)
		}
	})
}
