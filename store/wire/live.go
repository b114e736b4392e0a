package wire

import (
	"encoding/json"
	"time"
)

// A LaneState is what the store sees of a lane: at each change, and every two
// seconds as a sign of life.
type LaneState struct {
	Lane     string            `json:"lane"`
	Epoch    string            `json:"epoch"`
	Boot     string            `json:"boot"` // random, of this run: commands name it
	Version  string            `json:"version"`
	At       time.Time         `json:"at"`
	Mode     string            `json:"mode"` // open, closing, closed
	Screen   string            `json:"screen"`
	Language string            `json:"language"`
	Locked   bool              `json:"locked,omitempty"` // staff locked the sale on the screen
	Number   int64             `json:"number,omitempty"` // of the sale on the screen
	Items    int64             `json:"items,omitempty"`
	Total    int64             `json:"total,omitempty"` // minor units
	Currency string            `json:"currency"`
	Devices  map[string]string `json:"devices"` // name -> "" up, else why it is down
	Head     int64             `json:"head"`    // newest row of the journal
	HeadHash string            `json:"head_hash"`
	Marked   int64             `json:"marked"` // the mark it knows
	// Calls are the ids of its open calls: one that the hub has open and that is
	// not among them is over.
	Calls []string `json:"calls"`
	// Forgot is how far it has erased whom the hub named.
	Forgot Forgot `json:"forgot,omitzero"`
	// Talk says, for each of them, up to which number the lane has what was said.
	Talk map[string]int `json:"talk,omitempty"`
}

// A CallVerb says what a lane wants with a call.
type CallVerb string

// The verbs of a CallUp.
const (
	CallRaise  CallVerb = "raise"
	CallClaim  CallVerb = "claim"  // somebody of the staff is at the lane: By
	CallCancel CallVerb = "cancel" // the shopper took it back
	CallEnd    CallVerb = "end"    // settled at the lane, or the sale is over
	CallRate   CallVerb = "rate"   // the shopper's word on how it was
)

// A CallUp is a lane's word on a call. The id is LANE-NUMBER/N of its journal.
// Saying it twice is saying it once.
type CallUp struct {
	ID       string    `json:"id"`
	Verb     CallVerb  `json:"verb"`
	Boot     string    `json:"boot"`
	Reason   string    `json:"reason"`
	Language string    `json:"language"`
	Channel  string    `json:"channel"`
	RaisedAt time.Time `json:"raised_at"`
	By       string    `json:"by,omitempty"`      // of a claim or an end
	Outcome  string    `json:"outcome,omitempty"` // of an end
	Rating   int       `json:"rating,omitempty"`  // 1 to 3
	Solved   *bool     `json:"solved,omitempty"`  // "did that solve it?"
	Context  Context   `json:"context"`
}

// A Context is what the one who comes should know before saying hello.
type Context struct {
	Screen     string  `json:"screen"`
	Number     int64   `json:"number"`
	Items      []Item  `json:"items"` // the last five
	Total      int64   `json:"total"`
	Currency   string  `json:"currency"`
	SaleFor    int64   `json:"sale_for_s"` // seconds since the sale began
	Calls      int     `json:"calls"`      // before this one in the sale
	ExpectedG  int64   `json:"expected_g,omitempty"`
	SeenG      int64   `json:"seen_g,omitempty"`
	Curve      []int64 `json:"curve,omitempty"`      // bagging scale of the last seconds, grams
	CurveStep  int64   `json:"curve_step,omitempty"` // ms between two
	Stories    []Story `json:"stories,omitempty"`
	Evidence   string  `json:"evidence,omitempty"` // of a payment: terminal's receipt and trace, no card number
	Member     string  `json:"member,omitempty"`   // random handle
	MemberCode string  `json:"member_code,omitempty"`
	Articles   []Read  `json:"articles,omitempty"` // self-help read before
	// Note is what a shopper wrote at the page of the receipt, in her own words;
	// Items are then the lines she pointed at.
	Note string `json:"note,omitempty"`
}

// An Item is a line as somebody far away wants to see it.
type Item struct {
	N      int    `json:"n"`
	Name   string `json:"name"`
	Code   string `json:"code"`
	Qty    int64  `json:"qty"`
	Amount int64  `json:"amount"`
	Grams  int64  `json:"grams,omitempty"`
}

// A Story is one explanation of a weight, with its odds in parts per thousand.
type Story struct {
	Kind  string   `json:"kind"`
	Codes []string `json:"codes,omitempty"`
	Mille int      `json:"mille"`
	Teach string   `json:"teach"` // value of the tap that says so
}

// A Read is a self-help article the shopper looked at, or a search without result.
type Read struct {
	Article string `json:"article,omitempty"`
	Search  string `json:"search,omitempty"`
}

// A CallDown tells a lane what became of its call.
type CallDown struct {
	ID      string `json:"id"`
	State   string `json:"state"` // as in package help
	Version int    `json:"version"`
	Name    string `json:"name,omitempty"` // first name, if the store shows it
	Place   int    `json:"place,omitempty"`
	WaitS   int64  `json:"wait_s,omitempty"`
	Outcome string `json:"outcome,omitempty"`
}

// A Command is something staff want a lane to do from afar. A lane does it once,
// whatever is said twice, and only while what it was decided upon still stands.
type Command struct {
	ID      string          `json:"id"` // random
	Boot    string          `json:"boot"`
	Call    string          `json:"call,omitempty"`
	Version int             `json:"version,omitempty"` // of the call
	Number  int64           `json:"number,omitempty"`  // of the sale it is about
	Deed    string          `json:"deed"`
	By      string          `json:"by"`
	Role    string          `json:"role"`
	Reason  string          `json:"reason,omitempty"`
	Line    int             `json:"line,omitempty"`
	Value   string          `json:"value,omitempty"`
	Expires time.Time       `json:"expires"`
	Extra   json.RawMessage `json:"extra,omitempty"`
}

// A Result is a lane's answer to a command: done when it is on the lane's disk.
type Result struct {
	ID    string `json:"id"`
	OK    bool   `json:"ok"`
	Why   string `json:"why,omitempty"` // stale, unfit, unknown-deed, not-permitted, expired
	Boot  string `json:"boot"`
	Seq   int64  `json:"seq,omitempty"` // of the row that says so
	Again bool   `json:"again,omitempty"`
}

// A Watch asks a lane to show its screen for so many seconds.
type Watch struct {
	Seconds int `json:"seconds"`
}

// A Talk is one thing said between shopper and agent: a phrase of the book, free
// words, or a signal that sets up a video call. The hub numbers what is said in a
// call from 1 without a hole and says it again until [LaneState.Talk] has it; a
// lane says hers, without a number, until it comes back with one. Signals have
// no number and are of the moment.
type Talk struct {
	Call   string            `json:"call"`
	N      int               `json:"n"`
	ID     string            `json:"id,omitempty"` // random, its maker's: the same twice is one
	From   string            `json:"from"`         // shopper, agent
	By     string            `json:"by,omitempty"` // which agent, kept at the hub alone
	Name   string            `json:"name,omitempty"`
	Phrase string            `json:"phrase,omitempty"`
	Args   map[string]string `json:"args,omitempty"`
	Text   string            `json:"text,omitempty"` // beside a phrase: what it says to a lane that does not know it
	Lang   string            `json:"lang,omitempty"`
	Signal json.RawMessage   `json:"signal,omitempty"`
	At     time.Time         `json:"at"`
}

// Staff is who works at a store; a lane keeps the last it got.
type Staff struct {
	Version int64    `json:"version"`
	Members []Member `json:"members"`
}

// A Member is one of the staff as a lane needs it. Hash and salt let the lane
// judge a PIN by itself; the pepper they are made with is the store's and comes
// at enrolment.
type Member struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Role   string `json:"role"`
	Badge  string `json:"badge"`
	Salt   []byte `json:"salt"`
	Hash   []byte `json:"hash"`
	Active bool   `json:"active"`
}

// Enrol is what a lane sends to the hub with its one-time code, over HTTPS.
type Enrol struct {
	Code string `json:"code"`
	Lane string `json:"lane"`
	Key  string `json:"key"` // public half of the lane's own key
}

// Enrolled is the hub's answer.
type Enrolled struct {
	Store  string `json:"store"`
	URL    string `json:"url"` // of the NATS server
	User   string `json:"user"`
	CA     string `json:"ca"`     // PEM of the hub's authority
	Pepper []byte `json:"pepper"` // that PINs are hashed with, the store's
}

// Renewed is the answer to a request for new credentials.
type Renewed struct {
	User string `json:"user"`
}
