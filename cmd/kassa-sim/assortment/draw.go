package assortment

import (
	"fmt"
	"strings"
)

// A Shelf is a part of the assortment as it stands in the shop.
type Shelf struct {
	Name  string
	Goods []Article
}

// Shelves returns the assortment by shelf.
func Shelves() []Shelf {
	shelves := []Shelf{{Name: "Fruit and vegetables"}, {Name: "Cold"}, {Name: "Pantry"}, {Name: "Drinks"}, {Name: "Household"}}
	for _, a := range Articles() {
		i := 0
		switch {
		case a.Item >= 400:
			i = 4
		case a.Item >= 300:
			i = 3
		case a.Item >= 200 || a.Group == "bakery":
			i = 2
		case a.Item >= 100:
			i = 1
		}
		shelves[i].Goods = append(shelves[i].Goods, a)
	}
	return shelves
}

// Draw returns the picture of the article with this code ("4011.svg" too) as
// SVG: two tones, one line weight, rounded.
func Draw(code string) (string, bool) {
	a, ok := Find(strings.TrimSuffix(code, ".svg"))
	if !ok {
		return "", false
	}
	body, ok := shapes()[a.Art.Shape]
	if !ok {
		return "", false
	}
	// The line is ink on every drawing, so that all are by one hand.
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" fill="none" stroke="#1a1d21" `+
		`stroke-width="4" stroke-linecap="round" stroke-linejoin="round">%s</svg>`,
		strings.NewReplacer("MAIN", a.Art.Main, "TONE", a.Art.Tone).Replace(body)), true
}

// shapes returns the drawings, 96 by 96, MAIN and TONE for the two colours.
func shapes() map[string]string {
	return map[string]string{
		"round": `<path fill="MAIN" d="M48 32c-6-6-28-6-30 18-1 20 14 34 30 34s31-14 30-34c-2-24-24-24-30-18z"/>` +
			`<path d="M48 32c0-8 2-12 6-16"/><path fill="TONE" d="M52 24c4-10 14-12 22-10-2 8-12 14-22 10z"/>`,
		"citrus": `<circle fill="MAIN" cx="48" cy="52" r="30"/><path stroke="TONE" d="M44 24h8"/><path d="M60 42h.1M66 54h.1M56 62h.1M34 64a16 16 0 0 1-4-12"/>`,
		"tomato": `<path fill="MAIN" d="M48 30c-24-8-34 8-32 24 2 18 16 28 32 28s30-10 32-28c2-16-8-32-32-24z"/><path fill="TONE" d="M48 34l-8 6 2-8-10-4 10-2 6-8 6 8 10 2-10 4 2 8z"/>`,
		"onion":  `<path fill="MAIN" d="M46 14c0 14-28 18-28 44 0 18 14 26 30 26s30-8 30-26c0-26-28-30-28-44z"/><path stroke="TONE" d="M40 34c-10 12-12 30-4 44M56 34c10 12 12 30 4 44"/>`,
		"banana": `<path fill="MAIN" d="M24 16c0 34 14 54 48 56 6 0 8 8 2 10-40 8-66-24-60-64 1-6 10-8 10-2z"/>` +
			`<path stroke="TONE" d="M30 36c6 22 18 34 36 40"/>`,
		"grapes": `<g fill="MAIN"><circle cx="34" cy="40" r="11"/><circle cx="56" cy="38" r="11"/><circle cx="45" cy="56" r="11"/>` +
			`<circle cx="66" cy="54" r="11"/><circle cx="56" cy="72" r="11"/></g><path stroke="TONE" d="M46 28c0-8 4-12 10-16"/>`,
		"pepper": `<path fill="MAIN" d="M46 30c-18-8-32 4-28 26 3 18 14 28 22 28 5 0 6-4 10-4s6 4 12 3c10-2 18-14 18-30 0-20-16-30-34-23z"/>` +
			`<path stroke="TONE" d="M47 30c0-8 3-14 9-16M47 42v22"/>`,
		"carrot": `<path fill="MAIN" d="M32 34c10-8 26 0 26 12-4 14-18 30-38 40 2-22 4-40 12-52z"/><path d="M36 50l8 6M30 62l7 5"/>` +
			`<path fill="TONE" d="M54 36c2-12 8-20 14-22 2 6 0 10-2 14 6-2 10 0 14 2-4 8-14 12-22 12"/>`,
		"potato": `<path fill="MAIN" d="M20 54c-2-20 16-34 34-32 20 2 30 18 26 34-4 18-20 26-36 24-14-2-22-10-24-26z"/>` +
			`<path stroke="TONE" d="M38 44h.1M56 38h.1M62 58h.1M44 64h.1"/>`,
		"long": `<rect fill="MAIN" x="36" y="8" width="24" height="80" rx="12" transform="rotate(32 48 48)"/>` +
			`<path stroke="TONE" d="M60 26L40 58M66 36L54 56"/>`,
		"carton": `<path fill="MAIN" d="M28 34l8-18h24l8 18v52H28z"/><path fill="TONE" d="M28 52h40v18H28z"/><path d="M28 34h40M36 16v-6h24v6"/>`,
		"cup":    `<path fill="MAIN" d="M24 30h48l-6 54H30z"/><path fill="TONE" d="M26 46h44l-2 18H28z"/><path d="M20 22h56v8H20z" fill="MAIN"/>`,
		"brick":  `<path fill="MAIN" d="M14 40l18-12h50v30L64 72H14z"/><path fill="TONE" d="M14 50h50v12H14z"/><path d="M14 40h50v32M64 40l18-12"/>`,
		"wedge":  `<path fill="MAIN" d="M12 62L58 24c14 2 24 12 26 30v26H12z"/><path d="M12 62h72"/><path fill="TONE" d="M32 72h.1M52 70a5 5 0 1 1-.1 0M68 74h.1M58 44a5 5 0 1 1-.1 0"/>`,
		"eggs":   `<path fill="TONE" d="M10 52h76l-6 30H16z"/><path fill="MAIN" d="M16 52c0-16 6-24 11-24s11 8 11 24M37 52c0-16 6-24 11-24s11 8 11 24M58 52c0-16 6-24 11-24s11 8 11 24"/><path d="M10 52h76"/>`,
		"loaf":   `<path fill="MAIN" d="M12 56c0-18 16-28 36-28s36 10 36 28c0 6-4 8-8 8v14H20V64c-4 0-8-2-8-8z"/><path stroke="TONE" d="M34 40l-6 12M50 38l-6 12M66 40l-6 12"/>`,
		"packet": `<path fill="MAIN" d="M26 14h44l-4 10c8 14 10 40 4 60H26c-6-20-4-46 4-60z"/><path fill="TONE" d="M24 46h48c1 8 1 14 0 22H24c-1-8-1-14 0-22z"/><path d="M30 24h36"/>`,
		"can":    `<path fill="MAIN" d="M24 22v52c0 6 10 10 24 10s24-4 24-10V22z"/><path fill="TONE" d="M24 38c8 5 40 5 48 0v24c-8 5-40 5-48 0z"/><ellipse cx="48" cy="22" rx="24" ry="8" fill="#e8e8e4"/>`,
		"bottle": `<path fill="MAIN" d="M40 10h16v16c0 8 12 10 12 24v30c0 4-3 6-6 6H34c-3 0-6-2-6-6V50c0-14 12-16 12-24z"/><path fill="TONE" d="M28 54h40v18H28z"/><path d="M38 10h20"/>`,
		"wine":   `<path fill="MAIN" d="M42 8h12v26c0 6 12 8 12 20v28c0 3-2 4-4 4H34c-2 0-4-1-4-4V54c0-12 12-14 12-20z"/><path fill="TONE" d="M30 58h36v16H30z"/><path d="M42 18h12"/>`,
		"jar":    `<path fill="MAIN" d="M26 32h44c4 6 6 10 6 16v30c0 5-3 8-8 8H28c-5 0-8-3-8-8V48c0-6 2-10 6-16z"/><path fill="TONE" d="M26 16h44v16H26zM32 52h32v18H32z"/>`,
		"bar":    `<path fill="MAIN" d="M8 38h80v24H8z"/><path fill="TONE" d="M30 38h38v24H30z"/><path d="M8 38l6-6h10M88 62l-6 6H72"/>`,
		"box":    `<path fill="MAIN" d="M20 26h56v58H20z"/><path fill="TONE" d="M20 44h56v18H20z"/><path d="M20 26l8-12h40l8 12M48 14v12"/>`,
		"pack":   `<path fill="MAIN" d="M14 34h68v50H14z"/><path fill="TONE" d="M14 50h68v16H14z"/><path d="M34 34v50M62 34v50M30 34c2-16 34-16 36 0"/>`,
		"card":   `<path fill="MAIN" d="M22 12h52v72H22z"/><path fill="TONE" d="M48 60C30 46 34 32 42 32c4 0 6 4 6 6 0-2 2-6 6-6 8 0 12 14-6 28z"/>`,
	}
}
