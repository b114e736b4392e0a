package main

import (
	"context"

	"kassa/kiosk/basket"
	"kassa/kiosk/web"
	"kassa/store/catalog"
)

// finder shows the catalogue to the page, a page at a time.
type finder struct{ catalogue *catalog.Catalog }

// browseMost bounds what a shopper can leaf through.
const browseMost = 20 * web.PageSize

func (f finder) Search(ctx context.Context, lang, text string, limit int) ([]basket.Article, error) {
	return f.catalogue.Search(ctx, lang, text, limit)
}

func (f finder) Browse(ctx context.Context, group string, page int) ([]basket.Article, int, error) {
	find := func() ([]basket.Article, error) { return f.catalogue.Browse(ctx, group, browseMost) }
	if group == "" {
		find = func() ([]basket.Article, error) { return f.catalogue.Produce(ctx, browseMost) }
	}
	all, err := find()
	if err != nil {
		return nil, 0, err
	}
	pages := max(1, (len(all)+web.PageSize-1)/web.PageSize)
	page = min(max(page, 0), pages-1)
	from := page * web.PageSize
	return all[from:min(from+web.PageSize, len(all))], pages, nil
}

func (f finder) Groups(ctx context.Context) ([]string, error) { return f.catalogue.Groups(ctx) }
