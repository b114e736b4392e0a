package flow

import "fmt"

// saleID names a sale: unique within the epoch of its lane.
func saleID(r *Rules, number int64) string { return fmt.Sprintf("%s-%s-%06d", r.Store, r.Lane, number) }
