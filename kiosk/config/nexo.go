package config

import "strings"

// A Nexo is what a terminal that speaks nexo needs beside its port.
type Nexo struct {
	POIID  string // the terminal's own name, MODEL-SERIAL
	SaleID string // the lane's name at the terminal

	KeyID          string // of the shared key; "" for no message encryption
	KeyVersion     int64
	PassphraseFile string

	CAFile    string   // root of the terminal's certificate, PEM; "" with CertSHA256
	CertNames []string // names the certificate may bear; empty: those of a live Adyen terminal
	CertSHA   string   // fingerprint of the certificate; "" with CAFile
	Notify    string   // host:port at which the terminal's notifications are taken; "" for none
}

// nexoKeys are the keys of [terminal] that only nexo has, and whether each is
// set.
func (raw *rawTerminal) nexoKeys() []struct {
	name string
	set  bool
} {
	return []struct {
		name string
		set  bool
	}{
		{"poi_id", raw.POIID != ""},
		{"sale_id", raw.SaleID != ""},
		{"key_id", raw.KeyID != ""},
		{"key_version", raw.KeyVersion != nil},
		{"passphrase_file", raw.PassphraseFile != ""},
		{"ca_file", raw.CAFile != ""},
		{"certificate_names", raw.CertNames != nil},
		{"certificate_sha256", raw.CertSHA != ""},
		{"notify", raw.Notify != ""},
	}
}

// nexo reads what only protocol = "nexo" has; saleID is the lane's name where
// the file gives none.
func (f *file) nexo(raw *rawTerminal, t *Terminal, saleID string) *Nexo {
	if t.Protocol != "nexo" {
		for _, key := range raw.nexoKeys() {
			if key.set {
				f.bad("terminal."+key.name, "is for nexo, but the protocol is %s: remove it or write protocol = \"nexo\"", t.Protocol)
			}
		}
		return nil
	}
	if raw.PasswordFile != "" {
		f.bad("terminal.password_file", "is for zvt, but the protocol is nexo: remove it; the key's passphrase is in passphrase_file")
	}
	n := &Nexo{
		POIID: raw.POIID, SaleID: raw.SaleID, KeyID: raw.KeyID, PassphraseFile: f.Beside(raw.PassphraseFile),
		CAFile: f.Beside(raw.CAFile), CertNames: raw.CertNames, CertSHA: strings.ToLower(raw.CertSHA), Notify: raw.Notify,
	}
	const name, want = `^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`, "letters, figures, . _ and -, as the customer area shows it"
	if f.need("terminal.poi_id", n.POIID, `"V400m-123456789"`) {
		f.match("terminal.poi_id", n.POIID, name, want)
	}
	if n.SaleID == "" {
		n.SaleID = saleID
	}
	f.match("terminal.sale_id", n.SaleID, name, "1 to 64 letters, figures, . _ and -")
	f.nexoKey(raw, n)
	f.nexoCertificate(n)
	if n.Notify != "" {
		f.listen("terminal.notify", n.Notify)
	}
	return n
}

// nexoKey checks the message encryption: all of it, or none.
func (f *file) nexoKey(raw *rawTerminal, n *Nexo) {
	if raw.KeyVersion != nil {
		n.KeyVersion = *raw.KeyVersion
	}
	switch {
	case n.KeyID == "" && n.PassphraseFile == "" && raw.KeyVersion == nil:
	case n.KeyID == "":
		f.bad("terminal.key_id", "is missing: add the key's identifier, as in key_id = \"lane-key\"")
	case raw.KeyVersion == nil:
		f.bad("terminal.key_version", "is missing: add the key's version, as in key_version = 1")
	case n.KeyVersion < 0 || n.KeyVersion > 1_000_000:
		f.bad("terminal.key_version", "is %d, want 0 to 1000000", n.KeyVersion)
	case n.PassphraseFile == "":
		f.bad("terminal.passphrase_file", "is missing: add passphrase_file = \"/etc/kassa/terminal.pass\", a file with the key's passphrase")
	}
}

// nexoCertificate checks that there is one way to know the terminal by.
func (f *file) nexoCertificate(n *Nexo) {
	switch {
	case n.CAFile == "" && n.CertSHA == "":
		f.bad("terminal.ca_file", "is missing: add ca_file with the terminals' root certificate in PEM, or certificate_sha256 with the fingerprint of this one's")
	case n.CAFile != "" && n.CertSHA != "":
		f.bad("terminal.certificate_sha256", "is set beside ca_file: keep one of them")
	case n.CertSHA != "":
		f.match("terminal.certificate_sha256", n.CertSHA, `^[0-9a-f]{64}$`, "64 hexadecimal figures: openssl x509 -fingerprint -sha256 shows them, without the colons")
		if len(n.CertNames) > 0 {
			f.bad("terminal.certificate_names", "is set, but a fingerprint needs no names: remove it")
		}
	}
}
