package report

import (
	"bufio"
	"fmt"
	"io"
	"text/tabwriter"

	"kassa/store/report/views"
)

// Views writes what views a database has, what they count and what their
// columns are, for who asks them with other tools.
func Views(out io.Writer, all []views.View) error {
	w := bufio.NewWriter(out)
	for i, v := range all {
		if v.Columns == nil {
			continue // stands behind others
		}
		if i > 0 {
			_, _ = fmt.Fprintln(w) // Flush tells
		}
		_, _ = fmt.Fprintf(w, "%s\n%s\n", v.Name, v.Doc)
		tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, c := range v.Columns {
			_, _ = fmt.Fprintf(tw, "  %s\t%s\t%s\n", c.Name, c.Kind, c.Doc)
		}
		_ = tw.Flush()
	}
	return w.Flush()
}
