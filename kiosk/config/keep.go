package config

import "net/url"

// An HQ is head office, to which a lane without a hub sends its journal itself.
type HQ struct {
	URL         string // https://host:port
	Credentials string // file that kassa enrol writes
}

type rawHQ struct {
	URL         string `toml:"url"`
	Credentials string `toml:"credentials"`
}

func (f *file) hq(raw *rawHQ, hub bool) *HQ {
	if raw == nil {
		return nil
	}
	if hub {
		f.bad("hq.url", "is one way for the journal and [hub] another: keep the one this lane is to use")
	}
	if f.need("hq.url", raw.URL, `"https://hq.example.org:8444"`) {
		u, err := url.Parse(raw.URL)
		if err != nil || u.Scheme != "https" || u.Host == "" {
			f.bad("hq.url", "is %q, want https://host:port", short(raw.URL))
		}
	}
	f.need("hq.credentials", raw.Credentials, `"hq.creds", the file that kassa enrol writes`)
	return &HQ{raw.URL, f.Beside(raw.Credentials)}
}

// Retention is for how many days a lane keeps what its keeper has too.
type Retention struct {
	SaleDays   int64 // records and what is made of them; at least 35
	PersonDays int64 // what stands for a person, beside the records
}

type rawRetention struct {
	SaleDays   int64 `toml:"sale_days"`
	PersonDays int64 `toml:"person_days"`
}

// leastSaleDays is how long a lane keeps its records at least: so long a keeper
// that was put back from an old backup can be filled again.
const leastSaleDays = 35

func (f *file) retention(raw rawRetention) Retention {
	r := Retention{leastSaleDays, 30}
	if f.Has("retention.sale_days") {
		if r.SaleDays = raw.SaleDays; r.SaleDays < leastSaleDays || r.SaleDays > 3660 {
			f.bad("retention.sale_days", "is %d, want %d to 3660: a keeper that lost its newest days is filled again by the lanes", r.SaleDays, leastSaleDays)
		}
	}
	if f.Has("retention.person_days") {
		if r.PersonDays = raw.PersonDays; r.PersonDays < 1 || r.PersonDays > 3660 {
			f.bad("retention.person_days", "is %d, want 1 to 3660", r.PersonDays)
		}
	}
	return r
}
