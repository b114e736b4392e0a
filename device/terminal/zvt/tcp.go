package zvt

import (
	"context"
	"errors"
	"strings"

	"kassa/device/link"
)

// DefaultPort is where a terminal listens (PA00P016 section 3).
const DefaultPort = "20007"

// Dial returns the Config.Dial of a terminal at port, tcp://host:port or
// unix:///path.
func Dial(port string) (func(context.Context) (Line, error), error) {
	if !strings.HasPrefix(port, "tcp://") && !strings.HasPrefix(port, "unix://") {
		return nil, errors.New("zvt: port " + port + " is not tcp:// or unix://")
	}
	return func(ctx context.Context) (Line, error) {
		conn, err := link.Open(ctx, port, "")
		if err != nil {
			return nil, err
		}
		return Stream(conn), nil
	}, nil
}
