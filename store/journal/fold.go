package journal

import (
	"cmp"
	"fmt"
	"slices"

	"kassa/kiosk/flow"
)

// Fold works a record of a transaction into it, as the tables do: for whoever has
// the records and not the journal. Records come in their order. A transaction
// whose First is 0 after all of them was never decided about, and is none.
func (t *Transaction) Fold(seq int64, hash, facts string) error {
	f, err := decodeFacts(facts)
	if err != nil {
		return fmt.Errorf("record %d: facts: %w", seq, err)
	}
	if f.Txn != nil {
		t.TxnFacts, t.Taxes = *f.Txn, f.Taxes
		if t.First == 0 {
			t.First = seq
		}
	}
	if t.First != 0 {
		t.Last, t.Hash = seq, hash
	}
	for i := range f.Lines {
		f.Lines[i].Set = nil // the tables do not have it
	}
	t.Lines = newer(t.Lines, f.Lines, func(l flow.LineFacts) int { return l.N })
	t.Tenders = newer(t.Tenders, f.Tenders, func(x flow.TenderFacts) int { return x.N })
	t.Interventions = newer(t.Interventions, f.Interventions, func(x flow.InterventionFacts) int { return x.N })
	t.Contacts = newer(t.Contacts, f.Contacts, func(x flow.ContactFacts) int { return x.N })
	return nil
}

// newer puts what was decided now in the place of what was before, by number.
func newer[T any](old, young []T, n func(T) int) []T {
	for _, y := range young {
		i, there := slices.BinarySearchFunc(old, n(y), func(o T, n2 int) int { return cmp.Compare(n(o), n2) })
		if there {
			old[i] = y
		} else {
			old = slices.Insert(old, i, y)
		}
	}
	return old
}
