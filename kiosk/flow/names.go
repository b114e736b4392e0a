package flow

// The words below stand in journals, exports and pages; they must not change.

// A Screen is what the shopper's page shows (data-screen).
type Screen string

// The screens of a lane.
const (
	ScreenStart      Screen = "start"
	ScreenLanguage   Screen = "language"
	ScreenBags       Screen = "bags"
	ScreenBasket     Screen = "basket"
	ScreenFind       Screen = "find"
	ScreenWeigh      Screen = "weigh"
	ScreenQuantity   Screen = "quantity"
	ScreenCheck      Screen = "check"
	ScreenAge        Screen = "age"
	ScreenMember     Screen = "member"
	ScreenHelp       Screen = "help"
	ScreenTender     Screen = "tender"
	ScreenPaying     Screen = "paying"
	ScreenUnsure     Screen = "unsure"
	ScreenReceipt    Screen = "receipt"
	ScreenThanks     Screen = "thanks"
	ScreenMoreTime   Screen = "more-time"
	ScreenStaff      Screen = "staff"
	ScreenClosed     Screen = "closed"
	ScreenOutOfOrder Screen = "out-of-order"
)

// An Act is something a person can touch (data-act).
type Act string

// The acts of the shopper's page.
const (
	ActStart      Act = "start"
	ActLanguage   Act = "language" // Value: a language tag, or "" to open the choice
	ActMode       Act = "mode"     // Value: large, contrast, light, reach, plain
	ActFind       Act = "find"     // opens the look-up
	ActAdd        Act = "add"      // Code: the article's GTIN or PLU
	ActWeigh      Act = "weigh"    // Value: again, or "bag" to take the bag's tare
	ActQuantity   Act = "quantity" // Line; Value: the new quantity, or "" to open the page
	ActVoidLine   Act = "void-line"
	ActVoidSale   Act = "void-sale"
	ActUndo       Act = "undo"
	ActOwnBag     Act = "own-bag"
	ActBags       Act = "bags"    // Value: how many bought; 0 for none
	ActKeep       Act = "keep"    // Line: stays in hand or trolley
	ActHelp       Act = "help"    // opens self-help
	ActArticle    Act = "article" // Value: id of a self-help article
	ActSolved     Act = "solved"  // Value: id of the article that solved it
	ActCall       Act = "call"    // Value: reason, or ""
	ActCancelCall Act = "cancel-call"
	ActPay        Act = "pay"
	ActTender     Act = "tender" // Value: a TenderKind
	ActBack       Act = "back"
	ActMoreTime   Act = "more-time"
	ActReceipt    Act = "receipt" // Value: print, qr, none
	ActRate       Act = "rate"    // Value: 1 to 3
	ActStaff      Act = "staff"   // Value: a StaffDeed
	ActPIN        Act = "pin"     // handled by the station: digits never get here
)

// A StaffDeed is what a member of staff can do at the lane (Value of ActStaff).
type StaffDeed string

// The deeds of staff at the lane.
const (
	DeedSettle    StaffDeed = "settle"     // settle all that waits, as it stands
	DeedAgeOK     StaffDeed = "age-ok"     // the shopper is old enough
	DeedAgeRefuse StaffDeed = "age-refuse" // the age-restricted lines go, the sale goes on
	DeedBagOK     StaffDeed = "bagging-ok" // looked: it is right as it is
	DeedBagFixed  StaffDeed = "bagging-wrong"
	DeedBagStory  StaffDeed = "bagging-story" // Code: which story it was, [ViewStory]
	DeedHelpDone  StaffDeed = "help-done"
	DeedAllow     StaffDeed = "allow"     // sell what a limit has held back
	DeedPrice     StaffDeed = "price"     // PIN; Line, Value "price:REASON", Code: the price in minor units
	DeedVoidSale  StaffDeed = "void-sale" // PIN
	DeedVoidLine  StaffDeed = "void-line" // Line
	DeedPark      StaffDeed = "park"
	DeedReprint   StaffDeed = "reprint"
	DeedPaid      StaffDeed = "payment-paid"     // PIN: the terminal's slip says paid
	DeedNotPaid   StaffDeed = "payment-not-paid" // PIN: the terminal's journal says not paid
	DeedPart      StaffDeed = "part"             // Code: how much of it the card pays next, in minor units
	DeedTakeBack  StaffDeed = "take-back"        // PIN: what has been paid of the sale goes back
	DeedRefund    StaffDeed = "refund"           // PIN: give back what another sale was paid with

	DeedTraining StaffDeed = "training" // begins or ends practice

	DeedRefundFind    StaffDeed = "refund-find"    // Code: the receipt's number
	DeedRefundLine    StaffDeed = "refund-line"    // Line; Code: pieces that come back
	DeedRefundPay     StaffDeed = "refund-pay"     // Value "refund-pay:REASON"
	DeedRefundAgain   StaffDeed = "refund-again"   // to where it came from, once more
	DeedRefundVoucher StaffDeed = "refund-voucher" // as a voucher

	DeedOpen   StaffDeed = "open-lane"
	DeedClose  StaffDeed = "close-lane"
	DeedDrawer StaffDeed = "drawer"     // PIN
	DeedZero   StaffDeed = "zero-scale" // what lies on the checkout scale counts as nothing
	DeedTare   StaffDeed = "tare-scale" // what lies there is subtracted
	DeedLeave  StaffDeed = "leave"
)

// What staff do from afar alone.
const (
	DeedMessage  StaffDeed = "message"  // Value: what the shopper reads
	DeedQuantity StaffDeed = "quantity" // Line; Value: pieces
	DeedWaive    StaffDeed = "waive"    // Line: it need not be put on the bagging scale
	DeedLock     StaffDeed = "lock"     // the shopper waits for a person
	DeedUnlock   StaffDeed = "unlock"
)

// A SaleState is where a transaction stands.
type SaleState string

// The states of a transaction. InDoubt is open with a payment nobody is sure of.
const (
	SaleOpen      SaleState = "open"
	SaleInDoubt   SaleState = "in-doubt"
	SalePaid      SaleState = "paid"
	SaleVoided    SaleState = "voided"
	SaleParked    SaleState = "parked"
	SaleAbandoned SaleState = "abandoned"
	SaleRefund    SaleState = "refund" // given back what another sale was paid with
)

// A TenderKind is a way of paying.
type TenderKind string

// The tender kinds. Till is no tender: the sale is parked and paid at the till.
const (
	TenderCard    TenderKind = "card"
	TenderTill    TenderKind = "till"
	TenderVoucher TenderKind = "voucher"
	TenderCash    TenderKind = "cash" // by a machine that takes money and gives change
)

// An InterventionKind says why a person was needed.
type InterventionKind string

// The kinds of intervention.
const (
	NeedAge      InterventionKind = "age"
	NeedBagging  InterventionKind = "bagging"
	NeedPrice    InterventionKind = "price"
	NeedUnknown  InterventionKind = "unknown"
	NeedQuantity InterventionKind = "quantity"
	NeedLimit    InterventionKind = "limit"
	NeedTag      InterventionKind = "tag"
	NeedRefund   InterventionKind = "refund"
	NeedAudit    InterventionKind = "audit"
	NeedPayment  InterventionKind = "payment"
	NeedDevice   InterventionKind = "device"
	NeedHelp     InterventionKind = "help"
)

// A CallState is how far a call for help has come.
type CallState string

// The states of a call.
const (
	CallCalled    CallState = "called"
	CallSeen      CallState = "seen"
	CallComing    CallState = "coming"
	CallDone      CallState = "done"
	CallCancelled CallState = "cancelled"
)

// A LaneMode says whether the lane serves.
type LaneMode string

// The modes of a lane. A closing lane ends the running sale first.
const (
	LaneOpen    LaneMode = "open"
	LaneClosing LaneMode = "closing"
	LaneClosed  LaneMode = "closed"
)

// A Hint is a strip in the basket that the shopper can settle (data-hint).
type Hint string

// The hints of the basket page.
const (
	HintNone    Hint = ""
	HintBag     Hint = "bag"      // put the last item into the bagging area
	HintMissing Hint = "missing"  // this one has not reached the bagging area
	HintTooMuch Hint = "too-much" // something there is not on the list yet
	HintScale   Hint = "scale"    // something lies on the checkout scale
	HintAge     Hint = "age"      // someone will look at your age once
	HintPrinter Hint = "printer"  // no paper: the receipt comes as a code
	HintUnknown Hint = "unknown"  // this code could not be read or is not known
	HintNotHere Hint = "not-here" // the article is not sold at this lane
	HintExpired Hint = "expired"  // its date has passed: not sold, a person is told
	HintRecall  Hint = "recalled" // taken back by its maker: not sold, a person is told
	HintGone    Hint = "gone"     // taken off the basket again: its maker takes it back, or its sale was stopped
	HintTwice   Hint = "twice"    // this very piece is in the basket already
	HintLimit   Hint = "limit"    // only so many are sold to one household
	HintHours   Hint = "hours"    // not sold at this time of day
	HintCoupon  Hint = "coupon"   // this coupon is not for this store, or not for now
	HintSticker Hint = "sticker"  // a mark-down sticker comes after its article

	HintVoucher   Hint = "voucher"    // noted: it counts at the end
	HintNoVoucher Hint = "no-voucher" // nothing can be paid with this voucher here
	HintTicket    Hint = "no-ticket"  // this ticket's basket cannot be taken up here
	HintPaidPart  Hint = "paid-part"  // a part is paid: the basket stays as it is

	// HintCouponHere says that a coupon counts as soon as its articles are there.
	HintCouponHere Hint = "coupon-here"
)

// A Device is a peripheral of the lane, by its section in kassa.toml.
type Device string

// The devices of a lane.
const (
	DeviceScanner  Device = "scanner"
	DeviceScale    Device = "scale"
	DeviceBagging  Device = "bagging"
	DeviceTerminal Device = "terminal"
	DevicePrinter  Device = "printer"
	DevicePanel    Device = "panel"
	DeviceCash     Device = "cash"
	DeviceHub      Device = "hub" // the store's, on the network
)

// A Clock says how good the wall time on a record is.
type Clock string

// The qualities of the wall clock.
const (
	ClockSynced   Clock = "synced"
	ClockUnsynced Clock = "unsynced"
)

// A Lamp is what the lane light shows. A shopper never causes red.
type Lamp string

// The lamp's states.
const (
	LampOff        Lamp = "off"
	LampGreen      Lamp = "green"       // free
	LampWhite      Lamp = "white"       // a shopper is being served
	LampWhiteBlink Lamp = "white blink" // a person is asked for
	LampRed        Lamp = "red"         // closed or out of order
)

// A Sound is one of the cues of the lane.
type Sound string

// The sounds of the lane.
const (
	SoundScan   Sound = "scan"
	SoundAgain  Sound = "again" // not read, not known
	SoundSay    Sound = "say"   // and the page says the hint aloud
	SoundLook   Sound = "look"  // something on the screen wants an answer
	SoundCalled Sound = "called"
	SoundPay    Sound = "pay"
	SoundPaid   Sound = "paid"
	SoundTake   Sound = "take" // take your things
)
