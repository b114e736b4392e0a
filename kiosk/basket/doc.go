// Package basket works out what a basket costs.
package basket
