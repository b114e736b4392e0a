package flow

import "fmt"

// SaleID names a sale: unique within the epoch of its lane.
func SaleID(store, lane string, number int64) string {
	return fmt.Sprintf("%s-%s-%06d", store, lane, number)
}

func saleID(r *Rules, number int64) string { return SaleID(r.Store, r.Lane, number) }
