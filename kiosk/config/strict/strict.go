// Package strict reads TOML files that people write: every key must be known and
// of the right type, and what is wrong is told in one line with file, line, key
// and remedy. What the keys mean is not its matter.
//
// Its one rule: the first fault in the file is the one that is told, and nothing
// is used of a file that has one.
package strict

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/BurntSushi/toml"
)

// maxFile bounds what is read: a config file is a few kilobytes.
const maxFile = 1 << 20

// Load reads the file at path into the struct that into points at, whose fields
// name their keys by the tag toml. Name is what such a file is called, as in
// "kassa.toml". Its error is one line; an *[Error] unless the file cannot be read.
func Load(path, name string, into any) (*File, error) {
	text, err := Read(path, name)
	if err != nil {
		return nil, err
	}
	return Decode(path, name, text, into)
}

// Read reads a file of a few kilobytes as a text.
func Read(path, name string) (string, error) {
	text, err := os.ReadFile(path) //nolint:gosec // named by whoever runs the program
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("%s: no such file: name a %s with --config FILE: %w", path, name, fs.ErrNotExist)
	case err != nil:
		return "", fmt.Errorf("%s: cannot be read: %w", path, err)
	case len(text) > maxFile:
		return "", fmt.Errorf("%s: is larger than %d bytes: not a %s", path, maxFile, name)
	}
	return string(text), nil
}

// Decode is Load for a text that was read before.
func Decode(path, name, text string, into any) (*File, error) {
	var tree map[string]any
	if _, err := toml.Decode(text, &tree); err != nil {
		return nil, syntaxError(path, err)
	}
	f := &File{path: path, name: name, lines: locate(text)}
	if f.shape(tree, reflect.TypeOf(into).Elem()); f.err != nil {
		return nil, f.err
	}
	if _, err := toml.Decode(text, into); err != nil {
		return nil, syntaxError(path, err) // a number out of range
	}
	return f, nil
}

// An Error is one thing wrong with a file.
type Error struct {
	File string
	Line int    // 0: not about one line
	Key  string // as in "scale.port"; "" when the file is not TOML
	Text string // what is wrong and what to write instead
}

// Error returns FILE:LINE: KEY TEXT.
func (e *Error) Error() string {
	where := e.File
	if e.Line > 0 {
		where = fmt.Sprintf("%s:%d", e.File, e.Line)
	}
	if e.Key == "" {
		return where + ": " + e.Text
	}
	return where + ": " + e.Key + " " + e.Text
}

func syntaxError(path string, err error) error {
	var parse toml.ParseError
	if !errors.As(err, &parse) {
		return &Error{File: path, Text: OneLine(err.Error())}
	}
	text := parse.Message
	if text == "" {
		text = err.Error()
	}
	return &Error{File: path, Line: parse.Position.Line, Text: "is not TOML: " + OneLine(text)}
}

// OneLine puts spaces for what would break or bend a line.
func OneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

// A File is one being checked. The first fault found stays.
type File struct {
	path  string
	name  string
	lines map[string]int // line number by key or section
	err   error
}

// Path is where the file lies.
func (f *File) Path() string { return f.path }

// Beside is the path of a file that this one names: from its own folder on,
// unless it is absolute. "" stays.
func (f *File) Beside(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(f.path), path)
}

// Has reports whether a key stands in the file, even if it is empty.
func (f *File) Has(key string) bool { return f.lines[key] > 0 }

// Err is the first fault, nil if there is none.
func (f *File) Err() error { return f.err }

// Bad notes that key is wrong, unless something was wrong before. A key that is
// not in the file is placed at its section.
func (f *File) Bad(key, format string, args ...any) {
	if f.err != nil {
		return
	}
	f.err = &Error{File: f.path, Line: f.line(key), Key: key, Text: OneLine(fmt.Sprintf(format, args...))}
}

func (f *File) line(key string) int {
	for key != "" {
		if n := f.lines[key]; n > 0 {
			return n
		}
		key = key[:max(0, strings.LastIndexAny(key, ".["))]
	}
	return 0
}

// locate finds the line of every section and key of a TOML file written in the
// plain way: a header or a key at the beginning of a line. Keys of the second
// [[scanner]] begin with "scanner[1].".
func locate(text string) map[string]int {
	lines := map[string]int{}
	counts := map[string]int{}
	section := ""
	note := func(key string, n int) {
		if _, seen := lines[key]; !seen {
			lines[key] = n
		}
	}
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n++
		line = strings.TrimSpace(line)
		head, isArray := strings.CutPrefix(line, "[[")
		if !isArray {
			head, _ = strings.CutPrefix(line, "[")
		}
		name, _, closed := strings.Cut(head, "]")
		key, _, isKey := strings.Cut(line, "=")
		switch {
		case head != line && closed:
			section = strings.ReplaceAll(name, " ", "")
			note(section, n)
			if isArray {
				counts[section]++
				section = fmt.Sprintf("%s[%d]", section, counts[section]-1)
			}
			note(section, n)
		case isKey && !strings.HasPrefix(line, "#"):
			note(join(section, strings.Trim(strings.ReplaceAll(key, " ", ""), `"'`)), n)
		}
	}
	return lines
}

func join(section, key string) string {
	if section == "" {
		return key
	}
	return section + "." + key
}
