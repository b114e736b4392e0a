package basket

import (
	"cmp"
	"math/bits"
	"slices"

	"kassa/kiosk/money"
)

// maxWhole is how many rules for the Whole are compared in every combination;
// of more the best comes first, then the best of those that fit beside it.
const maxWhole = 12

// A wholeRule is a rule for the Whole and the lines it holds for.
type wholeRule struct {
	rule  *Promotion
	lines []int // positions in Basket.Lines, ascending
}

// whole takes the rules for the Whole off what the others have left of the
// lines. It reports whether the greedy way was taken.
func (b *Basket) whole(rules []wholeRule) (greedy bool, err error) {
	var compete, stacked []wholeRule
	for _, w := range rules {
		var sum money.Amount
		for _, i := range w.lines {
			sum += b.Lines[i].Gross // all of them are below MaxTotal
		}
		switch {
		case sum < w.rule.Least:
		case w.rule.Stack:
			stacked = append(stacked, w)
		default:
			compete = append(compete, w)
		}
	}
	best, greedy, err := b.bestWhole(compete)
	if err != nil {
		return false, err
	}
	slices.SortStableFunc(stacked, func(x, y wholeRule) int { // percent first
		return cmp.Compare(min(1, x.rule.Amount), min(1, y.rule.Amount))
	})
	for _, w := range append(best, stacked...) {
		if err := b.takeOff(w); err != nil {
			return false, err
		}
	}
	return greedy, nil
}

// savings returns what a rule would take off its lines as they are.
func (b *Basket) savings(w wholeRule) (money.Amount, error) {
	var left money.Amount
	for _, i := range w.lines {
		left += b.Lines[i].Amount
	}
	if w.rule.Amount > 0 {
		return min(left, w.rule.Amount), nil
	}
	return left.MulDiv(w.rule.PercentPPM, million, money.HalfUp)
}

// bestWhole returns the rules, no two on one line, that save most; among equals
// the fewest, then those whose ids come first.
func (b *Basket) bestWhole(rules []wholeRule) (best []wholeRule, greedy bool, err error) {
	saving := make([]money.Amount, len(rules))
	for i, w := range rules {
		if saving[i], err = b.savings(w); err != nil {
			return nil, false, err
		}
	}
	if len(rules) > maxWhole {
		return greedyWhole(rules, saving), true, nil
	}
	clash := make([]uint, len(rules)) // sets of rules, by bits
	for i, x := range rules {
		for k, y := range rules {
			if i != k && shareLine(x.lines, y.lines) {
				clash[i] |= 1 << k
			}
		}
	}
	var most money.Amount
	var chosen uint
	for set := range uint(1) << len(rules) {
		var sum money.Amount
		fits := true
		for i := range rules {
			if set&(1<<i) != 0 {
				sum += saving[i]
				fits = fits && clash[i]&set == 0 && saving[i] > 0
			}
		}
		if fits && (sum > most || sum == most && firstWhole(set, chosen)) {
			most, chosen = sum, set
		}
	}
	for i, w := range rules {
		if chosen&(1<<i) != 0 {
			best = append(best, w)
		}
	}
	return best, false, nil
}

// firstWhole reports whether set comes before other where both save as much.
// The rules' bits are in order of their ids.
func firstWhole(set, other uint) bool {
	if x, y := bits.OnesCount(set), bits.OnesCount(other); x != y {
		return x < y
	}
	differ := set ^ other
	return set&(differ&-differ) != 0 // has the first that only one of them has
}

// greedyWhole takes the rule that saves most, then the next that shares no line
// with those taken.
func greedyWhole(rules []wholeRule, saving []money.Amount) []wholeRule {
	order := make([]int, len(rules))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(saving[y], saving[x]) })
	var best []wholeRule
	for _, i := range order {
		w := rules[i]
		if saving[i] > 0 && !slices.ContainsFunc(best, func(have wholeRule) bool { return shareLine(have.lines, w.lines) }) {
			best = append(best, w)
		}
	}
	return best
}

// shareLine reports whether two ascending lists have a line in common.
func shareLine(x, y []int) bool {
	for len(x) > 0 && len(y) > 0 {
		switch {
		case x[0] == y[0]:
			return true
		case x[0] < y[0]:
			x = x[1:]
		default:
			y = y[1:]
		}
	}
	return false
}

// takeOff shares what a rule saves over the tax classes of its lines, and over
// the lines of each, by largest remainder: so the classes do not depend on the
// order of scanning, nor on which line a piece stands.
func (b *Basket) takeOff(w wholeRule) error {
	saving, err := b.savings(w)
	if err != nil || saving == 0 {
		return err
	}
	lines := slices.Clone(w.lines)
	slices.SortStableFunc(lines, func(x, y int) int {
		return cmp.Or(cmp.Compare(b.Lines[x].Tax, b.Lines[y].Tax), cmp.Compare(b.Lines[y].Amount, b.Lines[x].Amount))
	})
	var sums []money.Amount
	var classes [][]int
	for k, i := range lines {
		if k == 0 || b.Lines[i].Tax != b.Lines[lines[k-1]].Tax {
			sums, classes = append(sums, 0), append(classes, nil)
		}
		last := len(sums) - 1
		sums[last] += b.Lines[i].Amount
		classes[last] = append(classes[last], i)
	}
	parts, err := money.Share(saving, sums)
	if err != nil {
		return err
	}
	for k, class := range classes {
		if err := b.shareOff(w.rule, class, parts[k]); err != nil {
			return err
		}
	}
	return nil
}

// shareOff takes a part off the lines of one class.
func (b *Basket) shareOff(rule *Promotion, lines []int, part money.Amount) error {
	weights := make([]money.Amount, len(lines))
	for k, i := range lines {
		weights[k] = b.Lines[i].Amount
	}
	cuts, err := money.Share(part, weights)
	if err != nil {
		return err
	}
	for k, i := range lines {
		if cuts[k] == 0 {
			continue
		}
		l := &b.Lines[i]
		l.Discounts = append(l.Discounts, Discount{rule.ID, rule.Name, rule.Names, -cuts[k]})
		l.Amount -= cuts[k]
	}
	return nil
}
