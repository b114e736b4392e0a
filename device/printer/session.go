package printer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kassa/device/link"
)

// A session is one connection. All but the reader goroutine belongs to loop.
type session struct {
	p       *Printer
	conn    link.Conn
	words   chan word
	readErr error // readable after words is closed
	status  Status
	asked   []int     // n of each DLE EOT n without an answer, oldest first
	silent  int       // polls in a row without any word
	inOrder int       // answers to GS r since the last job or sync began
	orderAt time.Time // of the last of them
	synced  bool      // no answer to an older GS r can still come
	named   bool      // it answers GS ( H

	marks   []mark // of the job, in order, as far as they are sent
	out     int    // how many of them the printer has answered
	tried   time.Time
	nothing bool // not a byte of the job has been sent
}

// A mark stands between two parts of a job. The printer answers it when all
// before is worked off.
type mark struct {
	name  [4]byte // for GS ( H; zero for GS r
	bytes int     // of the job before it
}

// session serves one connection until it breaks or ctx ends; for link.Keep.
func (p *Printer) session(ctx context.Context, conn link.Conn) error {
	s := &session{p: p, conn: conn, words: make(chan word)}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		defer close(s.words)
		s.readErr = s.read(quit)
	}()
	jobs, down := make(chan *job), make(chan struct{})
	p.mu.Lock()
	p.jobs, p.down = jobs, down
	p.mu.Unlock()
	s.status.Connected = true
	p.set(s.status)

	err := s.loop(ctx, jobs)

	p.mu.Lock()
	p.jobs = nil
	p.mu.Unlock()
	close(down)
	close(quit)
	_ = conn.Close() // wakes the reader; a second Close by link.Keep is harmless
	<-done
	p.set(Status{})
	return err
}

// read cuts what comes into words until the connection ends.
func (s *session) read(quit <-chan struct{}) error {
	var cut parser
	buf := make([]byte, 64)
	for {
		n, err := s.conn.Read(buf)
		if err != nil {
			return err
		}
		for _, b := range buf[:n] {
			w, ok := cut.feed(b)
			if !ok {
				continue
			}
			select {
			case s.words <- w:
			case <-quit:
				return nil
			}
		}
	}
}

// loop serves jobs and keeps the status fresh.
func (s *session) loop(ctx context.Context, jobs <-chan *job) error {
	if s.p.wasBroken() {
		if err := s.clear(); err != nil {
			return err
		}
	}
	// Automatic status for every change, then the state as it is now.
	if err := s.write([]byte{gs, 'a', 0xFF}); err != nil {
		return err
	}
	if err := s.ask(); err != nil {
		return err
	}
	if s.p.cfg.Profile.ProcessID { // whether it does: answered before the next one
		if err := s.write(nameMark(s.p.name())); err != nil {
			return err
		}
	}
	if err := s.write([]byte{gs, 'r', 1}); err != nil { // for sync
		return err
	}
	tick := time.NewTicker(s.p.cfg.Poll)
	defer tick.Stop()
	for {
		select {
		case w, ok := <-s.words:
			if !ok {
				return fmt.Errorf("read: %w", s.readErr)
			}
			s.hear(w)
		case j := <-jobs:
			a, err := s.do(j)
			j.done <- a
			if err != nil {
				return err
			}
		case <-tick.C:
			if err := s.poll(); err != nil {
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// poll asks a printer how it is. One that spoke before and does not now is
// gone, though its line does not say so.
func (s *session) poll() error {
	s.silent++
	if s.status.Known && s.silent > 3 {
		return fmt.Errorf("%w: no answer to %d polls", link.ErrGone, s.silent)
	}
	return s.ask()
}

// ask requests all four real-time states.
func (s *session) ask() error {
	if len(s.asked) > maxAsked {
		s.asked = nil // it does not answer, or answers got lost
	}
	var b []byte
	for n := 1; n <= 4; n++ {
		b = append(b, dle, 0x04, byte(n))
		s.asked = append(s.asked, n)
	}
	return s.write(b)
}

func (s *session) write(b []byte) error {
	if _, err := s.conn.Write(b); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// hear takes a word in.
func (s *session) hear(w word) {
	s.silent = 0
	switch w.kind {
	case wordASB:
		s.status.automatic(w.data)
	case wordRealTime:
		if len(s.asked) == 0 {
			return // caused by bytes of a picture that look like a question
		}
		s.status.realTime(s.asked[0], w.data[0])
		s.asked = s.asked[1:]
	case wordInOrder:
		s.inOrder++
		s.orderAt = time.Now()
		if s.out < len(s.marks) && s.marks[s.out].name == [4]byte{} {
			s.out++
		}
	case wordJob:
		s.named = true
		for i, m := range s.marks {
			if m.name == w.data {
				s.out = i + 1 // and so all before it
			}
		}
	case wordBlock:
	}
	s.p.set(s.status)
}

// do does one job. The error, other than the answer's, ends the session.
func (s *session) do(j *job) (answer, error) {
	if j.data == nil { // the drawer
		if err := s.write([]byte{dle, 0x14, 0x01, 0x00, 0x02}); err != nil {
			return answer{Unknown, err}, err
		}
		return answer{outcome: Sent}, nil
	}
	s.marks, s.out, s.nothing = nil, 0, true
	a, err := s.print(j)
	switch {
	case s.nothing:
		if a.err != nil {
			a.outcome = NotPrinted
		}
	case err != nil:
		s.p.breaks(true)
	}
	if a.outcome == Unknown {
		s.p.cfg.Log.Warn("receipt may be incomplete", "confirmed_bytes", s.confirmed(), "sent_bytes", s.sent())
	}
	s.marks, s.out = nil, 0
	return a, err
}

// print sends a job part by part and waits for its last mark.
func (s *session) print(j *job) (answer, error) {
	if err := s.fresh(j.ctx); err != nil {
		return answer{NotPrinted, fmt.Errorf("%w: %w", ErrOffline, err)}, err
	}
	if why := s.status.Err(); why != nil {
		return answer{NotPrinted, why}, nil //nolint:nilerr // the session goes on
	}
	if a, err := s.sync(j.ctx); err != nil || a.err != nil {
		return a, err
	}
	s.inOrder = 0
	total, since := 0, 0
	for i, part := range j.data {
		if a, err := s.room(j.ctx, total+len(part)); err != nil || a.err != nil {
			return a, err
		}
		if a, err := s.send(j.ctx, part); err != nil || a.err != nil {
			return a, err
		}
		total, since = total+len(part), since+len(part)
		if since < markEvery && i+1 < len(j.data) {
			continue
		}
		if err := s.mark(total); err != nil {
			return answer{Unknown, err}, err
		}
		since = 0
	}
	return s.confirm(j.ctx)
}

// send writes one part in pieces and listens between them.
func (s *session) send(ctx context.Context, part []byte) (answer, error) {
	for sent := 0; sent < len(part); sent += chunk {
		s.synced, s.nothing = false, false // until the printer has confirmed
		if err := s.write(part[sent:min(sent+chunk, len(part))]); err != nil {
			return answer{Unknown, err}, err
		}
		if a, err := s.between(ctx); err != nil || a.err != nil {
			return a, err
		}
	}
	return answer{}, nil
}

// mark asks the printer to say when it has worked off all so far: by a name of
// its own where it can (GS ( H, function 48), else by its paper status in the
// order of its work (GS r 1).
func (s *session) mark(total int) error {
	m := mark{bytes: total}
	ask := []byte{gs, 'r', 1}
	if s.named {
		m.name = s.p.name()
		ask = nameMark(m.name)
	}
	s.marks = append(s.marks, m)
	return s.write(ask)
}

// nameMark asks for a name to be answered in order (GS ( H, function 48).
func nameMark(name [4]byte) []byte {
	return append([]byte{gs, '(', 'H', 6, 0, 0x30, 0x30}, name[:]...)
}

// room waits until the printer has worked off enough to take the job's bytes up
// to the given one: a serial line may have nothing else that slows it down, and
// what is not sent need not be cleared. A printer that says nothing gets all.
func (s *session) room(ctx context.Context, upTo int) (answer, error) {
	for s.status.Known && s.out < len(s.marks) && upTo-s.confirmed() > s.p.cfg.Profile.Buffer {
		if a, stop, err := s.wait(ctx); stop {
			return a, err
		}
	}
	return answer{}, nil
}

// confirmed is how many bytes of the job the printer has worked off for sure.
func (s *session) confirmed() int {
	if s.out == 0 {
		return 0
	}
	return s.marks[s.out-1].bytes
}

// sent is how many bytes of the job stand before its last mark.
func (s *session) sent() int {
	if len(s.marks) == 0 {
		return 0
	}
	return s.marks[len(s.marks)-1].bytes
}

// sync waits until an older job cannot be mistaken for the next one. After a
// connection that broke in a job the printer may still be printing it, and it
// will answer that job's GS r over the new connection. The GS r sent at the
// start of the session comes behind it: when its answer is in and no other one
// follows, all older ones are.
func (s *session) sync(ctx context.Context) (answer, error) {
	if s.inOrder > 0 && time.Since(s.orderAt) > syncQuiet {
		s.synced = true
	}
	if s.synced || !s.status.Known {
		return answer{}, nil
	}
	timer := time.NewTimer(syncWait)
	defer timer.Stop()
	for {
		before := s.inOrder
		if before > 0 {
			timer.Reset(syncQuiet)
		}
		for s.inOrder == before {
			select {
			case w, ok := <-s.words:
				if !ok {
					_, err := s.lost()
					return answer{NotPrinted, err}, err
				}
				s.hear(w)
			case <-timer.C:
				s.synced = before > 0
				if !s.synced {
					return answer{NotPrinted, fmt.Errorf("%w: an older job is not", ErrUnconfirmed)}, s.clear()
				}
				return answer{}, nil
			case <-ctx.Done():
				return answer{NotPrinted, fmt.Errorf("%w: an older job is not", ErrUnconfirmed)}, nil
			}
		}
	}
}

// clear throws away what the printer has not printed, and asks for a sign
// that it did. The first command helps after a cutter jam, the second at any
// other time, on printers that know them.
func (s *session) clear() error {
	s.synced = false
	return s.write([]byte{dle, 0x05, 0x02, dle, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08, gs, 'r', 1})
}

// fresh asks for the state and waits for the answers, as long as the printer
// is one that answers.
func (s *session) fresh(ctx context.Context) error {
	if err := s.ask(); err != nil {
		return err
	}
	timer := time.NewTimer(answerWait)
	defer timer.Stop()
	for len(s.asked) > 0 {
		select {
		case w, ok := <-s.words:
			if !ok {
				return fmt.Errorf("read: %w", s.readErr)
			}
			s.hear(w)
		case <-timer.C:
			s.asked = nil
			return nil
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

// between looks at what the printer said while a job is being sent, and waits
// while it cannot go on.
func (s *session) between(ctx context.Context) (answer, error) {
	for {
		if s.status.Err() == nil {
			select {
			case w, ok := <-s.words:
				if !ok {
					return s.lost()
				}
				s.hear(w)
				continue
			default:
				return answer{}, nil
			}
		}
		if a, stop, err := s.wait(ctx); stop {
			return a, err
		}
	}
}

// confirm waits until the printer has worked off the job.
func (s *session) confirm(ctx context.Context) (answer, error) {
	for tries := 0; s.out < len(s.marks); tries++ {
		if tries > 3 && !s.status.Known {
			return answer{outcome: Sent}, nil // this one never says a word
		}
		if a, stop, err := s.wait(ctx); stop {
			return a, err
		}
	}
	s.synced = true
	return answer{outcome: Printed}, nil
}

func (s *session) lost() (answer, error) {
	err := fmt.Errorf("read: %w", s.readErr)
	return answer{Unknown, fmt.Errorf("%w: %w", ErrUnconfirmed, err)}, err
}

// wait takes one word, or ends the job when ctx does: what the printer still
// holds of it is thrown away, so that it does not come out with the next one.
func (s *session) wait(ctx context.Context) (a answer, stop bool, err error) {
	tick := time.NewTimer(askEvery)
	defer tick.Stop()
	select {
	case w, ok := <-s.words:
		if !ok {
			a, err = s.lost()
			return a, true, err
		}
		s.hear(w)
		return answer{}, false, nil
	case <-tick.C: // printers without automatic status are asked
		err = errors.Join(s.ask(), s.recover())
		return answer{Unknown, err}, err != nil, err
	case <-ctx.Done():
	}
	why := s.status.Err()
	if why == nil {
		why = context.Cause(ctx)
	}
	s.inOrder = 0
	return answer{Unknown, fmt.Errorf("%w: %w", ErrUnconfirmed, why)}, true, s.clear()
}

// recover asks a printer that stopped for a jam to go on at the line where it
// stopped (DLE ENQ 1), now and then: somebody may have cleared it.
func (s *session) recover() error {
	if !s.status.Recoverable() || time.Since(s.tried) < recoverWait {
		return nil
	}
	s.tried = time.Now()
	return s.write([]byte{dle, 0x05, 0x01})
}
