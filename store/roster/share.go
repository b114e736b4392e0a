package roster

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"kassa/store/wire"
)

// Pepper is the store's secret that PINs are hashed with. It travels once, to a
// lane that is enrolled, and is written nowhere else.
func (r *Roster) Pepper() []byte { return slices.Clone(r.pepper) }

// Share returns everybody as the lanes of the store need them, in order of
// their ids.
func (r *Roster) Share(ctx context.Context) (all []wire.Member, err error) {
	rows, err := r.db.Reader().QueryContext(ctx, `SELECT 'a' || id, name, role, badge, salt, hash, active FROM member ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("staff list: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var m wire.Member
		if err := rows.Scan(&m.ID, &m.Name, &m.Role, &m.Badge, &m.Salt, &m.Hash, &m.Active); err != nil {
			return nil, fmt.Errorf("staff list: %w", err)
		}
		all = append(all, m)
	}
	return all, rows.Err()
}
