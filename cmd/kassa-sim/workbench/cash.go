package workbench

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"kassa/device/sim"
)

// The user that the cash machine on the desk knows.
const (
	cashUser     = "lane1"
	cashPassword = "a password for the desk, not for a shop"
)

// newCash puts a cash machine on the desk.
func (b *Bench) newCash() (err error) {
	b.cash, err = sim.NewCash("127.0.0.1:0", sim.CashOptions{User: cashUser, Password: cashPassword, Changed: b.changed.Ring})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(b.o.Dir, "cash.pass"), []byte(cashPassword+"\n"), 0o600); err != nil {
		return fmt.Errorf("workbench: %w", err)
	}
	return nil
}

// cashConfig is the [cash] of kassa.toml; dir is the bench's folder.
func (b *Bench) cashConfig(dir string) string {
	return fmt.Sprintf("\n[cash]\nurl = \"http://%s\"\nuser = %q\npassword_file = %q\n", b.cash.Addr(), cashUser, filepath.Join(dir, "cash.pass"))
}

// useCash puts money in, or stops the machine and lets it go on.
func (b *Bench) useCash(word string) error {
	if word == "jam" || word == "clear" {
		b.cash.Jam(word == "jam")
		return nil
	}
	minor, err := strconv.ParseInt(word, 10, 64)
	if err != nil || minor <= 0 {
		return fmt.Errorf("%w: %q is no coin or note in minor units", ErrUnknown, word)
	}
	if !b.cash.Insert(minor) {
		return fmt.Errorf("%w: the cash machine asks for no money", ErrNotNow)
	}
	return nil
}
