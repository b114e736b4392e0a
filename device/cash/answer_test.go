package cash

import (
	"strings"
	"testing"
)

// What is no answer is none: money is never guessed from half of one.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"code":1,"data":"1001"}`, `{"code":"1","data":1001}`, `{"code":-1,"data":"no"}`, `{}`, ``, `[]`, `{"code":1}`,
		`{"code":1,"data":"{\"operation\":{\"operationid\":\"1001\",\"state\":\"F\",\"totalin\":\"500\",\"totalout\":\"252\"}}"}`,
		`{"code":1,"data":{"operation":{"operationid":1001,"state":"E","totalin":500,"totalout":0},"messages":[{"code":"jam"}]}}`,
		`{"code":1,"data":{"operation":{"operationid":1002,"state":"F","totalin":500,"totalout":0}}}`,
		`{"code":1,"data":{"operation":{"state":"F","totalin":-5,"totalout":1e3}}}`, `{"code":1,"data":{"operation":{"state":"F"}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		data, err := dataOf("ask", body)
		if err != nil {
			return
		}
		if id := idOf(data); len(id) > maxID || strings.ContainsAny(id, " /\\\"'<>\n") {
			t.Errorf("id %q", id)
		}
		facts, err := factsOf("1001", data)
		if facts.In < 0 || facts.Out < 0 || facts.ID != "1001" || len(facts.Fault) > 200 {
			t.Errorf("facts %+v", facts)
		}
		if err != nil && (facts.Ended || facts.In != 0 || facts.Out != 0) {
			t.Errorf("%+v of an answer that cannot be read: %v", facts, err)
		}
	})
}

func TestFactsOf(t *testing.T) {
	tests := []struct {
		data string
		want Facts
		ok   bool
	}{
		{`{"operation":{"state":"I","totalin":"0","totalout":"0"}}`, Facts{ID: "7"}, true},
		{`{"operation":{"operationid":7,"state":"E","totalin":0,"totalout":0}}`, Facts{ID: "7", Begun: true}, true},
		{`{"operation":{"operationid":"7","state":"F","totalin":"500","totalout":"252"}}`, Facts{ID: "7", Begun: true, Ended: true, In: 500, Out: 252}, true},
		{`{"operation":{"operationid":"8","state":"F","totalin":"500","totalout":"252"}}`, Facts{ID: "7"}, false},
		{`{"operation":{"state":"F","totalin":"5.00","totalout":"0"}}`, Facts{ID: "7"}, false},
		{`{"operation":{"state":"F","totalin":"","totalout":"0"}}`, Facts{ID: "7"}, false},
		{`{"operation":{"state":"","totalin":"1","totalout":"0"}}`, Facts{ID: "7"}, false},
	}
	for _, tt := range tests {
		got, err := factsOf("7", []byte(tt.data))
		if got != tt.want || (err == nil) != tt.ok {
			t.Errorf("factsOf(%s) = %+v, %v, want %+v", tt.data, got, err, tt.want)
		}
	}
}
