// Package hub is one store's hub: it puts together the broker that lanes connect
// to, the keeper of their journals, the help desk, the fleet's live state and
// the door for new lanes, and carries what is said between them. Each part has a
// package of its own, and so has the console; what is decided is decided there.
//
// Its one rule: nothing is answered that is not on the disk, and nothing is lost
// that was answered: killed at any moment, the hub comes back with every call and
// every row it had confirmed, and lanes say the rest again.
//
// The files:
//
//	hub.go     what it is made of, and how it starts and ends
//	nats.go    the broker inside, or a cluster outside
//	rows.go    journal rows from the stream into the keeper
//	marks.go   how far each lane's rows are here, and which are missing
//	alarms.go  calls for people where a lane's journal does not hold
//	ticket.go  parked baskets that come back at another lane
//	forget.go  people who asked to be erased, for the lanes to forget
//	live.go    lane states, calls, renewals, screens and talk
//	talk.go    what shoppers say, and signals of video calls
//	lanes.go   commands to lanes
//	staff.go   who works here, for the lanes
//	door.go    the hub's own pages: enrolment, health
//	exits.go   webhooks and pagers
package hub
