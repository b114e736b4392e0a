package web

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/kiosk/receipt/qr"
	"kassa/kiosk/words"
)

// A query is the part of a page that is the browser's own: where it looks for an
// article, which self-help question is open. The lane does not know it.
type query struct {
	Text   string
	Group  string
	Page   int
	Row    int // of groups
	Typing bool
	Topic  string
}

// page is what the templates see: a View and the words for it.
type page struct {
	*site
	V      flow.View
	W      words.Words
	Build  string
	Script bool
	Found  *found
	Helper *helper
	Chat   *chat
	QR     *qr.Code

	memo *memo // of the connection; nil: draw all
}

// page prepares a View to be shown.
func (s *site) page(ctx context.Context, v flow.View, q query) *page {
	p := &page{site: s, V: v, W: s.Words.In(v.Language), Build: s.build, Script: true}
	if v.Screen == "" {
		v.Screen, p.V.Screen = flow.ScreenOutOfOrder, flow.ScreenOutOfOrder // the lane is starting
	}
	if v.Screen == flow.ScreenFind {
		p.Found = s.find(ctx, p.W, q)
	}
	if v.Screen == flow.ScreenHelp {
		p.Helper = s.helper(v, p.W, q)
	}
	if v.Leave != nil && v.Leave.QR && s.Code != nil {
		p.QR = qr.Draw(s.Code(ctx, v.Leave.ID))
	}
	p.Chat = s.chat(p)
	return p
}

// servePage shows the whole page of now.
func (s *site) servePage(w http.ResponseWriter, r *http.Request) {
	s.write(w, r, s.page(r.Context(), s.Now(), parseQuery(r.URL.Query())), "page")
}

// write renders a template as the whole answer, or answers 500 without a word
// of what went wrong on the page itself.
func (s *site) write(w http.ResponseWriter, r *http.Request, p any, name string) {
	var b bytes.Buffer
	if err := s.tmpl.ExecuteTemplate(&b, name, p); err != nil {
		s.Log.ErrorContext(r.Context(), "page not rendered", "template", name, "error", err)
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if _, err := w.Write(b.Bytes()); err != nil {
		s.Log.DebugContext(r.Context(), "page not sent", "error", err)
	}
}

// part renders one piece of the page.
func (p *page) part(name string) (string, error) {
	var b strings.Builder
	if err := p.tmpl.ExecuteTemplate(&b, name, p); err != nil {
		return "", fmt.Errorf("web: %s of %s: %w", name, p.V.Screen, err)
	}
	return b.String(), nil
}

// line renders one line of the basket.
func (p *page) line(v lineView) (template.HTML, error) {
	var b strings.Builder
	if err := p.tmpl.ExecuteTemplate(&b, "line", v); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil //nolint:gosec // made by html/template
}

// Matter renders the middle of the page: the template named as the screen.
func (p *page) Matter() (template.HTML, error) {
	var b strings.Builder
	if err := p.tmpl.ExecuteTemplate(&b, string(p.V.Screen)+"-page", p); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil //nolint:gosec // made by html/template
}

// T returns a message.
func (p *page) T(id string, args ...any) string { return p.W.T(id, args...) }

// N returns a message for a number of things.
func (p *page) N(id string, n any, args ...any) string {
	switch n := n.(type) {
	case int64:
		return p.W.N(id, n, args...)
	case int:
		return p.W.N(id, int64(n), args...)
	default:
		return p.W.T(id, args...)
	}
}

// Money prints an amount with its currency.
func (p *page) Money(a money.Amount) string { return p.W.Money(a) }

// Art2 returns an article's name in the language of the page.
func (p *page) Art2(name string, names map[string]string) string { return p.W.Name(name, names) }

// Exact makes a text an argument whose figures stay as they are.
func (p *page) Exact(s string) words.Code { return words.Code(s) }

// Can reports whether an act fits now.
func (p *page) Can(act flow.Act) bool { return p.V.Acts[act] }

// Touch returns the attributes that make a button post an act. Pairs with an
// empty value (nil, "", 0) are left out.
func (p *page) Touch(act flow.Act, pairs ...any) template.HTMLAttr {
	fields := url.Values{"act": {string(act)}}
	var data strings.Builder
	for i := 0; i+1 < len(pairs); i += 2 {
		name, value := fmt.Sprint(pairs[i]), fmt.Sprint(pairs[i+1])
		if value == "" || name == "line" && value == "0" {
			continue
		}
		fields.Set(name, value)
		fmt.Fprintf(&data, ` data-%s="%s"`, name, html.EscapeString(value))
	}
	return template.HTMLAttr(fmt.Sprintf(`form="touch" name="do" value="%s" data-act="%s"%s`, //nolint:gosec // escaped here
		html.EscapeString(fields.Encode()), html.EscapeString(string(act)), data.String()))
}

// Title is the name of the page.
func (p *page) Title() string {
	switch p.V.Screen {
	case flow.ScreenBasket:
		return p.T("basket.title")
	case flow.ScreenWeigh:
		return p.T("weigh.headline")
	default:
		return p.W.Either(string(p.V.Screen)+".headline", "basket.title")
	}
}

// Classes are the modes of the page, for the style sheet.
func (p *page) Classes() string {
	var c []string
	for _, m := range []struct {
		on   bool
		name string
	}{{p.V.Modes.Large, "large"}, {p.V.Modes.Contrast, "dark"}, {p.V.Modes.Light, "light"}, {p.V.Modes.Reach, "reach"}} {
		if m.on {
			c = append(c, m.name)
		}
	}
	return strings.Join(c, " ")
}

// Layout says whether the basket has its place on the page.
func (p *page) Layout() string {
	if p.V.Sale == nil {
		return "full"
	}
	return "sale"
}

func (p *page) root() root {
	return root{Lang: p.W.Tag(), Dir: p.W.Dir(), Classes: p.Classes(), Layout: p.Layout(), Title: p.Title()}
}

// Say is what a screen reader should say of the newest change.
func (p *page) Say() string {
	if n := p.Newest(); n != nil && p.V.Screen == flow.ScreenBasket && p.V.Sale != nil {
		return p.T("basket.added", "Name", words.Code(n.Name), "Amount", p.Money(n.L.Net), "Total", p.Money(p.V.Sale.Total))
	}
	return ""
}
