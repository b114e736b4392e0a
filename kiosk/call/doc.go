// Package call is the lane's end of a video or voice call between shopper and
// colleague, and the scripts that both their pages run. Picture and sound go from
// browser to browser and are never here: what passes are the few signals that set
// a call up. It decides nothing and no deed is done by it; a lane or hub built
// with the tag nocall does not contain it.
//
// Its one rule: camera and microphone of a lane are off until she who stands
// there has said yes on its page, and off again when the call for help ends.
package call
