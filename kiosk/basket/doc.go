// Package basket works out what a basket costs: lines, deposit, promotions, tax
// and totals. It looks up nothing, knows no clock and no tender; articles and
// times come in with the lines, rules with each call.
//
// Its one rule: a Basket is a value. Every operation returns a new one, priced
// anew from its lines and the rules, and leaves the old one and everything it
// shares as they were. An operation that fails returns the Basket unchanged.
//
// What is rounded, and where, all of it in this package:
//
//   - a weighed line's price, once per line, half up, after the tare (grossOf);
//   - a percentage off, once per piece (a weighed line is one piece), half up,
//     so that it does not matter on how many lines the pieces stand (pieceCut);
//   - a percentage off the whole basket or a group, once, half up (savings);
//   - tax, half up, once per line and rate or once per class and rate, as the
//     store set it (taxes); what a class is charged is shared over its lines by
//     largest remainder, so that lines add up to classes and classes to the total;
//   - cash, the total to the smallest coin (total).
//
// A fixed price or amount for several pieces is shared over them by largest
// remainder in proportion to their prices.
package basket
