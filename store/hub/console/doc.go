// Package console is the attendants' page of a store's hub: who calls, what it
// is about, who has it, and what can be done about it from where the attendant
// stands. It decides nothing about calls (package desk does) or sales (the lane
// does), and knows neither wires nor the hub: what it needs is handed in.
//
// Its one rule: a tap does what its button said when it was drawn, or nothing.
// Each deed names the call and its version, or the lane's run and sale, and is
// taken once; what has changed meanwhile is refused in a calm sentence.
package console
