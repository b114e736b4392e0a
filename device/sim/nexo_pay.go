package sim

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// A nexoJob is a payment, refund or reversal, running or answered.
type nexoJob struct {
	header nexoMap
	abort  chan struct{} // closed when the lane asks for the end
	asked  bool          // abort is closed
	late   bool          // too late to abort
	done   chan struct{} // closed when answer is there
	answer nexoMap       // a PaymentResponse or ReversalResponse
	cut    chan struct{} // closed when its line shall break
}

func nexoKey(category string, h nexoMap) string {
	return category + "|" + nexoText(h, "SaleID") + "|" + nexoText(h, "ServiceID")
}

// obey does what a message asks for and returns the body of the answer; nil
// for none.
func (n *Nexo) obey(conn net.Conn, in nexoMap, category string) nexoMap {
	n.mu.Lock()
	out := n.loggedOut
	n.mu.Unlock()
	if out && category != "Login" {
		return n.failure(category, "LoggedOut", "log in first")
	}
	switch category {
	case "Payment", "Reversal":
		return n.once(conn, in, category)
	case "TransactionStatus":
		return nexoMap{"TransactionStatusResponse": n.recall(nexoObject(in, "TransactionStatusRequest"))}
	case "Abort":
		n.abort(nexoObject(in, "AbortRequest", "MessageReference"))
		return nil
	case "Diagnosis":
		return nexoMap{"DiagnosisResponse": n.diagnose()}
	case "Login":
		n.mu.Lock()
		n.loggedOut = false
		n.mu.Unlock()
		return nexoMap{"LoginResponse": nexoMap{"Response": nexoMap{"Result": "Success"}}}
	case "Reconciliation":
		return n.reconcile()
	case "GetTotals":
		return n.getTotals()
	}
	return n.failure(category, "MessageFormat", "unknown category")
}

func (n *Nexo) failure(category, condition, why string) nexoMap {
	return nexoMap{category + "Response": nexoMap{"Response": nexoMap{
		"Result": "Failure", "ErrorCondition": condition,
		"AdditionalResponse": url.Values{"message": {why + " " + n.o.CardNumber}, "refusalReason": {why}}.Encode(),
	}}}
}

// once does a message of which there may be only one of a name.
func (n *Nexo) once(conn net.Conn, in nexoMap, category string) nexoMap {
	key := nexoKey(category, nexoObject(in, "MessageHeader"))
	n.mu.Lock()
	known := n.jobs[key]
	switch {
	case known != nil && !n.o.RepeatDuplicates:
		n.mu.Unlock()
		return n.failure(category, "MessageFormat", "duplicate ServiceID")
	case known == nil && n.running != nil:
		n.mu.Unlock()
		return n.failure(category, "Busy", "in use")
	case known == nil:
		known = &nexoJob{
			header: nexoObject(in, "MessageHeader"), abort: make(chan struct{}), done: make(chan struct{}), cut: make(chan struct{}),
		}
		n.jobs[key] = known
		n.running = known
		if category == "Payment" {
			n.last = known
		}
		n.work.Go(func() { n.perform(known, in, category) })
	}
	n.mu.Unlock()
	select {
	case <-known.done:
	case <-known.cut:
		return nil
	case <-n.gone:
		return nil
	}
	select {
	case <-known.cut: // at the same moment
		return nil
	default:
	}
	if category == "Payment" && n.cut("answer") {
		_ = n.reply(conn, 200, n.wrap("SaleToPOIResponse", answerHeader(known.header), known.answer, ""))
		return nil
	}
	return known.answer
}

// perform carries a job out, whoever still listens.
func (n *Nexo) perform(j *nexoJob, in nexoMap, category string) {
	var answer nexoMap
	if category == "Reversal" {
		answer = n.reverse(nexoObject(in, "ReversalRequest"))
	} else {
		answer = n.pay(j, nexoObject(in, "PaymentRequest"))
	}
	n.mu.Lock()
	j.answer = answer
	n.running, n.waiting, n.asked, n.display = nil, false, 0, "Ready"
	n.mu.Unlock()
	close(j.done)
	n.o.Changed()
}

// breakLine cuts the payment's line at point, if that was wished.
func (n *Nexo) breakLine(j *nexoJob, point string) {
	if n.cut(point) {
		close(j.cut)
	}
}

// pay is one payment or refund.
func (n *Nexo) pay(j *nexoJob, req nexoMap) nexoMap {
	amounts := nexoObject(req, "PaymentTransaction", "AmountsReq")
	number, _ := amounts["RequestedAmount"].(json.Number)
	minor, ok := n.minor(number.String())
	if !ok {
		return n.failure("Payment", "MessageFormat", "amount")
	}
	if nexoText(amounts, "Currency") != n.o.Currency {
		return n.failure("Payment", "PaymentRestriction", "currency")
	}
	c := &NexoCharge{
		Amount: minor, Refund: nexoText(nexoObject(req, "PaymentData"), "PaymentType") == "Refund",
		ServiceID:     nexoText(j.header, "ServiceID"),
		SaleReference: nexoText(nexoObject(req, "SaleData", "SaleTransactionID"), "TransactionID"),
	}
	n.mu.Lock()
	n.asked = minor
	n.mu.Unlock()
	n.breakLine(j, "request")
	n.tell("TENDER_CREATED")
	for wrong := 0; ; {
		switch n.awaitCard(j, c) {
		case zvtTap:
			return n.approve(j, c)
		case zvtDecline:
			n.show("Declined", false)
			n.tell("TENDER_FINAL")
			return n.withReceipt(n.failure("Payment", "Refusal", "Card declined"), c, "DECLINED")
		case zvtWrongPIN:
			n.show("Wrong PIN", false)
			n.tell("WAIT_FOR_PIN")
			n.sleep(time.Second)
			if wrong++; wrong == 3 {
				return n.withReceipt(n.failure("Payment", "WrongPIN", "PIN wrong too often"), c, "DECLINED")
			}
		case zvtCancel:
			if j.asked {
				return n.failure("Payment", "Aborted", "aborted by the sale system")
			}
			return n.failure("Payment", "Cancel", "cancelled by the shopper")
		}
	}
}

// awaitCard asks for a card until somebody does something.
func (n *Nexo) awaitCard(j *nexoJob, c *NexoCharge) zvtAct {
	select {
	case <-j.abort:
		return zvtCancel
	default:
	}
	n.show(n.major(c.Amount)+"  Please present card", true)
	defer n.show("Please wait", false)
	timer := time.NewTimer(n.clock.Real(n.o.CardWait))
	defer timer.Stop()
	select {
	case act := <-n.acts:
		return act
	case <-j.abort:
	case <-timer.C:
	case <-n.gone:
	}
	return zvtCancel
}

// approve asks the host, which says yes. From then on the payment stands.
func (n *Nexo) approve(j *nexoJob, c *NexoCharge) nexoMap {
	n.tell("CARD_PRESENTED")
	n.breakLine(j, "card")
	n.mu.Lock()
	aborted := j.asked
	j.late = true
	n.mu.Unlock()
	if aborted {
		return n.failure("Payment", "Aborted", "aborted by the sale system")
	}
	n.sleep(1200 * time.Millisecond)
	n.mu.Lock()
	n.number++
	c.at = time.Now()
	c.Amount -= n.o.ShortAmount
	c.TimeStamp = c.at.UTC().Format("2006-01-02T15:04:05.000Z")
	c.TransactionID = fmt.Sprintf("BV0q00%d%03d.NC6HT9CRT%07d", c.at.UnixMilli(), n.number, n.number)
	n.charges = append(n.charges, c)
	n.mu.Unlock()
	n.show("Approved", false)
	n.tell("TENDER_FINAL")
	n.breakLine(j, "host")
	result := "Success"
	if n.o.ShortAmount != 0 {
		result = "Partial"
	}
	body := nexoMap{"PaymentResponse": nexoMap{
		"Response": nexoMap{"Result": result, "AdditionalResponse": "cardBin=541333&expiryDate=2%2f2028&pan=" + n.o.CardNumber},
		"SaleData": nexoMap{"SaleTransactionID": nexoMap{"TransactionID": c.SaleReference, "TimeStamp": c.TimeStamp}},
		"PaymentResult": nexoMap{
			"AmountsResp": nexoMap{"AuthorizedAmount": json.Number(n.major(c.Amount)), "Currency": n.o.Currency},
			"OnlineFlag":  true, "AuthenticationMethod": []any{"OnLinePIN"},
			"PaymentAcquirerData": nexoMap{
				"ApprovalCode": "123456" + n.o.CardNumber, "MerchantID": "ShopMerchant" + n.o.CardNumber, "AcquirerPOIID": n.o.POIID,
			},
			"PaymentInstrumentData": nexoMap{"PaymentInstrumentType": "Card", "CardData": nexoMap{
				"MaskedPan": n.pan("541333 **** 9999"), "PaymentBrand": "mc" + n.o.CardNumber, "EntryMode": []any{"Contactless"},
				"SensitiveCardData": nexoMap{"PAN": n.o.CardNumber, "ExpiryDate": "0228"},
			}},
		},
	}}
	return n.withReceipt(body, c, "APPROVED")
}

func (n *Nexo) pan(masked string) string {
	if n.o.CardNumber != "" {
		return n.o.CardNumber
	}
	return masked
}

// withReceipt adds transaction data and both copies to an answer.
func (n *Nexo) withReceipt(body nexoMap, c *NexoCharge, verdict string) nexoMap {
	id := nexoMap{"TransactionID": c.TransactionID, "TimeStamp": c.TimeStamp}
	for name := range body {
		answer := nexoObject(body, name)
		if c.TransactionID != "" {
			answer["POIData"] = nexoMap{"POITransactionID": id}
		}
		answer["PaymentReceipt"] = []any{
			n.receipt("CashierReceipt", "MERCHANT COPY", c, verdict), n.receipt("CustomerReceipt", "CARDHOLDER COPY", c, verdict),
		}
	}
	return body
}

func (n *Nexo) receipt(qualifier, title string, c *NexoCharge, verdict string) nexoMap {
	line := func(style, key, name, value string) nexoMap {
		q := "key=" + key
		if name != "" {
			q += "&name=" + url.QueryEscape(name)
		}
		if value != "" {
			q += "&value=" + url.QueryEscape(value)
		}
		return nexoMap{"CharacterStyle": style, "EndOfLineFlag": true, "Text": q}
	}
	return nexoMap{
		"DocumentQualifier": qualifier, "RequiredSignatureFlag": n.o.Signature && qualifier == "CashierReceipt",
		"OutputContent": nexoMap{"OutputFormat": "Text", "OutputText": []any{
			line("Bold", "header1", "The Shop", ""),
			line("Normal", "filler", "", ""),
			line("Normal", "merchantTitle", title, ""),
			line("Normal", "txdate", "Date", strings.SplitN(c.TimeStamp, "T", 2)[0]),
			line("Normal", "pan", "Card", n.pan("************9999")),
			line("Normal", "paymentMethod", "Method", "mc"),
			line("Bold", "totalAmount", "TOTAL", n.o.Currency+" "+n.major(c.Amount)),
			line("Bold", "approved", verdict, ""),
		}},
	}
}
