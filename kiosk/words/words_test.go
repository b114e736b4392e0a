package words

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// forms are CLDR's cardinal plural forms.
var forms = map[string][]string{
	"en": {"one", "other"},
	"fr": {"many", "one", "other"},
	"ar": {"few", "many", "one", "other", "two", "zero"},
	"id": {"other"},
}

// blame are words that a shopper must never read, in lower case.
var blame = map[string][]string{
	"en": {"error", "invalid", "illegal", "unexpected", "unauthor", "wrong", "fail", "forbid", "mistake", "must", "remove immediately", "not allowed", "theft"},
	"fr": {"erreur", "invalide", "illégal", "inattendu", "non autoris", "faute", "interdit", "incorrect", "échec", "échou", "devez", " vol "},
	"ar": {"خطأ", "خاطئ", "غير صالح", "غير متوقع", "ممنوع", "فشل", "غير مصرح", "يجب", "سرقة", "غير قانوني"},
	"id": {"kesalahan", "salah", "tidak valid", "ilegal", "dilarang", "gagal", "tak terduga", "tidak sah", "harus", "curi"},
}

// read returns the messages of a file: the text of each form by id.
func read(t *testing.T, lang string) map[string]map[string]string {
	t.Helper()
	var raw map[string]any
	if _, err := toml.DecodeFile(lang+".toml", &raw); err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for id, v := range raw {
		switch v := v.(type) {
		case string:
			all[id] = map[string]string{"": v}
		case map[string]any:
			all[id] = map[string]string{}
			for form, text := range v {
				all[id][form], _ = text.(string)
			}
		default:
			t.Errorf("%s: %s is a %T", lang, id, v)
		}
	}
	return all
}

func TestEveryLanguageIsComplete(t *testing.T) {
	en := read(t, "en")
	for _, lang := range Languages() {
		own := read(t, lang)
		for id := range en {
			if own[id] == nil {
				t.Errorf("%s: %s is missing", lang, id)
			}
		}
		for id, texts := range own {
			if en[id] == nil {
				t.Errorf("%s: %s is not in en", lang, id)
				continue
			}
			want := []string{""}
			if _, plain := en[id][""]; !plain {
				want = forms[lang]
			}
			if got := slices.Sorted(maps.Keys(texts)); !slices.Equal(got, want) {
				t.Errorf("%s: %s has the forms %q, want %q", lang, id, got, want)
			}
		}
	}
}

var placeholder = regexp.MustCompile(`\{\{[^}]*\}\}`)

func TestPlaceholdersAreTheSame(t *testing.T) {
	en := read(t, "en")
	of := func(s string) []string {
		return slices.Compact(slices.Sorted(slices.Values(placeholder.FindAllString(s, -1))))
	}
	for _, lang := range Languages() {
		for id, texts := range read(t, lang) {
			want := of(en[id][""] + en[id]["other"])
			for form, text := range texts {
				if got := of(text); !slices.Equal(got, want) {
					t.Errorf("%s: %s %s has %q, want %q", lang, id, form, got, want)
				}
			}
		}
	}
}

func TestWordingRules(t *testing.T) {
	sentences := regexp.MustCompile(`[.!?؟:]\s*`)
	for _, lang := range Languages() {
		for id, texts := range read(t, lang) {
			for _, text := range texts {
				if text == "" || strings.TrimSpace(text) != text || strings.ContainsAny(text, "<>&") {
					t.Errorf("%s: %s is %q, want text without markup or spaces around it", lang, id, text)
				}
				for _, word := range blame[lang] {
					if strings.Contains(strings.ToLower(text), word) {
						t.Errorf("%s: %s says %q: %q", lang, id, word, text)
					}
				}
				plain := placeholder.ReplaceAllString(text, "X")
				for _, s := range sentences.Split(plain, -1) {
					if n := len(strings.Fields(strings.ReplaceAll(s, "\u00a0", " "))); n > 12 {
						t.Errorf("%s: %s has a sentence of %d words, want at most 12: %q", lang, id, n, s)
					}
				}
			}
		}
	}
}

// An intervention says what is, what the shopper can do, and that there is help.
func TestInterventionsHaveThreeParts(t *testing.T) {
	en := read(t, "en")
	for id := range en {
		stem, ok := strings.CutSuffix(id, ".what")
		if !ok || stem == "parked" || stem == "out-of-order" {
			continue
		}
		family, _, _ := strings.Cut(stem, ".")
		for _, part := range []string{".do", ".help"} {
			if en[stem+part] == nil && en[family+part] == nil {
				t.Errorf("%s has no part %s", stem, part)
			}
		}
	}
}

// families are the ids that are put together from parts at run time.
var families = regexp.MustCompile(`^(hint|story|odds|discount|reason|failed|deed|need|device|closed|terminal|role|mode-of|group|unit|help\.[a-z]+|weigh\.(blocked|no-scale|light|heavy)|check|talk|online\.(reason|outcome|rate|gone|much|away|again)|console\.(way|does|area|lane|screen|order|priority|why)|thanks\.rate-\d|paying\.where-[a-z]+|[a-z-]+\.headline)(\.|$)`)

func TestEveryIDIsUsedAndEveryUsedIDIsThere(t *testing.T) {
	en := read(t, "en")
	used := map[string]bool{}
	literal := regexp.MustCompile(`"([a-z0-9-]+(?:\.[a-z0-9-]+)+)"`)
	called := regexp.MustCompile(`\.(?:T|N|Either) "([a-z0-9.-]+[a-z0-9-])"|\.(?:T|N)\("([a-z0-9.-]+[a-z0-9-])"[,)]`)
	var files []string
	for _, pattern := range []string{
		"../web/*.go", "../web/templates/*.html", "../receipt/*.go", "../receipt/online/*.go", "../receipt/online/*.html", "*.go",
		"../../store/hub/console/*.go", "../../store/hub/console/templates/*.html",
	} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllStringSubmatch(string(data), -1) {
			used[m[1]] = true
		}
		for _, m := range called.FindAllStringSubmatch(string(data), -1) {
			if id := m[1] + m[2]; en[id] == nil {
				t.Errorf("%s uses %s, which no language has", name, id)
			}
		}
	}
	for id := range en {
		if !used[id] && !families.MatchString(id) {
			t.Errorf("%s is used nowhere", id)
		}
	}
}
