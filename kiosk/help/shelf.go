package help

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed articles
var shelf embed.FS

// Languages are those the articles that come with kassa are written in.
func Languages() []string { return []string{"en", "fr", "ar", "id"} }

// Shelf returns the articles that come with kassa, each in every language.
func Shelf() ([]Article, error) {
	var all []Article
	for _, lang := range Languages() {
		files, err := shelf.ReadDir("articles/" + lang)
		if err != nil {
			return nil, fmt.Errorf("help: articles in %s: %w", lang, err)
		}
		for _, f := range files {
			text, err := shelf.ReadFile("articles/" + lang + "/" + f.Name())
			if err != nil {
				return nil, fmt.Errorf("help: %w", err)
			}
			a, err := ParseArticle(strings.TrimSuffix(f.Name(), ".md"), lang, string(text))
			if err != nil {
				return nil, fmt.Errorf("help: %s: %w", lang, err)
			}
			all = append(all, a)
		}
	}
	return all, nil
}

// Gaps names what a library lacks: an article that one language has and another
// does not. A store that adds its own sees what is still to be translated.
func Gaps(all []Article, languages []string) []string {
	have := map[string]bool{}
	var ids, gaps []string
	for _, a := range all {
		have[a.ID+"/"+a.Lang] = true
		if !slices.Contains(ids, a.ID) {
			ids = append(ids, a.ID)
		}
	}
	for _, id := range ids {
		for _, lang := range languages {
			if !have[id+"/"+lang] {
				gaps = append(gaps, lang+"/"+id)
			}
		}
	}
	slices.Sort(gaps)
	return gaps
}
