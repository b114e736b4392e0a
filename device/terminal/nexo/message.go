package nexo

import "encoding/json"

// Requests, as they are written.

type reqHeader struct {
	ProtocolVersion string `json:"ProtocolVersion"`
	MessageClass    string `json:"MessageClass"`
	MessageCategory string `json:"MessageCategory"`
	MessageType     string `json:"MessageType"`
	SaleID          string `json:"SaleID"`
	ServiceID       string `json:"ServiceID"`
	POIID           string `json:"POIID"`
}

// request is the content of a SaleToPOIRequest: the header and one body.
type request struct {
	Header         *reqHeader  `json:"MessageHeader"`
	Payment        *reqPayment `json:"PaymentRequest,omitempty"`
	Reversal       *reqReverse `json:"ReversalRequest,omitempty"`
	Status         *reqStatus  `json:"TransactionStatusRequest,omitempty"`
	Abort          *reqAbort   `json:"AbortRequest,omitempty"`
	Diagnosis      *reqDiagnos `json:"DiagnosisRequest,omitempty"`
	Login          *reqLogin   `json:"LoginRequest,omitempty"`
	Reconciliation *reqClose   `json:"ReconciliationRequest,omitempty"`
	Totals         *reqTotals  `json:"GetTotalsRequest,omitempty"`
}

// category is the MessageCategory of the request's body.
func (r *request) category() string {
	switch {
	case r.Payment != nil:
		return "Payment"
	case r.Reversal != nil:
		return "Reversal"
	case r.Status != nil:
		return "TransactionStatus"
	case r.Abort != nil:
		return "Abort"
	case r.Login != nil:
		return "Login"
	case r.Reconciliation != nil:
		return "Reconciliation"
	case r.Totals != nil:
		return "GetTotals"
	}
	return "Diagnosis"
}

type transactionID struct {
	TransactionID string `json:"TransactionID"`
	TimeStamp     string `json:"TimeStamp"`
}

type saleData struct {
	SaleTransactionID transactionID `json:"SaleTransactionID"`
}

type reqPayment struct {
	SaleData    saleData     `json:"SaleData"`
	Data        *paymentData `json:"PaymentData,omitempty"`
	Transaction struct {
		Amounts struct {
			Currency string      `json:"Currency"`
			Amount   json.Number `json:"RequestedAmount"`
		} `json:"AmountsReq"`
	} `json:"PaymentTransaction"`
}

type paymentData struct {
	Type string `json:"PaymentType"`
}

type reqReverse struct {
	Original struct {
		ID transactionID `json:"POITransactionID"`
	} `json:"OriginalPOITransaction"`
	Reason   string   `json:"ReversalReason"`
	SaleData saleData `json:"SaleData"`
}

// msgRef points at an earlier request of ours.
type msgRef struct {
	MessageCategory string `json:"MessageCategory"`
	SaleID          string `json:"SaleID"`
	ServiceID       string `json:"ServiceID"`
}

// reqStatus without a Reference asks for the last transaction.
type reqStatus struct {
	Reprint   bool     `json:"ReceiptReprintFlag"`
	Qualifier []string `json:"DocumentQualifier,omitempty"`
	Reference *msgRef  `json:"MessageReference,omitempty"`
}

type reqAbort struct {
	Reason    string `json:"AbortReason"`
	Reference msgRef `json:"MessageReference"`
}

type reqDiagnos struct {
	Host bool `json:"HostDiagnosisFlag"`
}

type reqLogin struct {
	DateTime string `json:"DateTime"`
	Software struct {
		Manufacturer  string `json:"ManufacturerID"`
		Application   string `json:"ApplicationName"`
		Version       string `json:"SoftwareVersion"`
		Certification string `json:"CertificationCode"`
	} `json:"SaleSoftware"`
	Language string `json:"OperatorLanguage"`
}

type reqClose struct {
	Type string `json:"ReconciliationType"`
}

// reqTotals asks for what was done since the last Reconciliation, of everybody.
type reqTotals struct{}

// Responses and notifications, as far as they are read.

type header struct {
	Class     word `json:"MessageClass"`
	Category  word `json:"MessageCategory"`
	Type      word `json:"MessageType"`
	SaleID    word `json:"SaleID"`
	ServiceID word `json:"ServiceID"`
	POIID     word `json:"POIID"`
}

// message is what an HTTP body holds: an answer, or in its place (or at the
// lane's own address) something that the terminal says by itself.
type message struct {
	Response *content `json:"SaleToPOIResponse"`
	Request  *content `json:"SaleToPOIRequest"`
}

type content struct {
	Header  header   `json:"MessageHeader"`
	Blob    []byte   `json:"NexoBlob"`
	Trailer *trailer `json:"SecurityTrailer"`

	Payment        *resPayment  `json:"PaymentResponse"`
	Reversal       *resPayment  `json:"ReversalResponse"`
	Status         *resStatus   `json:"TransactionStatusResponse"`
	Diagnosis      *resDiagnose `json:"DiagnosisResponse"`
	Login          *resPayment  `json:"LoginResponse"`
	Reconciliation *resClose    `json:"ReconciliationResponse"`
	Totals         *resClose    `json:"GetTotalsResponse"`
	Event          *notice      `json:"EventNotification"`
	Display        *display     `json:"DisplayRequest"`
}

// response is the verdict that each answer begins with.
type response struct {
	Result     word    `json:"Result"`
	Condition  word    `json:"ErrorCondition"`
	Additional details `json:"AdditionalResponse"`
}

func (r response) success() bool { return r.Result.String() == "Success" }

// resPayment is a PaymentResponse. Those of Reversal and Login have parts of it.
type resPayment struct {
	Response response `json:"Response"`
	POIData  struct {
		ID struct {
			TransactionID reference `json:"TransactionID"`
			TimeStamp     stamp     `json:"TimeStamp"`
		} `json:"POITransactionID"`
	} `json:"POIData"`
	Result struct {
		Amounts struct {
			Currency   word    `json:"Currency"`
			Authorized decimal `json:"AuthorizedAmount"`
		} `json:"AmountsResp"`
		Acquirer struct {
			ApprovalCode word `json:"ApprovalCode"`
			MerchantID   word `json:"MerchantID"`
		} `json:"PaymentAcquirerData"`
		Instrument struct {
			Card struct {
				Number tail `json:"MaskedPan"`
				Brand  word `json:"PaymentBrand"`
			} `json:"CardData"`
		} `json:"PaymentInstrumentData"`
	} `json:"PaymentResult"`
	Receipts []receipt `json:"PaymentReceipt"`
}

type receipt struct {
	Qualifier word `json:"DocumentQualifier"`
	Signature bool `json:"RequiredSignatureFlag"`
	Content   struct {
		Text []printed `json:"OutputText"`
	} `json:"OutputContent"`
}

type resStatus struct {
	Response  response `json:"Response"`
	Reference header   `json:"MessageReference"`
	Repeated  struct {
		Header header `json:"MessageHeader"`
		Body   struct {
			Payment  *resPayment `json:"PaymentResponse"`
			Reversal *resPayment `json:"ReversalResponse"`
		} `json:"RepeatedResponseMessageBody"`
	} `json:"RepeatedMessageResponse"`
}

type resDiagnose struct {
	Response response `json:"Response"`
	Status   struct {
		Global word `json:"GlobalStatus"`
	} `json:"POIStatus"`
	Hosts []struct {
		Acquirer  word  `json:"AcquirerID"`
		Reachable *bool `json:"IsReachableFlag"`
	} `json:"HostStatus"`
}

type resClose struct {
	Response response `json:"Response"`
	Totals   []struct {
		Brand    word `json:"CardBrand"`
		Kind     word `json:"PaymentInstrumentType"`
		Currency word `json:"PaymentCurrency"`
		Payments []struct {
			Type   word    `json:"TransactionType"`
			Count  decimal `json:"TransactionCount"`
			Amount decimal `json:"TransactionAmount"`
		} `json:"PaymentTotals"`
	} `json:"TransactionTotals"`
}

type notice struct {
	Event   word `json:"EventToNotify"`
	Details word `json:"EventDetails"`
}

type display struct {
	Output []struct {
		Content struct {
			Predefined struct {
				Reference word `json:"ReferenceID"`
			} `json:"PredefinedContent"`
		} `json:"OutputContent"`
	} `json:"DisplayOutput"`
}
