// Package cash drives machines that take cash and give change: recyclers, which
// count, sort and keep the money themselves. It is not for drawers (package panel)
// and knows nothing of sales.
//
// Its one rule is the card terminal's: what was not seen to end is not known, and
// only asking the machine (Ask) may turn that into something else. So an operation
// has an id before any money can move:
//
//  1. Begin: the machine names an operation. It takes and gives nothing yet.
//  2. The lane makes the id durable.
//  3. Accept or Dispense: the machine works until the operation has ended.
//  4. The lane makes what went in and out durable, and only then acts on it.
//
// After a crash or a lost line between 2 and 4 the lane asks for the id. An
// operation that was begun and never released moves no money, ever.
package cash

import (
	"context"
	"errors"

	"kassa/kiosk/money"
)

// Errors of a Machine that callers may test for.
var (
	// ErrUnreachable says that the machine did not answer.
	ErrUnreachable = errors.New("cash machine unreachable")
	// ErrRefused says that the machine understood, and will not.
	ErrRefused = errors.New("cash machine refuses")
	// ErrUnknownID says that the machine knows no such operation.
	ErrUnknownID = errors.New("cash machine knows no such operation")
)

// A Wish is what an operation is to do.
type Wish struct {
	Key    string       // the lane's own name for it, for the machine's books
	Amount money.Amount // to take, or to give out; above 0
	Give   bool         // money goes out
}

// Facts are what a machine says of an operation, to the last coin.
type Facts struct {
	ID    string
	Ended bool // nothing moves any more
	// Begun says that the operation was released: money may have moved.
	Begun bool
	In    money.Amount // taken so far
	Out   money.Amount // given out so far: change, or what was put in and came back
	Fault string       // the machine's word for what stops it, "" nothing
}

// Net is what the machine has kept, negative where it gave out.
func (f Facts) Net() money.Amount { return f.In - f.Out }

// Status is how a machine is.
type Status struct {
	Ready bool
	Why   string // in its own words, "" nothing
}

// A Machine is one recycler. Its methods may be called from any goroutine; the
// lane has one operation at a time.
type Machine interface {
	// Begin has the machine name an operation for w. No money moves.
	Begin(ctx context.Context, w Wish) (id string, err error)

	// Accept releases operation id and waits until it has ended; progress hears
	// each change and must not block. With an error the facts are the last that
	// were seen, and the operation may go on: Ask, until it has ended.
	Accept(ctx context.Context, id string, progress func(Facts)) (Facts, error)

	// Dispense is Accept for an operation that gives money out.
	Dispense(ctx context.Context, id string, progress func(Facts)) (Facts, error)

	// Ask says how operation id stands. It moves nothing.
	Ask(ctx context.Context, id string) (Facts, error)

	// Cancel asks the machine to end operation id and give back what it took.
	// Whether it does, Ask tells. Cancelling what has ended does nothing.
	Cancel(ctx context.Context, id string) error

	// Status says whether the machine can work. It moves nothing.
	Status(ctx context.Context) (Status, error)
}
