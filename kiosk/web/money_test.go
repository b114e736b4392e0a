package web

import (
	"strings"
	"testing"
)

// What staff and shoppers see of parts, refunds and doubt holds what scripts and
// the flow read.
func TestMoneyPages(t *testing.T) {
	h, err := New(newLane().options(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"tender-parts": {`data-due="543"`, `data-part="voucher" data-amount="500"`, `data-value="card"`},
		"staff-part":   {`name="value" value="part"`, `name="code"`},
		"staff-refund": {
			`data-refund="0421-1-000123" data-total="119"`, `data-value="refund-line" data-line="1" data-code="2"`,
			`data-value="refund-line" data-line="1" data-code="0"`, `data-value="refund-pay:damaged"`,
		},
		"staff-refund-find": {`name="value" value="refund-find"`, `data-failed="not-found"`},
		"staff-evidence":    {`data-doubt="0421-1-000123/2" data-amount="543"`, "29001006", "0022", "000022", `data-other-terminal="29009999"`},
		"training":          {"data-training"},
	} {
		_, body := get(h, "/storybook/"+name+"?lang=en")
		for _, text := range want {
			if !strings.Contains(body, text) {
				t.Errorf("%s lacks %q", name, text)
			}
		}
	}
}
