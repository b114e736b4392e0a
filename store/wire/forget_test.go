package wire

import (
	"strings"
	"testing"
)

// Who has the number knows it again; two who are told of it cannot compare notes.
func TestForgottenIsKnownByTheNumberAlone(t *testing.T) {
	a, b := NewForgotten("k1", "9501101020917"), NewForgotten("k2", "9501101020917")
	if !a.Is("9501101020917") || a.Is("9501101020918") || a.Is("") || (Forgotten{}).Is("") {
		t.Error("another number counts, or the number does not")
	}
	if a.Hash == b.Hash || strings.Contains(a.Salt+a.Hash, "9501101020917") {
		t.Errorf("%+v and %+v", a, b)
	}
}

// As many as one message may name fit into it.
func TestForgetFits(t *testing.T) {
	f := Forget{Forgot: Forgot{Boot: "b", Serial: 1 << 62}}
	for range MaxForget {
		f.Whom = append(f.Whom, NewForgotten(strings.Repeat("k", 64), "1"))
	}
	if _, err := Encode(f); err != nil {
		t.Error(err)
	}
}
