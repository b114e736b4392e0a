package roster

import (
	"bytes"
	"testing"

	"kassa/kiosk/staff"
	"kassa/store/wire"
)

func TestTheStoresListReplacesTheLanes(t *testing.T) {
	ctx := t.Context()
	hubDir, laneDir := t.TempDir(), t.TempDir()
	hub := mustOpen(t, hubDir)
	amina := mustAdd(t, hub, "Amina", staff.Attendant, "11111111", "295817")
	bo := mustAdd(t, hub, "Bo", staff.Supervisor, "22222222", "730164")
	if changed, err := TakePepper(laneDir, hub.Pepper()); err != nil || changed {
		t.Fatalf("pepper: changed %v, %v", changed, err)
	}
	lane := mustOpen(t, laneDir)
	mustAdd(t, lane, "Old", staff.Manager, "11111111", "604938")
	take := func() {
		t.Helper()
		all, err := hub.Share(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // twice is once
			if err := lane.Take(ctx, all); err != nil {
				t.Fatal(err)
			}
		}
	}
	take()
	if ok, _, err := lane.CheckPIN(ctx, amina.ID, "295817"); !ok || err != nil {
		t.Errorf("the store's PIN at the lane: %v, %v", ok, err)
	}
	if who, err := lane.ByBadge(ctx, "11111111"); err != nil || who == nil || who.ID != amina.ID || who.Role != "attendant" {
		t.Errorf("the badge is %+v's, %v", who, err)
	}
	if err := hub.Disable(ctx, "Amina"); err != nil {
		t.Fatal(err)
	}
	take()
	if who, _ := lane.ByBadge(ctx, "11111111"); who != nil {
		t.Errorf("a badge of somebody who left: %+v", who)
	}
	if who, _ := lane.ByBadge(ctx, "22222222"); who == nil || who.ID != bo.ID {
		t.Errorf("Bo: %+v", who)
	}
	bad := []wire.Member{{ID: "a1", Name: "X", Role: "king", Badge: "1", Salt: []byte{1}, Hash: []byte{1}}}
	if err := lane.Take(ctx, bad); err == nil {
		t.Error("a role that is not known was taken")
	}
	if err := lane.Take(ctx, nil); err != nil {
		t.Error(err)
	}
	if who, _ := lane.ByBadge(ctx, "22222222"); who == nil {
		t.Error("an empty list locked everybody out")
	}
	if changed, err := TakePepper(laneDir, bytes.Repeat([]byte{7}, len(hub.Pepper()))); err != nil || !changed {
		t.Errorf("another store's secret: changed %v, %v", changed, err)
	}
}
