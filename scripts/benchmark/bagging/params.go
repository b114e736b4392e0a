package main

import "fmt"

// params are all the numbers the simulated world is made of. Weights are grams,
// times seconds, rates are per honest article where nothing else is said.
type params struct {
	articles int     // in the catalogue
	zipf     float64 // exponent of their popularity
	items    float64 // mean articles of a trip; exponential

	division float64 // of the bagging scale
	noise    float64 // standard deviation of one raw sample
	drift    float64 // random walk, grams a root second

	fillLow, fillHigh float64 // standard deviation of a fill, as parts of the tolerable error
	lotShift          float64 // chance that a sale begins a new lot
	repack            float64 // chance that a sale begins a new packaging or content
	repackSD          float64 // how much that changes the weight, relative

	pair     float64 // two scanned before they are bagged
	together float64 // of those: bagged in one movement
	held     float64 // scanned and never bagged
	early    float64 // bagged before its scan
	pickUp   float64 // an article taken out and put back
	lean     float64 // a hand or a child on the scale
	leanSec  float64 // how long; mean, exponential
	leanLift float64 // of those: lifting, not pressing
	frame    float64 // rests partly on the frame, for good
	away     float64 // the full bag leaves, from five articles on
	ownBag   float64 // a trip with an own bag
	bagSaid  float64 // of those: the button is pressed

	adverse float64 // attacks for each honest article, in training and as the oracle's prior

	wait  float64 // seconds that all may think before they alarm
	train int     // trips to learn from; 0: as the sizes say, -1: none
}

// assumed is the world of the comparison.
func assumed() params {
	return params{
		articles: 3000, zipf: 0.9, items: 8,
		division: 5, noise: 1, drift: 0.05,
		fillLow: 0.1, fillHigh: 0.5, lotShift: 1.0 / 300, repack: 1.0 / 1500, repackSD: 0.10,
		pair: 0.10, together: 0.40, held: 0.02, early: 0.01, pickUp: 0.02,
		lean: 0.03, leanSec: 1.5, leanLift: 0.25, frame: 0.01, away: 0.02, ownBag: 0.40, bagSaid: 0.60,
		adverse: 0.004, wait: 6,
	}
}

// Sizes and paces of the world that no row of the sensitivity table changes.
const (
	handMedian, handSigma = 250.0, 0.7  // log-normal
	handWobble            = 0.01        // of the force: a hand is never quite still
	bagMedian, bagSigma   = 45.0, 0.55  // log-normal
	netMedian, netSigma   = 350.0, 0.8  // of packaged articles, log-normal
	netLeast, netMost     = 20.0, 5000. // ... within
	producePrec           = 5.0         // division of the scale that sells by weight
	hideLow, hideHigh     = 10.0, 60.0  // of what is hidden with a scanned article
	nearLabels            = 20          // cheap labels to choose from for swap-near
	frameLow, frameHigh   = 0.30, 0.95  // part of the weight that reaches the scale
	awayFrom              = 5           // articles on the scale before the bag leaves

	bagAfter, scanAfter     = 1.5, 2.2 // medians: scan to bag, bag to the next scan
	pairAfter, earlyAfter   = 1.3, 2.5 // ... between two of a pair, bag to a late scan
	returnAfter, paceSpread = 2.5, 0.4 // ... out to back again; sigma of all of them
)

// say prints the assumptions with where they come from.
func (p params) say() []string {
	pc := func(x float64) string { return fmt.Sprintf("%.3g %%", 100*x) }
	return []string{
		fmt.Sprintf("catalogue   %d GTIN, popularity Zipf %.2g; 80 %% packaged, 8 %% by the piece (CV 5-20 %%), 7 %% weighed, 5 %% weight on the label [model A4]", p.articles, p.zipf),
		fmt.Sprintf("contents    net log-normal %.0f g (sigma %.1f); fill sd = TNE x U(%.2g, %.2g), TNE by Directive 76/211/EEC annex I 2.4; mean = net + TNE x U(0, 0.5) [law; overfill judged]", netMedian, netSigma, p.fillLow, p.fillHigh),
		"packaging   film 1.5 %, carton 6 %, can 14 %, PET 4.5 %, glass 55 % of net, each article's +-15 %; piece to piece CV 3, 3, 1, 2, 1.5 % [ratios judged; CV glass and PET from industry averages]",
		fmt.Sprintf("changes     a new lot each 1/%.0f sales, a new packaging or content (+-%s, normal) each 1/%.0f sales of an article [model A4]", 1/p.lotShift, pc(p.repackSD), 1/p.repack),
		"listed      what every rule and check starts from: net x (1 + the class's ratio), never the true weight",
		fmt.Sprintf("scale       e = %g g, noise %g g, drift %g g/sqrt(s), 10 samples a second; a load swings (15 %% overshoot, 80 ms) and is still after about 0.5 s, so quick acts come as one step [model A4; swing judged]", p.division, p.noise, p.drift),
		fmt.Sprintf("trip        exponential, mean %g articles; own bag %s (log-normal %.0f g), %s of them say so [model A4]", p.items, pc(p.ownBag), bagMedian, pc(p.bagSaid)),
		fmt.Sprintf("an article  pair %s (%s of them bagged together), never bagged %s, bagged before its scan %s, out and back %s, full bag leaves %s (from %d articles on) [model A4, judged there]",
			pc(p.pair), pc(p.together), pc(p.held), pc(p.early), pc(p.pickUp), pc(p.away), awayFrom),
		fmt.Sprintf("            leans %s (log-normal %.0f g, exponential %.2g s, %s lift), partly on the frame %s (%.0f-%.0f %% of the weight, for good) [model A4, judged there]",
			pc(p.lean), handMedian, p.leanSec, pc(p.leanLift), pc(p.frame), 100*frameLow, 100*frameHigh),
		fmt.Sprintf("pace        medians: scan to bag %.1f s, bag to next scan %.1f s, early to its scan %.1f s, out to back %.1f s (log-normal, sigma %.1f) [judged]", bagAfter, scanAfter, earlyAfter, returnAfter, paceSpread),
		"attacks     one a trip; mix = 0.5 extra + 0.25 swap + 0.1 double + 0.1 hide + 0.05 loadedbag; controls swap-near, offscale, banana [model A4]",
		fmt.Sprintf("prior       %s unpaid articles (ECR 2018: 0.44 %% of sales unscanned): so in the training trips; only the oracle is told", pc(p.adverse)),
		"oracle      told all numbers above, what each article weighs at present and how much that varies, and the order of a trip's acts; sees samples, scans, the bag button and pay, as all do",
		"lanes       ours and the rules learn from the training trips and the honest ones; attacks are walked ten at a time with what was known after those",
		fmt.Sprintf("alarms      all may think %g s, or until pay; detected: an alarm after the deed, within %g s of it or from pay on; false: any alarm on an honest trip; a person comes at once and sets it right", p.wait, detectedIn),
	}
}
