package strict

import (
	"strings"
	"testing"
)

type shape struct {
	A struct {
		Name string `toml:"name"`
		N    int64  `toml:"n"`
	} `toml:"a"`
	B []struct {
		List []string `toml:"list"`
	} `toml:"b"`
}

func TestDecode(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"[a]\nname = \"x\"\n[[b]]\nlist = [\"y\"]\n", ""},
		{"[a]\nnam = \"x\"\n", "f.toml:2: a.nam is not a key of x.toml: did you mean name?"},
		{"[a]\nn = \"1\"\n", `f.toml:2: a.n is the text "1", want a whole number`},
		{"[[b]]\nlist = []\n[[b]]\nlist = [1]\n", `f.toml:4: b[1].list[0] is the number 1, want a text in quotes: "..."`},
		{"[a\n", "f.toml:2: is not TOML"},
	} {
		var s shape
		f, err := Decode("f.toml", "x.toml", tt.text, &s)
		switch {
		case tt.want == "" && (err != nil || !f.Has("a.name") || f.Has("a.n")):
			t.Errorf("%q: %v", tt.text, err)
		case tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want)):
			t.Errorf("%q: %v, want %s", tt.text, err, tt.want)
		}
	}
}

func TestFirstFaultStays(t *testing.T) {
	var s shape
	f, err := Decode("/d/f.toml", "x.toml", "[a]\nname = \"x\"\n", &s)
	if err != nil {
		t.Fatal(err)
	}
	f.Bad("a.name", "is wrong")
	f.Bad("a", "is wrong, too")
	if got := f.Err().Error(); got != "/d/f.toml:2: a.name is wrong" {
		t.Error(got)
	}
	if got := f.Beside("p.toml"); got != "/d/p.toml" {
		t.Error(got)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("[a]\nname = \"x\"\n[[b]]\nlist = [\"y\"]\n")
	f.Add("[[b]]\n[[b]]\nlist = 3")
	f.Fuzz(func(t *testing.T, text string) {
		var s shape
		if _, err := Decode("f", "x", text, &s); err != nil && strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("more than one line: %q", err)
		}
	})
}
