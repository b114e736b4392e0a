package nexo

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"kassa/device/terminal"
)

// The types that messages are read into. None can hold a card number, and none
// refuses a message for what stands in a field: a terminal with newer habits
// has still said whether it charged.

// unquote returns the text of a JSON string or number, else "".
func unquote(b []byte) string {
	var s string
	if json.Unmarshal(b, &s) == nil {
		return s
	}
	if len(b) > 0 && (b[0] == '-' || b[0] >= '0' && b[0] <= '9') {
		return string(b)
	}
	return ""
}

// word is foreign text, scrubbed.
type word struct{ terminal.Text }

// UnmarshalJSON takes a string or number.
func (w *word) UnmarshalJSON(b []byte) error {
	w.Text = terminal.Scrub(unquote(b))
	return nil
}

// A reference names a transaction at the terminal, tender.psp with Adyen. It
// must be kept digit by digit to be of use, so a run of digits that looks like
// a card number makes it empty instead of masked. Runs that begin with 0, 1, 7
// or 8 are clocks, counters and references: no payment card begins so.
type reference struct{ s string }

// UnmarshalJSON takes a string or number.
func (r *reference) UnmarshalJSON(b []byte) error {
	r.s = ""
	s := unquote(b)
	if !regexp.MustCompile(`^[A-Za-z0-9._:-]{1,128}$`).MatchString(s) {
		return nil
	}
	for _, run := range regexp.MustCompile(`[0-9][0-9-]*`).FindAllString(s, -1) {
		if strings.ContainsAny(run[:1], "234569") && terminal.Scrub(run).String() != run {
			return nil
		}
	}
	r.s = s
	return nil
}

// A stamp is a time as the terminal wrote it.
type stamp struct {
	s  string
	at time.Time
}

// UnmarshalJSON takes an RFC 3339 time.
func (s *stamp) UnmarshalJSON(b []byte) error {
	text := unquote(b)
	*s = stamp{}
	if at, err := time.Parse(time.RFC3339, text); err == nil && len(text) <= 40 {
		*s = stamp{text, at}
	}
	return nil
}

// A tail is the last four digits of a card number.
type tail struct{ terminal.Card }

// UnmarshalJSON takes a number masked in any way, or not at all.
func (t *tail) UnmarshalJSON(b []byte) error {
	s := unquote(b)
	t.Card = terminal.Card{}
	if n := len(s); n >= 8 && strings.Trim(s[n-4:], "0123456789") == "" {
		t.Card = terminal.MaskCard("************" + s[n-4:])
	}
	return nil
}

// details are what is read of an AdditionalResponse: a query string, or JSON in
// base64. It also holds card data, which is passed over.
type details struct{ message, refusal terminal.Text }

// UnmarshalJSON takes either form.
func (d *details) UnmarshalJSON(b []byte) error {
	*d = details{}
	s := unquote(b)
	if raw, err := base64.StdEncoding.DecodeString(s); err == nil && json.Valid(raw) {
		var form struct {
			Message string `json:"message"`
			Data    struct {
				Refusal string `json:"refusalReason"`
			} `json:"additionalData"`
		}
		_ = json.Unmarshal(raw, &form) // what fits is read
		*d = details{terminal.Scrub(form.Message), terminal.Scrub(form.Data.Refusal)}
		return nil
	}
	q, _ := url.ParseQuery(s) // what can be read is
	*d = details{terminal.Scrub(q.Get("message")), terminal.Scrub(q.Get("refusalReason"))}
	return nil
}

// String returns the message for staff and logs.
func (d details) String() string {
	return strings.TrimSpace(d.message.String() + " " + d.refusal.String())
}

// A printed line of a receipt: a query string with name and value in the
// OutputText of the terminal.
type printed struct{ terminal.Line }

// receiptWidth is how far a value is moved to the right of its name, in
// characters: the narrowest paper's width.
const receiptWidth = 32

// UnmarshalJSON takes an OutputText.
func (p *printed) UnmarshalJSON(b []byte) error {
	var form struct {
		Text   string `json:"Text"`
		Style  string `json:"CharacterStyle"`
		Height string `json:"CharacterHeight"`
		Width  string `json:"CharacterWidth"`
		Align  string `json:"Alignment"`
	}
	_ = json.Unmarshal(b, &form) // what fits is read
	p.Line = terminal.Line{
		Centre: strings.HasPrefix(form.Align, "Cent"),
		Tall:   strings.HasPrefix(form.Height, "Double"), Wide: strings.HasPrefix(form.Width, "Double"),
	}
	q, _ := url.ParseQuery(form.Text) // what can be read is
	if !q.Has("key") && !q.Has("name") {
		p.Text = terminal.Scrub(form.Text)
		return nil
	}
	key, name, value := q.Get("key"), q.Get("name"), q.Get("value")
	if value == "" && (strings.HasPrefix(key, "header") || strings.HasSuffix(key, "Title") || strings.HasPrefix(key, "thanks")) {
		p.Centre = true
	}
	gap := ""
	if name != "" && value != "" {
		gap = strings.Repeat(" ", max(1, receiptWidth-utf8.RuneCountInString(name)-utf8.RuneCountInString(value)))
	}
	p.Text = terminal.Scrub(name + gap + value)
	return nil
}
