package config

import (
	"kassa/kiosk/config/strict"
)

// name is what a lane's configuration is called.
const name = "kassa.toml"

// Load reads and checks the file at path. Its error is one line that names the
// file, the line or key, what is wrong and the remedy; an *[Error] unless the
// file cannot be read.
func Load(path string) (*Lane, error) {
	text, err := strict.Read(path, name)
	if err != nil {
		return nil, err
	}
	return Parse(path, text)
}

// Parse checks text as the content of the file at path, which need not exist.
func Parse(path, text string) (*Lane, error) {
	var raw rawFile
	read, err := strict.Decode(path, name, text, &raw)
	if err != nil {
		return nil, err
	}
	f := &file{read}
	lane := f.lane(&raw)
	if f.Err() != nil {
		return nil, f.Err()
	}
	return lane, nil
}

// An Error is one thing wrong with a file.
type Error = strict.Error

// A file is one being checked. The first fault found stays.
type file struct{ *strict.File }

// bad notes that key is wrong, unless something was wrong before.
func (f *file) bad(key, format string, args ...any) { f.Bad(key, format, args...) }

func short(s string) string { return strict.Short(s) }
