// Package talk is what shopper and colleague say to each other while a call for
// help is open: the phrase book both choose from, and the threads as a lane has
// them. How words travel is not its matter, nor how they look; the phrases' texts
// lie in package words.
//
// Its one rule: what was said has one order, the desk's. A lane shows a saying
// when it has all before it, and once, whatever is sent again.
package talk
