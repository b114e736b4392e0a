package web

import (
	"strings"
	"testing"
)

// The page that asks staff for a price sends what the flow reads: the deed with
// its reason, the line, and the sum.
func TestPricingForm(t *testing.T) {
	h, err := New(newLane().options(t))
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string][]string{
		"en": {"The shelf says so", "Whole milk 1 l, €1.29", "129 is €1.29"},
		"ar": {"السعر على الرف", "حليب كامل الدسم 1 لتر"},
	} {
		_, body := get(h, "/storybook/staff-price?lang="+lang)
		want = append(want, `name="act" value="staff"`, `name="code"`, `<option value="5" selected>`, `<option value="price:shelf">`)
		for _, text := range want {
			if !strings.Contains(body, text) {
				t.Errorf("%s lacks %q", lang, text)
			}
		}
		if strings.Contains(body, `<option value="2"`) {
			t.Errorf("%s: a deposit has a price to set", lang)
		}
	}
}
