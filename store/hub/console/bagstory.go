package console

import (
	"slices"

	"kassa/kiosk/help"
	"kassa/store/wire"
)

// A bagStory is one explanation of a weight, to be chosen by who sees what is in
// the bag: it settles the call and teaches the lane's check.
type bagStory struct {
	Kind  string // message id story.KIND
	Teach string
	Names []string // of the articles it is about
	Odds  string
	Why   string // message id: why it cannot be chosen from here
}

// toldOf is the reason of a contact that a story settled.
const toldOf = "story"

// stories are what a lane's bagging check holds for likely, best first.
func (c *Console) bagStories(b base, p *person, about wire.Context) []bagStory {
	var all []bagStory
	why := c.may(p.Role, "bagging-story")
	for _, s := range about.Stories {
		if b.W.T("story."+s.Kind) == "story."+s.Kind {
			continue // of a newer lane
		}
		v := bagStory{Kind: s.Kind, Teach: s.Teach, Odds: odds(b, s.Mille), Why: why}
		for _, code := range s.Codes {
			i := slices.IndexFunc(about.Items, func(x wire.Item) bool { return x.Code == code })
			if i >= 0 && !slices.Contains(v.Names, about.Items[i].Name) {
				v.Names = append(v.Names, about.Items[i].Name)
			}
		}
		all = append(all, v)
	}
	return all
}

// odds says how likely something is in words that need no arithmetic.
func odds(b base, mille int) string {
	switch n := (mille + 50) / 100; {
	case mille >= 950:
		return b.T("odds.sure")
	case n < 1:
		return b.T("odds.rare")
	default:
		return b.T("odds.tenths", "Tenths", min(n, 9))
	}
}

// offered reports whether a settlement was on the card: one of the ways, or one
// of the stories of a bagging call.
func offered(area help.Reason, about wire.Context, t tap) bool {
	if t.Deed != "bagging-story" {
		return slices.Contains(ways(area), way{t.Reason, t.Deed})
	}
	return t.Reason == toldOf && slices.ContainsFunc(about.Stories, func(s wire.Story) bool { return s.Teach != "" && s.Teach == t.Value })
}
