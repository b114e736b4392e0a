package ages

// Raw is the [retention] section of a configuration, each age as "35d", "10y" or
// "forever"; what is left out keeps its default.
type Raw struct {
	Sale    string `toml:"sale"`
	Person  string `toml:"person"`
	Staff   string `toml:"staff"`
	Device  string `toml:"device"`
	Country string `toml:"country"` // ISO 3166, for the law's age
}

// Policy reads the section over its defaults. Bad is called for each key that
// does not hold.
func (r Raw) Policy(usual Policy, least Age, bad func(key, format string, args ...any)) Policy {
	p := usual
	for _, k := range []struct {
		name, text string
		to         *Age
	}{{"sale", r.Sale, &p.Sale}, {"person", r.Person, &p.Person}, {"staff", r.Staff, &p.Staff}, {"device", r.Device, &p.Device}} {
		if k.text == "" {
			continue
		}
		a, err := Parse(k.text)
		if err != nil {
			bad("retention."+k.name, "%v", err)
			continue
		}
		*k.to = a
	}
	if err := p.Check(least); err != nil {
		bad("retention.sale", "is too short: %v", err)
	}
	return p
}
