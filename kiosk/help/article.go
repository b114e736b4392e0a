package help

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An Article is a self-help article in one language: a question, and the steps
// that answer it.
type Article struct {
	ID    string
	Lang  string
	Title string
	Steps []Step
	// Acts are what can be touched there and then to solve it: the lane's own
	// acts with a value, "weigh:again", "own-bag".
	Acts    []string
	About   []Reason // what it helps with
	Screens []string // where it fits
	Hints   []string // on which hints it fits
	Groups  []string // of articles it fits to
	Words   []string // other words people search by
	Body    string   // as written, for a page that shows all of it
}

// A Step is one thing to do, perhaps with a picture of ours.
type Step struct {
	Text    string
	Picture string
}

// maxArticle is the longest article file, in bytes: people read it standing.
const maxArticle = 8 << 10

// ParseArticle reads an article: a head of `key: words` lines, a line of three
// dashes, a title after "# ", and numbered steps, each perhaps with a picture
// "![what it shows](name)". An error names the line.
//
//	screens: basket find
//	hints: unknown
//	about: article.scan
//	acts: find
//	words: code sticker
//	---
//	# The scanner does not read my item
//	1. Smooth the code. ![a hand smooths a bag](smooth)
func ParseArticle(id, lang, text string) (Article, error) {
	a := Article{ID: id, Lang: lang}
	if len(text) > maxArticle {
		return a, fmt.Errorf("article %s: %d bytes are too many, %d at most", id, len(text), maxArticle)
	}
	text = strings.TrimPrefix(strings.ReplaceAll(text, "\r\n", "\n"), "\ufeff")
	head, body, ok := strings.Cut(text, "\n---\n")
	if !ok {
		return a, fmt.Errorf("article %s: no line of three dashes between head and text", id)
	}
	for i, line := range strings.Split(head, "\n") {
		if err := a.head(line); err != nil {
			return a, fmt.Errorf("article %s: line %d: %w", id, i+1, err)
		}
	}
	first := strings.Count(head, "\n") + 3
	for i, line := range strings.Split(body, "\n") {
		if err := a.line(strings.TrimSpace(line)); err != nil {
			return a, fmt.Errorf("article %s: line %d: %w", id, first+i, err)
		}
	}
	a.Body = strings.TrimSpace(body)
	if a.Title == "" || len(a.Steps) == 0 {
		return a, fmt.Errorf("article %s: it wants a title after %q and a step after %q", id, "# ", "1. ")
	}
	return a, nil
}

func (a *Article) head(line string) error {
	key, value, ok := strings.Cut(line, ":")
	if !ok {
		if strings.TrimSpace(line) == "" {
			return nil
		}
		return errors.New("not of the form key: words")
	}
	words := strings.Fields(value)
	switch strings.TrimSpace(key) {
	case "screens":
		a.Screens = words
	case "hints":
		a.Hints = words
	case "groups":
		a.Groups = words
	case "acts":
		a.Acts = words
	case "words":
		a.Words = words
	case "about":
		for _, w := range words {
			if !Reason(w).Valid() {
				return fmt.Errorf("%q is no reason", w)
			}
			a.About = append(a.About, Reason(w))
		}
	default:
		return fmt.Errorf("key %q is not known: screens, hints, groups, about, acts, words", key)
	}
	return nil
}

func (a *Article) line(line string) error {
	if line == "" {
		return nil
	}
	if title, ok := strings.CutPrefix(line, "# "); ok {
		if a.Title != "" {
			return errors.New("a second title")
		}
		a.Title = strings.TrimSpace(title)
		return nil
	}
	number, text, ok := strings.Cut(line, ". ")
	if !ok || number == "" || strings.Trim(number, "0123456789") != "" {
		if len(a.Steps) == 0 {
			return errors.New("neither a title nor a step")
		}
		a.Steps[len(a.Steps)-1].Text += " " + line
		return nil
	}
	a.Steps = append(a.Steps, step(text))
	return nil
}

// step takes the picture out of a step's text.
func step(text string) Step {
	before, rest, ok := strings.Cut(text, "![")
	if !ok {
		return Step{Text: strings.TrimSpace(text)}
	}
	_, rest, _ = strings.Cut(rest, "](")
	name, after, _ := strings.Cut(rest, ")")
	return Step{Text: strings.TrimSpace(strings.TrimSpace(before) + " " + strings.TrimSpace(after)), Picture: name}
}

// A Moment is what the lane knows when help is asked for.
type Moment struct {
	Screen string
	Hint   string
	Reason Reason // of what waits for a person, "" for nothing
	Group  string // of the article last entered or looked at
}

// A Library is the self-help articles of a store in all its languages.
type Library struct {
	articles []Article // in the order they were added
	terms    func(text string) []string
	index    map[string]indexed // by id and language
}

// indexed are the folded words of an article. A title says more than a step.
type indexed struct{ title, text []string }

// NewLibrary makes a library. Terms folds a text into the words it is found by,
// the same for what is written and for what is typed; it is handed in because
// the store's other look-up has it already.
func NewLibrary(terms func(text string) []string) *Library {
	return &Library{terms: terms, index: map[string]indexed{}}
}

// Add puts an article in, over one with the same id and language: a store's own
// text wins over the one that came with kassa.
func (l *Library) Add(a Article) {
	text := slices.Clone(a.Words)
	for _, s := range a.Steps {
		text = append(text, s.Text)
	}
	l.index[a.ID+"/"+a.Lang] = indexed{title: l.terms(a.Title), text: l.terms(strings.Join(text, " "))}
	for i, have := range l.articles {
		if have.ID == a.ID && have.Lang == a.Lang {
			l.articles[i] = a
			return
		}
	}
	l.articles = append(l.articles, a)
}

// Get returns an article in a language, or in the fallback where it is missing.
func (l *Library) Get(id, lang, fallback string) (Article, bool) {
	for _, want := range []string{lang, fallback} {
		for _, a := range l.articles {
			if a.ID == id && a.Lang == want {
				return a, true
			}
		}
	}
	return Article{}, false
}

// Suggest returns the articles that fit a moment best, at most n. What just
// happened says more than where it happened; among equals the order of adding.
func (l *Library) Suggest(m Moment, lang string, n int) []Article {
	return l.best(lang, n, func(a Article) int {
		score := 0
		if m.Hint != "" && slices.Contains(a.Hints, m.Hint) {
			score += 8
		}
		if m.Reason != "" && slices.ContainsFunc(a.About, func(r Reason) bool { return r == m.Reason || r == m.Reason.Area() }) {
			score += 6
		}
		if m.Group != "" && slices.Contains(a.Groups, m.Group) {
			score += 3
		}
		if slices.Contains(a.Screens, m.Screen) {
			score += 4
		}
		return score
	})
}

// Search returns the articles that a shopper's words lead to, the best first. A
// word counts when an article's word begins with it, so that it finds while she
// types; every word must be found somewhere. None found is a gap in what the
// store knows: the caller keeps the words.
func (l *Library) Search(query, lang string, n int) []Article {
	words := l.terms(query)
	if len(words) == 0 {
		return nil
	}
	return l.best(lang, n, func(a Article) int {
		in := l.index[a.ID+"/"+a.Lang]
		score := 0
		for _, w := range words {
			hits := 3*found(in.title, w) + found(in.text, w)
			if hits == 0 {
				return 0
			}
			score += hits
		}
		return score
	})
}

// found is 2 if a word stands among those there, 1 if one of them begins with it.
func found(there []string, word string) int {
	if slices.Contains(there, word) {
		return 2
	}
	if slices.ContainsFunc(there, func(have string) bool { return strings.HasPrefix(have, word) }) {
		return 1
	}
	return 0
}

// best returns the n articles of a language with the highest score above 0.
func (l *Library) best(lang string, n int, score func(Article) int) []Article {
	type scored struct {
		Article
		score int
	}
	var all []scored
	for _, a := range l.articles {
		if a.Lang != lang {
			continue
		}
		if s := score(a); s > 0 {
			all = append(all, scored{a, s})
		}
	}
	slices.SortStableFunc(all, func(a, b scored) int { return b.score - a.score })
	var out []Article
	for _, s := range all[:min(n, len(all))] {
		out = append(out, s.Article)
	}
	return out
}
