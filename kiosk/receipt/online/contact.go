package online

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"kassa/kiosk/help"
	"kassa/kiosk/receipt"
)

// reasons are what a message can be about: the second level stands in contacts
// and must not change. The last one sells.
func reasons() []help.Reason {
	return []help.Reason{"after.price", "after.missing", "after.twice", "after.card", "after.goods", "after.receipt", "after.other", "buy.ask"}
}

// maxText is how long a message may be, in letters.
const maxText = 500

// plain is what a shopper wrote, as a colleague may read it: no letters that
// command, and no more than a person reads.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d', r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > maxText {
		s = string([]rune(s)[:maxText])
	}
	return s
}

// message takes what a shopper says to the desk.
func (s *Site) message(w http.ResponseWriter, r *http.Request, v visit) {
	if v.sale.Receipt == nil || r.ParseForm() != nil {
		s.note(w, r, http.StatusBadRequest, "again")
		return
	}
	m := Message{Reason: help.Reason(r.PostForm.Get("reason")), Text: plain(r.PostForm.Get("text")), Language: s.language(r, v.sale)}
	if !slices.Contains(reasons(), m.Reason) {
		s.note(w, r, http.StatusBadRequest, "again")
		return
	}
	for _, text := range r.PostForm["line"] {
		n, err := strconv.Atoi(text)
		if err == nil && !slices.Contains(m.Lines, n) && slices.ContainsFunc(v.sale.Receipt.Lines, func(l receipt.Line) bool { return l.N == n }) {
			m.Lines = append(m.Lines, n)
		}
	}
	if !s.guests.writes(s.Now()) {
		s.note(w, r, http.StatusTooManyRequests, "much")
		return
	}
	if err := s.Desk.Raise(r.Context(), v.code, m); err != nil && !errors.Is(err, ErrFull) { // a second touch finds the first one's
		s.fail(w, r, err)
		return
	}
	s.back(w, r, v)
}

// rate takes what a shopper thinks of the answer.
func (s *Site) rate(w http.ResponseWriter, r *http.Request, v visit) {
	if r.ParseForm() != nil {
		s.note(w, r, http.StatusBadRequest, "again")
		return
	}
	n, err := strconv.Atoi(r.PostForm.Get("n"))
	rating, bad := strconv.Atoi("0" + r.PostForm.Get("rating"))
	if err != nil || bad != nil || n < 1 || rating > 3 {
		s.note(w, r, http.StatusBadRequest, "again")
		return
	}
	var solved *bool
	if text := r.PostForm.Get("solved"); text == "yes" || text == "no" {
		yes := text == "yes"
		solved = &yes
	}
	if err := s.Desk.Rate(r.Context(), v.code, n, rating, solved); err != nil {
		s.fail(w, r, err)
		return
	}
	s.back(w, r, v)
}

// back leads to the page, where what was said can be seen.
func (s *Site) back(w http.ResponseWriter, r *http.Request, v visit) {
	http.Redirect(w, r, s.Prefix+v.code+"?lang="+s.language(r, v.sale)+"#messages", http.StatusSeeOther)
}
