package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"kassa/kiosk/barcode"
	"kassa/kiosk/basket"
	"kassa/kiosk/config"
	"kassa/store/catalog"
)

// catalogCmd is `kassa catalog`.
type catalogCmd struct {
	Import catalogImportCmd `cmd:"" help:"Take in articles, prices to come, recalls and promotions; all files or none."`
	Show   catalogShowCmd   `cmd:"" help:"Show the article that a GTIN or PLU stands for, as the lane would sell it now."`
	Export catalogExportCmd `cmd:"" help:"Write all articles as a file that import reads."`
}

// catalogImportCmd is `kassa catalog import`.
type catalogImportCmd struct {
	Config string   `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	Delta  bool     `help:"Change what the files name and leave the rest: a row replaces the whole article that has one of its codes, a rule that with its id; prices to come and recalls are added. Without it files replace all of their kind."`
	Files  []string `arg:"" help:"CSV files, told apart by their header, and promotions as .toml. Articles have a price_minor and a name, prices to come valid_from or members, recalls lot, serial or text."`
}

// Run imports and says on standard output what came in, as one JSON object.
func (c *catalogImportCmd) Run(ctx context.Context) error {
	return c.run(ctx, os.Stdout, os.Stderr)
}

func (c *catalogImportCmd) run(ctx context.Context, out io.Writer, errs *os.File) error {
	lane, cat, err := openCatalog(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { _ = cat.Close() }() // the import has committed or failed
	bar := newBar(errs)
	sum, err := cat.Import(ctx, c.Files, catalog.Options{Delta: c.Delta, Location: lane.Location}, bar.show)
	bar.clear()
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(sum)
}

// catalogShowCmd is `kassa catalog show`.
type catalogShowCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	Code   string `arg:"" help:"A GTIN of 8, 12, 13 or 14 digits, or a PLU."`
}

// Run prints one JSON object, named like the columns of the article file.
func (c *catalogShowCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *catalogShowCmd) run(ctx context.Context, out io.Writer) error {
	_, cat, err := openCatalog(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { _ = cat.Close() }() // only read
	var a basket.Article
	var found bool
	gtin, err := barcode.Normal(c.Code)
	if err == nil {
		a, found, err = cat.Lookup(ctx, gtin)
	} else {
		a, found, err = cat.LookupPLU(ctx, c.Code)
	}
	switch {
	case err != nil:
		return err
	case !found:
		return fmt.Errorf("no article has the code %q; is it in the file last imported?", c.Code)
	}
	shown := newShownArticle(a)
	recall, recalled, err := cat.Recalled(ctx, gtin, "", "")
	if err != nil {
		return err
	}
	if recalled {
		shown.Recall = &recall
	}
	if shown.Version, err = cat.Version(ctx); err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return enc.Encode(shown)
}

// A shownArticle is an article as `kassa catalog show` prints it.
type shownArticle struct {
	GTIN        string            `json:"gtin"`
	PLU         string            `json:"plu"`
	Item        string            `json:"item"` // what all codes of the article share
	Name        string            `json:"name"`
	Names       map[string]string `json:"names,omitempty"`
	PriceMinor  int64             `json:"price_minor"`
	MemberMinor int64             `json:"member_price_minor,omitempty"`
	Per         string            `json:"per"`
	Pack        int64             `json:"pack,omitempty"`
	Tax         string            `json:"tax"`
	Age         int               `json:"age"`
	WeightMg    int64             `json:"weight_mg"`
	WeightSDMg  int64             `json:"weight_sd_mg"`
	TareG       int64             `json:"tare_g"`
	Deposit     int64             `json:"deposit_minor"`
	Group       string            `json:"group"`
	Flags       []string          `json:"flags"`
	Picture     string            `json:"picture"`
	Recall      *catalog.Recall   `json:"recall,omitempty"`
	Version     int64             `json:"version"`
}

func newShownArticle(a basket.Article) shownArticle {
	flags := catalog.FlagNames(a.Flags)
	if flags == nil {
		flags = []string{}
	}
	return shownArticle{
		GTIN: a.GTIN, PLU: a.PLU, Item: a.Item, Name: a.Name, Names: a.Names, PriceMinor: int64(a.Price),
		MemberMinor: int64(a.Member), Per: catalog.PerName(a.Per), Pack: a.Pack, Tax: a.Tax, Age: a.Age,
		WeightMg: a.MeanMg, WeightSDMg: a.SDMg, TareG: int64(a.Tare), Deposit: int64(a.Deposit), Group: a.Group,
		Flags: flags, Picture: a.Picture,
	}
}

// catalogExportCmd is `kassa catalog export`.
type catalogExportCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	Out    string `short:"o" placeholder:"FILE" help:"Write to FILE instead of standard output."`
}

// Run writes the articles as CSV.
func (c *catalogExportCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *catalogExportCmd) run(ctx context.Context, out io.Writer) error {
	_, cat, err := openCatalog(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { _ = cat.Close() }() // only read
	if c.Out == "" {
		return cat.Export(ctx, out)
	}
	f, err := os.Create(c.Out)
	if err != nil {
		return err
	}
	if err := cat.Export(ctx, f); err != nil {
		_ = f.Close() // the first error counts
		return err
	}
	return f.Close()
}

// openCatalog opens the catalogue of the lane that a kassa.toml describes.
func openCatalog(ctx context.Context, file string) (*config.Lane, *catalog.Catalog, error) {
	lane, err := config.Load(file)
	if err != nil {
		return nil, nil, err
	}
	cat, err := catalog.Open(ctx, lane.Data)
	if err != nil {
		return nil, nil, err
	}
	return lane, cat, nil
}

// A bar shows progress in one line of a terminal, and nothing elsewhere.
type bar struct {
	w     io.Writer // nil: no terminal
	begin time.Time
	last  time.Time
	drawn bool
}

const (
	barWidth = 40
	barEvery = 100 * time.Millisecond
)

func newBar(f *os.File) *bar {
	b := &bar{begin: time.Now()}
	if term.IsTerminal(int(f.Fd())) {
		b.w = f
	}
	return b
}

func (b *bar) show(done, total int64) {
	now := time.Now()
	if b.w == nil || total <= 0 || now.Sub(b.last) < barEvery {
		return
	}
	b.last, b.drawn = now, true
	full := int(barWidth * min(done, total) / total)
	// A terminal that is gone is no reason to stop an import.
	_, _ = fmt.Fprintf(b.w, "\r[%s%s] %3d %%  %s ", strings.Repeat("#", full), strings.Repeat(".", barWidth-full),
		100*min(done, total)/total, now.Sub(b.begin).Round(time.Second))
}

// clear leaves an empty line behind.
func (b *bar) clear() {
	if b.drawn {
		_, _ = fmt.Fprint(b.w, "\r\x1b[K") // see show
	}
}
