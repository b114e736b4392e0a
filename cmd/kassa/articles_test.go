package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kassa/kiosk/config"
	"kassa/kiosk/help"
)

func TestAStoresOwnArticles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	const good = "screens: basket\nabout: article.scan\nwords: flamingo\n---\n# Our flamingos\n1. They stand by the door. ![box](box)\n"
	write("fr/flamingo.md", good)
	write("en/scan.md", strings.Replace(good, "Our flamingos", "Our own scanner", 1))
	cfg := &config.Lane{File: "kassa.toml", Articles: dir}
	library, err := articlesOf(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if found := library.Search("FLAM", "fr", 3); len(found) != 1 || found[0].Title != "Our flamingos" {
		t.Errorf("found %+v", found)
	}
	if a, ok := library.Get("scan", "en", "en"); !ok || a.Title != "Our own scanner" {
		t.Errorf("the store's text does not win: %+v", a)
	}
	if all := library.Suggest(help.Moment{Screen: "weigh"}, "ar", 3); len(all) == 0 {
		t.Error("those that come with kassa are gone")
	}
	bad := write("en/bad.md", "screens: basket\nabut: article.scan\n---\n# X\n1. Y\n")
	if _, err := articlesOf(cfg); err == nil || !strings.Contains(err.Error(), bad) || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a wrong key: %v", err)
	}
	if err := os.Remove(bad); err != nil {
		t.Fatal(err)
	}
	write("de/scan.md", good)
	if _, err := articlesOf(cfg); err == nil || !strings.Contains(err.Error(), "language") {
		t.Errorf("a language that is none: %v", err)
	}
	if _, err := articlesOf(&config.Lane{File: "kassa.toml", Articles: filepath.Join(dir, "none")}); err == nil || !strings.Contains(err.Error(), "help.articles") {
		t.Errorf("no folder: %v", err)
	}
}
