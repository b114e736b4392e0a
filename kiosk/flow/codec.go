package flow

import (
	"encoding/json"
	"fmt"
)

// kinds names every event as it stands in the journal. A name never changes its
// meaning; a new event gets a new one.
func kinds() map[string]func([]byte) (Event, error) {
	return map[string]func([]byte) (Event, error){
		"started":         decode[Started],
		"scanned":         decode[Scanned],
		"touched":         decode[Touched],
		"weighed":         decode[Weighed],
		"scale-set":       decode[ScaleSet],
		"bagged":          decode[Bagged],
		"charge-prepared": decode[ChargePrepared],
		"charge-seen":     decode[ChargeSeen],
		"charged":         decode[Charged],
		"charge-doubt":    decode[ChargeDoubt],
		"voucher":         decode[VoucherDone],
		"printed":         decode[Printed],
		"device":          decode[DeviceChanged],
		"badged":          decode[Badged],
		"pin":             decode[PINChecked],
		"ordered":         decode[Ordered],
		"button":          decode[ButtonPressed],
		"door":            decode[DoorChanged],
		"disk":            decode[DiskChecked],
		"commanded":       decode[Commanded],
		"call-heard":      decode[CallHeard],
		"withdrawn":       decode[Withdrawn],
		"ticked":          decode[Ticked],
	}
}

func decode[E Event](data []byte) (Event, error) {
	var ev E
	err := json.Unmarshal(data, &ev)
	return ev, err
}

// Kind is an event's name in the journal.
func Kind(ev Event) string {
	switch ev.(type) {
	case Started:
		return "started"
	case Scanned:
		return "scanned"
	case Touched:
		return "touched"
	case Weighed:
		return "weighed"
	case ScaleSet:
		return "scale-set"
	case Bagged:
		return "bagged"
	case ChargePrepared:
		return "charge-prepared"
	case ChargeSeen:
		return "charge-seen"
	case Charged:
		return "charged"
	case ChargeDoubt:
		return "charge-doubt"
	case VoucherDone:
		return "voucher"
	case Printed:
		return "printed"
	case DeviceChanged:
		return "device"
	case Badged:
		return "badged"
	case PINChecked:
		return "pin"
	case Ordered:
		return "ordered"
	case ButtonPressed:
		return "button"
	case DoorChanged:
		return "door"
	case DiskChecked:
		return "disk"
	case Commanded:
		return "commanded"
	case CallHeard:
		return "call-heard"
	case Withdrawn:
		return "withdrawn"
	case Ticked:
		return "ticked"
	default:
		panic(fmt.Sprintf("flow: no name for event %T", ev))
	}
}

// Decode reads an event back from the journal.
func Decode(kind string, data []byte) (Event, error) {
	read, ok := kinds()[kind]
	if !ok {
		return nil, fmt.Errorf("event kind %q is not known to this version", kind)
	}
	ev, err := read(data)
	if err != nil {
		return nil, fmt.Errorf("event %s: %w", kind, err)
	}
	return ev, nil
}
