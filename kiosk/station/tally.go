package station

import (
	"context"
	"maps"
	"slices"
	"time"

	"kassa/kiosk/flow"
	"kassa/store/catalog"
)

const (
	tallyEvery = time.Minute     // how often counts go to the disk, away from the sales
	tallyWait  = 2 * time.Second // for an import that is under way; then they wait for the next time
	tallyMost  = 10_000          // articles kept waiting; more are forgotten: counts are hints
)

// countSold hands what was paid for to tally. When that is behind, it is lost.
func (s *Station) countSold(before, after flow.State) {
	if s.o.Training || after.Sale == nil || after.Sale.State != flow.SalePaid || before.Sale == nil || before.Sale.State == flow.SalePaid {
		return
	}
	var sold []catalog.Sold
	for _, l := range after.Sale.Basket.Lines {
		if !l.Voided && l.Of == 0 && l.Article.Item != "" {
			sold = append(sold, catalog.Sold{Article: l.Article, Pieces: l.Qty})
		}
	}
	select {
	case s.sold <- sold:
	default:
	}
}

// tally gathers what is sold and counts it in the catalogue now and then, and
// when the lane stops.
func (s *Station) tally(ctx context.Context) error {
	waiting := map[string]catalog.Sold{}
	t := time.NewTicker(tallyEvery)
	defer t.Stop()
	for {
		select {
		case sold := <-s.sold:
			gather(waiting, sold)
		case <-t.C:
			s.count(ctx, waiting)
		case <-ctx.Done():
			for len(s.sold) > 0 {
				gather(waiting, <-s.sold)
			}
			s.count(context.WithoutCancel(ctx), waiting)
			return context.Cause(ctx)
		}
	}
}

func gather(waiting map[string]catalog.Sold, sold []catalog.Sold) {
	for _, one := range sold {
		have, known := waiting[one.Article.Item]
		if !known && len(waiting) >= tallyMost {
			continue
		}
		one.Pieces += have.Pieces
		waiting[one.Article.Item] = one
	}
}

// count writes the counts down and forgets them; if it cannot, they wait.
func (s *Station) count(ctx context.Context, waiting map[string]catalog.Sold) {
	if len(waiting) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tallyWait)
	defer cancel()
	if err := s.o.Catalogue.Count(ctx, slices.Collect(maps.Values(waiting))); err != nil {
		s.o.Log.WarnContext(ctx, "best sellers", "err", err)
		return
	}
	clear(waiting)
}
