// Package sim plays the far side of every wire: a scanner, scales, a panel, a
// card terminal and a receipt printer, as a lane meets them. It serves the
// workbench and the tests; no shipped program may link it.
//
// Its one rule: it speaks bytes and imports no driver, so that it cannot share
// a driver's mistakes. What the manuals say is written here a second time.
//
// Serial devices hang on pseudo-terminals (Pty), whose far ends come and go as
// a USB adapter's node does. Kernel pseudo-terminals ignore speed and parity,
// so those are the one thing a driver can get wrong here unnoticed.
package sim
