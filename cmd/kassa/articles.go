package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kassa/kiosk/config"
	"kassa/kiosk/help"
	"kassa/store/catalog"
)

// maxArticle bounds a self-help article, in bytes: what nobody reads to its end
// helps nobody.
const maxArticle = 16 << 10

// articlesOf are the self-help articles: those that come with kassa, and over
// them the store's own from LANG/ID.md in its folder. An error names file and
// line.
func articlesOf(cfg *config.Lane) (*help.Library, error) {
	library := help.NewLibrary(catalog.Terms)
	shelf, err := help.Shelf()
	if err != nil {
		return nil, err
	}
	for _, a := range shelf {
		library.Add(a)
	}
	if cfg.Articles == "" {
		return library, nil
	}
	if _, err := os.Stat(cfg.Articles); err != nil {
		return nil, fmt.Errorf("%s: help.articles: %w: make the folder, with one for each language in it", cfg.File, err)
	}
	files, err := filepath.Glob(filepath.Join(cfg.Articles, "*", "*.md"))
	if err != nil {
		return nil, fmt.Errorf("%s: help.articles: %w", cfg.File, err)
	}
	for _, file := range files {
		a, err := articleOf(file)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(config.Shipped(), a.Lang) {
			return nil, fmt.Errorf("%s: %q is no language of kassa: want a folder of %s", file, a.Lang, strings.Join(config.Shipped(), ", "))
		}
		library.Add(a)
	}
	return library, nil
}

func articleOf(file string) (help.Article, error) {
	data, err := os.ReadFile(file) //nolint:gosec // the store's own folder
	if err != nil {
		return help.Article{}, fmt.Errorf("self-help article: %w", err)
	}
	if len(data) > maxArticle {
		return help.Article{}, fmt.Errorf("%s: has %d bytes, want at most %d", file, len(data), maxArticle)
	}
	lang := filepath.Base(filepath.Dir(file))
	a, err := help.ParseArticle(strings.TrimSuffix(filepath.Base(file), ".md"), lang, string(data))
	if err != nil {
		return a, fmt.Errorf("%s: %w", file, err)
	}
	return a, nil
}
