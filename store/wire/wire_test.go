package wire

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"kassa/store/chain"
)

func row() Row {
	h := strings.Repeat("0a", 32)
	return Row{
		Store: "0421", Lane: "1", Epoch: "9f3a", Seq: 7, Run: "r", At: "2026-11-22T10:00:00.5+01:00", Kind: "scanned",
		Event: `{"code":"<1>"}`, Prev: h, Hash: h,
	}
}

func TestRoundTrip(t *testing.T) {
	data, err := Encode(row())
	if err != nil {
		t.Fatal(err)
	}
	var got Row
	if err := Decode(data, &got); err != nil || !reflect.DeepEqual(got, row()) {
		t.Errorf("%+v, %v", got, err)
	}
}

// An older program reads what a newer one of the same version added to.
func TestUnknownFieldsArePassedOver(t *testing.T) {
	var m Mark
	if err := Decode([]byte(`{"v":1,"body":{"epoch":"e","seq":3,"colour":"blue"},"trace":1}`), &m); err != nil || m.Seq != 3 {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{"v":2,"body":{}}`:                    "newer version",
		`{"body":{}}`:                          "no version",
		`{"v":1}`:                              "no body",
		`{"v":1,"body":{"seq":"x"}}`:           "decode",
		`nonsense`:                             "decode",
		strings.Repeat(" ", MaxSize+1):         "bytes",
		`{"v":1,"body":{"seq":1}}{"v":1}`:      "decode",
		`{"v":99999999999999999999,"body":{}}`: "decode",
	} {
		var m Mark
		if err := Decode([]byte(text), &m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30s: %v, want %s", text, err, want)
		}
	}
	var m Mark
	if err := Decode([]byte(`{"v":2,"body":{}}`), &m); !errors.Is(err, ErrVersion) {
		t.Errorf("%v is not ErrVersion", err)
	}
}

func TestRowCheck(t *testing.T) {
	if err := row().Check(); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(*Row){
		"names":  func(r *Row) { r.Lane = "a.b" },
		"epoch":  func(r *Row) { r.Epoch = "" },
		"number": func(r *Row) { r.Seq = 0 },
		"hash":   func(r *Row) { r.Hash = "zz" },
		"time":   func(r *Row) { r.At = "yesterday" },
	} {
		r := row()
		spoil(&r)
		if err := r.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// What comes out of a message is what was hashed, to the byte.
func TestRowStaysSound(t *testing.T) {
	r := row()
	c := chain.Record{Epoch: r.Epoch, Seq: r.Seq, Run: r.Run, At: r.At, Kind: r.Kind, Event: r.Event}
	if _, err := hex.Decode(c.Prev[:], []byte(r.Prev)); err != nil {
		t.Fatal(err)
	}
	sum := c.Sum()
	r.Hash = hex.EncodeToString(sum[:])
	data, err := Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	var got Row
	if err := Decode(data, &got); err != nil || !got.Sound() {
		t.Errorf("%+v, %v", got, err)
	}
	got.Event += " "
	if got.Sound() {
		t.Error("a changed event has the same hash")
	}
}

func TestSubjects(t *testing.T) {
	store, lane, way, topic, ok := Parse(Up("0421", "1", UpCall))
	if !ok || store != "0421" || lane != "1" || way != "up" || topic != UpCall {
		t.Errorf("%q %q %q %q %v", store, lane, way, topic, ok)
	}
	for _, s := range []string{"", "kassa.v1.a.b.up", "kassa.v1.a.b.side.x", "kassa.v2.a.b.up.x", "kassa.v1.a.*.up.x", "kassa.v1.A.b.up.x"} {
		if _, _, _, _, ok := Parse(s); ok {
			t.Errorf("%q was taken", s)
		}
	}
	for _, may := range append(MayPublish("0421", "1"), MaySubscribe("0421", "1")...) {
		if !strings.Contains(may, ".0421.1") {
			t.Errorf("a lane may use %q", may)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"v":1,"body":{"seq":3}}`))
	f.Add([]byte(`{"v":1,"body":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var r Row
		if Decode(data, &r) != nil || r.Check() != nil {
			return
		}
		again, err := Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		var r2 Row
		if err := Decode(again, &r2); err != nil || r2.Key() != r.Key() {
			t.Errorf("%v became %v, %v", r.Key(), r2.Key(), err)
		}
	})
}

// The envelope is written by hand, and is what the library would write.
func TestEncodeIsTheLibrarysEnvelope(t *testing.T) {
	for _, m := range []any{Row{Store: "0421", Event: "<&>\u2028\"", Facts: "{}"}, map[string]any{}, "x", nil} {
		got, err := Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(envelope{V: Version, Body: body})
		if err != nil || string(got) != string(want) {
			t.Errorf("%s, want %s, %v", got, want, err)
		}
	}
}
