package receipt

import (
	"testing"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/weight"
)

// Records bring lines that changed alone: the last word on each counts. A sale
// that has not ended has no receipt, and no card's number is on one that has.
func TestFromRecords(t *testing.T) {
	records := []Written{
		{`{"article":{"gtin":"09521234001010","names":{"fr":"Lait"}}}`, `{"txn":{"number":7,"state":"open"},"lines":[{"n":1,"gtin":"09521234001010","name":"Milk","qty":1,"unit_minor":129,"amount_minor":129,"tax":"A"}]}`},
		{`{}`, `{"txn":{"number":7,"state":"open"},"lines":[{"n":1,"gtin":"09521234001010","name":"Milk","qty":2,"unit_minor":129,"amount_minor":229,"discounts":[{"rule":"two","name":"Two","amount_minor":-29}],"tax":"A"},
			{"n":2,"plu":"4011","name":"Bananas","unit_minor":179,"amount_minor":132,"weight_g":735,"weight":"0.735 kg","per":1,"tax":"A"},{"n":3,"gtin":"1","name":"Off","qty":1,"voided":true}]}`},
		{`odd`, ``},
		{`{}`, `{"tenders":[{"n":1,"kind":"card","amount_minor":361,"result":"declined"},{"n":2,"kind":"card","amount_minor":361,"result":"approved","card":"****5726","terminal":"29"}]}`},
	}
	if r, _, err := FromRecords(Shop{}, records, time.UTC); r != nil || err != nil {
		t.Errorf("of an open sale: %+v, %v", r, err)
	}
	records = append(records, Written{`{}`, `{"txn":{"id":"0421-1-000007","store":"0421","lane":"1","number":7,"state":"paid","closed_at":"2026-11-22T12:00:00+01:00","language":"fr","total_minor":361,"currency":"EUR"},
		"taxes":[{"tax":"A","rate_ppm":70000,"net_minor":337,"tax_minor":24,"gross_minor":361}]}`})
	r, lang, err := FromRecords(Shop{Name: "Shop"}, records, time.UTC)
	if err != nil || r == nil || lang != "fr" {
		t.Fatalf("%+v, %q, %v", r, lang, err)
	}
	if r.ID != "0421-1-000007" || r.Total != 361 || r.Savings != 29 || r.At.Hour() != 11 || len(r.Lines) != 2 || len(r.Taxes) != 1 || r.What != flow.DocReceipt {
		t.Errorf("%+v", r)
	}
	if l := r.Lines[0]; l.Qty != 2 || l.Gross != 258 || l.Names["fr"] != "Lait" || len(l.Discounts) != 1 {
		t.Errorf("line 1: %+v", l)
	}
	if l := r.Lines[1]; l.N != 2 || l.Number != "4011" || l.Weight != (weight.Shown{Digits: 735, Decimals: 3, Unit: weight.Kilogram}) {
		t.Errorf("line 2: %+v", l)
	}
	if len(r.Tenders) != 1 || r.Tenders[0].Card != "" || r.Tenders[0].Terminal != "29" {
		t.Errorf("tenders: %+v", r.Tenders)
	}
	if _, _, err := FromRecords(Shop{}, []Written{{`{}`, `{"txn":`}}, time.UTC); err == nil {
		t.Error("facts that are cut are taken")
	}
}
