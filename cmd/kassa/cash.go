package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"kassa/device/cash"
	"kassa/kiosk/flow"
)

// makeCash makes the driver of the cash machine and contacts nothing.
func (d *devices) makeCash() error {
	c := d.cfg.Cash
	if c == nil {
		return nil
	}
	password, err := os.ReadFile(c.PasswordFile)
	if err != nil {
		return fmt.Errorf("cash.password_file: %w", err)
	}
	trust := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return fmt.Errorf("cash.ca_file: %w", err)
		}
		trust.RootCAs = x509.NewCertPool()
		if !trust.RootCAs.AppendCertsFromPEM(pem) {
			return errors.New("cash.ca_file: no certificate in it")
		}
	}
	d.cash, err = cash.NewRecycler(cash.Config{
		URL: c.URL, User: c.User, Password: string(bytes.TrimSpace(password)), POS: c.POS, PayOut: c.PayOut,
		Client: &http.Client{Transport: &http.Transport{TLSClientConfig: trust}}, Log: d.logger(flow.DeviceCash),
	})
	return err
}

// watchCash keeps asking the cash machine how it is.
func (d *devices) watchCash(ctx context.Context) error {
	for {
		wait := terminalUpEvery
		up, why := d.askCash(ctx)
		if !up {
			wait = terminalDownEvery
		}
		if ctx.Err() == nil {
			d.tell(flow.DeviceCash, up, why)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// askCash says whether the machine answers to the lane's user.
func (d *devices) askCash(ctx context.Context) (up bool, why string) {
	actx, cancel := context.WithTimeout(ctx, terminalAnswer)
	defer cancel()
	s, err := d.cash.Status(actx)
	if err != nil {
		return false, err.Error()
	}
	return s.Ready, s.Why
}
