package nexo

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// npmPatience is for a registry that is far away.
const npmPatience = 90 * time.Second

// installed returns a folder in which Adyen's library is installed. It stays in
// the user's cache, by its own package.json, so that the next run is quick.
func installed(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed: the check against Adyen's library is left out (apt-get install npm)", tool)
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	dir := filepath.Join(cache, "kassa-test", "nexo-npm-32.1.0")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"package.json", "crypto.js"} {
		data, err := os.ReadFile(filepath.Join("testdata", "npm", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "@adyen", "api-library", "package.json")); err == nil {
		return dir
	}
	if testing.Short() {
		t.Skip("Adyen's library is not installed yet, and -short does not install it")
	}
	ctx, cancel := context.WithTimeout(t.Context(), npmPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("npm reaches no registry: the check against Adyen's library is left out: %v: %s", err, lastLine(out))
	}
	return dir
}

func lastLine(b []byte) []byte {
	b = bytes.TrimSpace(b)
	return b[bytes.LastIndexByte(b, '\n')+1:]
}

// A trial is one message, as it goes to Adyen's library.
type trial struct {
	Key     map[string]any  `json:"key"`
	Message string          `json:"message"`
	Sealed  json.RawMessage `json:"sealed"`
}

// sealTrial seals a message of ours.
func sealTrial(t *testing.T, key *Key, passphrase string) trial {
	t.Helper()
	r := &request{Diagnosis: &reqDiagnos{Host: true}, Header: &reqHeader{
		ProtocolVersion: protocolVersion, MessageClass: "Service", MessageCategory: "Diagnosis", MessageType: "Request",
		SaleID: "0421-1", ServiceID: newID(), POIID: "V400m-123456789",
	}}
	message, err := encode(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := encode(r, key)
	if err != nil {
		t.Fatal(err)
	}
	var ours map[string]json.RawMessage
	if err := json.Unmarshal(body, &ours); err != nil {
		t.Fatal(err)
	}
	return trial{map[string]any{
		"Passphrase": passphrase, "KeyIdentifier": key.Identifier, "KeyVersion": key.Version, "AdyenCryptoVersion": cryptoVersion,
	}, string(message), ours["SaleToPOIRequest"]}
}

// TestAgainstAdyensLibrary has the library that Adyen publishes open what we
// sealed, and opens what it sealed.
func TestAgainstAdyensLibrary(t *testing.T) {
	dir := installed(t)
	passphrases := []string{vectorPassphrase, "p\u00e4ssw\u00f6rt \u00df", "x"}
	var keys []*Key
	var trials []trial
	for _, p := range passphrases {
		keys = append(keys, newKey(t, p))
		trials = append(trials, sealTrial(t, keys[len(keys)-1], p))
	}
	in, err := json.Marshal(trials)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "crypto.js")
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v: %s", err, stderr.Bytes())
	}
	var theirs []struct {
		Opened string          `json:"opened"`
		Made   json.RawMessage `json:"made"`
	}
	if err := json.Unmarshal(out, &theirs); err != nil || len(theirs) != len(trials) {
		t.Fatalf("node writes %s, %v", out, err)
	}
	for i, got := range theirs {
		if got.Opened != trials[i].Message {
			t.Errorf("passphrase %q: Adyen's library opens %q, want %q", passphrases[i], got.Opened, trials[i].Message)
		}
		back := append(append([]byte(`{"SaleToPOIRequest":`), got.Made...), '}')
		m, err := decode(back, keys[i])
		if err != nil || m.Request.Header.SaleID.String() != "0421-1" {
			t.Errorf("passphrase %q: we open what Adyen's library made as %+v, %v", passphrases[i], m, err)
		}
	}
}
