//go:build nocall

package main

import (
	"context"
	"errors"
	"log/slog"

	"kassa/store/hub"
	"kassa/store/hub/console"
)

// calls are left out of this build.
type calls struct{}

func openCalls(_ context.Context, s *settings, _ *slog.Logger) (*calls, error) {
	if s.call.on {
		return nil, errors.New(s.file + ": call.on: is true, but this kassa-hub was built without calls: remove it, or install the one with")
	}
	return nil, nil //nolint:nilnil // none is an answer
}

func (*calls) signals() hub.Signals      { return nil }
func (*calls) attach(*hub.Hub)           {}
func (*calls) offer(*console.Options)    {}
func (*calls) run(context.Context) error { return nil }
