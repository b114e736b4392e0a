package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"kassa/kiosk/basket"
	"kassa/kiosk/flow"
	"kassa/kiosk/station"
	"kassa/store/voucher"
)

// Practice has a journal of its own, with a chain and numbers of its own, so that
// nothing of it can be taken for a sale. The mark says across a restart that the
// lane practises.
const (
	trainingFile = "training.db"
	trainingMark = "training"
)

// isTraining reports whether the lane practises.
func isTraining(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, trainingMark))
	return err == nil
}

// setTraining has the lane practise from its next start on, or no more.
func setTraining(dir string, on bool) error {
	mark := filepath.Join(dir, trainingMark)
	if on {
		if err := os.MkdirAll(mark, 0o750); err != nil {
			return fmt.Errorf("begin practice: %w", err)
		}
		return nil
	}
	// What was learned in practice goes with it.
	if err := os.RemoveAll(mark); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("end practice: %w", err)
	}
	return nil
}

// openVouchers opens the ledger of a lane that has one. Practice leaves it alone.
func (l *lane) openVouchers(ctx context.Context) (err error) {
	if l.cfg.Voucher == nil || l.training {
		return nil
	}
	l.vouchers, err = voucher.Open(ctx, l.cfg.Data)
	return err
}

// rules are the store's rules with the promotions of the day.
func (l *lane) rules(ps []basket.Promotion) (*flow.Rules, error) {
	r, err := station.RulesFor(l.cfg, ps)
	if err != nil {
		return nil, err
	}
	r.Training = l.training
	return r, nil
}

// setTenders says what a station needs for paying beside the terminal.
func (l *lane) setTenders(o *station.Options) {
	if l.vouchers != nil {
		o.Vouchers, o.VoucherDays = l.vouchers, l.cfg.Voucher.ValidDays
	}
	if l.training {
		o.Training, o.Dir = true, filepath.Join(l.cfg.Data, trainingMark)
	}
}
