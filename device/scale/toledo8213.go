package scale

// newToledo8213 makes the dialect of Mettler-Toledo 8213: the frames of 8217,
// with another number of digits ("012.50" in pounds, "001250" in grams), and H
// for one digit more (Ohaus Courier 7000 manual p. 41, Salter Brecknell 3700LP
// p. 11).
func newToledo8213(p params) dialect {
	d := &toledo{p: p, question: 'W'}
	if p.HighResolution {
		d.question = 'H'
	}
	return d
}
