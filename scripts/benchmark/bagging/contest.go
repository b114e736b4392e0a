package main

// field is who is compared.
func field() []contestant {
	grams := []float64{8, 12, 16, 20, 25, 30, 40, 50, 60, 80, 100, 130, 170, 220}
	sigmas := []float64{1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 8, 10, 14, 20}
	return []contestant{
		{"fixed, classic", 30, grams, newRule(rule{tolerance: fixedTolerance, classic: true})},
		{"fixed, lenient", 30, grams, newRule(rule{tolerance: fixedTolerance})},
		{"fixed + bag", 30, grams, newRule(rule{tolerance: fixedTolerance, bagGrams: bagAllowed})},
		{"max(fixed, 5 %)", 30, grams, newRule(rule{tolerance: percentTolerance})},
		{"mean +- k sigma", 4, sigmas, newRule(rule{tolerance: sigmaTolerance})},
		{"k sigma + bag", 4, sigmas, newRule(rule{tolerance: sigmaTolerance, bagGrams: bagAllowed})},
		{"oracle 5 s", 1, []float64{0.02, 0.035, 0.05, 0.07, 0.1, 0.15, 0.22, 0.32, 0.5, 0.7, 0.85, 0.95}, func(s *set) lane { return newOracle(s, 5) }},
		{"oracle 6 s", 1, []float64{0.02, 0.035, 0.05, 0.07, 0.1, 0.15, 0.22, 0.32, 0.5, 0.7, 0.85, 0.95}, func(s *set) lane { return newOracle(s, 6) }},
		{"ours", 0.1, []float64{0.015, 0.03, 0.05, 0.07, 0.1, 0.15, 0.22, 0.32, 0.5}, func(s *set) lane { return newOurs(s.params, s.cat) }},
	}
}

func newRule(r rule) func(*set) lane {
	return func(s *set) lane {
		c := r
		c.params, c.cat, c.known = s.params, s.cat, map[int]memory{}
		return &c
	}
}
