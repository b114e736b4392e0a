package config

import (
	"regexp"

	"kassa/kiosk/hours"
)

// maxQtyMost bounds max_qty; nobody counts further.
const maxQtyMost = 999

// restriction checks one [[restriction]].
func (f *file) restriction(at string, raw rawRestriction) Restriction {
	var r Restriction
	if raw.Group != "" {
		r.Items = append(r.Items, "group:"+raw.Group)
	}
	number := regexp.MustCompile(`^([0-9]{1,6}|[0-9]{8}|[0-9]{12,14})$`)
	for _, item := range raw.Items {
		if !number.MatchString(item) {
			f.bad(at+".items", "has %q, want PLUs of up to 6 figures and GTINs of 8, 12, 13 or 14", short(item))
		}
		r.Items = append(r.Items, item)
	}
	if len(r.Items) == 0 {
		f.bad(at+".group", `is missing: add group = "beer", or items = ["4011", "04006381333931"]`)
	}
	var err error
	if r.Hours, err = hours.Parse(raw.Hours); err != nil {
		f.bad(at+".hours", "cannot be read: %v: write \"daily 07:00-22:00\"", err)
	}
	r.AtPay = f.oneOf(at+".at", raw.At, "scan", "pay") == "pay"
	if raw.At != "" && r.Hours.Always() {
		f.bad(at+".at", `stands without hours: write hours = "daily 07:00-22:00", or leave it out`)
	}
	if raw.MaxQty < 0 || raw.MaxQty > maxQtyMost {
		f.bad(at+".max_qty", "is %d, want 1 to %d pieces", raw.MaxQty, maxQtyMost)
	}
	ways := 0
	for _, set := range []bool{raw.Never, !r.Hours.Always(), raw.MaxQty > 0} {
		if set {
			ways++
		}
	}
	if ways != 1 {
		f.bad(at, `restricts in %d ways: write one of hours = "daily 07:00-22:00", max_qty = 3 and never = true`, ways)
	}
	r.Never, r.MaxQty = raw.Never, raw.MaxQty
	words := []string{"nobody", "staff"}
	if r.MaxQty > 0 {
		words = []string{"staff", "nobody"}
	}
	r.Staff = f.oneOf(at+".allow", raw.Allow, words...) == "staff"
	return r
}
