package catalog

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/basket"
)

const header = "gtin,plu,name,name_fr,name_ar,name_id,price_minor,per,tax,age,weight_g,weight_sd_g,tare_g,deposit_minor,group,flags,picture,synonyms\n"

const assortment = "\ufeff" + header +
	`4006381333931 96385074 4006381333948*6,,Felt pen,Feutre,قلم,Spidol,129,,B,,12.5,0.4,,,office,,pen.svg,marker` + "\r\n" +
	`,4011,Bananas,Bananes,مَوْز,Pisang,199,kg,A,,,,5,,fruit,,banana.svg,` + "\r\n" +
	`,3000,Apples,"Pommes, rouges",التفاح,Apel,249,kg,A,,,,,,fruit,no-bag ask-quantity,,` + "\r\n" +
	`2000000000015,,Crème brûlée,,,,350,each,A,,,,,,dessert,,,` + "\r\n" +
	`5000000000012,,Beer,Bière,,Bir,99,each,B,16,512,3,,25,drinks,,,lager pils` + "\r\n" +
	`5000000000029,,Razor,,,,899,each,B,,,,,,care,attendant-only remove-tag,,` + "\r\n" +
	`5000000000036,,Old milk,,,,89,each,A,,,,,,dairy,sale-stop,,` + "\r\n"

const pen = "04006381333931"

// A lab is a catalogue in a folder of its own, at a time that a test sets.
type lab struct {
	*Catalog
	dir string
	at  time.Time
}

func newLab(t testing.TB) *lab {
	t.Helper()
	l := &lab{dir: t.TempDir(), at: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	c, err := Open(t.Context(), filepath.Join(l.dir, "data"), Clock(func() time.Time { return l.at }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	l.Catalog = c
	return l
}

func (l *lab) file(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(l.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (l *lab) take(t testing.TB, opts Options, name, text string) Summary {
	t.Helper()
	sum, err := l.Import(t.Context(), []string{l.file(t, name, text)}, opts, nil)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func (l *lab) get(t testing.TB, code string) basket.Article {
	t.Helper()
	look := l.Lookup
	if len(code) < 8 {
		look = l.LookupPLU
	}
	a, found, err := look(t.Context(), code)
	if err != nil || !found {
		t.Fatalf("look up %s: %v, %v", code, found, err)
	}
	return a
}

func TestLookup(t *testing.T) {
	l := newLab(t)
	if v, err := l.Version(t.Context()); err != nil || v != 0 {
		t.Errorf("an empty catalogue has version %d, %v", v, err)
	}
	if _, found, err := l.Lookup(t.Context(), pen); found || err != nil {
		t.Errorf("an empty catalogue finds something: %v", err)
	}
	sum := l.take(t, Options{}, "a.csv", assortment)
	if sum != (Summary{Version: 1, Articles: 7}) {
		t.Errorf("summary is %+v", sum)
	}
	want := basket.Article{
		GTIN: pen, Item: pen, Name: "Felt pen", Names: map[string]string{"fr": "Feutre", "ar": "قلم", "id": "Spidol"},
		Price: 129, Tax: "B", MeanMg: 12500, SDMg: 400, Group: "office", Picture: "pen.svg",
	}
	if got := l.get(t, pen); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	want.GTIN = "00000096385074"
	if got := l.get(t, want.GTIN); !reflect.DeepEqual(got, want) {
		t.Errorf("second code: got %+v", got)
	}
	// Six pens: 6 x 129 and 6 x 12.5 g; 0.4 g x root of 6 = 0.9798 g.
	want.GTIN, want.Pack, want.Price, want.MeanMg, want.SDMg = "04006381333948", 6, 774, 75000, 979
	if got := l.get(t, want.GTIN); !reflect.DeepEqual(got, want) {
		t.Errorf("pack: got %+v", got)
	}
	bananas := l.get(t, "4011")
	if bananas.GTIN != "" || bananas.Item != "plu:4011" || bananas.Per != basket.PerKilogram || bananas.Tare != 5 {
		t.Errorf("bananas are %+v", bananas)
	}
	if a := l.get(t, "3000"); a.Flags != basket.NoBag|basket.AskQuantity || a.Names["fr"] != "Pommes, rouges" {
		t.Errorf("apples are %+v", a)
	}
	if a := l.get(t, "05000000000012"); a.Age != 16 || a.Deposit != 25 {
		t.Errorf("beer is %+v", a)
	}
	classes, err := l.TaxClasses(t.Context())
	if err != nil || !slices.Equal(classes, []string{"A", "B"}) {
		t.Errorf("tax classes are %v, %v", classes, err)
	}
	groups, err := l.Groups(t.Context())
	if err != nil || !slices.Equal(groups, []string{"care", "dairy", "dessert", "drinks", "fruit", "office"}) {
		t.Errorf("groups are %v, %v", groups, err)
	}
}

// A crate costs its bottles, their deposit and its own; it comes back so, too.
func TestCrate(t *testing.T) {
	l := newLab(t)
	crate, empty := gtinOf(20), gtinOf(21)
	text := "gtin,name,price_minor,deposit_minor\n5000000000012 " + crate + "*20+150 " + empty + "*1+150,Beer,99,8\n"
	for _, opts := range []Options{{}, {Delta: true}} {
		l.take(t, opts, "a.csv", text)
		for code, want := range map[string]basket.Article{
			"05000000000012": {Price: 99, Deposit: 8},
			"0" + crate:      {Price: 1980, Deposit: 310, Pack: 20},
			"0" + empty:      {Price: 99, Deposit: 158},
		} {
			if a := l.get(t, code); a.Price != want.Price || a.Deposit != want.Deposit || a.Pack != want.Pack {
				t.Errorf("%s costs %d and %d deposit for %d", code, a.Price, a.Deposit, a.Pack)
			}
		}
	}
	var out bytes.Buffer
	if err := l.Export(t.Context(), &out); err != nil || !strings.Contains(out.String(), crate+"*20+150") {
		t.Errorf("export is %s, %v", &out, err)
	}
}

func TestImportRefuses(t *testing.T) {
	row := func(gtin string) string { return gtin + ",,Pen,,,,129,,,,,,,,,,,\n" }
	tests := []struct{ name, text, want string }{
		{"price with decimals", header + "4006381333931,,Pen,,,,1.29,,,,,,,,,,,\n", `f.csv:2: price_minor: "1.29" has decimals; write whole minor units, such as 129 for 1.29`},
		{"no price", header + "4006381333931,,Pen,,,,,,,,,,,,,,,\n", `f.csv:2: price_minor: the price is missing`},
		{"huge price", header + "4006381333931,,Pen,,,,99999999999999999999999,,,,,,,,,,,\n", `f.csv:2: price_minor: "99999999999999999999999" is too large`},
		{"negative price", header + "4006381333931,,Pen,,,,-1,,,,,,,,,,,\n", `f.csv:2: price_minor: "-1" is not a whole number`},
		{"no name", header + "4006381333931,,,,,,129,,,,,,,,,,,\n", `f.csv:2: name: the name is missing`},
		{"check digit", header + row("4006381333932"), `f.csv:2: gtin: "4006381333932" has the wrong check digit; it ends in 1`},
		{"short code", header + row("400638133393"), `f.csv:2: gtin: "400638133393" has the wrong check digit`},
		{"lost zeros", header + row("1234567"), `f.csv:2: gtin: "1234567" has 7 digits`},
		{"letters", header + row("40063813339A1"), `f.csv:2: gtin: "40063813339A1" is not a number`},
		{"no code", header + row(""), `f.csv:2: gtin: gtin and plu are both empty`},
		{"pack", header + row("4006381333931*x"), `f.csv:2: gtin: "4006381333931*x": a pack is written GTIN*6`},
		{"crate", header + row("4006381333931*6+1.50"), `f.csv:2: gtin: "4006381333931*6+1.50": a crate's own deposit is written GTIN*6+150`},
		{"crate of nothing", header + row("4006381333931+150"), `f.csv:2: gtin: "4006381333931+150" is not a number`},
		{"weighed pack", header + "4006381333931*2,,Pen,,,,129,kg,,,,,,,,,,\n", `f.csv:2: gtin: a pack of what is sold by weight`},
		{"twice", header + row("4006381333931") + row("4006381333931"), `f.csv:3: gtin: 4006381333931 stands in line 2 already`},
		{"second code twice", header + row("5000000000012 4006381333931") + row("96385074 4006381333931"), `f.csv:3: gtin: 4006381333931 stands in line 2 already`},
		{"twice in a line", header + row("4006381333931 4006381333931"), `f.csv:2: gtin: 4006381333931 stands in this line twice`},
		{"per", header + "4006381333931,,Pen,,,,129,pound,,,,,,,,,,\n", `f.csv:2: per: "pound" is unknown; write each, kg, lb or 100g`},
		{"flag", header + "4006381333931,,Pen,,,,129,,,,,,,,,no-bags,,\n", `f.csv:2: flags: "no-bags" is unknown; known are no-bag,`},
		{"weight", header + "4006381333931,,Pen,,,,129,,,,12.3456,,,,,,,\n", `f.csv:2: weight_g: "12.3456" is not a weight in grams`},
		{"plu", header + ",40x1,Pen,,,,129,,,,,,,,,,,\n", `f.csv:2: plu: "40x1" is not a number of up to 6 digits`},
		{"picture", header + "4006381333931,,Pen,,,,129,,,,,,,,,,../../etc/passwd,\n", `f.csv:2: picture: "../../etc/passwd" is no file name`},
		{"direction", header + "4006381333931,,Pen\u202e,,,,129,,,,,,,,,,,\n", `f.csv:2: name: "Pen\u202e" has a line break, tab, control or direction character`},
		{"line break", header + "4006381333931,,\"Pen\nred\",,,,129,,,,,,,,,,,\n", `f.csv:2: name: "Pen\nred" has a line break`},
		{"not UTF-8", header + "4006381333931,,P\xe9n,,,,129,,,,,,,,,,,\n", `f.csv:2: name: "P\xe9n" is not UTF-8`},
		{"fields", header + "4006381333931,,Pen\n", `f.csv:2: the line has 3 fields, the header 18`},
		{"quote", header + "4006381333931,,P\"en,,,,129,,,,,,,,,,,\n", `f.csv:2: a double quote stands alone`},
		{"open quote", header + "4006381333931,,\"Pen,,,,129,,,,,,,,,,,\n\n\n", `a double quote of line 2 is not closed`},
		{"later line", header + "\n\n" + row("4006381333932"), `f.csv:4: gtin:`},
		{"unknown column", "gtin,name,price_minor,colour\n", `f.csv:1: "colour": unknown column; known are gtin,`},
		{"column twice", "gtin,name,price_minor,gtin\n", `f.csv:1: "gtin": the column stands twice`},
		{"missing column", "gtin,name\n", `f.csv:1: price_minor: the column is missing`},
		{"no code column", "name,price_minor\n", `f.csv:1: gtin: neither gtin nor plu is a column`},
		{"semicolons", "gtin;name;price_minor\n", `f.csv:1: columns are separated by semicolons`},
		{"empty", "", `f.csv:1: the file is empty`},
		{"UTF-16", "\xff\xfeg\x00", `f.csv:1: the file is in UTF-16`},
		{"price of nothing", "gtin,price_minor,valid_from\n96385074,100,2026-11-22\n", `f.csv:2: gtin: no article has the code 00000096385074`},
		{"bad time", "gtin,price_minor,valid_from\n4006381333931,100,22.11.2026\n", `f.csv:2: valid_from: "22.11.2026" is no time`},
		{"ends first", "gtin,price_minor,valid_from,valid_until\n4006381333931,100,2026-11-22,2026-11-20\n", `f.csv:2: valid_until: it ends before it begins`},
		{"members", "gtin,price_minor,members\n4006381333931,100,perhaps\n", `f.csv:2: members: "perhaps" is neither yes nor no`},
	}
	l := newLab(t)
	l.take(t, Options{}, "good.csv", header+row("4006381333931"))
	for _, tt := range tests {
		_, err := l.Import(t.Context(), []string{l.file(t, "f.csv", tt.text)}, Options{}, nil)
		var wrong FileErrors
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v\nwant %s", tt.name, err, tt.want)
		}
		if v, err := l.Version(t.Context()); err != nil || v != 1 {
			t.Fatalf("%s: version %d, %v", tt.name, v, err)
		}
		if a := l.get(t, pen); a.Name != "Pen" {
			t.Fatalf("%s: the pen is %+v", tt.name, a)
		}
	}
}

func TestManyErrors(t *testing.T) {
	l := newLab(t)
	text := header + strings.Repeat("4006381333932,,,,,,1.5,,,,,,,,,,,\n", 100)
	_, err := l.Import(t.Context(), []string{l.file(t, "f.csv", text)}, Options{}, nil)
	wrong, ok := errors.AsType[FileErrors](err)
	if !ok || len(wrong) < maxProblems || len(wrong) > maxProblems+2 || wrong[3].Line != 3 {
		t.Errorf("%d problems: %v", len(wrong), err)
	}
}

// What reading a file finds wrong and what writing it does are named in the order
// of lines, the same each time.
func TestProblemsInOrder(t *testing.T) {
	l := newLab(t)
	var text strings.Builder
	text.WriteString("gtin,name,price_minor\n")
	for i := range 6 * atOnce {
		switch code := gtinOf(i); i {
		case atOnce + 5:
			fmt.Fprintf(&text, "%s,Twice,100\n", gtinOf(3))
		case 5 * atOnce:
			fmt.Fprintf(&text, "%s,Dear,1.5\n", code)
		case 5*atOnce + 2: // behind the first that cannot be read: nobody writes it
			fmt.Fprintf(&text, "%s,Twice,100\n", gtinOf(3))
		case 5*atOnce + 3:
			fmt.Fprintf(&text, "%s,,1\n", code)
		default:
			fmt.Fprintf(&text, "%s,Pen,100\n", code)
		}
	}
	file := l.file(t, "a.csv", text.String())
	for range 5 {
		_, err := l.Import(t.Context(), []string{file}, Options{}, nil)
		want := fmt.Sprintf("%[1]s:%[2]d: gtin: %[3]s stands in line 5 already; a code belongs to one article\n"+
			"%[1]s:%[4]d: price_minor: \"1.5\" has decimals; write whole minor units, such as 129 for 1.29\n%[1]s:%[5]d: name: the name is missing",
			file, atOnce+7, strings.TrimLeft(gtinOf(3), "0"), 5*atOnce+2, 5*atOnce+5)
		if err == nil || err.Error() != want {
			t.Fatalf("error is\n%v\nwant\n%s", err, want)
		}
	}
}

// All or nothing over several files, whatever their order.
func TestSeveralFiles(t *testing.T) {
	l := newLab(t)
	articles := l.file(t, "a.csv", assortment)
	more := l.file(t, "b.csv", "gtin,name,price_minor,x_buyer\n4012345678901,Glue,299,Anna\n")
	prices := l.file(t, "p.csv", "gtin,plu,price_minor,per,valid_from,valid_until,members\n,4011,149,,,,\n4012345678901,,199,,,,\n")
	recalls := l.file(t, "r.csv", "gtin,lot,serial,valid_from,valid_until,text,text_fr,text_ar,text_id\n5000000000012,L1,,,,Glass in it,Verre,,\n")
	rules := l.file(t, "p.toml", "[[rule]]\nid = \"r\"\nname = \"Ten\"\nkind = \"percent\"\npercent_ppm = 100000\n")
	sum, err := l.Import(t.Context(), []string{prices, recalls, rules, more, articles}, Options{}, nil)
	if err != nil || sum != (Summary{1, 8, 2, 1, 1}) {
		t.Fatalf("summary is %+v, %v", sum, err)
	}
	bad := l.file(t, "bad.toml", "[[rule]]\nid = \"r\"\n")
	if _, err := l.Import(t.Context(), []string{more, bad}, Options{}, nil); err == nil {
		t.Fatal("a bad rule passes")
	}
	if a := l.get(t, "4011"); a.Price != 149 {
		t.Errorf("the bananas cost %d", a.Price)
	}
	twice := l.file(t, "c.csv", "gtin,name,price_minor\n4012345678901,Glue,299\n")
	_, err = l.Import(t.Context(), []string{more, twice}, Options{}, nil)
	if err == nil || !strings.Contains(err.Error(), "b.csv:2 already") {
		t.Errorf("the same code in two files: %v", err)
	}
	// A full import of articles leaves the rest.
	l.take(t, Options{}, "again.csv", assortment)
	if a := l.get(t, "4011"); a.Price != 149 {
		t.Errorf("the bananas cost %d", a.Price)
	}
	if _, found, err := l.Lookup(t.Context(), "04012345678901"); found || err != nil {
		t.Errorf("the glue is still there: %v", err)
	}
	for _, files := range [][]string{nil, {l.dir}, {filepath.Join(l.dir, "nowhere.csv")}} {
		if _, err := l.Import(t.Context(), files, Options{}, nil); err == nil {
			t.Errorf("importing %v passes", files)
		}
	}
}

func TestDelta(t *testing.T) {
	l := newLab(t)
	delta := Options{Delta: true}
	l.take(t, Options{}, "a.csv", assortment)
	sum := l.take(t, delta, "d.csv", "gtin,plu,name,price_minor,per\n96385074 4012345678901,,Ink pen,139,\n,4011,Bananas,179,kg\n")
	if sum != (Summary{Version: 2, Articles: 2}) {
		t.Errorf("summary is %+v", sum)
	}
	if a := l.get(t, "04012345678901"); a.Name != "Ink pen" || a.Item != "00000096385074" {
		t.Errorf("the pen is %+v", a)
	}
	if _, found, err := l.Lookup(t.Context(), pen); found || err != nil {
		t.Errorf("a code that the new row has not is still there: %v", err)
	}
	if a := l.get(t, "4011"); a.Price != 179 {
		t.Errorf("the bananas cost %d", a.Price)
	}
	if a := l.get(t, "05000000000012"); a.Name != "Beer" {
		t.Errorf("the beer is %+v", a)
	}
	if found, err := l.Search(t.Context(), "fr", "feutre", 5); err != nil || len(found) != 0 {
		t.Errorf("the old name is still found: %v, %v", found, err)
	}
	for text, want := range map[string]string{
		"gtin,name,price_minor\n5000000000012 5000000000029,Both,1\n":               "two articles so far",
		"gtin,name,price_minor\n5000000000012,One,1\n5000000000012,Other,1\n":       "stands in line 2 already",
		"gtin,name,price_minor\n4012345678918,One,1\n4012345678918,Other again,1\n": "stands in line 2 already",
	} {
		_, err := l.Import(t.Context(), []string{l.file(t, "d.csv", text)}, delta, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestPricesToCome(t *testing.T) {
	l := newLab(t)
	zone := time.FixedZone("", 3600)
	l.take(t, Options{}, "a.csv", assortment)
	l.take(t, Options{Location: zone}, "p.csv", `gtin,plu,price_minor,per,valid_from,valid_until,members
4006381333931,,119,each,2026-11-23,2026-11-24,
96385074,,109,,2026-11-24T08:00:00+01:00,2026-11-24T10:00:00+01:00,no
,4011,149,kg,,,yes
,3000,39,each,,,
,3000,35,kg,,,yes
`)
	for _, tt := range []struct {
		at   string
		want int64
	}{
		{"2026-11-22T23:59:59+01:00", 129},
		{"2026-11-23T00:00:00+01:00", 119},
		{"2026-11-24T08:00:00+01:00", 109},
		{"2026-11-24T10:00:00+01:00", 119},
		{"2026-11-24T23:59:59+01:00", 119},
		{"2026-11-25T00:00:00+01:00", 129},
	} {
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		l.at = at
		if a := l.get(t, pen); int64(a.Price) != tt.want {
			t.Errorf("at %s the pen costs %d, want %d", tt.at, a.Price, tt.want)
		}
	}
	if a := l.get(t, "4011"); a.Price != 199 || a.Member != 149 {
		t.Errorf("bananas cost %d, members %d", a.Price, a.Member)
	}
	// A member price by the kilogram says nothing about apples by the piece.
	if a := l.get(t, "3000"); a.Price != 39 || a.Per != basket.Each || a.Member != 0 {
		t.Errorf("apples cost %d by %d, members %d", a.Price, a.Per, a.Member)
	}
}

func TestRecalled(t *testing.T) {
	l := newLab(t)
	l.take(t, Options{}, "r.csv", `gtin,lot,serial,valid_from,valid_until,text,text_fr
5000000000012,L1,,,,Lot one,Lot un
5000000000012,,S9,,,Serial nine,
5000000000029,,,2026-11-23,,All of it,
5000000000036,,,,2026-11-21,No longer,
`)
	tests := []struct{ gtin, lot, serial, want string }{
		{"05000000000012", "L1", "", "Lot one"},
		{"05000000000012", "L1", "S9", "Lot one"},
		{"05000000000012", "L2", "S9", "Serial nine"},
		{"05000000000012", "", "", ""},
		{"05000000000029", "", "", ""},
		{"05000000000036", "", "", ""},
	}
	check := func(gtin, lot, serial, want string) {
		t.Helper()
		r, found, err := l.Recalled(t.Context(), gtin, lot, serial)
		if err != nil || found != (want != "") || r.Text != want {
			t.Errorf("recall of %s %q %q is %+v, %v, %v, want %q", gtin, lot, serial, r, found, err, want)
		}
		if want == "Lot one" && r.Texts["fr"] != "Lot un" {
			t.Errorf("texts are %v", r.Texts)
		}
	}
	for _, tt := range tests {
		check(tt.gtin, tt.lot, tt.serial, tt.want)
	}
	l.at = l.at.Add(24 * time.Hour)
	check("05000000000029", "X", "Y", "All of it")
}

// While a basket is held, an import changes nothing but sale stops and recalls.
func TestHold(t *testing.T) {
	l := newLab(t)
	l.take(t, Options{}, "a.csv", assortment)
	if err := l.Hold(t.Context()); err != nil {
		t.Fatal(err)
	}
	other, err := Open(t.Context(), filepath.Join(l.dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	dearer := strings.NewReplacer("129", "139", "199,kg", "209,kg", ",fruit,,banana.svg", ",fruit,sale-stop,banana.svg").Replace(assortment)
	if _, err := other.Import(t.Context(), []string{l.file(t, "b.csv", dearer)}, Options{}, nil); err != nil {
		t.Fatal(err)
	}
	l.take(t, Options{}, "p.csv", "gtin,price_minor,valid_from\n4006381333931,1,2026-11-22T13:00:00Z\n")
	l.at = l.at.Add(2 * time.Hour)
	if a := l.get(t, pen); a.Price != 129 {
		t.Errorf("the held price is %d", a.Price)
	}
	if a := l.get(t, "4011"); a.Price != 199 || !a.Flags.Has(basket.SaleStop) {
		t.Errorf("held bananas cost %d, flags %d", a.Price, a.Flags)
	}
	if v, err := l.Version(t.Context()); err != nil || v != 3 {
		t.Errorf("version is %d, %v", v, err)
	}
	if found, err := l.Search(t.Context(), "en", "felt", 5); err != nil || len(found) != 1 || found[0].Price != 129 {
		t.Errorf("a held search finds %+v, %v", found, err)
	}
	for range 2 {
		if err := errors.Join(l.Hold(t.Context()), l.Release(), l.Release()); err != nil {
			t.Fatal(err)
		}
	}
	if a := l.get(t, pen); a.Price != 1 {
		t.Errorf("the new price is %d", a.Price)
	}
}

func TestExportComesBack(t *testing.T) {
	l := newLab(t)
	l.take(t, Options{}, "a.csv", assortment)
	var first, second bytes.Buffer
	if err := l.Export(t.Context(), &first); err != nil {
		t.Fatal(err)
	}
	l.take(t, Options{}, "b.csv", first.String())
	if err := l.Export(t.Context(), &second); err != nil {
		t.Fatal(err)
	}
	if first.String() != second.String() {
		t.Errorf("first\n%s\nsecond\n%s", &first, &second)
	}
	if want := "4006381333931 96385074 4006381333948*6,,Felt pen,قلم,Feutre,Spidol,129,each,B,,12.5,0.4,,,office,,pen.svg,marker\n"; !strings.Contains(first.String(), want) {
		t.Errorf("export is\n%s\nwant a line\n%s", &first, want)
	}
	if err := l.Export(t.Context(), fullDisk{}); !errors.Is(err, errFull) {
		t.Errorf("on a full disk: %v", err)
	}
}

var errFull = errors.New("no space")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

// An import that is cut leaves the version before.
func TestImportCancelled(t *testing.T) {
	l := newLab(t)
	l.take(t, Options{}, "a.csv", assortment)
	var text strings.Builder
	text.WriteString("gtin,plu,name,price_minor\n")
	for i := range 20_000 {
		fmt.Fprintf(&text, ",%d,Article %d,100\n", 100_000+i, i)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	calls := 0
	_, err := l.Import(ctx, []string{l.file(t, "b.csv", text.String())}, Options{}, func(done, total int64) {
		if calls++; done > total/2 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || calls == 0 {
		t.Errorf("after %d calls: %v", calls, err)
	}
	if v, err := l.Version(t.Context()); err != nil || v != 1 {
		t.Errorf("version %d, %v", v, err)
	}
	if a := l.get(t, pen); a.Price != 129 {
		t.Errorf("the pen is %+v", a)
	}
	// And the next one works.
	if sum := l.take(t, Options{}, "b.csv", text.String()); sum.Articles != 20_000 || sum.Version != 2 {
		t.Errorf("summary is %+v", sum)
	}
}

func TestImportWhileAnotherRuns(t *testing.T) {
	l := newLab(t)
	tx, err := l.db.Writer().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := l.Import(ctx, []string{l.file(t, "a.csv", assortment)}, Options{}, nil); err == nil || !strings.Contains(err.Error(), "another one") {
		t.Errorf("a second import: %v", err)
	}
}

// Look-ups beside an import see the one version or the other, never both.
func TestReadersBesideImport(t *testing.T) {
	l := newLab(t)
	text := func(price int) string {
		var b strings.Builder
		b.WriteString("gtin,plu,name,price_minor\n")
		for i := range 300 {
			fmt.Fprintf(&b, ",%d,Article %d,%d\n", 1000+i, i, price)
		}
		return b.String()
	}
	files := []string{l.file(t, "a.csv", text(100)), l.file(t, "b.csv", text(200))}
	if _, err := l.Import(t.Context(), files[:1], Options{}, nil); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		for i := range 10 {
			if _, err := l.Import(t.Context(), files[(i+1)%2:(i+1)%2+1], Options{}, nil); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for {
		found, err := l.Search(t.Context(), "en", "article", 300)
		if err != nil || len(found) != 300 {
			t.Fatalf("%d articles, %v", len(found), err)
		}
		for _, a := range found {
			if a.Price != found[0].Price {
				t.Fatalf("one costs %d, another %d", found[0].Price, a.Price)
			}
		}
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			return
		default:
		}
	}
}
