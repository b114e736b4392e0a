// Package scripts holds checks of the whole repository: that the arrows of the
// house point one way. It is not for tests of what a package does; those lie
// beside the package. Its one rule: what stands here is policy, changed on
// purpose and never to make a build pass.
package scripts

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// pureSet are the packages that may not reach the outside world at all: no
// files, no wires, no clock, no goroutines. Times come in as values.
const pureSet = "kiosk/money kiosk/weight kiosk/hours kiosk/barcode kiosk/basket kiosk/bagging kiosk/help kiosk/help/talk kiosk/flow kiosk/shopper"

// layers says which of our packages each package may import; the first match
// from the top is the rule. "/..." stands for a folder and all in it, "!" takes
// back what stands before it.
var layers = []struct{ pkg, may string }{
	{"kiosk/money", ""},
	{"kiosk/weight", ""},
	{"kiosk/hours", ""},
	{"kiosk/staff", ""},
	{"kiosk/staff/prompt", "kiosk/staff"},
	{"kiosk/barcode", "kiosk/money kiosk/weight"},
	{"kiosk/basket", "kiosk/money kiosk/weight"},
	{"kiosk/bagging", "kiosk/money kiosk/weight"},
	{"kiosk/help", "kiosk/money kiosk/weight kiosk/hours"},
	{"kiosk/help/talk", ""},
	{"kiosk/flow", pureSet + " !kiosk/shopper"},
	{"kiosk/shopper", pureSet},
	{"kiosk/config", "kiosk/money kiosk/weight kiosk/hours kiosk/config/strict"},
	{"kiosk/config/strict", ""},
	{"kiosk/words", pureSet},
	{"kiosk/receipt", pureSet + " kiosk/words kiosk/receipt/zatca device/printer device/terminal/pan"},
	{"kiosk/receipt/zatca", ""},
	{"kiosk/receipt/sheet", "device/printer"},
	{"kiosk/receipt/qr", ""},
	{"kiosk/receipt/online", pureSet + " kiosk/words kiosk/receipt kiosk/receipt/qr kiosk/receipt/sheet device/printer"},
	{"kiosk/web", pureSet + " kiosk/words kiosk/receipt kiosk/receipt/qr kiosk/help"}, // gets Views and a post function
	{"kiosk/watch", ""},
	{"kiosk/call", "kiosk/help/talk kiosk/watch"},
	{"kiosk/station", "kiosk/... device/... store/... !kiosk/web !device/sim !device/devicetest"},

	{"device/sim/...", "device/sim/... kiosk/money kiosk/weight"}, // it must not share a driver's mistakes
	{"device/devicetest", "device/... kiosk/money kiosk/weight"},
	{"device/link", ""},
	{"device/...", "device/... kiosk/money kiosk/weight !device/sim/... !device/devicetest"},

	{"store/hub/console", "store/... kiosk/staff kiosk/words " + pureSet}, // a page: it needs words
	{"store/hub/call", "store/... kiosk/call " + pureSet},                 // the same signals as the lane's
	{"store/...", "store/... kiosk/staff " + pureSet},

	{"cmd/kassa-sim/...", "cmd/kassa-sim/... kiosk/... device/... store/..."},
	{"cmd/...", "cmd/app/... kiosk/... device/... store/... !device/sim/... !device/devicetest"},
	{"scripts/...", "scripts/... kiosk/... device/... store/..."},
}

// homes says where a heavy dependency may be used outside of tests. A name that
// ends in "/" stands for all that begins with it.
var homes = []struct{ dep, home string }{
	{"github.com/mattn/go-sqlite3", "store/sqlite scripts/benchmark/floor"}, // floor: what bench compares the lane with
	{"database/sql", "store/... scripts/benchmark/... scripts/browser/witness"},
	{"github.com/nats-io/", "store/uplink/... store/hub/... store/hq/... scripts/benchmark"}, // benchmark: what bench compares with
	{"github.com/jackc/pgx/", "store/hq/... scripts/benchmark"},
	{"github.com/pion/", "store/hub/turn"},
	{"go.bug.st/serial", "device/..."},
	{"periph.io/", "device/..."},
	{"github.com/creack/pty", "device/sim/..."},
	{"github.com/prometheus/", "cmd/..."},
	{"github.com/alecthomas/kong", "cmd/..."},
	{"golang.org/x/crypto/argon2", "kiosk/staff"},
	{"codeberg.org/go-pdf/", "kiosk/receipt/sheet"},
	{"github.com/go-text/", "device/printer"},
}

// worldly packages of the standard library lead out of a pure package. What is
// not seen here, a call of time.Now, the linter finds.
var worldly = []string{
	"context", "crypto/rand", "database/", "io/fs", "io/ioutil", "log", "log/", "math/rand", "math/rand/", "net",
	"net/", "os", "os/", "plugin", "runtime", "runtime/", "sync", "sync/", "syscall", "testing", "unsafe",
}

// lent are the libraries that pure packages may use: they compute and no more.
var lent = map[string][]string{
	"kiosk/barcode": {"github.com/BurntSushi/toml"}, // in-store patterns, from text that is handed in
	"kiosk/staff":   {"golang.org/x/crypto/argon2"},
}

// A listed package, as `go list -json` tells it.
type listed struct {
	ImportPath   string
	Standard     bool
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// list asks the go tool. A package that does not build is listed with what it
// imports all the same: that it does not is for the build to say.
func list(t *testing.T, args ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-e", "-json=ImportPath,Standard,Imports,TestImports,XTestImports"}, args...)...)
	out, err := cmd.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("%v: %v\n%s", cmd, err, exit.Stderr)
		}
		t.Fatalf("%v: %v", cmd, err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// ours lists the packages of this module by the path inside it.
func ours(t *testing.T) map[string]listed {
	t.Helper()
	pkgs := map[string]listed{}
	for _, p := range list(t, "kassa/...") {
		pkgs[strings.TrimPrefix(p.ImportPath, "kassa/")] = p
	}
	if len(pkgs) < 10 {
		t.Fatalf("go list names %d packages: is this the module kassa?", len(pkgs))
	}
	return pkgs
}

func TestArrows(t *testing.T) {
	for pkg, p := range ours(t) {
		may, known := rule(pkg)
		if !known {
			t.Errorf("%s has no row in layers: say what it may import", pkg)
		}
		for _, imp := range p.Imports {
			if imp, ok := strings.CutPrefix(imp, "kassa/"); ok && !allowed(may, imp) {
				t.Errorf("%s may not import %s", pkg, imp)
			}
		}
	}
}

// A test may reach further than its package, but not everywhere.
func TestArrowsOfTests(t *testing.T) {
	for pkg, p := range ours(t) {
		for _, imp := range slices.Concat(p.TestImports, p.XTestImports) {
			imp, ok := strings.CutPrefix(imp, "kassa/")
			switch {
			case !ok:
			case match("device/sim/...", pkg) && imp != pkg && match("device/...", imp):
				t.Errorf("the tests of %s may not import %s: the far side of a wire knows no driver", pkg, imp)
			case match("device/...", pkg) && match("store/...", imp),
				match("store/...", pkg) && match("device/...", imp),
				match("kiosk/web", pkg) && imp == "kiosk/station":
				t.Errorf("the tests of %s may not import %s", pkg, imp)
			}
		}
	}
}

func TestPure(t *testing.T) {
	pkgs := ours(t)
	for pkg := range strings.FieldsSeq(pureSet + " kiosk/staff") {
		for _, imp := range pkgs[pkg].Imports {
			switch host, _, _ := strings.Cut(imp, "/"); {
			case strings.HasPrefix(imp, "kassa/"): // TestArrows
			case slices.ContainsFunc(worldly, func(w string) bool { return under(w, imp) }):
				t.Errorf("pure package %s imports %s: take what it needs as a value", pkg, imp)
			case strings.Contains(host, ".") && !slices.Contains(lent[pkg], imp):
				t.Errorf("pure package %s imports %s: is it pure too? Then lend it", pkg, imp)
			}
		}
	}
}

func TestHeavyDependenciesHaveOneHome(t *testing.T) {
	for pkg, p := range ours(t) {
		for _, imp := range p.Imports {
			for _, h := range homes {
				if under(h.dep, imp) && !allowed(h.home, pkg) {
					t.Errorf("%s imports %s, whose home is %s", pkg, imp, h.home)
				}
			}
		}
	}
}

// What runs in a shop cannot contain a fake device, whatever flag it is given.
func TestNoFakeInProduction(t *testing.T) {
	for pkg := range ours(t) {
		if !match("cmd/...", pkg) || match("cmd/kassa-sim/...", pkg) {
			continue
		}
		for _, dep := range list(t, "-deps", "kassa/"+pkg) {
			name := strings.TrimPrefix(dep.ImportPath, "kassa/")
			if match("device/sim/...", name) || name == "device/devicetest" || name == "testing" ||
				name == "github.com/creack/pty" || match("cmd/kassa-sim/...", name) {
				t.Errorf("%s contains %s", pkg, name)
			}
		}
	}
}

// The linter finds time.Now in pure packages; its list is in its own file.
func TestLinterKnowsThePure(t *testing.T) {
	config, err := os.ReadFile("golangci.yml")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(config), "path-except: ^kiosk/(")
	names, _, found := strings.Cut(after, ")/")
	if !found {
		t.Fatal("golangci.yml names no pure packages at path-except")
	}
	for pkg := range strings.FieldsSeq(pureSet + " kiosk/staff") {
		if !slices.Contains(strings.Split(names, "|"), strings.TrimPrefix(pkg, "kiosk/")) {
			t.Errorf("golangci.yml: path-except lacks %s", pkg)
		}
	}
}

// The checks above are only worth something if they can say no.
func TestRules(t *testing.T) {
	for _, c := range []struct {
		pkg, imp string
		want     bool
	}{
		{"kiosk/flow", "kiosk/basket", true},
		{"kiosk/flow", "device/link", false},
		{"kiosk/flow", "kiosk/station", false},
		{"kiosk/web", "kiosk/station", false},
		{"kiosk/station", "kiosk/web", false},
		{"kiosk/station", "device/scale", true},
		{"device/sim", "device/scale", false},
		{"device/sim", "device/link", false},
		{"device/scale", "kiosk/flow", false},
		{"device/terminal/zvt", "device/terminal", true},
		{"store/journal", "kiosk/flow", true},
		{"store/journal", "kiosk/station", false},
		{"store/journal", "device/link", false},
		{"cmd/kassa", "device/sim", false},
		{"cmd/kassa-sim", "device/sim", true},
	} {
		may, _ := rule(c.pkg)
		if got := allowed(may, c.imp); got != c.want {
			t.Errorf("%s importing %s: allowed is %t, want %t", c.pkg, c.imp, got, c.want)
		}
	}
	if _, known := rule("kiosk/odd"); known {
		t.Error("a package without a row has a rule")
	}
	if !under("os/", "os/exec") || under("os", "osier") || !under("net/", "net/http") {
		t.Error("under does not tell names apart")
	}
}

func rule(pkg string) (may string, known bool) {
	for _, l := range layers {
		if match(l.pkg, pkg) {
			return l.may, true
		}
	}
	return "", false
}

func allowed(may, imp string) bool {
	ok := false
	for pattern := range strings.FieldsSeq(may) {
		if no, found := strings.CutPrefix(pattern, "!"); found {
			ok = ok && !match(no, imp)
		} else {
			ok = ok || match(pattern, imp)
		}
	}
	return ok
}

// match reports whether pkg is pattern, or lies in the folder of "folder/...".
func match(pattern, pkg string) bool {
	if folder, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == folder || strings.HasPrefix(pkg, folder+"/")
	}
	return pattern == pkg
}

// under reports whether imp is name or, where name ends in "/", begins with it.
func under(name, imp string) bool {
	return imp == name || strings.HasSuffix(name, "/") && strings.HasPrefix(imp, name)
}
