package zvt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"kassa/device/terminal"
)

// Errors of a conversation.
var (
	errLost     = errors.New("line lost")
	errSilent   = errors.New("terminal fell silent")
	errSequence = errors.New("message out of sequence")
)

// A refusal is a negative answer (84 xx) to a command.
type refusal struct{ code byte }

func (r refusal) Error() string {
	return fmt.Sprintf("refused with %02X, %s", r.code, codeText(r.code))
}

// A session is one connection to the terminal. All but the reader goroutine
// belongs to the caller of its methods.
type session struct {
	line    Line
	log     *slog.Logger
	t3, t4  time.Duration
	pause   time.Duration // before a busy terminal is asked again
	in      chan apdu
	quit    chan struct{}
	done    chan struct{}
	readErr error // readable after in is closed
	ids     numbering
	broken  *atomic.Bool // set when a conversation ends in the middle
}

func newSession(line Line, c *Config, broken *atomic.Bool) *session {
	s := &session{
		broken: broken,
		line:   line, log: c.Log, t3: c.T3, t4: c.T4, pause: c.Pause,
		in: make(chan apdu), quit: make(chan struct{}), done: make(chan struct{}),
	}
	go s.read()
	return s
}

// read hands on what comes until the line ends or close is called.
func (s *session) read() {
	defer close(s.done)
	defer close(s.in)
	for {
		msg, err := s.line.Receive()
		if err != nil {
			s.readErr = err
			return
		}
		a, err := decodeAPDU(msg)
		if err != nil {
			s.readErr = err
			return
		}
		s.trace("received", a)
		select {
		case s.in <- a:
		case <-s.quit:
			return
		}
	}
}

// trace logs a message with whatever could be card data blotted out.
func (s *session) trace(direction string, a apdu) {
	s.log.Debug("zvt message", "direction", direction, "code", fmt.Sprintf("%02X %02X", a.class, a.instr), "hex", hexTrace{a})
}

// close drops the line and waits for the reader.
func (s *session) close() {
	close(s.quit)
	_ = s.line.Close() // whatever it says, the line is done with
	<-s.done
}

func (s *session) send(a apdu) error {
	a = s.ids.command(a)
	msg, err := a.encode()
	if err != nil {
		return err
	}
	s.trace("sent", a)
	if err := s.line.Send(msg); err != nil {
		return fmt.Errorf("send %s: %w: %w", a, errLost, err)
	}
	return nil
}

// lost returns the error of a closed in.
func (s *session) lost() error { return fmt.Errorf("receive: %w: %w", errLost, s.readErr) }

// ask sends a command and waits for its answer only (T3). It returns the
// answer's data, or a refusal.
func (s *session) ask(ctx context.Context, a apdu) error {
	if err := s.send(a); err != nil {
		return err
	}
	timer := time.NewTimer(s.t3)
	defer timer.Stop()
	for {
		select {
		case got, ok := <-s.in:
			switch {
			case !ok:
				return s.lost()
			case got.answer() && s.ids.stale(got):
				continue
			case got.answer() && got.positive():
				return nil
			case got.answer():
				return refusal{got.instr}
			}
			// A command before the answer: a terminal that repeats itself from
			// an earlier conversation.
			reply, ok := ruleStale(got.code())
			if !ok {
				continue
			}
			if err := s.send(s.ids.reply(got, reply)); err != nil {
				return err
			}
		case <-timer.C:
			return fmt.Errorf("answer to %s: %w", a, errSilent)
		case <-ctx.Done():
			return fmt.Errorf("answer to %s: %w", a, context.Cause(ctx))
		}
	}
}

// begin is ask for a terminal that may still be busy with the end of its last
// operation. A command refused for that has not begun, and may be sent again.
func (s *session) begin(ctx context.Context, a apdu, stop <-chan struct{}) error {
	deadline := time.Now().Add(beginPatience)
	for {
		err := s.ask(ctx, a)
		var no refusal
		if !errors.As(err, &no) || no.code != codeBusy || time.Now().Add(s.pause).After(deadline) {
			return err
		}
		select {
		case <-time.After(s.pause):
		case <-stop:
			return refusal{codeCancelled} // by us: it has not begun
		case <-ctx.Done():
			return err
		}
	}
}

// An exchange is one command and all the terminal does about it.
type exchange struct {
	status   func(info, []byte) apdu // answers status information; nil: accept
	progress func(terminal.Progress) // may be nil
	finish   func()                  // called with a completion before it is answered; may be nil
	stop     <-chan struct{}         // asks for an abort by the ECR; may be nil
	paper    *paper
	once     bool // "please wait" is the answer, not a reason to ask again
}

// An end is how the terminal ended an exchange.
type end struct {
	completed bool // 06 0F; else 06 1E
	code      byte // of 06 1E
	data      []byte
}

// perform sends a command and serves the terminal, which is master from its
// answer on, until it gives the word back with completion or abort.
func (s *session) perform(ctx context.Context, a apdu, x *exchange) (end, error) {
	e, err := s.converse(ctx, a, x)
	if _, refused := errors.AsType[refusal](err); err != nil && !refused {
		s.broken.Store(true)
	}
	return e, err
}

func (s *session) converse(ctx context.Context, a apdu, x *exchange) (end, error) {
	start := s.begin
	if x.once {
		start = func(ctx context.Context, a apdu, _ <-chan struct{}) error { return s.ask(ctx, a) }
	}
	if err := start(ctx, a, x.stop); err != nil {
		return end{}, err
	}
	timer := time.NewTimer(s.t4)
	defer timer.Stop()
	stop := x.stop
	for {
		select {
		case got, ok := <-s.in:
			if !ok {
				return end{}, s.lost()
			}
			e, ended, wait, err := s.serve(got, x)
			if err != nil || ended {
				return e, err
			}
			if wait > 0 {
				timer.Reset(wait)
			}
		case <-stop:
			stop = nil
			if x.progress != nil {
				x.progress(terminal.Progress{Kind: terminal.Aborting})
			}
			if err := s.send(command(cmdStop)); err != nil {
				return end{}, err
			}
		case <-timer.C:
			return end{}, fmt.Errorf("after %s: %w", a, errSilent)
		case <-ctx.Done():
			return end{}, fmt.Errorf("during %s: %w", a, context.Cause(ctx))
		}
	}
}

func positive() apdu       { return apdu{class: classPositive} }
func negative(c byte) apdu { return apdu{class: classNegative, instr: c} }
func unsupported() apdu    { return negative(codeUnsupported) }

// serve answers one message of the terminal. wait is the new T4, or 0.
func (s *session) serve(got apdu, x *exchange) (e end, ended bool, wait time.Duration, err error) {
	reply := positive()
	if again, ok := s.ids.repeated(got); ok {
		return end{}, false, s.t4, s.send(again)
	}
	switch got.code() {
	case cmdCompletion:
		if x.finish != nil {
			x.finish()
		}
		e, ended = end{completed: true, data: got.data}, true
	case cmdAbort:
		e, ended = end{code: 0xFF, data: got.data}, true
		if len(got.data) > 0 {
			e.code = got.data[0]
		}
	case cmdStatusInfo:
		wait = s.t4
		if x.status != nil {
			reply = x.status(parseInfo(got.data, x.paper.charset), got.data)
		}
	case cmdProgress:
		wait = s.t4
		if t := ownT4(got.data); t > 0 {
			wait = t
		}
		if x.progress != nil && len(got.data) > 0 {
			x.progress(progressIn(got.data, x.paper.charset))
		}
	case cmdPrintLine:
		x.paper.line(got.data)
	case cmdPrintBlock:
		x.paper.block(got.data)
	case cmdSetClock: // heard, not obeyed: the lane's clock is the system's business
	default:
		if got.answer() && !got.positive() && x.once {
			// What was taken for the answer was an old one: this is it.
			return end{}, false, 0, refusal{got.instr}
		}
		if got.answer() { // to our abort; what comes of it, the terminal's next words tell
			return end{}, false, 0, nil
		}
		reply = unsupported()
	}
	err = s.send(s.ids.reply(got, reply))
	if ended {
		err = nil // the terminal has spoken; a lost last answer changes nothing (PA00P015 2.2.1)
	}
	return e, ended, wait, err
}
