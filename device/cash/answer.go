package cash

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// This file reads answers. Versions differ in what is text and what is a number,
// and in whether data is an object or the text of one.

// errAnswer says that an answer cannot be read: nothing follows from it.
var errAnswer = errors.New("answer cannot be read")

// A loose is a text or a number, as it stands.
type loose string

// UnmarshalJSON takes a text, a number or null.
func (l *loose) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*l = ""
		return nil
	}
	var text string
	if json.Unmarshal(b, &text) == nil {
		*l = loose(strings.TrimSpace(text))
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	*l = loose(n)
	return nil
}

// dataOf returns the data of an answer whose code is 1.
func dataOf(operation string, body []byte) (json.RawMessage, error) {
	var answer struct {
		Code loose           `json:"code"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Code == "" {
		return nil, fmt.Errorf("%s: %w", operation, errAnswer)
	}
	if answer.Code != "1" {
		return nil, fmt.Errorf("%s: %w: code %s %s", operation, ErrRefused, short(string(answer.Code)), short(textOf(answer.Data)))
	}
	return answer.Data, nil
}

// textOf is data where it is a text, else "".
func textOf(data json.RawMessage) string {
	var text string
	_ = json.Unmarshal(data, &text) // no text is ""
	return text
}

// short bounds foreign text that goes into an error, and takes its controls out.
func short(text string) string {
	const most = 80
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// maxID bounds an operation's name: it goes into the journal.
const maxID = 40

// idOf reads the operation's name; "" if there is none that can be kept.
func idOf(data json.RawMessage) string {
	var id loose
	if json.Unmarshal(data, &id) != nil || len(id) > maxID {
		return ""
	}
	for _, r := range id {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-' {
			return ""
		}
	}
	return string(id)
}

// factsOf reads what askOperation says. An amount that is none, or an operation of
// another name, is no answer: money is never guessed.
func factsOf(id string, data json.RawMessage) (Facts, error) {
	if text := textOf(data); text != "" {
		data = json.RawMessage(text)
	}
	var said struct {
		Operation struct {
			ID    loose `json:"operationid"`
			State loose `json:"state"`
			In    loose `json:"totalin"`
			Out   loose `json:"totalout"`
		} `json:"operation"`
		Messages []struct {
			Code loose `json:"code"`
		} `json:"messages"`
	}
	f := Facts{ID: id}
	if err := json.Unmarshal(data, &said); err != nil || said.Operation.State == "" {
		return f, fmt.Errorf("operation %s: %w", id, errAnswer)
	}
	o := said.Operation
	in, okIn := amountOf(string(o.In))
	out, okOut := amountOf(string(o.Out))
	if !okIn || !okOut || o.ID != "" && string(o.ID) != id {
		return f, fmt.Errorf("operation %s: %w", id, errAnswer)
	}
	f.In, f.Out = in, out
	f.Ended, f.Begun = o.State == stateEnded, o.State != stateBegun || in != 0 || out != 0
	if len(said.Messages) > 0 {
		f.Fault = short(string(said.Messages[len(said.Messages)-1].Code))
	}
	return f, nil
}
