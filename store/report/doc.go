// Package report answers the questions that IT and managers ask of the log: a
// table, the same as CSV or JSON, and a plot. The questions are SQL views
// (package views) that anybody may ask directly of a lane's journal.db, a hub's
// keeper.db or head office's PostgreSQL; a report sums a view's rows over the
// days asked for. Other packages bring reports of their own as a [Report].
//
// It is not for writing out transactions (package export), and works no price
// out: every sum was decided by the lane when it sold.
//
// Its one rule: each report says how it counts, and its names never change:
// those of reports, of columns, and what they count.
package report
