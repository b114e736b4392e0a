package workbench

import (
	"fmt"
	"os"
	"path/filepath"

	"kassa/device/sim"
)

// The key that the nexo terminal on the desk encrypts with.
const (
	nexoKeyID      = "workbench"
	nexoKeyVersion = 1
	nexoPassphrase = "a passphrase for the desk, not for a shop"
)

// newTerminal puts the card terminal on the desk.
func (b *Bench) newTerminal() error {
	if b.o.Terminal != "nexo" {
		z, err := sim.NewZVT("127.0.0.1:0", b.clock, sim.ZVTOptions{Changed: b.changed.Ring, CardNumber: b.o.Card})
		if err != nil {
			return err
		}
		b.card = z
		return nil
	}
	n, err := sim.NewNexo("127.0.0.1:0", b.clock, sim.NexoOptions{
		KeyID: nexoKeyID, KeyVersion: nexoKeyVersion, Passphrase: nexoPassphrase, Changed: b.changed.Ring,
	})
	if err != nil {
		return err
	}
	b.card = n
	for name, text := range map[string]string{"terminal.pem": string(n.CA()), "terminal.pass": nexoPassphrase + "\n"} {
		if err := os.WriteFile(filepath.Join(b.o.Dir, name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("workbench: %w", err)
		}
	}
	return nil
}

// terminalConfig is the [terminal] of kassa.toml; dir is the bench's folder.
func (b *Bench) terminalConfig(dir string) string {
	n, ok := b.card.(*sim.Nexo)
	if !ok {
		return fmt.Sprintf("[terminal]\nport = \"tcp://%s\"\nprotocol = \"zvt\"\n", b.card.Addr())
	}
	return fmt.Sprintf(`[terminal]
port = "tcp://%s"
protocol = "nexo"
poi_id = %q
key_id = %q
key_version = %d
passphrase_file = %q
ca_file = %q
certificate_names = [%q]
`, n.Addr(), n.POIID(), nexoKeyID, nexoKeyVersion, filepath.Join(dir, "terminal.pass"), filepath.Join(dir, "terminal.pem"), n.Name())
}
