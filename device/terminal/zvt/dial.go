package zvt

import (
	"context"
	"fmt"

	"kassa/device/link"
)

// DefaultPort is where a terminal listens (PA00P016 section 3).
const DefaultPort = "20007"

// Dial returns the Config.Dial of a terminal at port: tcp://host:port,
// unix:///path, or the path of a serial line with its setting ("" means
// DefaultLine).
func Dial(port, line string) (func(context.Context) (Line, error), error) {
	if line == "" {
		line = DefaultLine
	}
	if err := link.Check(port, line); err != nil {
		return nil, fmt.Errorf("zvt: %w", err)
	}
	p, err := link.ParsePort(port)
	if err != nil {
		return nil, fmt.Errorf("zvt: %w", err)
	}
	return func(ctx context.Context) (Line, error) {
		conn, err := link.Open(ctx, port, line)
		if err != nil {
			return nil, err
		}
		if p.Kind == link.Device {
			return Serial(conn, Timing{}), nil
		}
		return Stream(conn), nil
	}, nil
}
