package receipt

// scrubbed is the last net under the terminal's drivers, whose types hold no card
// number: a run of 12 to 19 figures (single spaces and dashes between them do not
// end it) that has a card number's check digit keeps its last four only.
func scrubbed(s string) string {
	out := []rune(s)
	var run []int // where its figures stand
	flush := func() {
		if len(run) >= 12 && len(run) <= 19 && luhn(out, run) {
			for _, at := range run[:len(run)-4] {
				out[at] = '*'
			}
		}
		run = run[:0]
	}
	for i, r := range out {
		switch {
		case r >= '0' && r <= '9':
			run = append(run, i)
		case (r == ' ' || r == '-') && len(run) > 0 && run[len(run)-1] == i-1: // between two groups
		default:
			flush()
		}
	}
	flush()
	return string(out)
}

// luhn reports whether the figures at those places end with the check digit of
// ISO/IEC 7812-1.
func luhn(text []rune, at []int) bool {
	sum := 0
	for i := range at {
		d := int(text[at[len(at)-1-i]] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
