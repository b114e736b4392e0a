package flow

import "testing"

// What is amiss with money waits for a person also where the sale was voided; when
// the sale has left, its lane hands it over. What else a sale wanted ends with it.
func TestMoneyOutlivesItsSale(t *testing.T) {
	for _, state := range []SaleState{SalePaid, SaleVoided, SaleAbandoned, SaleParked} {
		s := &Sale{Number: 1, State: state, Needs: []Need{
			{N: 1, Kind: NeedPayment, Detail: "the terminal says approved", Asked: true},
			{N: 2, Kind: NeedPayment, Settled: true, Asked: true, By: "a17", Reason: "settled"},
			{N: 3, Kind: NeedLimit, Asked: true},
		}}
		r := &Rules{Lane: "1"}
		open := map[string]bool{"1-000001/n1": true, "1-000001/n2": false, "1-000001/n3": state == SalePaid}
		for _, a := range Asks(r, s) {
			if a.Open != open[a.ID] {
				t.Errorf("%s: %s open %t", state, a.ID, a.Open)
			}
		}
		for _, a := range AsksLeft(r, s) {
			switch {
			case a.ID == "1-000001/n1" && (a.Open || a.By != "lane" || a.Outcome != "over"):
				t.Errorf("%s: handed over as %+v", state, a)
			case a.ID == "1-000001/n2" && a.By != "a17":
				t.Errorf("%s: settled by %q", state, a.By)
			}
		}
	}
}
