package catalog

import (
	"strings"
	"testing"
)

// TestImportOfNothing checks that a file cut off behind its header does not
// empty the shop, and that an empty delta changes nothing.
func TestImportOfNothing(t *testing.T) {
	l := newLab(t)
	l.take(t, Options{}, "all.csv", assortment)
	cut := l.file(t, "cut.csv", header)
	_, err := l.Import(t.Context(), []string{cut}, Options{}, nil)
	if err == nil || !strings.Contains(err.Error(), "cut.csv: ") || !strings.Contains(err.Error(), "--delta") {
		t.Errorf("Import(a header only) = %v, want a refusal that names the file and --delta", err)
	}
	if _, err := l.Import(t.Context(), []string{cut}, Options{Delta: true}, nil); err != nil {
		t.Errorf("Import(an empty delta) = %v", err)
	}
	if a := l.get(t, pen); a.Name != "Felt pen" {
		t.Errorf("the pen is now %q", a.Name)
	}
}
