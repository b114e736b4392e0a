package nexo

import (
	"strings"

	"kassa/device/terminal"
)

// Error conditions of the nexo protocol, as they are spelled on the wire.
const (
	condAborted     = "Aborted"
	condBusy        = "Busy"
	condCancel      = "Cancel"
	condInProgress  = "InProgress"
	condLoggedOut   = "LoggedOut"
	condNotAllowed  = "NotAllowed"
	condNotFound    = "NotFound"
	condUnavailable = "UnavailableService"
)

// outcomeOf says what a payment's failure means. sure is false for a condition
// that does not prove by itself that nothing was charged: a message that was
// refused may have been refused as the second of two.
func outcomeOf(condition, refusal string) (o terminal.Outcome, why terminal.Reason, sure bool) {
	switch condition {
	case condAborted, condCancel:
		return terminal.Aborted, terminal.ReasonCancelled, true
	case condBusy:
		return terminal.Aborted, terminal.ReasonBusy, true
	case "DeviceOut", "UnavailableDevice", condUnavailable, condLoggedOut:
		return terminal.Aborted, terminal.ReasonService, true
	case "InvalidCard":
		return terminal.Declined, terminal.ReasonInvalidCard, true
	case "WrongPIN":
		return terminal.Declined, terminal.ReasonWrongPIN, true
	case "Refusal", "PaymentRestriction", "InsertedCard":
		if strings.Contains(strings.ToLower(refusal), "expired card") {
			return terminal.Declined, terminal.ReasonExpired, true
		}
		return terminal.Declined, terminal.ReasonDeclined, true
	case "UnreachableHost":
		return terminal.Aborted, terminal.ReasonHost, false // the host may have heard
	}
	return terminal.Aborted, terminal.ReasonRefused, false // MessageFormat, NotAllowed, and what we do not know
}

// brandName is how a card scheme is written on a receipt.
func brandName(brand string) string {
	switch brand {
	case "mc":
		return "Mastercard"
	case "visa":
		return "Visa"
	case "maestro":
		return "Maestro"
	case "amex":
		return "American Express"
	case "girocard":
		return "girocard"
	case "jcb":
		return "JCB"
	case "diners":
		return "Diners"
	case "cup":
		return "UnionPay"
	case "bcmc":
		return "Bancontact"
	}
	return brand
}

// stateOf says how a terminal is from its GlobalStatus.
func stateOf(status string) (s terminal.State, text string) {
	switch status {
	case "OK", "":
		return terminal.Ready, ""
	case "Busy":
		return terminal.Busy, "at work"
	case "Maintenance":
		return terminal.NeedsService, "under maintenance"
	case "Unreachable":
		return terminal.NeedsService, "card reader cannot be reached"
	}
	return terminal.NeedsService, "status not known"
}

// progressOf says what an event means for the shopper. The names are those of
// Adyen's display notifications and of EventToNotify; not confirmed by a
// terminal.
func progressOf(event string) (terminal.ProgressKind, bool) {
	switch event {
	case "TENDER_CREATED":
		return terminal.PresentCard, true
	case "CARD_INSERTED", "CARD_PRESENTED", "CARD_SWIPED", "CardInserted":
		return terminal.CardDetected, true
	case "APPLICATION_SELECTED", "PIN_ENTERED", "CARD_REMOVED", "CardRemoved", "TENDER_FINAL":
		return terminal.Wait, true
	case "REMOVE_CARD", "WAIT_FOR_CARD_REMOVAL":
		return terminal.RemoveCard, true
	case "WRONG_PIN":
		return terminal.WrongPIN, true
	}
	if strings.HasPrefix(event, "WAIT_FOR_") || strings.HasPrefix(event, "ASK_") || event == "PIN_DIGIT_ENTERED" {
		return terminal.LookAtTerminal, true
	}
	return 0, false
}
