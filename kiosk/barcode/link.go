package barcode

import "strings"

// isLink says whether text begins like a web address, in any case.
func isLink(s string) bool {
	colon := strings.IndexByte(s[:min(len(s), 8)], ':')
	if colon < 0 || !strings.HasPrefix(s[colon:], "://") {
		return false
	}
	return strings.EqualFold(s[:colon], "http") || strings.EqualFold(s[:colon], "https")
}

// parseLink reads an uncompressed GS1 Digital Link. Nothing is fetched: the
// address is only a form of writing elements down.
func (m *Meaning) parseLink(s string, o *Options) {
	var r found
	f := r.link(s, o)
	m.settle(&r, f, "", o)
}

func (r *found) link(s string, o *Options) *fault {
	if len(s) > maxLength {
		return &fault{"uri", "too long"}
	}
	path, query, f := splitLink(s)
	if f != nil {
		return f
	}
	if f := r.path(path, o); f != nil {
		return f
	}
	onPath := r.n
	if f := r.query(query, o); f != nil {
		return f
	}
	if r.repeated {
		return &fault{"repeated_ai", "an identifier stands twice in the address"}
	}
	return r.attributes(onPath)
}

// splitLink checks the shape of the address and gives path and query.
func splitLink(s string) (path, query string, f *fault) {
	if !inSet(s, setU) {
		return "", "", &fault{"uri", "holds a character that no address has"}
	}
	rest, ok := "", false
	for _, scheme := range []string{"http://", "https://", "HTTP://", "HTTPS://"} {
		if rest, ok = strings.CutPrefix(s, scheme); ok {
			break
		}
	}
	if !ok {
		return "", "", &fault{"uri", "http and https are written in one case"}
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, query, _ = strings.Cut(rest, "?")
	domain, path, ok := strings.Cut(rest, "/")
	if !ok || domain == "" || strings.ContainsAny(domain, "_~?#@!$&'()*+,;=%") {
		return "", "", &fault{"uri", "no domain, or no path behind it"}
	}
	return "/" + path, query, nil
}

// path reads pairs of identifier and value from the right until a primary key
// stands there; what is left of it is the owner's own.
func (r *found) path(path string, o *Options) *fault {
	var places [8]uint16
	var values [8]string
	n := 0
	for {
		slash := strings.LastIndexByte(path, '/')
		if slash < 0 || n == len(places) {
			return &fault{"dl_no_key", "no GS1 key in the path"}
		}
		value := path[slash+1:]
		path = path[:slash]
		slash = strings.LastIndexByte(path, '/')
		if slash < 0 {
			return &fault{"dl_no_key", "no GS1 key in the path"}
		}
		ai := path[slash+1:]
		path = path[:slash]
		place := rules.dict.exact(ai)
		if place == 0 || !rules.dict.entries[place].key && !rules.dict.qualifies(ai) {
			return &fault{"dl_no_key", "no GS1 key in the path"}
		}
		places[n], values[n] = place, value
		n++
		if rules.dict.entries[place].key {
			break
		}
	}
	for i := n - 1; i >= 0; i-- {
		if f := r.linkElement(places[i], values[i], false, o); f != nil {
			return f
		}
	}
	if !r.legalPath(n) {
		return &fault{"dl_key_qualifier", "qualifiers that the key does not take, or in another order"}
	}
	return nil
}

// qualifies says whether some key takes ai as a qualifier.
func (d *dictionary) qualifies(ai string) bool { return d.qualifiers[ai] }

func (r *found) linkElement(place uint16, raw string, query bool, o *Options) *fault {
	value, f := unescape(raw, query)
	if f != nil {
		return f
	}
	e := &rules.dict.entries[place]
	if o.ShortGTIN && e.code == "01" && (len(value) == 8 || len(value) == 12 || len(value) == 13) {
		value = pad14(value)
	}
	if f := e.judge(value); f != nil {
		return f
	}
	return r.add(place, value)
}

// legalPath says whether the first n elements are a key and its qualifiers in
// order, each at most once.
func (r *found) legalPath(n int) bool {
	var ais [maxElements]string
	for i := range n {
		ais[i] = r.entry(i).code
	}
	return legal(r.entry(0), ais[1:n])
}

func legal(key *entry, qualifiers []string) bool {
	if len(qualifiers) == 0 {
		return !key.must
	}
	for _, sequence := range key.paths {
		at := 0
		for _, q := range sequence {
			if at < len(qualifiers) && qualifiers[at] == q {
				at++
			}
		}
		if at == len(qualifiers) {
			return true
		}
	}
	return false
}

// query reads the attributes; parts that are not an identifier with a value
// belong to the owner of the address.
func (r *found) query(query string, o *Options) *fault {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		ai, value, ok := strings.Cut(pair, "=")
		if !ok || !allDigits(ai) {
			continue
		}
		place := rules.dict.exact(ai)
		if place == 0 {
			return &fault{"unknown_ai", "no such application identifier"}
		}
		if !rules.dict.entries[place].query {
			return &fault{"dl_attribute", ai + " may not stand behind the question mark"}
		}
		if f := r.linkElement(place, value, true, o); f != nil {
			return f
		}
	}
	return nil
}

// attributes refuses those that could have stood in the path.
func (r *found) attributes(onPath int) *fault {
	var ais [maxElements]string
	for attribute := onPath; attribute < r.n; attribute++ {
		ai := r.entry(attribute).code
		for at := 1; at <= onPath; at++ {
			n := 0
			for i := 1; i <= onPath; i++ {
				if i == at {
					ais[n] = ai
					n++
				}
				if i < onPath {
					ais[n] = r.entry(i).code
					n++
				}
			}
			if legal(r.entry(0), ais[:n]) {
				return &fault{"dl_attribute", ai + " belongs into the path"}
			}
		}
	}
	return nil
}

// unescape undoes percent-encoding. In a query a plus is a space, which no
// value holds.
func unescape(s string, query bool) (string, *fault) {
	if !strings.ContainsAny(s, "%+") {
		return s, nil
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '+' && query {
			c = ' '
		}
		if c == '%' {
			if i+2 >= len(s) || unhex(s[i+1]) < 0 || unhex(s[i+2]) < 0 {
				return "", &fault{"uri", "broken percent-encoding"}
			}
			c = byte(unhex(s[i+1])<<4 | unhex(s[i+2]))
			if c == 0 {
				return "", &fault{"uri", "holds a NUL"}
			}
			i += 2
		}
		b = append(b, c)
	}
	return string(b), nil
}
