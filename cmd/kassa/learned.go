package main

import (
	"context"
	"maps"
	"reflect"

	"kassa/kiosk/bagging"
	"kassa/kiosk/station"
	"kassa/store/uplink"
	"kassa/store/wire"
)

// lessons are what this lane has learned of weights, as its files have it: the
// station writes them after sales, and takes what is left for it between two.
type lessons struct{ dir string }

// shared returns the lane's lessons, nil where the store wants each lane to learn
// by itself, or where nothing is weighed.
func (l *lane) shared() uplink.Lessons {
	if !l.cfg.Hub.ShareWeights || l.cfg.Bagging == nil {
		return nil
	}
	return lessons{l.cfg.Data}
}

// Learned is what the lane has learned up to its last word on it.
func (s lessons) Learned(context.Context) (bagging.Weights, error) {
	k, err := station.ReadKnowledge(s.dir)
	return k.Weights, err
}

// Learn leaves what others have learned for the station, if it is new here.
func (s lessons) Learn(_ context.Context, all []wire.Lesson) error {
	mine, err := station.ReadKnowledge(s.dir)
	if err != nil {
		mine = bagging.Knowledge{} // the station begins anew as well
	}
	theirs := bagging.Weights{}
	for _, l := range all {
		have, known := theirs[l.Key]
		if !known {
			have = mine.Weights[l.Key]
		}
		theirs[l.Key] = bagging.MergeWeight(have, l.Weight)
	}
	maps.DeleteFunc(theirs, func(key string, w bagging.Weight) bool { return reflect.DeepEqual(mine.Weights[key], w) })
	if len(theirs) == 0 {
		return nil
	}
	return station.ImportKnowledge(s.dir, bagging.Knowledge{Weights: theirs})
}
