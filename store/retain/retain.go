// Package retain says what each column of every database is, and so for how long
// it may be kept and who may ask for its erasure. It is the field inventory for
// whoever answers to the law, and deletes nothing itself.
//
// Its one rule: no column without a class. A test opens every database of lane
// and hub and fails when a column is not listed in classes.txt, or is listed and
// gone. Tables of the ledger say their classes themselves (package ledger).
package retain

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed classes.txt
var text string

// A Class says how sensitive a column is.
type Class string

// The classes, those of the ledger first.
const (
	Sale    Class = "sale"    // what was sold and paid: as long as the law asks, never before the keeper has confirmed it
	Staff   Class = "staff"   // who of the staff did it, by handle; in the staff list by name
	Person  Class = "person"  // a shopper's handle, or what she did beyond buying; erased when she asks
	Device  Class = "device"  // how machines behaved
	Goods   Class = "goods"   // articles, prices, rules: no person
	Secret  Class = "secret"  // keys, hashes of PINs and codes: never exported
	Working Class = "working" // numbers a program needs to go on: gone with its database
)

// Known reports whether c is one of the classes.
func Known(c Class) bool {
	switch c {
	case Sale, Staff, Person, Device, Goods, Secret, Working:
		return true
	}
	return false
}

// A Column is one column of a database.
type Column struct{ Database, Table, Column string }

// Inventory returns the class of every column that classes.txt lists: a line for
// each class of a table, "database table class column ...".
func Inventory() (map[Column]Class, error) {
	all := map[Column]Class{}
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) < 4 || !Known(Class(words[2])) {
			return nil, fmt.Errorf("classes.txt:%d: want database table class column ..., the class one that is known", i+1)
		}
		for _, name := range words[3:] {
			c := Column{words[0], words[1], name}
			if have := all[c]; have != "" {
				return nil, fmt.Errorf("classes.txt:%d: %s %s %s is %s already", i+1, c.Database, c.Table, c.Column, have)
			}
			all[c] = Class(words[2])
		}
	}
	return all, nil
}
