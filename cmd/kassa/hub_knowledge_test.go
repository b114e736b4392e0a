package main

import (
	"fmt"
	"testing"

	"kassa/kiosk/flow"
	"kassa/store/report"
)

// What shoppers read, what helped them and what they searched for in vain comes
// from the lane's journal to the hub's report, though nobody was called.
func TestKnowledgeGapsReachTheReport(t *testing.T) {
	t.Parallel()
	s := newStoreHub(t)
	k := enrolled(t, s)
	k.touch(flow.ActStart, "")
	k.touch(flow.ActHelp, "")
	k.touch(flow.ActSearch, "gluten")
	k.touch(flow.ActArticle, "price")
	k.touch(flow.ActArticle, "scan")
	k.touch(flow.ActSolved, "scan")
	k.touch(flow.ActHelp, "")
	k.touch(flow.ActSearch, "Glut") // still typing
	k.touch(flow.ActSearch, "Gluten")
	k.touch(flow.ActArticle, "scan")
	k.touch(flow.ActCall, "how.scan")
	s.call("1-000001/2")
	head, err := k.l.journal.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "all rows are at the hub", func() bool { n, _ := k.l.hub.marked(t.Context()); return n >= head.Seq })
	for _, r := range report.Hub(s.h.Keeper().DB()) {
		if r.Name != "knowledge" {
			continue
		}
		for _, since := range []string{"", "2026-01-01", "2999-01-01"} {
			rows, err := r.Rows(t.Context(), report.Query{Since: since})
			want := "[[search gluten en 2 0 1 1 0] [article scan en 2 1 1 0 500] [article price en 1 0 0 1 0]]"
			if since > "2900" {
				want = "[]"
			}
			if got := fmt.Sprint(rows); err != nil || got != want {
				t.Errorf("since %q: %s, %v, want %s", since, got, err, want)
			}
		}
		return
	}
	t.Error("there is no report of knowledge")
}
