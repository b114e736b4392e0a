package bagging

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

func TestParseTraceLine(t *testing.T) {
	at := 7 * time.Second
	for _, tc := range []struct {
		line string
		want Input // nil: refused
	}{
		{`{"t":0,"trip":"17"}`, Start{at, "17"}},
		{`{"t":1234,"bag":812.4,"stable":true}`, Sample{at, 812.4, true}},
		{`{"t":1300,"scan":"04006381333931","qty":2}`, Scan{T: at, Key: "04006381333931", Qty: 2}},
		{`{"t":1300,"plu":"4011","weight_g":734}`, Scan{T: at, Key: "4011", WeightG: 734}},
		{`{"t":9000,"void":"04006381333931"}`, Void{T: at, Key: "04006381333931"}},
		{`{"t":100,"own_bag":true}`, OwnBag{at}},
		{`{"t":1,"keep":"04006381333931"}`, Keep{T: at, Key: "04006381333931"}},
		{`{"t":9100,"staff":"ok"}`, Staff{at, true}},
		{`{"t":9100,"staff":"wrong"}`, Staff{at, false}},
		{`{"t":9100,"scale":"lost"}`, Scale{at, false}},
		{`{"t":60000,"pay":true}`, Pay{T: at}},
		{`{"t":60001,"end":true,"new":1}`, End{at}},
		{`{"t":60001}`, nil},
		{`{"t":-1,"end":true}`, nil},
		{`{"t":1,"bag":1e300}`, nil},
		{`{"t":1,"bag":5,"scan":"x"}`, nil},
		{`{"t":1,"staff":"maybe"}`, nil},
		{`{"t":1,"scan":"x","qty":-1}`, nil},
		{`[]`, nil},
		{``, nil},
	} {
		l, err := ParseTraceLine([]byte(tc.line))
		if tc.want == nil {
			if err == nil {
				t.Errorf("ParseTraceLine(%s) = %+v, want an error", tc.line, l)
			}
			continue
		}
		if err != nil || l.Input(at) != tc.want {
			t.Errorf("ParseTraceLine(%s) = %+v, %v, want %+v", tc.line, l.Input(at), err, tc.want)
		}
	}
}

func FuzzParseTraceLine(f *testing.F) {
	f.Add([]byte(`{"t":0,"trip":"17"}`))
	f.Add([]byte(`{"t":1234,"bag":812.4,"stable":true}`))
	f.Add([]byte(`{"t":1300,"scan":"04006381333931","qty":3}`))
	f.Add([]byte(`{"t":1300,"plu":"4011","weight_g":734}`))
	f.Add([]byte(`{"t":5,"staff":"ok"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		l, err := ParseTraceLine(line)
		if err != nil {
			return
		}
		c := New(Settings{}, nil)
		in := l.Input(time.Second)
		c.Step(Start{0, "1"})
		c.Step(in)
		c.Step(Tick{time.Minute})
		back, ok := TraceOf(in, time.Second)
		if !ok {
			t.Fatalf("TraceOf(%+v) refused what a trace said", in)
		}
		b, err := json.Marshal(back)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseTraceLine(b)
		if err != nil || !reflect.DeepEqual(again.Input(time.Second), in) {
			t.Errorf("%s became %s became %+v, %v", line, b, again, err)
		}
	})
}
