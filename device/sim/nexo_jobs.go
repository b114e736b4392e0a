package sim

import (
	"encoding/json"
	"time"
)

// abort asks a running payment to end. One that is too late, over or not there
// is left alone.
func (n *Nexo) abort(ref nexoMap) {
	n.mu.Lock()
	defer n.mu.Unlock()
	j := n.jobs[nexoKey(nexoText(ref, "MessageCategory"), ref)]
	if j == nil || j != n.running || j.asked || j.late {
		return
	}
	j.asked = true
	close(j.abort)
}

// recall tells what became of a message, or of the last payment.
func (n *Nexo) recall(req nexoMap) nexoMap {
	failure := func(condition string) nexoMap {
		return nexoMap{"Response": nexoMap{"Result": "Failure", "ErrorCondition": condition}}
	}
	ref := nexoObject(req, "MessageReference")
	category := nexoText(ref, "MessageCategory")
	if n.o.NoReversalStatus && category == "Reversal" {
		return failure("NotAllowed")
	}
	n.mu.Lock()
	j := n.jobs[nexoKey(category, ref)]
	if ref == nil || n.o.AnyStatus {
		j, category = n.last, "Payment"
	}
	n.mu.Unlock()
	if j == nil {
		return failure("NotFound")
	}
	select {
	case <-j.done:
	default:
		return failure("InProgress")
	}
	header := answerHeader(j.header)
	return nexoMap{
		"Response": nexoMap{"Result": "Success"},
		"MessageReference": nexoMap{
			"MessageCategory": category, "SaleID": header["SaleID"], "ServiceID": header["ServiceID"],
		},
		"RepeatedMessageResponse": nexoMap{"MessageHeader": header, "RepeatedResponseMessageBody": j.answer},
	}
}

// diagnose tells how the terminal is.
func (n *Nexo) diagnose() nexoMap {
	n.mu.Lock()
	defer n.mu.Unlock()
	status := n.status
	if n.running != nil {
		status = "Busy"
	}
	return nexoMap{
		"Response":   nexoMap{"Result": "Success"},
		"POIStatus":  nexoMap{"GlobalStatus": status, "CommunicationOKFlag": status != "Unreachable", "PrinterStatus": "OK"},
		"HostStatus": []any{nexoMap{"AcquirerID": "adyen", "IsReachableFlag": status != "Unreachable"}},
	}
}

// reverse takes a payment or refund back.
func (n *Nexo) reverse(req nexoMap) nexoMap {
	id := nexoObject(req, "OriginalPOITransaction", "POITransactionID")
	n.sleep(time.Second)
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.charges {
		if c.TransactionID != nexoText(id, "TransactionID") || c.TimeStamp != nexoText(id, "TimeStamp") {
			continue
		}
		if c.Reversed {
			return n.failure("Reversal", "NotAllowed", "already reversed")
		}
		c.Reversed = true
		return n.withReceipt(nexoMap{"ReversalResponse": nexoMap{"Response": nexoMap{"Result": "Success"}}}, c, "REVERSED")
	}
	return n.failure("Reversal", "NotFound", "no such transaction")
}

// reconcile closes the batch and tells its totals.
func (n *Nexo) reconcile() nexoMap {
	if n.o.NoReconciliation {
		return n.failure("Reconciliation", "UnavailableService", "settled at the acquirer")
	}
	n.sleep(2 * time.Second)
	return nexoMap{"ReconciliationResponse": nexoMap{
		"Response": nexoMap{"Result": "Success"}, "ReconciliationType": "SaleReconciliation", "POIReconciliationID": "1",
		"TransactionTotals": n.sums(true),
	}}
}

// getTotals tells the open batch's totals.
func (n *Nexo) getTotals() nexoMap {
	if n.o.NoReconciliation {
		return n.failure("GetTotals", "UnavailableService", "settled at the acquirer")
	}
	return nexoMap{"GetTotalsResponse": nexoMap{
		"Response": nexoMap{"Result": "Success"}, "POIReconciliationID": "1", "TransactionTotals": n.sums(false),
	}}
}

// sums adds the open batch up.
func (n *Nexo) sums(closing bool) []any {
	n.mu.Lock()
	defer n.mu.Unlock()
	type sum struct{ count, amount int64 }
	sums := map[string]sum{}
	for _, c := range n.charges[n.closed:] {
		kind := "Debit"
		if c.Refund {
			kind = "Credit"
		}
		add := func(k string) { sums[k] = sum{sums[k].count + 1, sums[k].amount + c.Amount} }
		if add(kind); c.Reversed {
			add("Reverse" + kind)
		}
	}
	if closing {
		n.closed = len(n.charges)
	}
	totals := []any{}
	for kind, s := range sums {
		totals = append(totals, nexoMap{
			"TransactionType": kind, "TransactionCount": s.count, "TransactionAmount": json.Number(n.major(s.amount)),
		})
	}
	return []any{nexoMap{
		"PaymentInstrumentType": "Card", "CardBrand": "mc", "PaymentCurrency": n.o.Currency, "PaymentTotals": totals,
	}}
}
