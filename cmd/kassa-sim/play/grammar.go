package play

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

func parseAct(w []string) (Act, error) {
	switch w[0] {
	case "scan", "badge":
		return benchWith(w, len(w) == 2 && w[1] != "", w[0]+" CODE")
	case "put", "take":
		return parsePut(w)
	case "lean":
		ok := len(w) == 4 && place(w[1]) && isGrams(w[2]) && isTime(w[3])
		return benchWith(w, ok, "lean bag|scale WEIGHTg SECONDSs")
	case "card":
		return parseCard(w)
	case "cash":
		return benchWith(w, len(w) == 2 && (allDigits(w[1]) || w[1] == "jam" || w[1] == "clear"), "cash MINOR|jam|clear")
	case "button":
		return benchWith(w, len(w) == 2 && w[1] == "call", "button call")
	case "paper":
		return benchWith(w, len(w) == 2 && slices.Contains([]string{"out", "near", "in"}, w[1]), "paper out|near|in")
	case "plug", "unplug":
		return benchWith(w, len(w) == 2 && slices.Contains(Devices(), w[1]), w[0]+" "+strings.Join(Devices(), "|"))
	case "power":
		cut := len(w) == 2 && w[1] == "cut" || len(w) == 3 && w[1] == "cut" && w[2] == "hub"
		return benchWith(w, cut, "power cut, or power cut hub")
	case "touch":
		return parseTouch(w)
	case "pin":
		if len(w) != 2 || !allDigits(w[1]) {
			return nil, want(w, "pin DIGITS")
		}
		return Touch{"pin", map[string]string{"value": w[1]}}, nil
	case "import":
		if len(w) != 2 && (len(w) != 3 || w[2] != "delta") || w[1] == "" {
			return nil, want(w, "import FILE [delta]")
		}
		return Import{w[1], len(w) == 3}, nil
	case "wait":
		if len(w) != 2 || !isTime(w[1]) {
			return nil, want(w, "wait SECONDSs")
		}
		return Wait{duration(w[1])}, nil
	case "expect":
		return parseExpect(w)
	default:
		return nil, fmt.Errorf("%q is no act: want scan, put, take, lean, touch, card, cash, badge, pin, button, paper, unplug, plug, power, import, wait or expect", w[0])
	}
}

// Devices returns what can be unplugged.
func Devices() []string {
	return []string{"scanner", "scale", "bagging", "terminal", "cash", "printer", "panel"}
}

func want(w []string, form string) error {
	return fmt.Errorf("%q is not understood: want %s", strings.Join(w, " "), form)
}

func benchWith(w []string, ok bool, form string) (Act, error) {
	if !ok {
		return nil, want(w, form)
	}
	b := Bench{Verb: w[0]}
	if w[0] == "scan" || w[0] == "badge" {
		b.Code = w[1]
	}
	return b, nil
}

func parsePut(w []string) (Act, error) {
	form := w[0] + " bag|scale CODE"
	if w[0] == "put" {
		form += " [WEIGHTg]"
	}
	ok := len(w) == 3 || w[0] == "put" && len(w) == 4 && isGrams(w[3])
	if !ok || !place(w[1]) || w[2] == "" {
		return nil, want(w, form)
	}
	return Bench{Verb: w[0], Code: w[2]}, nil
}

func parseCard(w []string) (Act, error) {
	ok := len(w) == 2 && slices.Contains([]string{"tap", "decline", "cancel", "pin-wrong"}, w[1])
	ok = ok || len(w) >= 4 && w[1] == "cut" && (w[2] == "after" || w[2] == "before")
	ok = ok || len(w) >= 4 && (w[1]+" "+w[2] == "silent at" || w[1]+" "+w[2] == "noise before")
	ok = ok || len(w) >= 3 && (w[1] == "late" || w[1] == "twice")
	return benchWith(w, ok, "card tap|decline|cancel|pin-wrong, card cut after|before MESSAGE, card silent at MESSAGE, "+
		"card late|twice MESSAGE or card noise before MESSAGE")
}

func place(word string) bool { return word == "bag" || word == "scale" }

func parseTouch(w []string) (Act, error) {
	const form = "touch ACT [line=N] [code=CODE] [value=VALUE]"
	if len(w) < 2 || strings.Contains(w[1], "=") {
		return nil, want(w, form)
	}
	t := Touch{w[1], map[string]string{}}
	for _, field := range w[2:] {
		name, value, ok := strings.Cut(field, "=")
		if !ok || name == "" || name == "act" {
			return nil, want(w, form)
		}
		t.Fields[name] = value
	}
	return t, nil
}

func parseExpect(w []string) (Act, error) {
	const form = "expect [SECONDSs] [no] screen|hint NAME, line CODE [qty N] [amount N], total N, lamp STATE, " +
		"paper \"TEXT\", txn STATE, charges N, kept N or call KIND"
	e := Expect{Qty: -1, Amount: NoAmount}
	rest := w[1:]
	if len(rest) > 0 && isTime(rest[0]) {
		e.Within, rest = duration(rest[0]), rest[1:]
	}
	if len(rest) > 0 && rest[0] == "no" {
		e.Not, rest = true, rest[1:]
	}
	if len(rest) < 2 {
		return nil, want(w, form)
	}
	e.What, e.Name = rest[0], rest[1]
	more := rest[2:]
	var ok bool
	switch e.What {
	case "screen", "hint", "paper", "txn", "call":
		ok = len(more) == 0
	case "lamp":
		e.Name = strings.Join(rest[1:], " ")
		ok = slices.Contains([]string{"off", "green", "red", "white", "white blink", "green blink", "red blink"}, e.Name)
	case "total", "charges", "kept":
		var err error
		e.Count, err = strconv.ParseInt(e.Name, 10, 64)
		ok = err == nil && len(more) == 0
	case "line":
		ok = e.line(more)
	default:
		ok = false
	}
	if !ok {
		return nil, want(w, form)
	}
	return e, nil
}

// line reads what follows a line's code.
func (e *Expect) line(more []string) bool {
	for ; len(more) >= 2; more = more[2:] {
		n, err := strconv.ParseInt(more[1], 10, 64)
		switch {
		case err != nil:
			return false
		case more[0] == "qty" && n >= 0:
			e.Qty = n
		case more[0] == "amount":
			e.Amount = n
		default:
			return false
		}
	}
	return len(more) == 0
}

func isGrams(s string) bool {
	return regexp.MustCompile(`^-?[0-9]{1,6}(\.[0-9]{1,3})?g$`).MatchString(s)
}

// Milligrams reads a weight as scripts write it, "734g" or "12.5g".
func Milligrams(s string) (int64, error) {
	if !isGrams(s) {
		return 0, fmt.Errorf("weight is %q, want grams as in 734g or 12.5g", s)
	}
	whole, fraction, _ := strings.Cut(strings.TrimSuffix(s, "g"), ".")
	return strconv.ParseInt(whole+(fraction + "000")[:3], 10, 64)
}

func isTime(s string) bool {
	return regexp.MustCompile(`^[0-9]{1,5}(\.[0-9]{1,3})?(ms|s|m)$`).MatchString(s)
}

func duration(s string) time.Duration {
	d, err := time.ParseDuration(s)
	if err != nil { // unreachable: isTime let it pass
		return 0
	}
	return d
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// Raw returns the bytes a script's code stands for: <GS> is byte 0x1D.
func Raw(code string) string { return strings.ReplaceAll(code, "<GS>", "\x1d") }
