package zvt

import (
	"bytes"
	"strconv"

	"kassa/device/terminal"
)

// The rules in this file are derived. The specification says what a terminal
// sends, stores and takes back (PA00P015 chapters 2 and 3, the auto-reversal);
// what a lane may conclude from that it leaves to the lane. These are our
// conclusions, exercised on a simulated terminal only. Each processor's
// integration test should go through them, and whoever finds one wrong on a
// real terminal should find it here.
//
// What we build on, from the specification:
//
//	S1  a payment is stored for good only after its 04 0F was acknowledged and,
//	    when we print, every 06 D1 and 06 D3 too; else the terminal reverses it
//	S2  once stored it stands, whatever becomes of 06 0F
//	S3  06 20 with service byte 03 tells the last stored transaction again
//	S4  any 84 but 00, 9C and 9D to a 04 0F makes the terminal reverse
//
// Not used: the terminal's receipt number mirrored in tag 1F1F, by which newer
// terminals heal a mismatch with the next payment. They then keep what nobody
// acknowledged, and reverse it later without a word; 06 20 before every payment
// says the same at once, and the two must not be mixed.

// verdict says what became of in, given what the terminal (by its id) stored
// last. It is the recovery table of the package comment.
func verdict(in terminal.Intent, tid string, was last) terminal.Result {
	ev, known := unpack(in.Evidence)
	not := terminal.Result{Outcome: terminal.Aborted, Recovered: true, Reason: terminal.ReasonNotFound}
	open := func(why terminal.Reason) terminal.Result {
		return terminal.Result{Outcome: terminal.Unknown, Recovered: true, Reason: why, Code: hexCode(was.code)}
	}
	s := was.info
	accepted := in.Approval.Outcome == terminal.Approved
	switch {
	case ev.TID != "" && (tid != "" && tid != ev.TID || s.tid != "" && s.tid != ev.TID):
		// Another device was put in its place: its memory proves nothing.
		return open(terminal.ReasonOtherTerminal)
	case was.unable:
		return open(terminal.ReasonCannotRepeat)
	case accepted && was.found && fits(s, in.Approval):
		return recovered(s)
	case accepted:
		not.Reason = terminal.ReasonReversed // we acknowledged, the terminal did not hear it
		return not
	case !was.found:
		return not
	case s.origin != "":
		return not // a reversal, not a payment
	}
	return newer(in, ev, known, s, not, open)
}

// newer is verdict for a payment of which no approval was recorded, when the
// terminal has a payment stored: is it ours?
func newer(in terminal.Intent, ev evidence, known bool, s info,
	not terminal.Result, open func(terminal.Reason) terminal.Result,
) terminal.Result {
	age := known && !ev.Unable
	if age && !ev.None && !isNew(ev.Last, s.stored()) {
		return not
	}
	if !s.approved() {
		r := s.result()
		if !age || s.hasAmount && s.amount != in.Amount {
			return not
		}
		r.Recovered = true
		return r
	}
	same := s.hasAmount && s.amount == in.Amount
	switch {
	case !age && same:
		return open(terminal.ReasonCannotRepeat) // perhaps ours, perhaps an older one of the same price
	case !age:
		return not
	case !same:
		// A new payment of another amount on a terminal that only we use:
		// a partial approval or a tip that was not taken back. A person must look.
		return open(terminal.ReasonAmount)
	}
	return recovered(s)
}

func recovered(s info) terminal.Result {
	r := s.result()
	r.Signature = s.signature
	r.Recovered, r.Completed = true, true
	return r
}

// fits reports whether the stored payment is the approval we recorded.
func fits(s info, a terminal.Result) bool {
	return s.approved() && s.origin == "" && s.receipt == a.Receipt &&
		(!s.hasAmount || s.amount == a.Amount) && (s.trace == a.Trace || s.trace == "" || a.Trace == "")
}

// receiptNumbers is how many receipt numbers there are: 0001 to 9999, around.
const receiptNumbers = 9999

// isNew reports whether now was stored after before. Receipt numbers decide,
// half way round the circle; without them any difference does.
func isNew(before, now stored) bool {
	b, errB := strconv.Atoi(before.Receipt)
	n, errN := strconv.Atoi(now.Receipt)
	if errB != nil || errN != nil {
		return now != before
	}
	ahead := ((n-b)%receiptNumbers + receiptNumbers) % receiptNumbers
	return ahead > 0 && ahead <= receiptNumbers/2
}

// saysNone reports whether a refusal to repeat means that there is nothing to
// repeat. A refusal for another cause (wrong password, not supported, busy,
// locked, a card in the reader) says nothing of the memory.
func saysNone(code byte) bool {
	switch {
	case code < 0x64, code == codeCardInserted, code == 0xE1, code == 0xF6:
		return false
	}
	_, reason := outcomeOf(code)
	return reason == terminal.ReasonDeclined || reason == terminal.ReasonInvalidCard
}

// ruleAnswers: what an approval is refused for, by S4. Nothing else is: not an
// unknown bitmap, not a missing field, not a text that makes no sense. An
// amount other than the one asked for (tip, part of it, another currency's) is
// refused whichever way it differs, for no receipt is made for it here.
func ruleAnswers(asked, said terminal.Result, signature, refund bool) (why terminal.Reason, code byte, refuse bool) {
	switch {
	case said.Amount != asked.Amount:
		return terminal.ReasonAmount, codeCancelled, true
	case signature && !refund: // a refund is made by staff, who can compare one
		return terminal.ReasonSignature, codeCancelled, true
	}
	return "", 0, false
}

// ruleStale says how to answer a message that belongs to a conversation of
// before: on a serial line the terminal cannot see that we hung up. Nothing
// that would decide a payment is answered, as if the line were still cut: by
// S1 the terminal then reverses, and Resolve asks. An acknowledgement would
// let stand what nobody recorded. For the same reason a serial line is first
// listened to, at the start and after a conversation that broke, until the
// terminal has stopped repeating itself: else its old answers would be taken
// for those to our new commands.
func ruleStale(code int) (reply apdu, ok bool) {
	switch code {
	case cmdStatusInfo, cmdPrintLine, cmdPrintBlock:
		return apdu{}, false
	case cmdCompletion, cmdAbort, cmdProgress, cmdSetClock:
		return positive(), true
	}
	return unsupported(), true
}

// ruleReversedBefore reports whether what the terminal did last was to take
// paid back. Some terminals reverse their last transaction only, and once that
// is the reversal itself they refuse to reverse paid again with B5, not B4.
func ruleReversedBefore(was last, paid terminal.Result) bool {
	s := was.info
	return was.found && s.approved() && s.origin != "" && s.origin == paid.Trace &&
		(!s.hasAmount || s.amount == paid.Amount)
}

// ruleDuplicate reports whether a frame of a serial line is the one before,
// sent again because our acknowledgement was lost. The same bytes may well be
// a new message (a blank print line after another), but between two messages
// of the terminal stands one of ours: so a frame is a repeat if it equals the
// one before and nothing of ours was acknowledged since (then before is nil).
// Taken wrongly for new it does no harm: everything is answered again, and of
// two equal 04 0F the last counts.
func ruleDuplicate(before, now []byte) bool { return before != nil && bytes.Equal(before, now) }

// ruleStopOrphan: while Resolve finds the terminal at work it asks it to stop
// (06 B0), once. On a serial line the terminal does not see that the lane has
// died, and would go on inviting a card for a payment that nobody can record.
// What is past its point of no return refuses to stop, and 06 20 tells of it.
const ruleStopOrphan = true
