package main

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kassa/kiosk/barcode"
	"kassa/kiosk/flow"
)

// card is a member's number, as it is read.
const card = "9501101020917"

// withMembers is a lane of the store that knows members' cards, and sells them milk
// for less.
func withMembers(t *testing.T, s *storeHub, id string) *linkedLane {
	t.Helper()
	k := enrolledAs(t, s, id)
	dir := filepath.Dir(k.file)
	articles, prices := filepath.Join(dir, "articles.csv"), filepath.Join(dir, "prices.csv")
	writeText(t, articles, "gtin,name,price_minor,tax\n4000000000013,Milk,119,A\n4006381333931,Pens,129,A\n")
	writeText(t, prices, "gtin,plu,price_minor,per,valid_from,valid_until,members\n4000000000013,,99,each,2020-01-01,,yes\n")
	if err := (&catalogImportCmd{Config: k.file, Files: []string{articles, prices}}).run(t.Context(), io.Discard, os.Stderr); err != nil {
		t.Fatal(err)
	}
	k.start()
	eventually(t, "lane "+id+" is linked", func() bool { return k.l.hub.health() == "up" })
	return k
}

func (k *linkedLane) total(minor int64) {
	k.t.Helper()
	eventually(k.t, "the total", func() bool { v := k.view(); return v.Sale != nil && int64(v.Sale.Total) == minor })
}

// TestTicketOfAMember parks a member's basket at one lane and takes it up at another,
// which knows the member by a handle of its own, or by none; prices are as quoted.
func TestTicketOfAMember(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"there", "away", "forgotten"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := newStoreHub(t)
			if _, err := s.h.Members().Import(t.Context(), strings.NewReader("number,since,consent\n"+card+",2019-05-01,yes\n")); err != nil {
				t.Fatal(err)
			}
			one, two := withMembers(t, s, "1"), withMembers(t, s, "2")
			one.scan("4000000000013")
			one.total(119)
			one.scan(barcode.MemberCode(card))
			one.total(99)
			there := one.l.station.Sale().Member
			ticket := one.park()
			switch how {
			case "away":
				one.stop()
			case "forgotten":
				if n, err := one.l.journal.ForgetPersonal(t.Context(), memberClass, func(string) bool { return true }); n != 1 || err != nil {
					t.Fatal(n, err)
				}
			}
			two.scan(ticket)
			two.total(99)
			two.scan("4000000000013")
			two.total(198) // she is still a member
			two.kept(1, flow.SaleOpen)
			here := two.l.station.Sale().Member
			if how != "there" {
				if here != "" {
					t.Errorf("lane 2 has the handle %q, which stands for nobody", here)
				}
				return
			}
			_, number, err := two.l.journal.Personal(t.Context(), here)
			if err != nil || number != card || here == there {
				t.Errorf("lane 2 knows %q by %q, lane 1 by %q, %v", number, here, there, err)
			}
			if ids, err := two.l.journal.Naming(t.Context(), here); err != nil || len(ids) != 1 {
				t.Errorf("what lane 2 names her in: %q, %v", ids, err)
			}
			two.touch(flow.ActHelp, "")
			two.touch(flow.ActCall, "")
			s.call("2-000001/1")
			about := s.waiting("2-000001/1").Context
			if m, err := s.h.Members().ByHandle(t.Context(), about.Member); err != nil || m.Since != "2019-05-01" || about.MemberCode != "" {
				t.Errorf("the hub knows %+v of %+v, %v", m, about, err)
			}
			unwritten(t, s, one, two)
		})
	}
}

// unwritten checks that the number stands on no disk but beside the lanes' journals.
func unwritten(t *testing.T, s *storeHub, lanes ...*linkedLane) {
	t.Helper()
	for _, k := range lanes {
		for r, err := range k.l.journal.Since(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(r.Event, []byte(card)) || bytes.Contains(r.Facts, []byte(card)) {
				t.Errorf("record %d has the number", r.Seq)
			}
		}
	}
	files := 0
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(card)) {
			t.Errorf("%s has the number", path)
		}
		return err
	})
	if err != nil || files == 0 {
		t.Fatal(files, err)
	}
}
