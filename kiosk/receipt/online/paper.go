package online

import (
	"bytes"
	"net/http"
	"strings"

	"kassa/device/printer"
	"kassa/kiosk/receipt"
	"kassa/kiosk/receipt/qr"
	"kassa/kiosk/receipt/sheet"
	"kassa/kiosk/words"
)

// A block is a part of the paper as a page shows it. One of its fields is set.
type block struct {
	Text  *text
	Table *printer.Table
	Rule  bool
	Code  *qr.Code
}

// text is a line of the paper.
type text struct {
	Left, Right                  string
	Strong, Large, Centre, Inner bool
}

// paper is the document that a printer would get, for a page: the same lines in
// the same order. Pictures that are not codes stay on the paper.
func paper(r *receipt.Receipt, w words.Words) []block {
	var all []block
	for _, b := range receipt.Build(*r, w) {
		switch b := b.(type) {
		case printer.Text:
			if strings.TrimSpace(b.Left+b.Right) != "" {
				all = append(all, block{Text: &text{b.Left, b.Right, b.Bold, b.Double, b.Center, b.Indent > 0}})
			}
		case printer.Table:
			all = append(all, block{Table: &b})
		case printer.Rule:
			all = append(all, block{Rule: true})
		case printer.QR:
			if c := qr.Draw(b.Data); c != nil {
				all = append(all, block{Code: c})
			}
		case printer.Feed, printer.Barcode, printer.Raster, printer.Cut:
		}
	}
	return all
}

// pdf brings the receipt as one page.
func (s *Site) pdf(w http.ResponseWriter, r *http.Request, v visit) {
	if v.sale.Receipt == nil {
		http.Redirect(w, r, s.Prefix+v.code, http.StatusSeeOther)
		return
	}
	select {
	case s.drawn <- struct{}{}:
		defer func() { <-s.drawn }()
	case <-r.Context().Done():
		return
	}
	rc := v.sale.Receipt
	blocks := receipt.Build(*rc, s.Words.In(s.language(r, v.sale)))
	var file bytes.Buffer
	if err := sheet.PDF(&file, s.Profile, rc.ID, rc.At, blocks, printer.OnDemand()); err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `attachment; filename="receipt-`+rc.ID+`.pdf"`) // of letters, digits and hyphens
	_, _ = w.Write(file.Bytes())                                                          // whoever is gone asks again
}
