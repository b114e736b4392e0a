package bagging

import "math"

// What shoppers do with their hands and bags, per settled change of the load.
// The rates are judgement, except unpaid: 0.4 % of what is sold at fixed
// self-checkouts goes unscanned (ECR Retail Loss, 2018).
const (
	rateHand       = 0.02  // a hand or a child on the scale
	rateEarly      = 0.01  // bagged before its scan
	rateFrame      = 0.01  // rests partly on the frame
	rateFrameHeavy = 0.015 // ... of the heavy
	rateRepack     = 0.001 // the packaging or content changed
	rateThing      = 2e-4  // a handbag, a phone: nothing from the store
	rateUndo       = 0.5   // what an open question asks about is taken back
	rateJoin       = 0.3   // ... or belongs to this change
	rateReturn     = 0.1   // something taken out earlier comes back
	rateOut        = 0.02  // one article taken out
	rateAway       = 0.005 // the full bag taken away
	rateSome       = 0.002 // anything else taken out
	rateShift      = 0.01  // the load moved on a scale with corners

	rateExtra = 0.0016 // unpaid: not scanned; with the first of the trips half of all that is unpaid
	// extraWaiting is how much rarer that is while something scanned waits.
	extraWaiting = 0.1
	// extraWith is how often such a thing falls into one change with something scanned: what
	// does so is mostly small, or a second piece.
	extraWith = 0.05
	// extraFirst is how many times likelier the first change of a trip is one, before any
	// scan: short trips have as many as long ones.
	extraFirst = 3.5
	rateSwap   = 0.0011 // unpaid: another article than the one scanned
	rateDouble = 0.0004 // unpaid: one scanned, two bagged
	rateHidden = 0.0004 // unpaid: something small with what was scanned
	rateLoaded = 0.0067 // unpaid: in an own bag that was declared; 0.0016 of the trips, of a quarter that declare one

	hiddenLeast, hiddenMost = 10.0, 60.0 // grams of what is hidden with an article

	rateVoidKept = 0.03 // unpaid: voided, and left in the bag
)

// How long the stories last that promise to end.
const (
	handSeconds  = 2.0
	earlySeconds = 4.0
	voidSeconds  = 6.0
)

// How likely an own bag is the next thing to come.
const (
	rateBagSaid   = 0.9
	rateBagBefore = 0.15
	rateBagFirst  = 0.05
	rateBagLater  = 0.006
	rateBagMore   = 0.015 // after a first one
)

// How many pieces come at once, given that some of the waiting do.
const (
	shareOne   = 0.80
	shareTwo   = 0.13
	shareThree = 0.02
	shareAll   = 0.03
)

// normal is the density of a normal distribution with variance v at distance d
// from its mean.
func normal(d, v float64) float64 {
	return math.Exp(-d*d/(2*v)) / math.Sqrt(2*math.Pi*v)
}

// student is the density of Student's t with nu degrees of freedom, scaled to
// the squared scale v, at distance d from its centre.
func student(d, v, nu float64) float64 {
	a, _ := math.Lgamma((nu + 1) / 2)
	b, _ := math.Lgamma(nu / 2)
	return math.Exp(a-b-(nu+1)/2*math.Log1p(d*d/(nu*v))) / math.Sqrt(nu*math.Pi*v)
}

// lognormal is the density at x grams with the given median and the spread
// sigma of the logarithm; 0 for x <= 0.
func lognormal(x, median, sigma float64) float64 {
	if x <= 0 {
		return 0
	}
	z := math.Log(x/median) / sigma
	return math.Exp(-z*z/2) / (x * sigma * math.Sqrt(2*math.Pi))
}

// assumedArticle is the density of the weight of some article of a grocer's.
func assumedArticle(x float64) float64 { return lognormal(x, 350, 1) }

// hand is the density of what a leaning hand weighs.
func hand(x float64) float64 { return lognormal(x, 250, 0.7) }

// handAbove is the density at an empty scale of a hand that lifts at least x grams.
func handAbove(x float64) float64 {
	return 0.5 * math.Erfc(math.Log(x/250)/0.7/math.Sqrt2)
}

// thing is the density of what a shopper's own things weigh.
func thing(x float64) float64 { return lognormal(x, 350, 1.3) }

// ownBag is the density of what an own bag weighs: a carrier, or, that often, a
// cool bag or a rucksack with something in it.
func ownBag(x, heavy float64) float64 {
	return (1-heavy)*lognormal(x, bagMedian, bagSigma) + heavy*lognormal(x, 150, 0.7)
}

// heavyOf is how likely an own bag of x grams is a heavy one.
func heavyOf(x, heavy float64) float64 {
	all := ownBag(x, heavy)
	if all <= 0 {
		return 0
	}
	return heavy * lognormal(x, 150, 0.7) / all
}

// Rates of what comes together with something else, and what is rarer still.
const (
	rateWith      = 0.3   // that two such things fall into one change, given both
	handWith      = 1.4   // times: a hand comes with a piece, of those that come alone; people lean as they put down
	bagWith       = 0.2   // ... that an own bag comes together with an article, given the bag
	rateSwift     = 0.15  // what is taken out is as soon as another came
	swiftOff      = 150.0 // grams beyond which that need not be tried
	rateStirs     = 0.3   // a hand that rests stirs so that it is felt
	stirs         = 0.012 // ... by such a part of its force, standard deviation
	returnSeconds = 8.0   // how soon what was taken out comes back
	returnLate    = 0.1   // ... or any time
	rateMoves     = 0.1   // a hand presses harder or less
	handLifts     = 0.25  // of the hands, those that lift
	freeComes     = 0.15  // of what need not come, what does
	thisScan      = 0.8   // a scan is of what was bagged before it
	notThisScan   = 0.3   // ... is of something else
	lateEarly     = 0.3   // an unpaid thing whose scan comes late after all
	lateScan      = 0.1   // the same once the shopper wants to pay
	passedOnce    = 0.8   // of what one later scan has passed, what is bagged yet
	passedTwice   = 0.6
	passedMore    = 0.5
	comeLeast     = 0.01 // how likely what waited very long is still to come
	neverBagged   = 0.03 // scanned, and kept in hand or trolley
	waitSeconds   = 8.0  // about how long an article is in hand after its scan

	heavyBag = 0.05 // of the own bags, the heavy ones

	bagMedian, bagSigma = 45.0, 0.55 // grams of a carrier, and the spread of the logarithm
)
