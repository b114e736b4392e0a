// Package desk is the store's help desk: it keeps the calls of all lanes, asks
// the people whom package help names, and writes down what became of each call.
// What people see is the console's matter, what lanes say comes over the wire.
//
// Its one rule: a change is on the disk before anybody hears of it. A desk that
// is killed comes back with every call as it was last told, and lanes say again
// what was not answered.
//
// One goroutine (Desk.Run) owns the board. All others hand it work and wait.
package desk
