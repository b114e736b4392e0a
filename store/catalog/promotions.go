package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"kassa/kiosk/basket"
	"kassa/kiosk/money"
)

// maxPromotions is how large a file of promotions may be, in bytes.
const maxPromotions = 16 << 20

// promotions takes one file of promotions in.
func (im *importer) promotions(ctx context.Context, s source) error {
	text, err := io.ReadAll(io.LimitReader(&counted{s.file, im}, maxPromotions+1))
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	if len(text) > maxPromotions {
		im.problems = append(im.problems, &FileError{File: s.name, Text: fmt.Sprintf("the file is larger than %d bytes; split it", maxPromotions)})
		return nil
	}
	rules, problems := parsePromotions(s.name, strings.TrimPrefix(string(text), "\ufeff"), im.opts.Location)
	im.problems = append(im.problems, problems...)
	if len(im.problems) > 0 {
		return nil
	}
	for _, p := range rules {
		body, err := json.Marshal(p)
		if err != nil {
			return err
		}
		_, err = im.tx.ExecContext(ctx, `INSERT INTO promotion (id, rule) VALUES (?, ?)
			ON CONFLICT (id) DO UPDATE SET rule = excluded.rule`, p.ID, string(body))
		if err != nil {
			return err
		}
		im.sum.Promotions++
	}
	return nil
}

// maxNested is how deep brackets may nest. The TOML library goes one call deeper
// with each, and a stack that overflows cannot be recovered from.
const maxNested = 1000

// nested reports whether brackets nest too deep. It counts those in texts and
// comments too, which only makes it stricter.
func nested(text string) bool {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(0, depth-1)
		}
		if depth > maxNested {
			return true
		}
	}
	return false
}

// A ruleReader reads one [[rule]] table.
type ruleReader struct {
	file     string
	lines    []string // of the file
	line     int      // of the table's head, from 1; 0: not known
	table    map[string]any
	zone     *time.Location
	problems FileErrors
}

// parsePromotions reads a file of promotions.
func parsePromotions(file, text string, zone *time.Location) ([]basket.Promotion, FileErrors) {
	if nested(text) {
		return nil, FileErrors{{File: file, Text: "brackets nest too deep; is it a file of promotions?"}}
	}
	var top map[string]any
	if _, err := toml.Decode(text, &top); err != nil {
		line, what := 0, err.Error()
		if p, ok := errors.AsType[toml.ParseError](err); ok {
			line, what = p.Position.Line, p.Message
			if what == "" {
				what = strings.ReplaceAll(p.Error(), "\n", " ")
			}
		}
		return nil, FileErrors{{File: file, Line: line, Text: what + "; each rule is a [[rule]] table of KEY = VALUE lines"}}
	}
	r := ruleReader{file: file, lines: strings.Split(text, "\n"), zone: zone}
	for key := range top {
		if key != "rule" {
			r.bad(key, "unknown key; a file of promotions has [[rule]] tables only")
		}
	}
	tables, ok := top["rule"].([]map[string]any)
	if _, some := top["rule"]; some && !ok {
		r.bad("rule", "rules are written as [[rule]] tables, with double brackets")
	}
	heads := r.heads()
	seen := map[string]bool{}
	var all []basket.Promotion
	for i, t := range tables {
		r.table, r.line = t, 0
		if len(heads) == len(tables) {
			r.line = heads[i]
		}
		p := r.promotion()
		if seen[p.ID] {
			r.bad("id", "the id %s stands twice; give each rule its own", shown(p.ID))
		}
		seen[p.ID] = true
		all = append(all, p)
	}
	return all, r.problems
}

// heads returns the lines of the [[rule]] heads.
func (r *ruleReader) heads() []int {
	head := regexp.MustCompile(`^\s*\[\[\s*rule\s*\]\]`)
	var all []int
	for i, l := range r.lines {
		if head.MatchString(l) {
			all = append(all, i+1)
		}
	}
	return all
}

// bad notes a problem at a key of the present table.
func (r *ruleReader) bad(key, format string, args ...any) {
	line := r.line
	for i := r.line; r.line > 0 && i < len(r.lines); i++ {
		l := strings.TrimSpace(r.lines[i])
		if strings.HasPrefix(l, "[[") {
			break
		}
		if name, _, ok := strings.Cut(l, "="); ok && strings.TrimSpace(name) == key {
			line = i + 1
			break
		}
	}
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, &FileError{r.file, line, key, fmt.Sprintf(format, args...)})
	}
}

func ruleKeys() []string {
	return []string{
		"id", "name", "kind", "items", "buy", "pay", "price_minor", "percent_ppm", "amount_minor", "least_minor", "from",
		"until", "days", "hours", "members", "coupon", "coupon_value", "limit", "stack",
	}
}

// promotion reads the present table.
func (r *ruleReader) promotion() basket.Promotion {
	before := len(r.problems)
	p := basket.Promotion{
		ID: r.text("id"), Name: r.text("name"), Kind: basket.Kind(r.text("kind")), Coupon: r.text("coupon"),
		Buy: r.whole("buy"), Pay: r.whole("pay"), PercentPPM: r.whole("percent_ppm"), Limit: r.whole("limit"),
		Price: money.Amount(r.whole("price_minor")), Amount: money.Amount(r.whole("amount_minor")), Least: money.Amount(r.whole("least_minor")),
		Members: r.yes("members"), Stack: r.yes("stack"), Claimed: r.yes("coupon_value"),
		From: r.wall("from", 0), Until: r.wall("until", 1),
	}
	for key := range r.table {
		lang, ok := strings.CutPrefix(key, "name_")
		switch {
		case ok && isLanguage(lang):
			if p.Names == nil {
				p.Names = map[string]string{}
			}
			p.Names[lang] = r.text(key)
		case !slices.Contains(ruleKeys(), key):
			r.bad(key, "unknown key; known are %s", strings.Join(ruleKeys(), ", "))
		}
	}
	for _, s := range r.list("items") {
		item, err := basket.ItemOf(s)
		if err != nil {
			r.bad("items", "%v", err)
		}
		p.Items = append(p.Items, item)
	}
	var err error
	if p.Days, err = basket.ParseDays(strings.Join(r.list("days"), ",")); err != nil {
		r.bad("days", "%v", err)
	}
	if p.Hours, err = basket.ParseHours(strings.Join(r.list("hours"), ",")); err != nil {
		r.bad("hours", "%v", err)
	}
	if p.Name == "" {
		r.bad("name", "the name is missing; receipts show it")
	}
	if len(r.problems) == before { // else the same would be said twice
		if err := p.Check(); err != nil {
			r.bad("", "%v", err)
		}
	}
	return p
}

func (r *ruleReader) text(key string) string {
	v, ok := r.table[key]
	if !ok {
		return ""
	}
	s, ok := v.(string)
	switch {
	case !ok:
		r.bad(key, "write a text in double quotes")
	case strings.ContainsFunc(s, unprintable) || len([]rune(s)) > maxText:
		r.bad(key, "%s has control or direction characters or more than %d letters", shown(s), maxText)
	}
	return s
}

func (r *ruleReader) whole(key string) int64 {
	v, ok := r.table[key]
	if !ok {
		return 0
	}
	n, ok := v.(int64)
	if !ok {
		r.bad(key, "write a whole number without quotes or decimals")
	}
	return n
}

func (r *ruleReader) yes(key string) bool {
	v, ok := r.table[key]
	if !ok {
		return false
	}
	b, ok := v.(bool)
	if !ok {
		r.bad(key, "write true or false")
	}
	return b
}

// list reads a text or a list of texts.
func (r *ruleReader) list(key string) []string {
	v, ok := r.table[key]
	if !ok {
		return nil
	}
	if s, ok := v.(string); ok {
		return []string{s}
	}
	var all []string
	items, ok := v.([]any)
	for _, item := range items {
		s, isText := item.(string)
		ok = ok && isText
		all = append(all, s)
	}
	if !ok {
		r.bad(key, `write a list of texts, like ["a", "b"]`)
		return nil
	}
	return all
}

// wall reads a date, local time or time with offset as the shop's wall shows
// it; a date alone stands for its beginning, so many days later.
func (r *ruleReader) wall(key string, days int) basket.Wall {
	var at time.Time
	var zone string
	switch v := r.table[key].(type) {
	case nil:
		return 0
	case time.Time:
		at, zone = v, v.Location().String()
	case string:
		var err error
		if at, err = time.Parse(time.RFC3339, v); err == nil {
			zone = "offset"
			break
		}
		w, err := basket.ParseWall(v)
		if err != nil {
			r.bad(key, "%v", err)
			return 0
		}
		if len(v) == len(time.DateOnly) {
			w += basket.Wall(days) * 24 * 60 * 60
		}
		return w
	default:
		r.bad(key, "write a date like 2026-11-22 or a time like 2026-11-22T08:00:00+01:00")
		return 0
	}
	switch zone {
	case "datetime-local":
		return local(at)
	case "date-local":
		return local(at.AddDate(0, 0, days))
	case "time-local":
		r.bad(key, "write a date as well, like 2026-11-22T08:00:00")
		return 0
	default:
		return basket.WallOf(at.In(r.zone))
	}
}

// local takes the wall-clock parts of a time that has no zone.
func local(t time.Time) basket.Wall {
	return basket.WallOf(time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC))
}
