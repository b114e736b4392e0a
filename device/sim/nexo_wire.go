package sim

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"time"
)

// A nexoMap is a JSON object; numbers in it are json.Number.
type nexoMap = map[string]any

func nexoObject(m nexoMap, path ...string) nexoMap {
	for _, key := range path {
		m, _ = m[key].(nexoMap)
	}
	return m
}

func nexoText(m nexoMap, key string) string {
	return fmt.Sprint(m[key])
}

// talk serves one connection, which brings one message.
func (n *Nexo) talk(raw net.Conn) {
	conn := tls.Server(raw, n.tls)
	defer func() { _ = conn.Close() }() // the lane may be gone
	req, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, 1<<20))
	if err != nil || req.Method != http.MethodPost || req.URL.Path != "/nexo" {
		_ = n.reply(conn, http.StatusNotFound, nil)
		return
	}
	in, err := n.unwrap(body)
	if err != nil {
		_ = n.reply(conn, http.StatusUnauthorized, nil)
		return
	}
	header := nexoObject(in, "MessageHeader")
	category := nexoText(header, "MessageCategory")
	n.mu.Lock()
	n.seen = append(n.seen, category)
	fault := ""
	if all := n.faults[category]; len(all) > 0 {
		fault, n.faults[category] = all[0], all[1:]
	}
	n.mu.Unlock()
	n.serve(conn, in, category, fault)
}

// serve acts on a message and answers it, with a fault or without.
func (n *Nexo) serve(conn net.Conn, in nexoMap, category, fault string) {
	header := nexoObject(in, "MessageHeader")
	switch fault {
	case "cut-before":
		return
	case "silence":
		_, _ = io.Copy(io.Discard, conn) // until the lane hangs up
		return
	case "http-500":
		_ = n.reply(conn, http.StatusInternalServerError, nil)
		return
	case "reject":
		event := nexoMap{"EventToNotify": "Reject", "EventDetails": "message=Did+not+like+it " + n.o.CardNumber, "TimeStamp": time.Now().UTC().Format(time.RFC3339)}
		_ = n.reply(conn, http.StatusOK, n.wrap("SaleToPOIRequest", n.ownHeader("Event", "Event"), nexoMap{"EventNotification": event}, ""))
		return
	case "busy":
		_ = n.reply(conn, http.StatusOK, n.wrap("SaleToPOIResponse", answerHeader(header), n.failure(category, "Busy", "in use"), ""))
		return
	}
	answer := n.obey(conn, in, category)
	if answer == nil {
		if category == "Abort" && fault == "" {
			_ = n.reply(conn, http.StatusOK, nil)
		}
		return
	}
	h := answerHeader(header)
	body := n.wrap("SaleToPOIResponse", h, answer, fault)
	switch fault {
	case "cut-after":
		return
	case "late":
		n.sleep(5 * time.Second)
	case "other-id":
		h["ServiceID"] = "0000000000"
		body = n.wrap("SaleToPOIResponse", h, answer, "")
	case "truncated":
		body = body[:len(body)/2]
	case "garbage":
		body = []byte("\x00\xff{\"SaleToPOIResponse\":[[[[")
	case "empty":
		body = nil
	case "request-echo":
		body = n.wrap("SaleToPOIRequest", header, nexoMap{}, "")
	}
	_ = n.reply(conn, http.StatusOK, body)
}

// reply writes an HTTP answer. The lane may be gone.
func (n *Nexo) reply(conn net.Conn, status int, body []byte) error {
	res := http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Close: true,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}
	var out bytes.Buffer
	if err := res.Write(&out); err != nil {
		return err
	}
	_, err := conn.Write(out.Bytes())
	return err
}

func nexoParse(b []byte) (nexoMap, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var m nexoMap
	err := d.Decode(&m)
	return m, err
}

// unwrap reads a request.
func (n *Nexo) unwrap(body []byte) (nexoMap, error) {
	m, err := nexoParse(body)
	if err != nil {
		return nil, err
	}
	outer := nexoObject(m, "SaleToPOIRequest")
	if n.seal == nil {
		return outer, nil
	}
	blob, _ := outer["NexoBlob"].(string)
	plain, err := n.seal.unlock(blob, nexoObject(outer, "SecurityTrailer"))
	if err != nil {
		return nil, err
	}
	if m, err = nexoParse(plain); err != nil {
		return nil, err
	}
	return nexoObject(m, "SaleToPOIRequest"), nil
}

// wrap writes a message, encrypted where that is set up.
func (n *Nexo) wrap(name string, header, content nexoMap, fault string) []byte {
	inner := nexoMap{"MessageHeader": header}
	maps.Copy(inner, content)
	plain, err := json.Marshal(nexoMap{name: inner})
	if err != nil {
		panic(err) // unreachable: texts and numbers
	}
	if n.seal == nil || fault == "plain" {
		return plain
	}
	seal := n.seal
	if fault == "other-key" {
		seal = newNexoSeal(n.o.KeyID, n.o.KeyVersion, n.o.Passphrase+"x")
	}
	blob, trailer := seal.lock(plain)
	if fault == "bad-hmac" {
		trailer["Hmac"] = "AAAA" + trailer["Hmac"].(string)[4:]
	}
	outside := header
	if fault == "other-header" {
		outside = maps.Clone(header)
		outside["SaleID"] = "ANOTHER"
	}
	out, err := json.Marshal(nexoMap{name: nexoMap{"MessageHeader": outside, "NexoBlob": blob, "SecurityTrailer": trailer}})
	if err != nil {
		panic(err) // unreachable: texts and numbers
	}
	return out
}

func answerHeader(h nexoMap) nexoMap {
	a := nexoMap{}
	maps.Copy(a, h)
	a["MessageType"] = "Response"
	return a
}

// ownHeader is that of a message the terminal begins.
func (n *Nexo) ownHeader(class, category string) nexoMap {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.number++
	return nexoMap{
		"ProtocolVersion": "3.0", "MessageClass": class, "MessageCategory": category, "MessageType": "Notification",
		"SaleID": "LANE", "DeviceID": fmt.Sprint(n.number), "POIID": n.o.POIID,
	}
}

// tell notifies the lane of a step of the payment, as Adyen's terminals do on
// the display of the cashier.
func (n *Nexo) tell(event string) {
	if n.o.NotifyURL == "" {
		return
	}
	display := nexoMap{"DisplayOutput": []any{nexoMap{
		"Device": "CashierDisplay", "InfoQualify": "Status", "ResponseRequiredFlag": false,
		"OutputContent": nexoMap{"OutputFormat": "MessageRef", "PredefinedContent": nexoMap{
			"ReferenceID": "TransactionID=oLkO001517998574000&TimeStamp=2018-02-07T10%3a16%3a14.000Z&event=" + event,
		}},
	}}}
	select {
	case n.news <- n.wrap("SaleToPOIRequest", n.ownHeader("Device", "Display"), nexoMap{"DisplayRequest": display}, ""):
	default: // nobody takes them
	}
}

// notifier sends what tell queued, in order.
func (n *Nexo) notifier() {
	client := &http.Client{Timeout: 2 * time.Second}
	for {
		select {
		case body := <-n.news:
			req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, n.o.NotifyURL, bytes.NewReader(body))
			if err != nil {
				continue
			}
			if res, err := client.Do(req); err == nil {
				_ = res.Body.Close()
			}
		case <-n.gone:
			client.CloseIdleConnections()
			return
		}
	}
}
