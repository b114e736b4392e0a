package config

import "kassa/kiosk/money"

// Bounds of [voucher].
const (
	maxVoucherLimit = 1_000_000_000
	maxValidDays    = 36_500
)

// voucher reads [voucher]. Without the section the lane takes no vouchers. Other
// lanes do not see what this one redeems, so the store says how much that may be.
func (f *file) voucher(raw *rawVoucher) *Voucher {
	if raw == nil {
		return nil
	}
	v := &Voucher{}
	if n := raw.Limit; n != nil {
		if *n < 1 || *n > maxVoucherLimit {
			f.bad("voucher.limit", "is %d, want the most that vouchers pay of one sale in minor units, 1 to %d", *n, maxVoucherLimit)
		}
		v.Limit = money.Amount(*n)
	}
	if n := raw.ValidDays; n != nil {
		if *n < 1 || *n > maxValidDays {
			f.bad("voucher.valid_days", "is %d, want 1 to %d days; leave it out for vouchers that do not end", *n, maxValidDays)
		}
		v.ValidDays = int(*n)
	}
	return v
}
