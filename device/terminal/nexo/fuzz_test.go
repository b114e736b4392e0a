package nexo

import (
	"encoding/json"
	"strings"
	"testing"

	"kassa/device/terminal"
)

const fuzzPAN = "4111111111111111"

// FuzzEnvelope opens foreign bodies. Nothing may pass as sealed that was not
// sealed with the key.
func FuzzEnvelope(f *testing.F) {
	k := newKey(f, "p")
	body, err := encode(&request{Header: &reqHeader{ServiceID: "0000000001"}, Diagnosis: &reqDiagnos{}}, k)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Add([]byte(`{"SaleToPOIResponse":{"MessageHeader":{},"NexoBlob":"AAAAAAAAAAAAAAAAAAAAAA==","SecurityTrailer":{"AdyenCryptoVersion":1,"KeyIdentifier":"mykey","KeyVersion":1,"Nonce":"AAAAAAAAAAAAAAAAAAAAAA==","Hmac":""}}}`))
	f.Add([]byte(`{"SaleToPOIRequest":{"EventNotification":{"EventToNotify":"Reject"}}}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		m, err := decode(in, k)
		if err == nil && (m.Request == nil || m.Request.Header.ServiceID.String() != "0000000001") {
			t.Errorf("%q passes as sealed: %+v", in, m)
		}
	})
}

// FuzzResponse reads foreign answers. Whatever they say, no result holds a
// card number, and only Success and Partial approve.
func FuzzResponse(f *testing.F) {
	for _, s := range []string{
		`{"SaleToPOIResponse":{"MessageHeader":{"ServiceID":"4111111111111111"},"PaymentResponse":{"Response":{"Result":"Success","AdditionalResponse":"message=4111111111111111"}}}}`,
		`{"SaleToPOIResponse":{"PaymentResponse":{"Response":{"Result":"Failure","ErrorCondition":"Refusal"},"PaymentReceipt":[{"OutputContent":{"OutputText":[{"Text":"name=PAN&value=4111111111111111"}]}}]}}}`,
		`{"SaleToPOIResponse":{"PaymentResponse":{"POIData":{"POITransactionID":{"TransactionID":"4111111111111111","TimeStamp":"2026-05-13T15:30:00Z"}},"PaymentResult":{"AmountsResp":{"AuthorizedAmount":4111111111111111}}}}}`,
		`{"SaleToPOIResponse":{"TransactionStatusResponse":{"RepeatedMessageResponse":{"RepeatedResponseMessageBody":{"PaymentResponse":{"Response":{"Result":"Partial"}}}}}}}`,
		`{"SaleToPOIResponse":{"PaymentResponse":7,"ReversalResponse":[],"ReconciliationResponse":{"TransactionTotals":[{"PaymentTotals":[{"TransactionCount":1e3}]}]}}}`,
	} {
		f.Add([]byte(s))
	}
	t := &Terminal{cfg: Config{POIID: "P", Code: "EUR", Currency: terminal.Currency{Exponent: 2}}}
	f.Fuzz(func(tt *testing.T, in []byte) {
		m, err := decode(in, nil)
		if err != nil || m.Response == nil {
			return
		}
		c := m.Response
		for _, p := range []*resPayment{c.Payment, c.Reversal} {
			if p == nil {
				continue
			}
			r, _ := t.result(p, terminal.Request{Amount: 100, Currency: t.cfg.Currency}, "0000000001")
			out, err := json.Marshal(r)
			if err != nil || strings.Contains(string(out), fuzzPAN) {
				tt.Errorf("%q is read as %s, %v", in, out, err)
			}
			said := p.Response.Result.String()
			if (r.Outcome == terminal.Approved) != (said == "Success" || said == "Partial") {
				tt.Errorf("%q is read as %v", said, r.Outcome)
			}
		}
		if c.Reconciliation != nil {
			_ = t.add(&terminal.Totals{}, c.Reconciliation)
		}
		_ = heard(c)
	})
}

// FuzzDecimal reads amounts. What is read is what was written.
func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"12.34", "1e2", "0.10", "-1", "4111111111111111", "1e-400", ".5"} {
		f.Add(s, 2)
	}
	f.Fuzz(func(t *testing.T, s string, exp int) {
		exp = max(0, min(exp, 4))
		a, ok := parseDecimal(s).minor(exp)
		if !ok || a == 0 {
			return
		}
		back, err := major(a, exp)
		if err != nil {
			t.Fatalf("%q is read as %d, which cannot be written: %v", s, a, err)
		}
		if again, ok := parseDecimal(back.String()).minor(exp); !ok || again != a {
			t.Errorf("%q is read as %d, then %d", s, a, again)
		}
	})
}
