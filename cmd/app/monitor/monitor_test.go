package monitor

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestNumbersAreReadWhenAskedFor(t *testing.T) {
	n := int64(6)
	h := Handler(func(p Page) {
		n++
		p.Counter("kassa_test_rows_total", "Rows.", n)
		p.Gauge("kassa_test_still_seconds", "Time.", 0.5)
	})
	for _, rows := range []string{"7", "8"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		for _, line := range []string{
			"# TYPE kassa_test_rows_total counter\nkassa_test_rows_total " + rows + "\n", "# TYPE kassa_test_still_seconds gauge\nkassa_test_still_seconds 0.5\n", "go_goroutines ",
		} {
			if !strings.Contains(w.Body.String(), line) {
				t.Errorf("without %q:\n%s", line, w.Body)
			}
		}
	}
}
