package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kassa/store/sqlite"
)

// written is a folder with a journal of n sales, seven records each, closed.
func written(t testing.TB, n int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	j, err := Open(t.Context(), dir, lane1)
	if err != nil {
		t.Fatal(err)
	}
	stop := running(t, j)
	for i := range n {
		put(t, j, sale(int64(i+1))...)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// copied is another folder with the same files.
func copied(t testing.TB, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// tampered is a copy of the journal in dir in which sql was done.
func tampered(t testing.TB, dir, sql string) string {
	t.Helper()
	dir = copied(t, dir)
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, FileName), schema())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Writer().Exec(sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func verify(t testing.TB, dir string) error {
	t.Helper()
	r, err := OpenReader(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Verify(t.Context(), nil)
	return errors.Join(err, r.Close())
}

// swap exchanges two rows by way of a number nobody has.
const swap = `UPDATE record SET seq = -1 WHERE seq = %[1]d; UPDATE record SET seq = %[1]d WHERE seq = %[2]d;
	UPDATE record SET seq = %[2]d WHERE seq = -1`

func TestVerifyNamesTheFirstBadRow(t *testing.T) {
	const sales = 6
	dir := written(t, sales)
	const last = sales * 7
	if err := verify(t, dir); err != nil {
		t.Fatalf("untouched: %v", err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	type mutation struct {
		sql   string
		first int64
	}
	list := []mutation{
		{`DELETE FROM record`, 1},
		{`DELETE FROM record WHERE seq > 30`, 31},
		{`DELETE FROM record WHERE seq < 3`, 1},
		{`UPDATE record SET seq = seq + 1 WHERE seq = 42`, 42},
		{`INSERT INTO record SELECT 43, run, at, mono, clock, txn, kind, event, facts, hash, hash FROM record WHERE seq = 42`, 43},
		{`INSERT INTO record SELECT 0, run, at, mono, clock, txn, kind, event, facts, prev, hash FROM record WHERE seq = 1`, 0},
		{`INSERT INTO record SELECT -5, run, at, mono, clock, txn, kind, event, facts, prev, hash FROM record WHERE seq = 1`, -5},
		{`UPDATE identity SET epoch = 'ffff'`, 1},
		{`UPDATE identity SET lane = '2'`, 1},
		{`UPDATE anchor SET hash = zeroblob(32)`, 1},
		{`UPDATE anchor SET seq = 1, hash = (SELECT hash FROM record WHERE seq = 1)`, 1},
		{`UPDATE head SET hash = zeroblob(32)`, 41},
		{`DELETE FROM record WHERE seq = 42`, 42}, // the head is 41
		{`UPDATE record SET event = event || ' ' WHERE seq = 7`, 7},
		{`UPDATE record SET kind = kind || event, event = '' WHERE seq = 8`, 8},
	}
	for range 70 {
		at := 1 + rng.Int64N(last)
		switch rng.IntN(4) {
		case 0:
			list = append(list, mutation{fmt.Sprintf(`DELETE FROM record WHERE seq = %d`, at), at})
		case 1:
			other := 1 + rng.Int64N(last)
			if other != at {
				list = append(list, mutation{fmt.Sprintf(swap, at, other), min(at, other)})
			}
		case 2: // a field
			set := []string{
				`run = 'x'`, `at = replace(at, '10', '11')`, `mono = mono + 1`, `clock = 'unsynced'`, `txn = txn + 1`, `kind = 'Opened'`,
				`event = '{}'`, `facts = facts || ' '`, `prev = zeroblob(32)`, `hash = zeroblob(32)`,
			}[rng.IntN(10)]
			list = append(list, mutation{fmt.Sprintf(`UPDATE record SET %s WHERE seq = %d`, set, at), at})
		default: // a bit of a hash
			list = append(list, mutation{fmt.Sprintf(`UPDATE record SET hash = unhex(substr(hex(hash), 1, 63) ||
				iif(substr(hex(hash), 64) = '0', '1', '0')) WHERE seq = %d`, at), at})
		}
	}
	for _, m := range list {
		err := verify(t, tampered(t, dir, m.sql))
		broken, ok := errors.AsType[*BrokenError](err)
		if !ok || broken.Seq != m.first {
			t.Errorf("after %s: Verify() = %v, want record %d named", m.sql, err, m.first)
		}
	}
	t.Log("mutations found:", len(list))
}

func TestVerifyFindsFlippedBytesInTheFile(t *testing.T) {
	dir := written(t, 3)
	whole, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	// The text of the facts stands in the file as it is; a page that was split
	// leaves old copies behind, so all of them are changed.
	flipped := bytes.ReplaceAll(whole, []byte(`"total_minor":357`), []byte(`"total_minor":157`))
	if bytes.Equal(flipped, whole) {
		t.Fatal("no total in the file")
	}
	if err := os.WriteFile(filepath.Join(dir, FileName), flipped, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok := errors.AsType[*BrokenError](verify(t, dir)); !ok {
		t.Error("a flipped digit of a total was not found")
	}
}

func TestAnOpenFindsACutTail(t *testing.T) {
	dir := tampered(t, written(t, 2), `DELETE FROM record WHERE seq > 12`)
	_, err := Open(t.Context(), dir, lane1)
	if err == nil || !strings.Contains(err.Error(), "restore a backup") {
		t.Errorf("Open() = %v, want an error with a remedy", err)
	}
	if _, err := LockFolder(dir); err != nil {
		t.Errorf("the refused journal keeps the lock: %v", err)
	}
}

func TestAPrunedBeginningVerifies(t *testing.T) {
	dir := tampered(t, written(t, 2), `UPDATE anchor SET seq = 7, hash = (SELECT hash FROM record WHERE seq = 7);
		DELETE FROM record WHERE seq <= 7`)
	if err := verify(t, dir); err != nil {
		t.Errorf("Verify() = %v, want nil", err)
	}
}

func TestVerifyTellsProgress(t *testing.T) {
	r, err := OpenReader(t.Context(), written(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	var told []int64
	if _, err := r.Verify(t.Context(), func(seq, of int64) { told = append(told, seq, of) }); err != nil || fmt.Sprint(told) != "[7 7]" {
		t.Errorf("Verify() = %v, told %v, want 7 of 7", err, told)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Verify(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled Verify() = %v", err)
	}
}

// otherTool follows the chain as package chain describes it, without our code.
const otherTool = `
import hashlib, sqlite3, sys
def netstrings(*fields):
    return b"".join(b"%d:%s," % (len(f), f) for f in (x if isinstance(x, bytes) else str(x).encode() for x in fields))
db = sqlite3.connect(sys.argv[1]); db.text_factory = bytes
epoch, store, lane, created = db.execute("SELECT epoch, store, lane, created_at FROM identity").fetchone()
prev = hashlib.sha256(netstrings("kassa-anchor-1", epoch, store, lane, created)).digest(); n = 0
for *fields, before, own in db.execute("SELECT * FROM record ORDER BY seq"):
    n += 1
    assert before == prev, "record %d: prev" % n
    prev = hashlib.sha256(netstrings("kassa-journal-1", epoch, *fields, before.hex())).digest()
    assert own == prev, "record %d: hash" % n
print(n)
`

func TestAnotherToolCanVerify(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	out, err := exec.Command(python, "-c", otherTool, filepath.Join(written(t, 3), FileName)).CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "21" {
		t.Errorf("the other tool says %q, %v, want 21", out, err)
	}
}

func TestPersonalDataCanBeErased(t *testing.T) {
	dir := t.TempDir()
	j, err := Open(t.Context(), dir, lane1)
	if err != nil {
		t.Fatal(err)
	}
	stop := running(t, j)
	const secret = "member-2620000012345"
	handle, err := j.PutPersonal(t.Context(), "member", secret)
	if err != nil {
		t.Fatal(err)
	}
	e := sale(1)[0]
	e.Event = fmt.Appendf(nil, `{"code":{"kind":"member","number":%q}}`, handle)
	put(t, j, e)
	if class, value, err := j.Personal(t.Context(), handle); err != nil || class != "member" || value != secret {
		t.Errorf("Personal() = %q, %q, %v", class, value, err)
	}
	if !holds(t, dir, secret) {
		t.Error("the value is not in the files: this test shows nothing")
	}
	if err := j.ErasePersonal(t.Context(), handle); err != nil {
		t.Fatal(err)
	}
	if _, _, err := j.Personal(t.Context(), handle); !errors.Is(err, ErrNoValue) {
		t.Errorf("Personal() after erasing = %v, want ErrNoValue", err)
	}
	if err := j.ErasePersonal(t.Context(), handle); !errors.Is(err, ErrNoValue) {
		t.Errorf("erasing twice = %v, want ErrNoValue", err)
	}
	if holds(t, dir, secret) {
		t.Error("the erased value still stands in the files")
	}
	var hers []string
	for range 2 { // she came twice
		handle, err := j.PutPersonal(t.Context(), "member", secret)
		if err != nil {
			t.Fatal(err)
		}
		hers = append(hers, handle)
	}
	other, err := j.PutPersonal(t.Context(), "member", "somebody else")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{2, 0} {
		if n, err := j.ForgetPersonal(t.Context(), "member", func(v string) bool { return v == secret }); err != nil || n != want {
			t.Errorf("ForgetPersonal() = %d, %v, want %d", n, err, want)
		}
	}
	if holds(t, dir, secret) {
		t.Errorf("%v still stand for somebody in the files", hers)
	}
	if _, value, err := j.Personal(t.Context(), other); err != nil || value != "somebody else" {
		t.Errorf("Personal() = %q, %v", value, err)
	}
	put(t, j, sale(1)[1:]...) // and the lane goes on
	if ids, err := j.Naming(t.Context(), handle); err != nil || len(ids) != 1 {
		t.Errorf("Naming() = %v, %v, want the sale", ids, err)
	}
	if ids, err := j.Naming(t.Context(), other); err != nil || len(ids) != 0 {
		t.Errorf("Naming() = %v, %v, want none", ids, err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	check(t, dir, 7)
}

// holds reports whether any file in dir contains text.
func holds(t testing.TB, dir, text string) (found bool) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, path))
		found = found || strings.Contains(string(b), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
