package talk

// The states of a video or voice call as a shopper sees them.
const (
	MediaAsked = "asked" // a colleague would like to; nothing is on
	MediaOn    = "on"    // she said yes on a page of this lane
)

// A Media is a video or voice call; State is "" when there is none.
type Media struct {
	State   string
	Session string
	Video   bool   // the colleague can be seen; else it is voice alone
	Camera  bool   // she let her own picture go out
	Who     string // first name, as far as the store shows it
	Page    string // which of the lane's pages said yes
}
