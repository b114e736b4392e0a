package wire

// PostPath is where a lane without a hub posts its rows at head office, over
// HTTPS: a gzipped body of lines, the first a [Posting], each other a [Row], all
// as [Encode] writes them. The answer is a [Posted].
const PostPath = "/v1/rows"

// AuthScheme begins the Authorization header of a post: then the lane's public
// key, a blank, and its signature of [SignedPost] in base64.
const AuthScheme = "Kassa"

// MaxPost bounds a post, in bytes as it travels, and MaxPostPlain when unpacked.
// A lane keeps far below; the largest row fits.
const (
	MaxPost      = 2 << 20
	MaxPostPlain = 8 << 20
)

// SignedPost is what a lane signs: the SHA-256 of the body as it travels, in
// hexadecimal. A body that is sent again changes nothing, so that neither a
// clock nor a counter is part of it: many a lane has no clock.
func SignedPost(sum string) []byte { return []byte("kassa-post-1 " + sum) }

// A Posting says whose rows follow.
type Posting struct {
	Store string `json:"store"`
	Lane  string `json:"lane"`
	Epoch string `json:"epoch"`
	Head  int64  `json:"head"` // newest row that the lane has
	// HeadHash is that row's, "" of a lane that does not say it yet.
	HeadHash string `json:"head_hash,omitempty"`
	// Begin is the last row that the lane let go, with its hash; 0: it has all.
	Begin     int64  `json:"begin,omitempty"`
	BeginHash string `json:"begin_hash,omitempty"`
}

// Posted is what came of it, once it is on head office's disk.
type Posted struct {
	Mark    Mark    `json:"mark"`
	Kept    int     `json:"kept"`
	Known   int     `json:"known"`
	Refused int     `json:"refused"`          // put aside: a person looks into it
	Resend  *Resend `json:"resend,omitempty"` // rows that are missing between others
}
