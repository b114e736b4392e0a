package barcode

import (
	"reflect"
	"testing"
)

func TestCoupon8110(t *testing.T) {
	tests := []struct {
		in   string
		want Coupon8110
	}{
		{
			"1061414165432132501101203140131",
			Coupon8110{
				Prefix: "0614141", Offer: "654321", Save: 250, SaveCode: '0', AppliesTo: '0',
				First: Purchase{Prefix: "0614141", Family: "120", Value: 1, Code: '0'}, Expires: "140131",
			},
		},
		{
			"106141411234562751106501013085093140131",
			Coupon8110{
				Prefix: "0614141", Offer: "123456", Save: 75, SaveCode: '0', AppliesTo: '0',
				First:  Purchase{Prefix: "0614141", Family: "650", Value: 1, Code: '0'},
				Second: &Purchase{Family: "850", Value: 3, Code: '0'}, Rule: '0', Expires: "140131",
			},
		},
		{
			"106141416543213500110000310123196000",
			Coupon8110{
				Prefix: "0614141", Offer: "654321", Save: 500, SaveCode: '6', AppliesTo: '0',
				First: Purchase{Prefix: "0614141", Family: "000", Value: 1, Code: '0'}, Expires: "101231",
			},
		},
	}
	for _, tt := range tests {
		got, err := ParseCoupon8110(tt.in)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s\ngot  %+v (%v)\nwant %+v", tt.in, got, err, tt.want)
		}
	}
}

// The smallest coupon with one optional field behind it.
func TestCoupon8110Fields(t *testing.T) {
	const least = "012345612345611110123" // prefix, offer, save 1, one unit of family 123
	tests := []struct {
		rest string
		ok   bool
	}{
		{"", true},
		{"101101239", true},
		{"101101230123456", true},
		{"141101239", false}, // no such rule
		{"101151239", false}, // requirement code 5
		{"21101239", true},
		{"3200229", true},
		{"3200230", false},
		{"3200200", false},
		{"320022", false},
		{"4200131", true},
		{"3200131" + "4200131", true},
		{"3200131" + "4200201", false},
		{"4200131" + "3200131", false},
		{"50123456", true},
		{"59123456789012345", true},
		{"5912345678901234", false},
		{"61" + "1234567", true},
		{"67" + "1234567890123", true},
		{"60123456", false},
		{"68" + "12345678901234", false},
		{"7", false},
		{"8", false},
		{"0", false},
		{"90000", true},
		{"96211", true},
		{"93000", false},
		{"90300", false},
		{"90002", false},
		{"9000", false},
		{"90000" + "9", false},
		{"3200131" + "3200131", false},
	}
	for _, tt := range tests {
		if _, err := ParseCoupon8110(least + tt.rest); (err == nil) != tt.ok {
			t.Errorf("rest %s: %v, want %v", tt.rest, err, tt.ok)
		}
	}
	for n := range least {
		if _, err := ParseCoupon8110(least[:n]); err == nil {
			t.Errorf("%s: taken", least[:n])
		}
	}
	if _, err := ParseCoupon8110("0123456x"); err == nil {
		t.Error("a letter: taken")
	}
}

func TestCoupon8112(t *testing.T) {
	got, err := ParseCoupon8112("001234561234560123456")
	if err != nil || got != (Coupon8112{'0', "123456", "123456", "123456"}) {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, bad := range []string{"", "2", "0012", "2012345612345601234561", "0012345612345601234567", "00123456123456012345", "07", "00123456A"} {
		if _, err := ParseCoupon8112(bad); err == nil {
			t.Errorf("%s: taken", bad)
		}
	}
}
