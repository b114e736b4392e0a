package nexo

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"kassa/device/terminal"
	"kassa/kiosk/money"
)

func TestMajor(t *testing.T) {
	for _, tt := range []struct {
		a    money.Amount
		exp  int
		want string
	}{
		{1, 2, "0.01"},
		{10, 2, "0.10"},
		{1234, 2, "12.34"},
		{100, 2, "1.00"},
		{1, 0, "1"},
		{1500, 0, "1500"},
		{1, 3, "0.001"},
		{12345, 3, "12.345"},
		{999_999_999_999, 2, "9999999999.99"},
	} {
		got, err := major(tt.a, tt.exp)
		if err != nil || got.String() != tt.want {
			t.Errorf("major(%d, %d) = %s, %v, want %s", tt.a, tt.exp, got, err, tt.want)
		}
		if back, ok := parseDecimal(got.String()).minor(tt.exp); !ok || back != tt.a {
			t.Errorf("%s comes back as %d, %v", got, back, ok)
		}
		if b, err := json.Marshal(got); err != nil || string(b) != tt.want {
			t.Errorf("%s is written as %s, %v", got, b, err)
		}
	}
	for _, a := range []money.Amount{0, -1, 1_000_000_000_000} {
		if got, err := major(a, 2); err == nil {
			t.Errorf("major(%d) = %s, want an error", a, got)
		}
	}
}

func TestMinor(t *testing.T) {
	for _, tt := range []struct {
		s    string
		exp  int
		want money.Amount
		ok   bool
	}{
		{"12.34", 2, 1234, true},
		{"12.3", 2, 1230, true},
		{"12", 2, 1200, true},
		{"12.340000", 2, 1234, true},
		{"012.34", 2, 1234, true},
		{"1.234E1", 2, 1234, true},
		{"1234e-2", 2, 1234, true},
		{"0", 2, 0, true},
		{"0.00", 2, 0, true},
		{"0.005", 2, 0, false},
		{"12.345", 2, 0, false},
		{"12.345", 3, 12345, true},
		{"1500", 0, 1500, true},
		{"1500.5", 0, 0, false},
		{"-1", 2, 0, false},
		{"1e20", 2, 0, false},
		{"1e999999999", 2, 0, false},
		{"4111111111111111", 2, 0, false}, // no amount is a card number
		{"41.11111111111111", 2, 0, false},
		{"", 2, 0, false},
		{".", 2, 0, false},
		{"1.2.3", 2, 0, false},
		{"NaN", 2, 0, false},
		{"null", 2, 0, false},
	} {
		got, ok := parseDecimal(tt.s).minor(tt.exp)
		if got != tt.want || ok != tt.ok {
			t.Errorf("minor of %q with %d decimals = %d, %v, want %d, %v", tt.s, tt.exp, got, ok, tt.want, tt.ok)
		}
	}
}

// TestNoTypeHoldsACardNumber goes through every type that a message is read
// into: text must be of a type that scrubs it.
func TestNoTypeHoldsACardNumber(t *testing.T) {
	safe := map[reflect.Type]bool{
		reflect.TypeFor[word](): true, reflect.TypeFor[reference](): true, reflect.TypeFor[stamp](): true,
		reflect.TypeFor[tail](): true, reflect.TypeFor[details](): true, reflect.TypeFor[printed](): true,
		reflect.TypeFor[decimal](): true,
		reflect.TypeFor[[]byte]():  true, // ciphertext, nonce and check code
	}
	var walk func(string, reflect.Type)
	walk = func(path string, typ reflect.Type) {
		switch {
		case safe[typ], typ.Kind() == reflect.Bool, typ.Kind() == reflect.Int:
		case typ.Kind() == reflect.Pointer, typ.Kind() == reflect.Slice:
			walk(path, typ.Elem())
		case typ.Kind() == reflect.Struct:
			for f := range typ.Fields() {
				walk(path+"."+f.Name, f.Type)
			}
		default:
			t.Errorf("%s is a %v, which can hold a card number", path, typ)
		}
	}
	walk("message", reflect.TypeFor[message]())
}

func TestReferenceKeepsWhatItMust(t *testing.T) {
	for in, keep := range map[string]bool{
		`"BV0q001632741474007.NC6HT9CRT65ZGN82"`:   true,
		`"BV0q001632741474007.8516327414740071"`:   true, // references of sixteen digits begin with 8
		`"BV0q001747149000000003.NC6HT9CRT000001"`: true,
		`"4111111111111111"`:                       false,
		`4111111111111111`:                         false,
		`"BV0q001.5555555555554444"`:               false,
		`"4111-1111-1111-1111"`:                    false,
		`"x\u0000y"`:                               false,
		`{"a":1}`:                                  false,
	} {
		var r reference
		if err := json.Unmarshal([]byte(in), &r); err != nil {
			t.Errorf("%s: %v", in, err)
		}
		if (r.s != "") != keep {
			t.Errorf("%s is kept as %q", in, r.s)
		}
	}
}

func TestReadsSoftly(t *testing.T) {
	var p resPayment
	err := json.Unmarshal([]byte(`{"Response":{"Result":"Success","AdditionalResponse":"eyJtZXNzYWdlIjoiaGVsbG8iLCJhZGRpdGlvbmFsRGF0YSI6eyJyZWZ1c2FsUmVhc29uIjoiMTk5In19"},
		"POIData":{"POITransactionID":{"TransactionID":"a.b","TimeStamp":"2026-05-13T15:30:00.123+02:00"}},
		"PaymentResult":{"AmountsResp":{"AuthorizedAmount":"12.34"},"PaymentInstrumentData":{"CardData":{"MaskedPan":"541333 **** 9999","PaymentBrand":7}}},
		"PaymentReceipt":[{"DocumentQualifier":"CustomerReceipt","OutputContent":{"OutputText":[
			{"Text":"key=header1&name=Shop"},{"Text":"key=filler"},{"Text":"key=pan&name=Card&value=4111+1111+1111+1111"},{"Text":"plain & simple"}]}}]}`), &p)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Response.Additional.String(); got != "hello 199" {
		t.Errorf("additional = %q", got)
	}
	if got := p.Result.Instrument.Card.Number.String(); got != "************9999" {
		t.Errorf("card = %q", got)
	}
	if p.Result.Instrument.Card.Brand.String() != "7" || p.POIData.ID.TimeStamp.at.Format("150405") != "153000" {
		t.Errorf("read %+v", p)
	}
	var lines []string
	for _, l := range p.Receipts[0].Content.Text {
		lines = append(lines, l.Text.String())
	}
	want := "Shop||Card         **** **** **** 1111|plain & simple"
	if got := strings.Join(lines, "|"); got != want || !p.Receipts[0].Content.Text[0].Centre {
		t.Errorf("receipt = %q, want %q", got, want)
	}
}

func TestDecodeRefuses(t *testing.T) {
	k := newKey(t, "p")
	h := &reqHeader{MessageType: "Response", MessageCategory: "Payment", SaleID: "S", ServiceID: "0000000001", POIID: "P"}
	sealedBody, err := encode(&request{Header: h}, k)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := encode(&request{Header: h}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		body string
		key  *Key
		want error
	}{
		{"sealed", string(sealedBody), k, nil},
		{"plain", string(plain), nil, nil},
		{"plain where sealed is due", string(plain), k, errPlain},
		{"sealed without a key", string(sealedBody), nil, errNoKey},
		{"header changed outside", strings.Replace(string(sealedBody), `"SaleID":"S"`, `"SaleID":"T"`, 1), k, errAnswer},
		{"trailer gone", strings.Replace(string(sealedBody), "SecurityTrailer", "Trailer", 1), k, errSealed},
		{"nothing", ``, nil, errAnswer},
		{"null", `null`, nil, errAnswer},
		{"empty object", `{}`, k, errAnswer},
		{"two objects", `{}{}`, nil, errAnswer},
		{"list", `[]`, nil, errAnswer},
	} {
		m, err := decode([]byte(tt.body), tt.key)
		if !errors.Is(err, tt.want) || (err == nil) != (m != nil) {
			t.Errorf("%s: decode = %v, %v, want %v", tt.name, m, err, tt.want)
		}
	}
}

func TestOutcomes(t *testing.T) {
	for condition, want := range map[string]struct {
		o    terminal.Outcome
		why  terminal.Reason
		sure bool
	}{
		"Aborted":            {terminal.Aborted, terminal.ReasonCancelled, true},
		"Cancel":             {terminal.Aborted, terminal.ReasonCancelled, true},
		"Busy":               {terminal.Aborted, terminal.ReasonBusy, true},
		"DeviceOut":          {terminal.Aborted, terminal.ReasonService, true},
		"UnavailableDevice":  {terminal.Aborted, terminal.ReasonService, true},
		"UnavailableService": {terminal.Aborted, terminal.ReasonService, true},
		"LoggedOut":          {terminal.Aborted, terminal.ReasonService, true},
		"InvalidCard":        {terminal.Declined, terminal.ReasonInvalidCard, true},
		"InsertedCard":       {terminal.Declined, terminal.ReasonDeclined, true},
		"WrongPIN":           {terminal.Declined, terminal.ReasonWrongPIN, true},
		"Refusal":            {terminal.Declined, terminal.ReasonDeclined, true},
		"PaymentRestriction": {terminal.Declined, terminal.ReasonDeclined, true},
		"UnreachableHost":    {terminal.Aborted, terminal.ReasonHost, false},
		"MessageFormat":      {terminal.Aborted, terminal.ReasonRefused, false},
		"NotAllowed":         {terminal.Aborted, terminal.ReasonRefused, false},
		"InProgress":         {terminal.Aborted, terminal.ReasonRefused, false},
		"NotFound":           {terminal.Aborted, terminal.ReasonRefused, false},
		"":                   {terminal.Aborted, terminal.ReasonRefused, false},
		"SomethingNew":       {terminal.Aborted, terminal.ReasonRefused, false},
	} {
		if o, why, sure := outcomeOf(condition, ""); o != want.o || why != want.why || sure != want.sure {
			t.Errorf("outcomeOf(%q) = %v %q %v, want %+v", condition, o, why, sure, want)
		}
	}
	if _, why, _ := outcomeOf("Refusal", "214 Expired Card"); why != terminal.ReasonExpired {
		t.Errorf("expired card: %q", why)
	}
}

func TestStampOf(t *testing.T) {
	now := time.Date(2027, 1, 1, 0, 10, 0, 0, time.UTC)
	for _, tt := range []struct {
		paid terminal.Result
		want string
	}{
		{terminal.Result{Stamp: "2026-05-13T15:30:00.123Z", Date: "0101"}, "2026-05-13T15:30:00.123Z"},
		{terminal.Result{Date: "1231", Time: "235959"}, "2026-12-31T23:59:59Z"},
		{terminal.Result{Date: "0101", Time: "000500"}, "2027-01-01T00:05:00Z"},
		{terminal.Result{}, "2027-01-01T00:10:00Z"},
	} {
		if got := stampOf(tt.paid, now); got != tt.want {
			t.Errorf("stampOf(%+v) = %s, want %s", tt.paid, got, tt.want)
		}
	}
}

func TestIDs(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := newID()
		if !isID(id) || seen[id] {
			t.Fatalf("newID() = %q", id)
		}
		seen[id] = true
	}
	a, b := backID("0000000001", "t.p", 0), backID("0000000001", "t.p", 0)
	if a != b || !isID(a) || a == backID("0000000001", "t.p", 1) || a == backID("0000000002", "t.p", 0) {
		t.Errorf("backID = %q, %q", a, b)
	}
}

func TestNewNamesWhatIsWrong(t *testing.T) {
	good := Config{
		Addr: "127.0.0.1:8443", POIID: "V400m-1", SaleID: "1", Code: "EUR", Currency: terminal.Currency{Numeric: 978, Exponent: 2},
		Pin: strings.Repeat("ab", 32),
	}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(*Config){
		"address":     func(c *Config) { c.Addr = "127.0.0.1" },
		"POIID":       func(c *Config) { c.POIID = "" },
		"SaleID":      func(c *Config) { c.SaleID = "a\nb" },
		"currency":    func(c *Config) { c.Code = "Euro" },
		"fingerprint": func(c *Config) { c.Pin = "abc" },
		"CA in PEM":   func(c *Config) { c.Pin = "" },
	} {
		c := good
		spoil(&c)
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New() = %v, want an error about the %s", err, want)
		}
	}
}
