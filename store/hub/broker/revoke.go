package broker

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"kassa/store/hub/secret"
)

// Revoke refuses the users that were signed for a public key until now: a lane
// that was stolen, or one that got a new key. The server must be told by
// [Server.Renew].
func (a *Authority) Revoke(key string, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.revoked[key] = now
	data, err := json.Marshal(a.revoked)
	if err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	return secret.Write(a.revokedFile(), data)
}

func (a *Authority) revokedFile() string { return filepath.Join(a.dir, "revoked.json") }

func (a *Authority) readRevoked() error {
	data, err := os.ReadFile(a.revokedFile())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(data, &a.revoked)
	}
	if err != nil { // a lost list would let stolen lanes in again
		return fmt.Errorf("authority: %s: %w: restore it from the hub's backup", a.revokedFile(), err)
	}
	return nil
}
