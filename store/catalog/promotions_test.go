package catalog

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/basket"
)

const rules = `# what we have on
[[rule]]
id = "3for2"
name = "3 for 2"
name_fr = "3 pour 2"
kind = "n-for-m"
items = ["96385074", "group:yoghurt", "4011", "4006381333948"]
buy = 3
pay = 2

[[rule]]
id = "happy"
name = "Happy hour"
kind = "percent"
percent_ppm = 100000
from = 2026-11-22
until = 2026-11-23
days = "mon-fri"
hours = ["17:00-19:00", "08:00-09:00"]
members = true
coupon = "C1"
coupon_value = true
limit = 2
stack = true

[[rule]]
id = "once"
name = "Once"
kind = "amount"
items = ["4011"]
amount_minor = 10
from = 2026-11-22T08:00:00Z
until = "2026-11-22T09:00:00+00:00"

[[rule]]
id = "wall"
name = "Wall"
kind = "price"
items = ["4011"]
price_minor = 10
from = 2026-11-22T08:00:00
until = "2026-11-30"
`

func wall(t *testing.T, s string) basket.Wall {
	t.Helper()
	w, err := basket.ParseWall(s)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestPromotions(t *testing.T) {
	l := newLab(t)
	l.take(t, Options{}, "a.csv", assortment)
	sum := l.take(t, Options{Location: time.FixedZone("", 3600)}, "p.toml", "\ufeff"+rules)
	if sum.Promotions != 4 {
		t.Errorf("summary is %+v", sum)
	}
	got, err := l.Promotions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []basket.Promotion{
		{
			ID: "3for2", Name: "3 for 2", Names: map[string]string{"fr": "3 pour 2"}, Kind: basket.NForM, Buy: 3, Pay: 2,
			Items: []string{pen, "group:yoghurt", "plu:4011", "04006381333948"}, // the second code, the pack's
		},
		{
			ID: "happy", Name: "Happy hour", Kind: basket.Percent, PercentPPM: 100_000,
			From: wall(t, "2026-11-22"), Until: wall(t, "2026-11-24"), Days: 0b0111110,
			Hours: []basket.Hours{{From: 17 * 60, Until: 19 * 60}, {From: 8 * 60, Until: 9 * 60}}, Members: true,
			Coupon: "C1", Limit: 2, Stack: true, Claimed: true,
		},
		{
			ID: "once", Name: "Once", Kind: basket.Off, Amount: 10, Items: []string{"plu:4011"},
			From: wall(t, "2026-11-22T09:00"), Until: wall(t, "2026-11-22T10:00"),
		},
		{
			ID: "wall", Name: "Wall", Kind: basket.AtPrice, Price: 10, Items: []string{"plu:4011"},
			From: wall(t, "2026-11-22T08:00"), Until: wall(t, "2026-12-01"),
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if _, err := basket.NewRules(basket.Rules{Promotions: got}); err != nil {
		t.Error(err)
	}
	l.take(t, Options{Delta: true}, "d.toml", strings.ReplaceAll(rules[:strings.Index(rules, "[[rule]]\nid = \"happy")], "pay = 2", "pay = 1"))
	if got, err = l.Promotions(t.Context()); err != nil || len(got) != 4 || got[0].Pay != 1 {
		t.Errorf("after a delta: %+v, %v", got, err)
	}
	l.take(t, Options{}, "none.toml", "")
	if got, err = l.Promotions(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("after an empty file: %+v, %v", got, err)
	}
}

func TestPromotionsRefused(t *testing.T) {
	head := "[[rule]]\nid = \"x\"\nname = \"X\"\nkind = \"percent\"\npercent_ppm = 1\n"
	tests := []struct{ name, text, want string }{
		{"unknown key", head + "colour = 1\n", `p.toml:6: colour: unknown key; known are id,`},
		{"second rule", head + "\n" + strings.Replace(head, `"x"`, `"y"`, 1) + "buy = \"3\"\n", `p.toml:12: buy: write a whole number`},
		{"nested", "a = " + strings.Repeat("[{", 2_000_000), `p.toml: brackets nest too deep`},
		{"nested just so", "a = " + strings.Repeat("[", maxNested), `p.toml:1: `},
		{"top key", "colour = 1\n" + head, `p.toml: colour: unknown key; a file of promotions has`},
		{"single brackets", "[rule]\nid = \"x\"\n", `p.toml: rule: rules are written as [[rule]]`},
		{"no TOML", "[[rule]]\nid = x\n", `p.toml:2: `},
		{"twice", head + head, `p.toml:7: id: the id "x" stands twice`},
		{"decimals", head + "amount_minor = 1.5\n", `p.toml:6: amount_minor: write a whole number`},
		{"item", head + "items = [\"yoghurt\"]\n", `p.toml:6: items: item "yoghurt": want a GTIN`},
		{"items", head + "items = [1]\n", `p.toml:6: items: write a list of texts`},
		{"days", head + "days = \"monday\"\n", `p.toml:6: days: days "monday"`},
		{"hours", head + "hours = \"5pm\"\n", `p.toml:6: hours: hours "5pm"`},
		{"from", head + "from = \"tomorrow\"\n", `p.toml:6: from: time "tomorrow"`},
		{"from number", head + "from = 5\n", `p.toml:6: from: write a date`},
		{"from time", head + "from = 08:00:00\n", `p.toml:6: from: write a date as well`},
		{"members", head + "members = \"yes\"\n", `p.toml:6: members: write true or false`},
		{"name", strings.Replace(head, `"X"`, `""`, 1), `p.toml:3: name: the name is missing`},
		{"name number", strings.Replace(head, `"X"`, `5`, 1), `p.toml:3: name: write a text`},
		{"kind", strings.Replace(head, `"percent"`, `"half"`, 1), `p.toml:1: rule "x": kind is "half", want percent,`},
		{"no kind", "[[rule]]\nid = \"x\"\nname = \"X\"\n", `p.toml:1: rule "x": kind is ""`},
		{"no id", strings.Replace(head, `id = "x"`, ``, 1), `p.toml:1: a rule has no id`},
	}
	for _, tt := range tests {
		_, problems := parsePromotions("p.toml", tt.text, time.UTC)
		if !strings.Contains(problems.Error(), tt.want) {
			t.Errorf("%s: %v\nwant %s", tt.name, problems, tt.want)
		}
	}
}

func FuzzParsePromotions(f *testing.F) {
	f.Add(rules)
	f.Add("[[rule]]\nid = 1979-05-27\nitems = [[1]]\n")
	f.Add("rule = [1, {id = 2}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		all, problems := parsePromotions("f", text, time.UTC)
		if len(problems) > 0 {
			return
		}
		if _, err := basket.NewRules(basket.Rules{Promotions: all}); err != nil {
			t.Fatalf("what was read is refused: %v", err)
		}
	})
}

// A lane that starts again in a basket asks for the rules the basket began with.
func TestPromotionsOf(t *testing.T) {
	l := newLab(t)
	l.take(t, Options{}, "a.csv", assortment)
	rule := func(name string) {
		t.Helper()
		l.take(t, Options{}, "p.toml", "[[rule]]\nid = \"r\"\nname = \""+name+"\"\nkind = \"percent\"\npercent_ppm = 100000\nitems = [\"96385074\"]\n")
	}
	rule("Ten")
	ten, err := l.Promotions(t.Context())
	if err != nil || len(ten) != 1 || ten[0].Items[0] != pen {
		t.Fatalf("rules are %+v, %v", ten, err)
	}
	rule("Other")
	l.take(t, Options{}, "none.csv", "gtin,name,price_minor\n5000000000012,Beer,99\n") // the pen has no item any more
	for version, want := range map[int64]string{0: "", 1: "", 2: "Ten", 3: "Other", 4: "Other"} {
		all, known, err := l.PromotionsOf(t.Context(), version)
		if err != nil || !known || (len(all) > 0) != (want != "") || want != "" && all[0].Name != want {
			t.Errorf("version %d had %+v, %v, %v, want %s", version, all, known, err, want)
		}
		if version == 2 && !reflect.DeepEqual(all, ten) {
			t.Errorf("version 2 had %+v, want %+v", all, ten)
		}
	}
	for range keptPromotions + 1 {
		rule("Newer")
	}
	for _, version := range []int64{2, 4, 1000} {
		if _, known, err := l.PromotionsOf(t.Context(), version); known || err != nil {
			t.Errorf("version %d is known: %v", version, err)
		}
	}
}
