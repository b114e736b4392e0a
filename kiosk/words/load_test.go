package words

import (
	"sync"
	"testing"
)

// Languages are read when they are first asked for, also by two at once.
func TestEveryLanguageIsRead(t *testing.T) {
	b, err := New(Settings{Currency: "EUR", Decimals: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range append(Languages(), Pseudo, pseudoRTLTag) {
		if tag != "en" && b.loaded[tag] {
			t.Errorf("%s is read before anybody asks", tag)
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if got := b.In("en").T("basket.pay"); got == "" {
					t.Error("no English")
				}
				b.need(tag)
			})
		}
		wg.Wait()
		b.loaded[tag] = false
		if err := b.load(tag); err != nil {
			t.Error(err)
		}
	}
}
