// Package broker runs the store's NATS server inside the hub, or stands before
// an external one, and says who may connect and what each may say and hear.
// What is said is package wire's matter.
//
// Its one rule: an acknowledgement means that the message is on the disk, and a
// lane's key opens that lane's subjects and no other. Both are asserted when it
// starts, not hoped for.
//
// The hub is its own authority: an operator key that signs one account for the
// store, whose key signs a user for each lane. A lane makes its own key pair and
// sends the public half; the private half never leaves it. An external cluster
// that trusts the operator takes the same users.
package broker
