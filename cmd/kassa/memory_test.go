package main

import (
	"reflect"
	"testing"
)

func TestProgramPagesAreReadOnlyAndUnchanged(t *testing.T) {
	ranges, err := programPages("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	code := reflect.ValueOf(TestProgramPagesAreReadOnlyAndUnchanged).Pointer()
	variable := reflect.ValueOf(&errUsage).Pointer()
	found := false
	for _, r := range ranges {
		found = found || r.from <= code && code < r.to
		if r.from%4096 != 0 || r.to <= r.from {
			t.Errorf("%x-%x are no pages", r.from, r.to)
		}
		if r.from <= variable && variable < r.to {
			t.Errorf("%x-%x holds a variable", r.from, r.to)
		}
	}
	if !found {
		t.Errorf("none of %x holds this code", ranges)
	}
	tidy() // and the program goes on
	if _, err := programPages("/nowhere"); err == nil {
		t.Error("a file that is not there is read")
	}
}
