package sim

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// CashOptions says what kind of recycler a Cash is.
type CashOptions struct {
	User, Password string // "" takes any
	// Loose makes it send numbers as numbers and data as an object, as some
	// versions do; else all is text, and data the text of an object.
	Loose bool
	// Short is how much change it cannot give: those coins have run out.
	Short int64
	// Changed, if not nil, is called after every change of State. It must not
	// block or call back.
	Changed func()
}

// A CashOperation is an operation as the recycler keeps it.
type CashOperation struct {
	ID     string `json:"id"`
	Key    string `json:"key"` // the lane's own name
	Amount int64  `json:"amount_minor"`
	Give   bool   `json:"give"`
	State  string `json:"state"` // I named, E at work, F ended
	In     int64  `json:"in_minor"`
	Out    int64  `json:"out_minor"`

	stop bool // it was told to end, and cannot yet
}

// A CashState is what a person in front of the recycler sees.
type CashState struct {
	Waiting bool            `json:"waiting"` // for money
	Amount  int64           `json:"amount_minor"`
	In      int64           `json:"in_minor"`
	Jammed  bool            `json:"jammed"`
	Plugged bool            `json:"plugged"`
	Kept    int64           `json:"kept_minor"` // of all operations: in less out
	All     []CashOperation `json:"operations"` // oldest first
}

// A Cash is a simulated cash recycler with a web service in the manner of CashDro.
// Its books outlive the lane's connections.
type Cash struct {
	*socket
	o CashOptions

	mu     sync.Mutex
	all    []*CashOperation
	jammed bool
	cut    string // operation of the service after which the line breaks, unanswered
	before bool   // ... and which is not heard
}

// NewCash makes a recycler that listens on addr (host:port, port 0 for any).
func NewCash(addr string, o CashOptions) (*Cash, error) {
	c := &Cash{o: o}
	s, err := newSocket(addr, c.serve)
	if err != nil {
		return nil, err
	}
	c.socket = s
	return c, nil
}

// State is what can be seen now.
func (c *Cash) State() CashState {
	s := CashState{Plugged: c.Plugged(), All: []CashOperation{}}
	c.mu.Lock()
	defer c.mu.Unlock()
	s.Jammed = c.jammed
	for _, op := range c.all {
		s.All = append(s.All, *op)
		s.Kept += op.In - op.Out
		if op.State == "E" && !op.Give {
			s.Waiting, s.Amount, s.In = !c.jammed, op.Amount, op.In
		}
	}
	return s
}

// Insert puts a coin or note in. It reports whether the slot was open.
func (c *Cash) Insert(minor int64) bool {
	defer c.changed()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, op := range c.all {
		if op.State != "E" || op.Give || c.jammed {
			continue
		}
		op.In += minor
		if op.In >= op.Amount {
			op.end(op.In - op.Amount - c.o.Short)
		}
		return true
	}
	return false
}

// end gives out change, or what was put in, and ends the operation.
func (op *CashOperation) end(out int64) { op.Out, op.State = max(0, out), "F" }

// Jam stops everything where it stands; without it work goes on.
func (c *Cash) Jam(on bool) {
	defer c.changed()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.jammed = on
	for _, op := range c.all {
		switch {
		case on || op.State != "E":
		case op.Give:
			op.end(op.Amount - c.o.Short)
		case op.stop:
			op.end(op.In - min(c.o.Short, op.In))
		}
	}
}

// CutAt breaks the line at the next request of a name (startOperation,
// acknowledgeOperationId, askOperation, finishOperation): before it is heard, or
// after it was done and before it is answered.
func (c *Cash) CutAt(name string, before bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut, c.before = name, before
}

func (c *Cash) changed() {
	if c.o.Changed != nil {
		c.o.Changed()
	}
}

// serve answers the requests of one connection.
func (c *Cash) serve(conn net.Conn) {
	in := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body, lost := c.answer(req)
		if lost {
			return
		}
		res := http.Response{
			StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"application/json"}},
			ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
		}
		if res.Write(conn) != nil {
			return
		}
	}
}

// answer does what a request asks. The line is lost instead of the answer where it
// was to be cut.
func (c *Cash) answer(req *http.Request) (body string, lost bool) {
	q := req.URL.Query()
	name := q.Get("operation")
	defer c.changed()
	c.mu.Lock()
	defer c.mu.Unlock()
	cut := c.cut == name
	if cut {
		c.cut = ""
		if c.before {
			return "", true
		}
	}
	if !strings.HasSuffix(req.URL.Path, "/Cashdro3WS/index.php") || c.o.Password != "" && (q.Get("name") != c.o.User || q.Get("password") != c.o.Password) {
		return c.say(-1, "who are you"), cut
	}
	do := map[string]func(map[string][]string) string{
		"login": func(map[string][]string) string { return c.say(1, "CashDro 3") }, "startOperation": c.start,
		"acknowledgeOperationId": c.release, "askOperation": c.tell, "finishOperation": c.finish,
	}[name]
	if do == nil {
		return c.say(-2, "no such operation"), cut
	}
	return do(q), cut
}

// say makes an answer; called with mu held, as all below.
func (c *Cash) say(code int, data any) string {
	answer := map[string]any{"code": code, "data": data}
	if text, isText := data.(string); !c.o.Loose && !isText {
		b, _ := json.Marshal(data)
		answer["data"] = string(b)
	} else if isText {
		answer["data"] = text
	}
	b, _ := json.Marshal(answer)
	return string(b)
}

func (c *Cash) start(q map[string][]string) string {
	var p struct {
		Amount string `json:"amount"`
	}
	_ = json.Unmarshal([]byte(first(q, "parameters")), &p)
	amount, err := strconv.ParseInt(p.Amount, 10, 64)
	kind := first(q, "type")
	if err != nil || amount <= 0 || kind != "4" && kind != "3" {
		return c.say(-3, "bad parameters")
	}
	if slices.ContainsFunc(c.all, func(op *CashOperation) bool { return op.State == "E" }) {
		return c.say(-4, "busy")
	}
	op := &CashOperation{ID: strconv.Itoa(1000 + len(c.all)), Key: first(q, "posuser"), Amount: amount, Give: kind == "3", State: "I"}
	c.all = append(c.all, op)
	if c.o.Loose {
		return fmt.Sprintf(`{"code":1,"data":%s}`, op.ID)
	}
	return c.say(1, op.ID)
}

func first(q map[string][]string, name string) string {
	if len(q[name]) == 0 {
		return ""
	}
	return q[name][0]
}

func (c *Cash) find(q map[string][]string) *CashOperation {
	for _, op := range c.all {
		if op.ID == first(q, "operationId") {
			return op
		}
	}
	return nil
}

func (c *Cash) release(q map[string][]string) string {
	op := c.find(q)
	if op == nil {
		return c.say(-5, "unknown id")
	}
	if op.State == "I" {
		op.State = "E"
		if op.Give && !c.jammed {
			op.end(op.Amount - c.o.Short)
		}
	}
	return c.say(1, "")
}

func (c *Cash) tell(q map[string][]string) string {
	op := c.find(q)
	if op == nil {
		return c.say(-5, "unknown id")
	}
	number := func(n int64) any { return strconv.FormatInt(n, 10) }
	if c.o.Loose {
		number = func(n int64) any { return n }
	}
	messages := []any{}
	if c.jammed {
		messages = append(messages, map[string]any{"code": "jam"})
	}
	return c.say(1, map[string]any{
		"operation": map[string]any{
			"operationid": op.ID, "state": op.State, "total": number(op.Amount), "totalin": number(op.In), "totalout": number(op.Out),
		},
		"messages": messages,
	})
}

func (c *Cash) finish(q map[string][]string) string {
	op := c.find(q)
	switch {
	case op == nil:
		return c.say(-5, "unknown id")
	case op.State == "F":
		return c.say(-6, "it has ended")
	case c.jammed && op.State == "E":
		op.stop = true // as soon as it can move again
		return c.say(1, "")
	case op.Give && op.State == "E":
		return c.say(1, "")
	}
	op.end(op.In - min(c.o.Short, op.In))
	return c.say(1, "")
}

// Wait waits for money to be asked for, at most for a while of a wall clock.
func (c *Cash) Wait(most time.Duration) bool {
	for deadline := time.Now().Add(most); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if c.State().Waiting {
			return true
		}
	}
	return false
}
