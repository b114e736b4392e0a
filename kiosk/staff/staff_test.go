package staff

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"
	"time"
)

// named returns the values of the flow's constants of one type.
func named(t *testing.T, typeName string) (values []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../flow/names.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); ok && id.Name == typeName {
			for _, v := range spec.Values {
				text, err := strconv.Unquote(v.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, text)
			}
		}
		return true
	})
	if len(values) == 0 {
		t.Fatalf("no constant of type %s", typeName)
	}
	return values
}

func TestTheTablesNameWhatTheFlowKnows(t *testing.T) {
	for _, tt := range []struct {
		typeName string
		table    []rule
	}{{"StaffDeed", rules()}, {"InterventionKind", settlers()}} {
		var have []string
		for _, r := range tt.table {
			have = append(have, r.deed)
		}
		want := named(t, tt.typeName)
		slices.Sort(have)
		slices.Sort(want)
		if !slices.Equal(have, want) {
			t.Errorf("%s: the table has %v, the flow %v", tt.typeName, have, want)
		}
	}
}

func TestMay(t *testing.T) {
	for _, tt := range []struct {
		role         Role
		deed         string
		allowed, pin bool
	}{
		{Attendant, "age-ok", true, false},
		{Attendant, "void-sale", true, true},
		{Attendant, "payment-paid", false, false},
		{Supervisor, "payment-paid", true, true},
		{Manager, "drawer", true, true},
		{Manager, "age-ok", true, false},
		{Service, "close-lane", true, false},
		{Service, "age-ok", false, false},
		{Service, "drawer", false, false},
		{Manager, "no such deed", false, false},
		{"", "age-ok", false, false},
		{"root", "leave", false, false},
	} {
		if allowed, pin := May(tt.role, tt.deed); allowed != tt.allowed || pin != tt.pin {
			t.Errorf("May(%s, %s) = %v, %v, want %v, %v", tt.role, tt.deed, allowed, pin, tt.allowed, tt.pin)
		}
		listed := slices.Contains(Permits(tt.role), Permit{tt.deed, tt.pin})
		if listed != tt.allowed {
			t.Errorf("Permits(%s) lists %s: %v", tt.role, tt.deed, listed)
		}
	}
	if allowed, pin := MaySettle(Attendant, "payment"); allowed || pin {
		t.Error("an attendant may settle a payment")
	}
	if allowed, _ := MaySettle(Service, "device"); !allowed {
		t.Error("a technician may not settle a device")
	}
}

func TestParseRole(t *testing.T) {
	for _, r := range Roles() {
		if got, err := ParseRole(string(r)); err != nil || got != r {
			t.Errorf("ParseRole(%s) = %v, %v", r, got, err)
		}
	}
	for _, name := range []string{"", "Manager", "admin"} {
		if _, err := ParseRole(name); err == nil {
			t.Errorf("ParseRole(%q) succeeds", name)
		}
	}
}

func TestGoodPIN(t *testing.T) {
	for _, pin := range []string{
		"", "12345", "1234567890123", "12345a", "１２３４５６", " 391746", "000000", "123456", "654321", "890123", "210987", "135791",
		"246802", "121212", "123123", "123321", "112233", "332211", "102030", "969696", "112212", "147258", "159753", "1212121212",
	} {
		if err := GoodPIN(pin, ""); !errors.Is(err, ErrPIN) {
			t.Errorf("GoodPIN(%q) = %v, want it refused", pin, err)
		}
	}
	for _, pin := range []string{"391746", "804153", "1947203658", "123457", "224816"} {
		if err := GoodPIN(pin, "20071985"); err != nil {
			t.Errorf("GoodPIN(%q) = %v", pin, err)
		}
	}
	if GoodPIN("391746", "39174628") == nil || GoodPIN("39174628", "391746") == nil {
		t.Error("a PIN from the badge was taken")
	}
}

func TestHashPIN(t *testing.T) {
	salt, pepper := []byte("salt of this one"), []byte("the store's pepper")
	hash := HashPIN("391746", salt, pepper)
	if len(hash) != 32 || !MatchPIN("391746", hash, salt, pepper) {
		t.Error("the right PIN does not match")
	}
	for name, other := range map[string][]byte{
		"PIN":    HashPIN("391747", salt, pepper),
		"salt":   HashPIN("391746", []byte("salt of another!"), pepper),
		"pepper": HashPIN("391746", salt, []byte("another pepper")),
	} {
		if bytes.Equal(hash, other) {
			t.Errorf("another %s makes the same hash", name)
		}
	}
	if MatchPIN("391746", nil, salt, pepper) {
		t.Error("a PIN matches no hash")
	}
}

func TestTries(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	var tries Tries
	want := []time.Duration{
		0, 0, 0, 0, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 15 * time.Minute,
	}
	for i, w := range want {
		tries = tries.Fail(now)
		if got := tries.Wait(now); got != w {
			t.Errorf("after %d wrong ones the wait is %v, want %v", i+1, got, w)
		}
		if got := tries.Wait(now.Add(w)); got != 0 {
			t.Errorf("after the wait there are %v left", got)
		}
		now = now.Add(w)
	}
	if got := tries.Wait(tries.Last.Add(-time.Second)); got != 15*time.Minute {
		t.Errorf("a clock a second back waits %v, want the whole pause", got)
	}
	boot := time.Date(1970, 1, 1, 0, 0, 20, 0, time.UTC)
	tries = tries.Settle(boot)
	if got := tries.Wait(boot.Add(15 * time.Minute)); got != 0 {
		t.Errorf("a board that booted in 1970 still waits %v", got)
	}
	if (Tries{Wrong: 1 << 40, Last: now}).Wait(now) != 30*time.Minute {
		t.Error("the pause of a patient thief is not 30 min")
	}
}

func TestADayOfGuessing(t *testing.T) {
	begin := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	var tries Tries
	guesses := 0
	for now := begin; now.Before(begin.Add(24 * time.Hour)); guesses++ {
		tries = tries.Fail(now)
		now = now.Add(tries.Wait(now))
	}
	good := 0
	const every = 9
	for i := 0; i < 1_000_000; i += every {
		if !weak(fmt.Sprintf("%06d", i)) {
			good += every
		}
	}
	if guesses*10_000 > good {
		t.Errorf("%d guesses a day among %d PINs: better than one chance in 10,000", guesses, good)
	}
	t.Logf("%d guesses a day, %d PINs", guesses, good)
}

func TestSettlesIsTheTable(t *testing.T) {
	for _, role := range Roles() {
		kinds := Settles(role)
		for _, kind := range []string{"age", "bagging", "price", "unknown", "quantity", "limit", "tag", "refund", "audit", "payment", "device", "help"} {
			if may, _ := MaySettle(role, kind); may != slices.Contains(kinds, kind) {
				t.Errorf("%s settles %v, and may settle %s: %t", role, kinds, kind, may)
			}
		}
	}
}
