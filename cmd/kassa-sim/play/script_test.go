package play

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	text := `# a trip
scan 4006381333931                   scan
`
	if _, err := Parse("x.txt", text); err == nil {
		t.Error("two acts on one line were taken")
	}
	tests := []struct {
		line string
		want Act
	}{
		{"scan 4006381333931", Bench{"scan", "4006381333931"}},
		{"scan ]d20109506000134352<GS>10AB-12 # with a lot", Bench{"scan", "]d20109506000134352<GS>10AB-12"}},
		{"put bag 4006381333931", Bench{"put", "4006381333931"}},
		{"  put scale 4011 734g", Bench{"put", "4011"}},
		{"put bag 4011 12.5g", Bench{"put", "4011"}},
		{"take bag 4006381333931", Bench{"take", "4006381333931"}},
		{"take bag all", Bench{"take", "all"}},
		{"lean bag 300g 1.2s", Bench{Verb: "lean"}},
		{"touch pay", Touch{"pay", map[string]string{}}},
		{"touch language value=fr", Touch{"language", map[string]string{"value": "fr"}}},
		{"touch quantity line=2 value=3", Touch{"quantity", map[string]string{"line": "2", "value": "3"}}},
		{"card tap", Bench{Verb: "card"}},
		{"card cut after 04 0F", Bench{Verb: "card"}},
		{"badge KS-STAFF-7-X", Bench{"badge", "KS-STAFF-7-X"}},
		{"pin 123456", Touch{"pin", map[string]string{"value": "123456"}}},
		{"button call", Bench{Verb: "button"}},
		{"paper near", Bench{Verb: "paper"}},
		{"unplug scanner", Bench{Verb: "unplug"}},
		{"plug bagging", Bench{Verb: "plug"}},
		{"power cut", Bench{Verb: "power"}},
		{"import a.csv", Import{"a.csv", false}},
		{`import "new prices.csv" delta`, Import{"new prices.csv", true}},
		{"wait 2s", Wait{2 * time.Second}},
		{"wait 250ms", Wait{250 * time.Millisecond}},
		{"expect 5s screen basket", Expect{Within: 5 * time.Second, What: "screen", Name: "basket", Qty: -1, Amount: NoAmount}},
		{"expect hint missing", Expect{What: "hint", Name: "missing", Qty: -1, Amount: NoAmount}},
		{"expect no hint bag", Expect{Not: true, What: "hint", Name: "bag", Qty: -1, Amount: NoAmount}},
		{"expect line 4006381333931 qty 2 amount 258", Expect{What: "line", Name: "4006381333931", Qty: 2, Amount: 258}},
		{"expect line 4011 amount -5", Expect{What: "line", Name: "4011", Qty: -1, Amount: -5}},
		{"expect total 1290", Expect{What: "total", Name: "1290", Qty: -1, Amount: NoAmount, Count: 1290}},
		{"expect lamp white", Expect{What: "lamp", Name: "white", Qty: -1, Amount: NoAmount}},
		{"expect 3s lamp white blink", Expect{Within: 3 * time.Second, What: "lamp", Name: "white blink", Qty: -1, Amount: NoAmount}},
		{`expect paper "Total  12,90 \"net\""`, Expect{What: "paper", Name: `Total  12,90 "net"`, Qty: -1, Amount: NoAmount}},
		{"expect txn paid", Expect{What: "txn", Name: "paid", Qty: -1, Amount: NoAmount}},
		{"expect charges 1", Expect{What: "charges", Name: "1", Qty: -1, Amount: NoAmount, Count: 1}},
		{"expect call bagging", Expect{What: "call", Name: "bagging", Qty: -1, Amount: NoAmount}},
	}
	for _, tt := range tests {
		steps, err := Parse("x.txt", "# first\r\n\n"+tt.line+"\r\n")
		if err != nil || len(steps) != 1 {
			t.Errorf("Parse(%q) = %v, %v", tt.line, steps, err)
			continue
		}
		if steps[0].Line != 3 || !reflect.DeepEqual(steps[0].Do, tt.want) {
			t.Errorf("Parse(%q) = line %d %+v, want %+v", tt.line, steps[0].Line, steps[0].Do, tt.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"scann 123":               `f.txt:2: "scann" is no act: want scan, put, take, lean, touch, card, cash, badge, pin, button, paper, unplug, plug, power, import, wait or expect`,
		"scan":                    `f.txt:2: "scan" is not understood: want scan CODE`,
		"put shelf 4011":          `f.txt:2: "put shelf 4011" is not understood: want put bag|scale CODE [WEIGHTg]`,
		"put bag 4011 734":        `f.txt:2: "put bag 4011 734" is not understood: want put bag|scale CODE [WEIGHTg]`,
		"take bag 4011 734g":      `f.txt:2: "take bag 4011 734g" is not understood: want take bag|scale CODE`,
		"lean bag 300 1s":         `f.txt:2: "lean bag 300 1s" is not understood: want lean bag|scale WEIGHTg SECONDSs`,
		"touch":                   `f.txt:2: "touch" is not understood: want touch ACT [line=N] [code=CODE] [value=VALUE]`,
		"touch pay act=x":         `f.txt:2: "touch pay act=x" is not understood: want touch ACT [line=N] [code=CODE] [value=VALUE]`,
		"card swipe":              `f.txt:2: "card swipe" is not understood: want card tap|decline|cancel|pin-wrong, card cut after|before MESSAGE, card silent at MESSAGE, card late|twice MESSAGE or card noise before MESSAGE`,
		"card cut after":          `f.txt:2: "card cut after" is not understood: want card tap|decline|cancel|pin-wrong, card cut after|before MESSAGE, card silent at MESSAGE, card late|twice MESSAGE or card noise before MESSAGE`,
		"pin 12a":                 `f.txt:2: "pin 12a" is not understood: want pin DIGITS`,
		"import":                  `f.txt:2: "import" is not understood: want import FILE [delta]`,
		"import a.csv full":       `f.txt:2: "import a.csv full" is not understood: want import FILE [delta]`,
		"wait 2":                  `f.txt:2: "wait 2" is not understood: want wait SECONDSs`,
		"unplug mouse":            `f.txt:2: "unplug mouse" is not understood: want unplug scanner|scale|bagging|terminal|cash|printer|panel`,
		`expect paper "Total`:     `f.txt:2: a quotation mark is not closed`,
		"expect lamp blue":        "",
		"expect line 4011 qty":    "",
		"expect total much":       "",
		"expect 5s":               "",
		"expect no":               "",
		"expect screen a b":       "",
		"expect colour green":     "",
		"expect line 4011 size 3": "",
	} {
		_, err := Parse("f.txt", "wait 1s\n"+line+"\n")
		switch {
		case err == nil:
			t.Errorf("Parse(%q) took it", line)
		case want != "" && err.Error() != want:
			t.Errorf("Parse(%q) = %v, want %s", line, err, want)
		case want == "" && !strings.HasPrefix(err.Error(), "f.txt:2: "+`"expect`):
			t.Errorf("Parse(%q) = %v", line, err)
		}
	}
}

// What Parse takes reads the same when written down again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"scan 1<GS>2", `expect paper "a \" b"`, "touch language value=fr", "card cut after 04 0F", "expect 5s no line 1 qty 2", "wait 1.5s # x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		steps, err := Parse("f", text)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n") {
				t.Errorf("an error of two lines: %q", err)
			}
			return
		}
		for _, s := range steps {
			again, err := Parse("f", s.Text)
			if err != nil || len(again) != 1 || !reflect.DeepEqual(again[0].Do, s.Do) {
				t.Errorf("%q reads as %+v, its text %q as %+v, %v", text, s.Do, s.Text, again, err)
			}
		}
	})
}

func FuzzReadPage(f *testing.F) {
	f.Add(pageText("basket", `<li data-line="1" data-gtin="04006381333931" data-qty="2" data-amount="258">`))
	f.Add("<main data-screen=x")
	f.Add("<main data-screen><p data-total='1' data-qty=>")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ReadPage(text)
		if err == nil && p.Screen == "" {
			t.Error("a page without a screen")
		}
	})
}

func pageText(screen, body string) string {
	return `<!doctype html><html lang="en"><head><script>if (a<b) x='<main data-screen="wrong">';</script></head><body>` +
		`<!-- <main data-screen="no"> --><main class="x" data-screen="` + screen + `">` + body + `</main></body></html>`
}

func TestReadPage(t *testing.T) {
	p, err := ReadPage(pageText("basket", `<p data-hint="age">a &lt; b</p><section data-hint=bag></section>
		<ul><li class="line" data-line="2" data-gtin="04006381333931" data-plu="" data-qty="2" data-amount="258"><button data-act="void-line" data-line="2">x</button></li>
		<li data-line='1' data-gtin='' data-plu='4011' data-qty='1' data-amount='-131'/></ul><p data-total="127" title="&quot;x&quot;">1.27</p>`))
	if err != nil {
		t.Fatal(err)
	}
	want := Page{
		Screen: "basket", Language: "en", Hints: []string{"age", "bag"}, Total: 127, HasTotal: true,
		Lines: []PageLine{{2, "04006381333931", "", 2, 258}, {1, "", "4011", 1, -131}},
	}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("ReadPage = %+v, want %+v", p, want)
	}
	for _, text := range []string{"", "<p>no screen</p>", pageText("basket", `<p data-total="1.27">`), pageText("b", `<li data-qty="x" data-line="1">`)} {
		if _, err := ReadPage(text); err == nil {
			t.Errorf("ReadPage(%q) took it", text)
		}
	}
}

func TestSees(t *testing.T) {
	page := Page{Screen: "basket", Hints: []string{"bag"}, Lines: []PageLine{{1, "04006381333931", "", 2, 258}}, Total: 258, HasTotal: true}
	tests := []struct {
		line string
		ok   bool
		saw  string
	}{
		{"expect screen basket", true, "screen basket"},
		{"expect screen paying", false, "screen basket"},
		{"expect hint bag", true, "hint bag"},
		{"expect hint age", false, "hint bag"},
		{"expect line 4006381333931 qty 2 amount 258", true, "line 4006381333931 qty 2 amount 258"},
		{"expect line 4006381333931 qty 1", false, "line 4006381333931 qty 2 amount 258"},
		{"expect line 4011", false, "line 4006381333931 qty 2 amount 258"},
		{"expect total 258", true, "total 258"},
		{"expect total 1", false, "total 258"},
	}
	for _, tt := range tests {
		act, err := ParseLine(tt.line)
		if err != nil {
			t.Fatal(err)
		}
		if ok, saw := page.sees(act.(Expect)); ok != tt.ok || saw != tt.saw {
			t.Errorf("%s: %v, %q, want %v, %q", tt.line, ok, saw, tt.ok, tt.saw)
		}
	}
}
