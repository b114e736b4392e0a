package printer

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

//go:embed profiles.toml
var shipped string

// A Profile is what a kind of printer can do; profiles.toml says what each field
// means and holds those that are known.
type Profile struct {
	Name      string    `toml:"name"`
	About     string    `toml:"about"`
	Dots      int       `toml:"dots"`
	Columns   int       `toml:"columns"`
	Charset   Charset   `toml:"charset"` // what CodePage selects
	CodePage  byte      `toml:"code_page"`
	Cutter    bool      `toml:"cutter"`
	TearFeed  int       `toml:"tear_feed"`
	Drawer    bool      `toml:"drawer"`
	Status    bool      `toml:"status"`
	ProcessID bool      `toml:"process_id"`
	Raster    RasterWay `toml:"raster"`
	Slice     int       `toml:"slice"`
	Buffer    int       `toml:"buffer"`
	QR        bool      `toml:"qr"`
	Code      bool      `toml:"code"`
}

// A RasterWay is the command by which a picture comes to a printer.
type RasterWay int

// The ways of pictures.
const (
	RasterGSv0     RasterWay = iota + 1 // GS v 0: nearly every printer
	RasterGSParenL                      // GS ( L, functions 112 and 50: newer Epsons
)

// UnmarshalText reads a way's name.
func (w *RasterWay) UnmarshalText(b []byte) error {
	switch string(b) {
	case "gs-v-0":
		*w = RasterGSv0
	case "gs-paren-l":
		*w = RasterGSParenL
	default:
		return fmt.Errorf("raster %q: want gs-v-0 or gs-paren-l", b)
	}
	return nil
}

// Profiles returns the known profiles, then those of own, the text of a file of
// the same form. A profile of own takes the place of the one with its name.
func Profiles(own string) ([]Profile, error) {
	all, err := parseProfiles(shipped)
	if err != nil {
		return nil, err
	}
	more, err := parseProfiles(own)
	if err != nil {
		return nil, err
	}
	for _, p := range more {
		at := slices.IndexFunc(all, func(q Profile) bool { return q.Name == p.Name })
		if at < 0 {
			all = append(all, p)
		} else {
			all[at] = p
		}
	}
	return all, nil
}

func parseProfiles(text string) ([]Profile, error) {
	var file struct {
		Profile []Profile `toml:"profile"`
	}
	meta, err := toml.Decode(text, &file)
	if err != nil {
		return nil, fmt.Errorf("printer profiles: %w", err)
	}
	if strange := meta.Undecoded(); len(strange) > 0 {
		return nil, fmt.Errorf("printer profiles: %s is no key of a profile", strange[0])
	}
	for _, p := range file.Profile {
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("printer profile %q: %w", p.Name, err)
		}
	}
	return file.Profile, nil
}

func (p Profile) check() error {
	switch {
	case p.Name == "":
		return errors.New("name is missing")
	case p.Dots < 128 || p.Dots > 1600 || p.Dots%8 != 0:
		return fmt.Errorf("dots is %d, want 128 to 1600 and a multiple of 8", p.Dots)
	case p.Columns < 16 || p.Columns > 100:
		return fmt.Errorf("columns is %d, want 16 to 100", p.Columns)
	case p.Charset == 0:
		return errors.New("charset is missing")
	case p.Raster == 0:
		return errors.New("raster is missing")
	case p.Slice < 8 || p.Slice > 1024:
		return fmt.Errorf("slice is %d, want 8 to 1024", p.Slice)
	case p.Buffer < 256 || p.Buffer > 1<<20:
		return fmt.Errorf("buffer is %d, want 256 to 1048576", p.Buffer)
	case p.TearFeed < 0 || p.TearFeed > 50:
		return fmt.Errorf("tear_feed is %d, want 0 to 50", p.TearFeed)
	}
	return nil
}

// LookUp returns the known profile of that name, as "epson-80"; the error names
// the choices.
func LookUp(name string) (Profile, error) { return LookUpIn("", name) }

// LookUpIn is LookUp with profiles of one's own, see [Profiles].
func LookUpIn(own, name string) (Profile, error) {
	all, err := Profiles(own)
	if err != nil {
		return Profile{}, err
	}
	var names []string
	for _, p := range all {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Profile{}, fmt.Errorf("printer profile %q: want one of %s", name, strings.Join(names, ", "))
}
