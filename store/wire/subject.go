package wire

import (
	"fmt"
	"strings"
)

// Root is the first token of every subject, with the version of the tree.
const Root = "kassa.v1"

// A Topic is the last token of a subject.
type Topic string

// What a lane says. Only the journal's rows are kept by JetStream; the rest is
// of the moment and is said again when it matters.
const (
	UpJournal Topic = "journal" // Row; header Nats-Msg-Id as [Row.MsgID]
	UpState   Topic = "state"   // LaneState: at each change, and as a heartbeat
	UpCall    Topic = "call"    // CallUp; a request, said again until it is answered
	UpResult  Topic = "result"  // Result of a command that took longer than its request
	UpView    Topic = "view"    // the lane's screen, while somebody watches
	UpRenew   Topic = "renew"   // Renew: a request for new credentials of the same key
	UpLearned Topic = "learned" // Learned: what things weigh; a request, answered by Lessons
	UpTake    Topic = "take"    // Take: a parked basket comes back; a request, answered by Taken
	UpWhose   Topic = "whose"   // Whose: a basket's member at the lane that parked it; a request, answered by Owner
	UpTalk    Topic = "talk"    // Talk: phrases and the signals of a video call
)

// What a lane hears.
const (
	DownCall    Topic = "call"    // CallDown: what became of its call
	DownCommand Topic = "command" // Command; a request, answered by a Result
	DownMark    Topic = "mark"    // Mark: rows up to it are kept
	DownResend  Topic = "resend"  // Resend: rows that are missing
	DownStaff   Topic = "staff"   // Staff: who works here
	DownWatch   Topic = "watch"   // Watch: show your screen for a while
	DownTalk    Topic = "talk"
	DownWhose   Topic = "whose"  // Whose: the hub passes it on to Lane; answered by Owner
	DownForget  Topic = "forget" // Forget: whose values are to be erased
)

// Up is the subject on which a lane says something.
func Up(store, lane string, t Topic) string { return subject(store, lane, "up", t) }

// Down is the subject on which a lane hears something.
func Down(store, lane string, t Topic) string { return subject(store, lane, "down", t) }

// AllUp is the pattern of a topic from every lane of a store; "*" for every store.
func AllUp(store string, t Topic) string { return subject(store, "*", "up", t) }

func subject(store, lane, way string, t Topic) string {
	return fmt.Sprintf("%s.%s.%s.%s.%s", Root, store, lane, way, t)
}

// MayPublish are the subjects a lane may publish on, and MaySubscribe those it
// may hear: its own and nobody else's.
func MayPublish(store, lane string) []string { return []string{subject(store, lane, "up", ">")} }

// MaySubscribe are the subjects a lane may hear; Inbox its answers.
func MaySubscribe(store, lane string) []string {
	return []string{subject(store, lane, "down", ">"), Inbox(store, lane) + ".>"}
}

// Inbox is the prefix under which a lane gets its answers. The client's default
// is shared by all, and so would be the answers.
func Inbox(store, lane string) string { return fmt.Sprintf("_INBOX.%s.%s", store, lane) }

// Parse takes a lane's subject apart.
func Parse(subject string) (store, lane, way string, t Topic, ok bool) {
	rest, ok := strings.CutPrefix(subject, Root+".")
	parts := strings.Split(rest, ".")
	if !ok || len(parts) != 4 || !Token(parts[0]) || !Token(parts[1]) || parts[2] != "up" && parts[2] != "down" {
		return "", "", "", "", false
	}
	return parts[0], parts[1], parts[2], Topic(parts[3]), true
}

// Token reports whether a store's or lane's name can stand in a subject: 1 to 32 of
// a-z, 0-9 and -.
func Token(name string) bool {
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return len(name) >= 1 && len(name) <= 32
}
