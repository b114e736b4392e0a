package online

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"kassa/kiosk/help"
	"kassa/kiosk/words"
)

// view is what the page shows.
type view struct {
	words.Words

	Prefix, Build, Code string
	Shop, Hours         string
	Note                string // instead of all below: gone, much, away, again
	Coming              bool
	Paper               []block
	ID                  string
	Until               string
	Lines               []choice
	Reasons             []choice
	Contacts            []contact
	Moment              int64 // in a link to this very page: else the browser would only scroll
	Room                bool  // for a message
	Articles            []help.Article
	Open                *help.Article
	Search              string
	Nothing             bool
	Languages           []tongue
}

// A choice can be ticked in the form.
type choice struct{ Value, Label string }

// A tongue is a language the page can be read in.
type tongue struct {
	Tag, Name string
	Chosen    bool
}

// contact is a message as the page shows it.
type contact struct {
	Contact

	About, When, State string
	Lines              []saying
	Ended, Rated       bool
}

type saying struct{ Text, Lang string }

// The page's bounds.
const (
	articlesShown = 3
	maxSearch     = 60 // bytes
	maxContacts   = 3  // of one sale
)

// language is the one asked for, else that of the sale, else what the browser
// likes.
func (s *Site) language(r *http.Request, sale Sale) string {
	if tag := r.URL.Query().Get("lang"); slices.Contains(words.Languages(), tag) {
		return tag
	}
	if slices.Contains(words.Languages(), sale.Language) {
		return sale.Language
	}
	liked, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err == nil {
		for _, t := range liked {
			if base, _ := t.Base(); slices.Contains(words.Languages(), base.String()) {
				return base.String()
			}
		}
	}
	return "en"
}

func (s *Site) view(lang, code string) *view {
	v := &view{Words: s.Words.In(lang), Prefix: s.Prefix, Build: s.build, Code: code, Shop: s.Shop, Hours: s.Hours}
	for _, tag := range words.Languages() {
		v.Languages = append(v.Languages, tongue{tag, s.Words.In(tag).T("lang.name"), tag == lang})
	}
	return v
}

// note shows a page that says one thing.
func (s *Site) note(w http.ResponseWriter, r *http.Request, status int, what string) {
	v := s.view(s.language(r, Sale{}), "")
	v.Note = what
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "60")
	}
	s.write(w, r, status, v)
}

// show shows a receipt and what can be done with it.
func (s *Site) show(w http.ResponseWriter, r *http.Request, at visit) {
	v := s.view(s.language(r, at.sale), at.code)
	s.help(v, r)
	if at.sale.Receipt == nil {
		v.Coming = true
		w.Header().Set("Refresh", "10") // it comes with the lane's next word to the hub
		s.write(w, r, http.StatusOK, v)
		return
	}
	rc := at.sale.Receipt
	v.Moment = s.Now().UnixMilli()
	v.Paper, v.ID, v.Until = paper(rc, v.Words), rc.ID, v.Date(at.sale.Until)
	for _, l := range rc.Lines {
		if l.Of == 0 {
			v.Lines = append(v.Lines, choice{strconv.Itoa(l.N), v.Name(l.Name, l.Names)})
		}
	}
	for _, reason := range reasons() {
		v.Reasons = append(v.Reasons, choice{string(reason), v.T("online.reason." + string(reason))})
	}
	all, err := s.Desk.Contacts(r.Context(), at.code)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	v.Room = len(all) < maxContacts
	for _, c := range all {
		v.Contacts = append(v.Contacts, v.contact(c))
		v.Room = v.Room && !c.State.Open()
	}
	s.write(w, r, http.StatusOK, v)
}

// contact puts a message into words.
func (v *view) contact(c Contact) contact {
	x := contact{Contact: c, About: v.T("online.reason." + string(c.Reason)), When: v.Stamp(c.At), Ended: !c.State.Open()}
	if !slices.Contains(reasons(), c.Reason) {
		x.About = v.T("online.reason.after.other")
	}
	x.Rated = c.Rating > 0 || c.Solved != nil
	for _, said := range c.Said {
		if said.Phrase != "" {
			x.Lines = append(x.Lines, saying{v.T(said.Phrase), v.Tag()})
		} else {
			x.Lines = append(x.Lines, saying{said.Text, said.Lang})
		}
	}
	switch {
	case x.Ended:
		x.State = v.Either("online.outcome."+c.Outcome, "online.outcome.other")
	case c.State == help.Claimed:
		x.State = v.T("online.state.coming")
	default:
		x.State = v.T("online.state.called")
	}
	return x
}

// help is the articles that fit a receipt, what a search found, or one of them.
func (s *Site) help(v *view, r *http.Request) {
	q := r.URL.Query()
	if a, ok := s.Help.Get(q.Get("topic"), v.Tag(), "en"); ok {
		v.Open = &a
	}
	v.Search = strings.ToValidUTF8(q.Get("q")[:min(len(q.Get("q")), maxSearch)], "")
	if v.Search != "" {
		v.Articles = s.Help.Search(v.Search, v.Tag(), articlesShown)
		v.Nothing = len(v.Articles) == 0
	}
	if len(v.Articles) == 0 {
		v.Articles = s.Help.Suggest(help.Moment{Screen: "receipt", Reason: help.AreaAfter}, v.Tag(), articlesShown)
	}
}

// Picture draws one of the shared signs.
func (v *view) Picture(name string) template.HTML {
	return template.HTML(fmt.Sprintf( //nolint:gosec // names are of articles that were checked, and escaped
		`<svg class="pic" aria-hidden="true" focusable="false"><use href="%sstatic/pictures.svg?v=%s#%s"/></svg>`,
		v.Prefix, v.Build, template.HTMLEscapeString(name)))
}

func (s *Site) write(w http.ResponseWriter, r *http.Request, status int, v *view) {
	var b bytes.Buffer
	if err := s.page.Execute(&b, v); err != nil {
		s.Log.ErrorContext(r.Context(), "e-receipt's page", "err", err)
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // whoever is gone asks again
}
