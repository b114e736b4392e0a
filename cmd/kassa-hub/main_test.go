package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kassa/cmd/app/people"
	"kassa/kiosk/help"
)

// TestMain is the hub itself when a test runs this program as one, so that it
// can be killed.
func TestMain(m *testing.M) {
	if os.Getenv("KASSA_HUB_TEST_CHILD") != "" {
		main()
	}
	os.Exit(m.Run())
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// configFile writes a hub's configuration on loopback.
func configFile(t *testing.T, more string) string {
	t.Helper()
	return write(t, filepath.Join(t.TempDir(), "kassa-hub.toml"), `[hub]
store = "0421"
data = "data"
listen = "127.0.0.1:0"
timezone = "Europe/Berlin"
`+more+`
[nats]
listen = "127.0.0.1:0"
`)
}

func TestSettings(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"[hub]\nstore = \"0421\"\ntimezone = \"Europe/Berlin\"\n", ""},
		{"[hub]\nstore = \"0421\"\ntimezone = \"Europe/Berlin\"\n[nats]\nurl = \"tls://n:4222\"\ncredentials = \"c\"\n", ""},
		{"[hub]\ntimezone = \"UTC\"\n", `:1: hub.store is missing: add store = "0421"`},
		{"[hub]\nstore = \"04_21\"\ntimezone = \"UTC\"\n", ":2: hub.store is \"04_21\", want 1 to 32"},
		{"[hub]\nstore = \"0421\"\ntimezone = \"Local\"\n", ":3: hub.timezone is \"Local\", which is no time zone"},
		{"[hub]\nstore = \"0421\"\ntimezone = \"UTC\"\nkeper = \"hq\"\n", ":4: hub.keper is not a key of kassa-hub.toml: did you mean keeper?"},
		{"[hub]\nstore = \"0421\"\ntimezone = \"UTC\"\nkeeper = \"us\"\n", ":4: hub.keeper is \"us\", want hub or hq"},
		{"[hub]\nstore = \"0421\"\ntimezone = \"UTC\"\npolicy = \"none.toml\"\n", ":4: hub.policy is \"none.toml\", which cannot be read"},
		{"[hub]\nstore = \"0421\"\ntimezone = \"UTC\"\nlisten = \"8443\"\n", ":4: hub.listen is \"8443\", want host:port"},
		{"[hub]\nstore = \"0421\"\ntimezone = \"UTC\"\n[nats]\nurl = \"tls://n:4222\"\n", ":4: nats.credentials is missing"},
		{"[hub]\nstore = \"0421\"\ntimezone = \"UTC\"\n[nats]\nurl = \"http://n:1\"\ncredentials = \"c\"\n", ":5: nats.url is \"http://n:1\", want an address"},
		{"[hub]\nstore = \"0421\"\ntimezone = \"UTC\"\n[nats]\ncredentials = \"c\"\n", ":5: nats.credentials is for a cluster outside"},
		{"[hub]\nstore = \"0421\"\ntimezone = \"UTC\"\n[tls]\ncert = \"c\"\n", ":4: tls has cert or key alone"},
		{"[hub]\nstore = \"0421\"\ntimezone = \"UTC\"\n[tls]\nnames = [\"a b\"]\n", ":5: tls.names has \"a b\" as number 1"},
	} {
		_, err := loadSettings(write(t, filepath.Join(t.TempDir(), "k.toml"), tt.text))
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%q: %v", tt.text, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), "k.toml"+tt.want)):
			t.Errorf("%q: %v, want %s", tt.text, err, tt.want)
		}
	}
}

const nightPolicy = `
return = "2m"
[[tier]]
name = "floor"
ask = ["attendant"]
[[tier]]
name = "lisbon"
after = "45s"
ask = ["lisbon"]
[[tier]]
name = "outside"
after = "3m"
exits = ["pager"]
[[reason]]
reason = "payment"
from = "lisbon"
[[centre]]
name = "lisbon"
hours = "mon-sun 00:00-06:00"
timezone = "Europe/Lisbon"
languages = ["pt", "en"]
[[agent]]
name = "Amina"
languages = ["id"]
[[exit]]
name = "pager"
command = ["/bin/true"]
`

func TestPolicyFile(t *testing.T) {
	p, err := loadPolicy(write(t, filepath.Join(t.TempDir(), "help.toml"), nightPolicy), "0421")
	if err != nil {
		t.Fatal(err)
	}
	if p.Rules["payment"].From != 1 || p.Tiers[1].After != 45*time.Second || p.exits["pager"] == nil {
		t.Errorf("%+v", p)
	}
	if a := p.agent("a7", "Amina", "attendant"); a.ID != "a7" || a.Role != "attendant" || a.Languages[0] != "id" {
		t.Errorf("%+v", a)
	}
	for change, want := range map[string]string{
		`from = "lisbon"|from = "porto"`:                              `:16: reason[0].from is "porto", which is no tier`,
		`ask = ["lisbon"]|ask = ["lisboa"]`:                           `:9: tier[1].ask has "lisboa", want roles or centres`,
		`exits = ["pager"]|exits = ["page"]`:                          `:13: tier[2].exits has "page", which is no [[exit]]`,
		`after = "45s"|after = "soon"`:                                `:8: tier[1].after is "soon", want a time`,
		`after = "3m"|after = "30s"`:                                  `tier outside: after 30s is not later than tier lisbon`,
		`reason = "payment"|reason = "money"`:                         `reason[0].reason is "money", want an area`,
		`command = ["/bin/true"]|command = ["/bin/nothing"]`:          `exit[0].command pager:`,
		`command = ["/bin/true"]|url = "http://example.org/"`:         `would send in the clear`,
		`hours = "mon-sun 00:00-06:00"|hours = "always"`:              `centre[0].hours is "always"`,
		`timezone = "Europe/Lisbon"|timezone = ""`:                    `centre[0].timezone is "", which is no time zone`,
		`languages = ["id"]|centre = "porto"`:                         `agent[0].centre is "porto", which is no [[centre]]`,
		`return = "2m"|return = "2m"` + "\n[flood]\ncalls = -1":       `flood.calls is -1`,
		`command = ["/bin/true"]|command = ["/bin/true"]` + "\nx = 1": `exit[0].x is not a key of help.toml`,
	} {
		from, to, _ := strings.Cut(change, "|")
		_, err := loadPolicy(write(t, filepath.Join(t.TempDir(), "help.toml"), strings.Replace(nightPolicy, from, to, 1)), "0421")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", to, err, want)
		}
	}
}

// At three in the morning only the centre is there; at noon it sleeps.
func TestSimulateFollowsTheSun(t *testing.T) {
	file := configFile(t, `policy = "help.toml"`)
	write(t, filepath.Join(filepath.Dir(file), "help.toml"), nightPolicy)
	add := people.Add{Config: file, Name: "Amina", Role: "attendant"}
	if _, err := add.Do(t.Context(), openStaff, func() (string, error) { return "482915", nil }); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ at, duty, want string }{
		{"2026-11-22T03:00", "nobody", "+0s  03:00:00  lisbon       centre lisbon"},
		{"2026-11-22T03:00", "Amina", "+45s  03:00:45  lisbon       Amina\n"}, // she speaks the language
		{"2026-11-22T12:00", "nobody", "+0s  12:00:00  outside      nobody is there; told: pager"},
		{"2026-11-22T12:00", "Amina", "+3m0s  12:03:00  outside      Amina; told: pager"},
	} {
		var out bytes.Buffer
		c := policySimulateCmd{Config: file, At: tt.at, Reason: "bagging", Language: "id", Duty: []string{tt.duty}}
		if err := c.run(t.Context(), &out, time.Now()); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), tt.want) {
			t.Errorf("%s with %s:\n%swant %s", tt.at, tt.duty, out.String(), tt.want)
		}
	}
	var out bytes.Buffer
	c := policySimulateCmd{Config: file, Reason: "help", Evening: true, Lanes: 6, PerHour: 5, Hours: 1, Seed: 3}
	if err := c.run(t.Context(), &out, time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC)); err != nil || !strings.Contains(out.String(), "forgotten") {
		t.Errorf("%v\n%s", err, out.String())
	}
	out.Reset()
	if err := (&policyCheckCmd{Config: file}).run(t.Context(), &out); err != nil || strings.Contains(out.String(), "warning") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestExits(t *testing.T) {
	var got []string
	answers := []int{http.StatusServiceUnavailable, http.StatusOK, http.StatusNotFound}
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		_, _ = b.ReadFrom(r.Body)
		got = append(got, r.Header.Get("Idempotency-Key")+" "+b.String())
		w.WriteHeader(answers[len(got)-1])
	}))
	defer far.Close()
	page := filepath.Join(t.TempDir(), "page")
	text := "[[exit]]\nname = \"hook\"\nurl = \"" + far.URL + "\"\n[[exit]]\nname = \"page\"\ncommand = [\"/bin/sh\", \"-c\", \"cat >" + page + "\"]\n" +
		"[[exit]]\nname = \"slow\"\ntimeout = \"50ms\"\ncommand = [\"/bin/sleep\", \"60\"]\n"
	p, err := loadPolicy(write(t, filepath.Join(t.TempDir(), "help.toml"), text), "0421")
	if err != nil {
		t.Fatal(err)
	}
	call := help.Call{ID: "1-7/1", Lane: "1", Reason: "age", By: "a17", Tier: 2, RaisedAt: time.Unix(0, 0).UTC()}
	if err := p.exits["hook"].Send(t.Context(), call); err != nil || len(got) != 2 || got[0] != got[1] {
		t.Errorf("%v, posted %q", err, got)
	}
	if err := p.exits["hook"].Send(t.Context(), call); err == nil || len(got) != 3 {
		t.Errorf("%v, posted %d times", err, len(got))
	}
	if err := p.exits["page"].Send(t.Context(), call); err != nil {
		t.Error(err)
	}
	paged, err := os.ReadFile(page)
	want := `{"store":"0421","lane":"1","call":"1-7/1","reason":"age","priority":0,"tier":2,"language":"","raised_at":"1970-01-01T00:00:00Z","state":""}`
	if err != nil || string(paged) != want || got[0] != "0421/1-7/1/2 "+want {
		t.Errorf("%v\n%s\n%s", err, paged, got[0])
	}
	if err := p.exits["slow"].Send(t.Context(), call); err == nil {
		t.Error("a pager that hangs was waited for")
	}
}

func TestCommandsExit(t *testing.T) {
	file := configFile(t, "")
	for _, tt := range []struct {
		args []string
		code int
	}{
		{[]string{"lane", "add", "1", "--config", file}, 0},
		{[]string{"lane", "add", "A B", "--config", file}, 1},
		{[]string{"lane", "list", "--config", file}, 0},
		{[]string{"lane", "remove", "9", "--config", file}, 1},
		{[]string{"credentials", "hq", "--config", file}, 0},
		{[]string{"verify", "--config", file}, 1}, // no keeper yet
		{[]string{"policy", "simulate", "--config", file, "--at", "noon"}, 2},
		{[]string{"policy", "simulate", "--config", file, "--reason", "x"}, 2},
		{[]string{"run"}, 2},
		{[]string{"run", "--config", "/nowhere.toml"}, 1},
		{[]string{"--help"}, 0},
	} {
		if code := run(t.Context(), tt.args); code != tt.code {
			t.Errorf("%v exits %d, want %d", tt.args, code, tt.code)
		}
	}
}

// Whoever installs the package begins with this file.
func TestExampleConfigLoads(t *testing.T) {
	s, err := loadSettings("../../scripts/systemd/kassa-hub.toml.example")
	if err != nil {
		t.Fatal(err)
	}
	if s.data != "/var/lib/kassa-hub" {
		t.Errorf("data is %s, and the unit may write to /var/lib/kassa-hub", s.data)
	}
}
