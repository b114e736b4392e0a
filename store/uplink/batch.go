package uplink

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kassa/store/wire"
)

// JetStream takes many messages at once, all or none, and flushes them with one
// flush (ADR-50): a backlog goes ten times as fast so. A few messages go faster
// one by one.
const (
	atOnce      = 1000            // rows, JetStream's own limit
	atOnceBytes = 2 << 20         // of rows, about
	worthwhile  = 50              // rows
	singleFor   = 5 * time.Minute // after a server has refused

	batchID, batchSequence, batchCommit = "Nats-Batch-Id", "Nats-Batch-Sequence", "Nats-Batch-Commit"
)

// errDouble is JetStream's number for a batch with a message that it has: the
// acknowledgement of an earlier try was lost.
const errDouble = 10201

// A refusedError says that the server did not take a batch. None of it is kept.
type refusedError struct {
	code int // JetStream's number, 0: it does not know batches
	text string
}

// Error implements error.
func (e *refusedError) Error() string { return fmt.Sprintf("batch refused: %s (%d)", e.text, e.code) }

// full reports whether no further row goes into a batch.
func full(rows []packed, bytes int) bool { return len(rows) >= atOnce || bytes >= atOnceBytes }

// together sends rows as one batch and returns when JetStream has all of them on
// its disk. After a [*refusedError] none of them is there.
func (s *sender) together(ctx context.Context, rows []packed) error {
	ctx, cancel := context.WithTimeout(ctx, ackWait)
	defer cancel()
	s.batches++
	id := fmt.Sprintf("%s-%d", s.start, s.batches)
	nc := s.js.Conn()
	for i, r := range rows {
		msg := r.msg
		msg.Header.Set(batchID, id)
		msg.Header.Set(batchSequence, strconv.Itoa(i+1))
		if i < len(rows)-1 {
			if err := nc.PublishMsg(msg); err != nil {
				return fmt.Errorf("row %s: %w", r, err)
			}
			continue
		}
		msg.Header.Set(batchCommit, "1")
		answer, err := nc.RequestMsgWithContext(ctx, msg)
		if err != nil {
			return fmt.Errorf("batch up to row %s: no acknowledgement: %w", r, err)
		}
		return accepted(answer.Data, id, len(rows))
	}
	return nil
}

// accepted reads the answer to a batch. A server that does not know batches
// answers to the last message alone.
func accepted(data []byte, id string, rows int) error {
	var ack struct {
		Batch string `json:"batch"`
		Count int    `json:"count"`
		Error *struct {
			Code int    `json:"err_code"`
			Text string `json:"description"`
		} `json:"error"`
	}
	switch err := json.Unmarshal(data, &ack); {
	case err != nil:
		return &refusedError{0, "an answer that is none"}
	case ack.Error != nil:
		return &refusedError{ack.Error.Code, ack.Error.Text}
	case ack.Batch != id || ack.Count != rows:
		return &refusedError{0, "the server does not know batches"}
	}
	return nil
}

// message is a row as JetStream gets it.
func (s *sender) message(r wire.Row) (*nats.Msg, error) {
	data, err := wire.Encode(r)
	if err != nil {
		return nil, fmt.Errorf("row %s: %w", r.MsgID(), err)
	}
	msg := nats.NewMsg(wire.Up(r.Store, r.Lane, wire.UpJournal))
	msg.Data = data
	msg.Header.Set(jetstream.MsgIDHeader, s.msgID(r))
	return msg, nil
}

// publish sends rows and returns when JetStream has all of them on its disk:
// many together, few one by one, and one by one also what is not taken together.
func (s *sender) publish(ctx context.Context, rows []packed) error {
	if len(rows) >= worthwhile && !s.now().Before(s.single) {
		err := s.together(ctx, rows)
		refused, ok := errors.AsType[*refusedError](err)
		if !ok {
			return err
		}
		if refused.code != errDouble {
			s.single = s.now().Add(singleFor)
			s.log.InfoContext(ctx, "rows go one by one", "err", err)
		}
	}
	for len(rows) > 0 {
		n := min(window, len(rows))
		if err := s.oneByOne(ctx, rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}
