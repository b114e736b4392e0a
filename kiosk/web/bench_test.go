package web

import (
	"context"
	"strings"
	"testing"
)

// A page must be rendered well within a frame.
func BenchmarkParts(b *testing.B) {
	t := &testing.T{}
	s, err := newSite(newLane().options(t))
	if err != nil {
		b.Fatal(err)
	}
	v := newLane().now
	v.Language = "ar"
	for b.Loop() {
		p := s.page(context.Background(), v, query{})
		var out strings.Builder
		for _, name := range parts {
			html, err := p.part(name)
			if err != nil {
				b.Fatal(err)
			}
			out.WriteString(html)
		}
	}
}
