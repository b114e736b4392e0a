package strict

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// shape checks that tree has only keys that type t has, each of the right type,
// and reports the fault that stands first in the file.
func (f *File) shape(tree map[string]any, t reflect.Type) {
	var faults []*Error
	f.table("", tree, t, &faults)
	if len(faults) == 0 {
		return
	}
	slices.SortStableFunc(faults, func(a, b *Error) int { return a.Line - b.Line })
	f.err = faults[0]
}

func (f *File) table(path string, tree map[string]any, t reflect.Type, faults *[]*Error) {
	known := map[string]reflect.Type{}
	for field := range t.Fields() {
		known[field.Tag.Get("toml")] = field.Type
	}
	for _, key := range slices.Sorted(maps.Keys(tree)) {
		at := join(path, key)
		if want, ok := known[key]; ok {
			f.value(at, tree[key], want, faults)
			continue
		}
		text := "is not a key of " + f.name
		names := slices.Sorted(maps.Keys(known))
		if near := nearest(key, names); near != "" {
			text += fmt.Sprintf(": did you mean %s?", near)
		} else {
			text += ": want one of " + strings.Join(names, ", ")
		}
		*faults = append(*faults, f.fault(at, text))
	}
}

func (f *File) fault(key, text string) *Error {
	return &Error{File: f.path, Line: f.line(key), Key: OneLine(key), Text: text}
}

func (f *File) value(at string, v any, want reflect.Type, faults *[]*Error) {
	if want.Kind() == reflect.Pointer {
		want = want.Elem()
	}
	if want.Kind() == reflect.Struct {
		if tree, ok := v.(map[string]any); ok {
			f.table(at, tree, want, faults)
			return
		}
	}
	if want.Kind() == reflect.Slice && f.list(at, v, want, faults) {
		return
	}
	if fits(v, want) {
		return
	}
	*faults = append(*faults, f.fault(at, fmt.Sprintf("is %s, want %s", describe(v), describeType(want, at))))
}

// list checks a list's elements; false: v is no list.
func (f *File) list(at string, v any, want reflect.Type, faults *[]*Error) bool {
	switch all := v.(type) {
	case []map[string]any:
		if want.Elem().Kind() != reflect.Struct {
			return false
		}
		for i, tree := range all {
			f.table(fmt.Sprintf("%s[%d]", at, i), tree, want.Elem(), faults)
		}
	case []any:
		for i, item := range all {
			f.value(fmt.Sprintf("%s[%d]", at, i), item, want.Elem(), faults)
		}
	default:
		return false
	}
	return true
}

func fits(v any, want reflect.Type) bool {
	switch v.(type) {
	case string:
		return want.Kind() == reflect.String
	case bool:
		return want.Kind() == reflect.Bool
	case int64:
		return want.Kind() == reflect.Int64 || want.Kind() == reflect.Float64
	case float64:
		return want.Kind() == reflect.Float64
	default:
		return false
	}
}

func describe(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("the text %q", Short(v))
	case bool:
		return fmt.Sprint(v)
	case int64, float64:
		return fmt.Sprintf("the number %v", v)
	case map[string]any:
		return "a section"
	case []any, []map[string]any:
		return "a list"
	default:
		return "a date or time"
	}
}

func describeType(t reflect.Type, at string) string {
	key := at[strings.LastIndexByte(at, '.')+1:]
	switch t {
	case reflect.TypeFor[string]():
		return `a text in quotes: "..."`
	case reflect.TypeFor[bool]():
		return "true or false"
	case reflect.TypeFor[int64]():
		return "a whole number"
	case reflect.TypeFor[float64]():
		return "a number"
	case reflect.TypeFor[[]string]():
		return "a list of texts: " + key + ` = ["..."]`
	case reflect.TypeFor[[]int64]():
		return "a list of whole numbers: " + key + " = [70000]"
	}
	if t.Kind() == reflect.Slice {
		return "a section in double brackets: [[" + at + "]]"
	}
	return "a section: [" + at + "]"
}

// Short cuts a long text for a message.
func Short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "..."
	}
	return s
}

// nearest returns the name most like key, "" when none is much like it.
func nearest(key string, names []string) string {
	best, found := 3, ""
	for _, name := range names {
		if d := distance(key, name); d < best && d < len(name) {
			best, found = d, name
		}
	}
	return found
}

// distance counts the letters to insert, drop or change to turn a into b.
func distance(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
