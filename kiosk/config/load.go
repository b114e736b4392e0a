package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"
)

// maxFile bounds what is read: a config file is a few kilobytes.
const maxFile = 1 << 20

// Load reads and checks the file at path. Its error is one line that names the
// file, the line or key, what is wrong and the remedy; an *[Error] unless the
// file cannot be read.
func Load(path string) (*Lane, error) {
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: no such file: name the lane's configuration with --config FILE: %w", path, err)
	case err != nil:
		return nil, fmt.Errorf("%s: cannot be read: %w", path, err)
	case len(text) > maxFile:
		return nil, fmt.Errorf("%s: is larger than %d bytes: not a kassa.toml", path, maxFile)
	}
	return Parse(path, string(text))
}

// Parse checks text as the content of the file at path, which need not exist.
func Parse(path, text string) (*Lane, error) {
	var tree map[string]any
	if _, err := toml.Decode(text, &tree); err != nil {
		return nil, syntaxError(path, err)
	}
	f := &file{path: path, dir: filepath.Dir(path), lines: locate(text)}
	if f.shape(tree); f.err != nil {
		return nil, f.err
	}
	var raw rawFile
	if _, err := toml.Decode(text, &raw); err != nil {
		return nil, syntaxError(path, err) // a number out of range
	}
	lane := f.lane(&raw)
	if f.err != nil {
		return nil, f.err
	}
	return lane, nil
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
		return &Error{File: path, Text: oneLine(err.Error())}
	}
	text := parse.Message
	if text == "" {
		text = err.Error()
	}
	return &Error{File: path, Line: parse.Position.Line, Text: "is not TOML: " + oneLine(text)}
}

func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

// A file is one being checked. The first fault found stays.
type file struct {
	path  string
	dir   string
	lines map[string]int // line number by key or section
	err   error
}

// bad notes that key is wrong, unless something was wrong before. A key that is
// not in the file is placed at its section.
func (f *file) bad(key, format string, args ...any) {
	if f.err != nil {
		return
	}
	f.err = &Error{File: f.path, Line: f.line(key), Key: key, Text: oneLine(fmt.Sprintf(format, args...))}
}

func (f *file) line(key string) int {
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
