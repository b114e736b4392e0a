package talk

import "slices"

// A Group is phrases that belong together, as a page shows them. Its id and those
// of its phrases are message ids; they stand in what desks keep and must not
// change.
type Group struct {
	ID      string
	Phrases []string
}

// Agent is what a colleague can say by one tap. All of it exists in every
// language of package words.
func Agent() []Group {
	return []Group{
		{"talk.group.greet", []string{"talk.hello", "talk.coming", "talk.moment", "talk.wait-thanks"}},
		{"talk.group.ask", []string{"talk.ask-what", "talk.ask-code", "talk.ask-bag", "talk.ask-come", "talk.ask-works"}},
		{"talk.group.do", []string{
			"talk.scan-again", "talk.show-code", "talk.from-list", "talk.put-down", "talk.take-off", "talk.card-again", "talk.keep-scanning",
		}},
		{"talk.group.end", []string{"talk.thanks", "talk.other-lane", "talk.goodbye"}},
	}
}

// Shopper is what she can answer by one touch.
func Shopper() []Group {
	return []Group{
		{"talk.group.answer", []string{"talk.a-yes", "talk.a-no", "talk.a-thanks", "talk.a-moment", "talk.a-again"}},
		{"talk.group.about", []string{
			"talk.a-come", "talk.a-scan", "talk.a-price", "talk.a-find", "talk.a-bag", "talk.a-card", "talk.a-buy", "talk.a-works",
		}},
	}
}

// Known reports whether somebody on that side ("agent", "shopper") can say a
// phrase.
func Known(from, phrase string) bool {
	groups := Shopper
	if from == FromAgent {
		groups = Agent
	}
	return slices.ContainsFunc(groups(), func(g Group) bool { return slices.Contains(g.Phrases, phrase) })
}

// answers are the touches that fit a question best, first. What is not listed is
// answered with anything.
func answers(phrase string) []string {
	switch phrase {
	case "talk.ask-what":
		return []string{"talk.a-scan", "talk.a-price", "talk.a-find", "talk.a-bag", "talk.a-card", "talk.a-buy"}
	case "talk.ask-works":
		return []string{"talk.a-works", "talk.a-no", "talk.a-come"}
	case "talk.ask-code", "talk.ask-bag", "talk.ask-come":
		return []string{"talk.a-yes", "talk.a-no"}
	default:
		return nil
	}
}

// Offer is all that a shopper can answer, those first that fit what was asked
// last.
func Offer(asked string) []string {
	all := slices.Clone(answers(asked))
	for _, g := range Shopper() {
		for _, p := range g.Phrases {
			if !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	return all
}
