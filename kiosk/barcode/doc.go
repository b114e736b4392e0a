// Package barcode says what a scanned code means: an article, perhaps with a
// weight, a price, a lot and dates; a coupon; a card, badge, ticket or voucher
// of the store; or nothing that this lane knows. It reads everything from the
// EAN and UPC codes of the seventies to GS1 element strings and Digital Link
// addresses in 2D codes, and codes with a price or weight inside by patterns
// that the store chooses.
//
// It does not say whether an article may be sold: expiry, recalls, re-reads and
// dual marking are judged by package flow, which has the basket and the
// catalogue. It never opens an address, and it is pure: today's date comes in.
//
// Its one rule: never guess. A code that breaks a rule of its own form is
// invalid, a code that nobody claims is unknown, and both say why. What a
// stranger printed is carried as data, never trusted and never turned into
// money without a pattern of this store.
//
// The rules live in tables that are read once: ai.txt (application
// identifiers), countries.txt (in-store patterns), lists.txt (countries,
// currencies, package types) and prefixes.txt (who numbers what).
package barcode
