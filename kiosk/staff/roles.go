// Package staff says who of a store's staff may do what at a lane, what makes a
// PIN good enough, and how long to wait after wrong ones.
//
// It keeps nothing (package roster does) and decides nothing about a sale.
//
// Its one rule: a badge proves presence, a PIN stands before whatever moves
// money. A deed that the table does not name is nobody's.
package staff

import (
	"fmt"
	"slices"
	"strings"
)

// A Role is what somebody is in the store.
type Role string

// The roles. Each of the first three may do what the one before may; Service is
// a technician, who opens, closes and mends lanes and touches no sale.
const (
	Attendant  Role = "attendant"
	Supervisor Role = "supervisor"
	Manager    Role = "manager"
	Service    Role = "service"
)

// Roles returns all roles in the order of their rank, Service last.
func Roles() []Role { return []Role{Attendant, Supervisor, Manager, Service} }

// ParseRole reads a role's name.
func ParseRole(name string) (Role, error) {
	if r := Role(name); slices.Contains(Roles(), r) {
		return r, nil
	}
	names := make([]string, 0, 4)
	for _, r := range Roles() {
		names = append(names, string(r))
	}
	return "", fmt.Errorf("role %q is not known: use one of %s", name, strings.Join(names, ", "))
}

// A Permit is a deed somebody may do at a lane, perhaps only with their PIN.
type Permit struct {
	Deed string // as flow.StaffDeed names it
	PIN  bool
}

// A rule says who may do a deed.
type rule struct {
	deed    string
	least   Role
	pin     bool // it moves money
	service bool // a technician may, too
}

// rules is the table of deeds. Its order is that of the lane's staff page.
func rules() []rule {
	return []rule{
		{deed: "settle", least: Attendant},
		{deed: "age-ok", least: Attendant},
		{deed: "age-refuse", least: Attendant},
		{deed: "bagging-ok", least: Attendant},
		{deed: "bagging-wrong", least: Attendant},
		{deed: "bagging-story", least: Attendant},
		{deed: "help-done", least: Attendant, service: true},
		{deed: "allow", least: Supervisor},
		{deed: "price", least: Supervisor, pin: true},
		{deed: "void-line", least: Attendant},
		{deed: "void-sale", least: Attendant, pin: true},
		{deed: "park", least: Attendant},
		{deed: "reprint", least: Attendant},
		{deed: "part", least: Attendant},
		{deed: "take-back", least: Supervisor, pin: true},
		{deed: "refund", least: Supervisor, pin: true},
		{deed: "training", least: Manager, service: true},
		{deed: "refund-find", least: Supervisor, pin: true},
		{deed: "refund-line", least: Supervisor, pin: true},
		{deed: "refund-pay", least: Supervisor, pin: true},
		{deed: "refund-again", least: Supervisor, pin: true},
		{deed: "refund-voucher", least: Supervisor, pin: true},
		{deed: "payment-paid", least: Supervisor, pin: true},
		{deed: "payment-not-paid", least: Supervisor, pin: true},
		{deed: "open-lane", least: Attendant, service: true},
		{deed: "close-lane", least: Attendant, service: true},
		{deed: "zero-scale", least: Attendant, service: true},
		{deed: "tare-scale", least: Attendant, service: true},
		{deed: "drawer", least: Supervisor, pin: true},
		{deed: "message", least: Attendant, service: true}, // this and what follows: from afar
		{deed: "quantity", least: Attendant},
		{deed: "waive", least: Attendant},
		{deed: "lock", least: Attendant},
		{deed: "unlock", least: Attendant},
		{deed: "leave", least: Attendant, service: true},
	}
}

// settlers is the table of interventions: who may settle which kind.
func settlers() []rule {
	return []rule{
		{deed: "age", least: Attendant},
		{deed: "bagging", least: Attendant},
		{deed: "price", least: Supervisor, pin: true},
		{deed: "unknown", least: Attendant},
		{deed: "quantity", least: Attendant},
		{deed: "limit", least: Supervisor},
		{deed: "tag", least: Attendant},
		{deed: "refund", least: Supervisor, pin: true},
		{deed: "audit", least: Attendant},
		{deed: "payment", least: Supervisor, pin: true},
		{deed: "device", least: Attendant, service: true},
		{deed: "help", least: Attendant, service: true},
	}
}

// May says whether somebody with this role may do a deed, and whether only with
// their PIN.
func May(role Role, deed string) (allowed, pin bool) { return lookUp(rules(), role, deed) }

// MaySettle says whether somebody with this role may settle an intervention of
// this kind, and whether only with their PIN.
func MaySettle(role Role, kind string) (allowed, pin bool) { return lookUp(settlers(), role, kind) }

// Permits returns every deed that somebody with this role may do, in the order
// of the lane's staff page.
func Permits(role Role) []Permit {
	var list []Permit
	for _, r := range rules() {
		if r.allows(role) {
			list = append(list, Permit{Deed: r.deed, PIN: r.pin})
		}
	}
	return list
}

// Settles returns the kinds of intervention that somebody with this role may
// settle. Where they would be asked for their PIN, the caller has asked.
func Settles(role Role) []string {
	var kinds []string
	for _, r := range settlers() {
		if r.allows(role) {
			kinds = append(kinds, r.deed)
		}
	}
	return kinds
}

func lookUp(table []rule, role Role, deed string) (allowed, pin bool) {
	for _, r := range table {
		if r.deed == deed && r.allows(role) {
			return true, r.pin
		}
	}
	return false, false
}

func (r rule) allows(role Role) bool {
	if role == Service {
		return r.service
	}
	rank := slices.Index(Roles(), role)
	return rank >= 0 && rank >= slices.Index(Roles(), r.least)
}
