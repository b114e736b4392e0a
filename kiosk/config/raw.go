package config

// The file as it is written. A pointer is a section that may be left out; a
// field is one key, named by its tag. Package reflect walks these types to tell
// a wrong key or type before anything is decoded.

type rawFile struct {
	Lane     rawLane      `toml:"lane"`
	Shop     rawShop      `toml:"shop"`
	Tax      rawTax       `toml:"tax"`
	Codes    rawCodes     `toml:"codes"`
	Screen   rawScreen    `toml:"screen"`
	Scanner  []rawScanner `toml:"scanner"`
	Scale    *rawScale    `toml:"scale"`
	Bagging  *rawBagging  `toml:"bagging"`
	Terminal *rawTerminal `toml:"terminal"`
	Printer  *rawPrinter  `toml:"printer"`
	Panel    *rawPanel    `toml:"panel"`
	Hub      *rawHub      `toml:"hub"`
	HQ       *rawHQ       `toml:"hq"`
	Call     rawCall      `toml:"call"`
	Timing   rawTiming    `toml:"timing"`
	Bags     rawBags      `toml:"bags"`
	Staff    rawStaff     `toml:"staff"`
	Day      rawDay       `toml:"day"`
	Voucher  *rawVoucher  `toml:"voucher"`
	Cash     *rawCash     `toml:"cash"`
	Help     rawHelp      `toml:"help"`

	Restriction []rawRestriction `toml:"restriction"`
	Disk        rawDisk          `toml:"disk"`
	Retention   rawRetention     `toml:"retention"`
}

type rawLane struct {
	ID        string   `toml:"id"`
	Store     string   `toml:"store"`
	Country   string   `toml:"country"`
	Timezone  string   `toml:"timezone"`
	DayEnds   string   `toml:"day_ends"`
	Hours     string   `toml:"hours"`
	Currency  string   `toml:"currency"`
	Languages []string `toml:"languages"`
	Digits    string   `toml:"digits"`
	Data      string   `toml:"data"`
}

type rawShop struct {
	Name      string   `toml:"name"`
	Address   []string `toml:"address"`
	TaxNumber string   `toml:"tax_number"`
	Receipt   string   `toml:"receipt"`
	Logo      string   `toml:"logo"`
}

type rawTax struct {
	Prices   string        `toml:"prices"`
	Round    string        `toml:"round"`
	CashStep *int64        `toml:"cash_step"`
	Class    []rawTaxClass `toml:"class"`
}

type rawTaxClass struct {
	ID       string  `toml:"id"`
	Name     string  `toml:"name"`
	RatesPPM []int64 `toml:"rates_ppm"`
}

type rawCodes struct {
	Country string `toml:"country"`
	File    string `toml:"file"`
}

type rawScreen struct {
	Listen     string `toml:"listen"`
	Storybook  bool   `toml:"storybook"`
	TerminalAt string `toml:"terminal_at"`
}

type rawScanner struct {
	Port     string `toml:"port"`
	Protocol string `toml:"protocol"`
	Line     string `toml:"line"`
	Letters  string `toml:"letters"`
}

type rawScale struct {
	Port     string     `toml:"port"`
	Protocol string     `toml:"protocol"`
	Line     string     `toml:"line"`
	Unit     string     `toml:"unit"`
	Division string     `toml:"division"`
	Max      string     `toml:"max"`
	Min      string     `toml:"min"`
	Variant  rawVariant `toml:"variant"`
}

type rawVariant struct {
	ZeroBits       int64  `toml:"zero_bits"`
	Status         string `toml:"status"`
	HighResolution bool   `toml:"high_resolution"`
	Poll           string `toml:"poll"`
	Pair           string `toml:"pair"`
	PairEscape     bool   `toml:"pair_escape"`
	DoubleEOT      bool   `toml:"double_eot"`
	ShortPrice     bool   `toml:"short_price"`
	Repeat         bool   `toml:"repeat"`
}

type rawBagging struct {
	Port     string `toml:"port"`
	Protocol string `toml:"protocol"`
	Line     string `toml:"line"`
	Unit     string `toml:"unit"`
	Division string `toml:"division"`
	Max      string `toml:"max"`
	Data     string `toml:"data"`
	Clock    string `toml:"clock"`

	Gain        int64      `toml:"gain"`
	RateHz      int64      `toml:"rate_hz"`
	ZeroCount   int64      `toml:"zero_count"`
	SpanCount   int64      `toml:"span_count"`
	SpanG       int64      `toml:"span_g"`
	InitialZero int64      `toml:"initial_zero_percent"`
	Variant     rawVariant `toml:"variant"`

	Mode    string   `toml:"mode"`
	CallAt  *float64 `toml:"call_at"`
	Without string   `toml:"without"`
}

type rawTerminal struct {
	Port         string `toml:"port"`
	Line         string `toml:"line"`
	Protocol     string `toml:"protocol"`
	PasswordFile string `toml:"password_file"`
	Partial      string `toml:"partial"`

	POIID          string   `toml:"poi_id"`
	SaleID         string   `toml:"sale_id"`
	KeyID          string   `toml:"key_id"`
	KeyVersion     *int64   `toml:"key_version"`
	PassphraseFile string   `toml:"passphrase_file"`
	CAFile         string   `toml:"ca_file"`
	CertNames      []string `toml:"certificate_names"`
	CertSHA        string   `toml:"certificate_sha256"`
	Notify         string   `toml:"notify"`
}

type rawPrinter struct {
	Port     string `toml:"port"`
	Protocol string `toml:"protocol"`
	Profile  string `toml:"profile"`
	Profiles string `toml:"profiles"`
	Line     string `toml:"line"`
}

type rawPanel struct {
	Protocol   string `toml:"protocol"`
	Port       string `toml:"port"`
	Line       string `toml:"line"`
	LampGreen  string `toml:"lamp_green"`
	LampRed    string `toml:"lamp_red"`
	LampWhite  string `toml:"lamp_white"`
	CallButton string `toml:"call_button"`
	Drawer     string `toml:"drawer"`
	Door       string `toml:"door"`
}

type rawHelp struct {
	Articles string `toml:"articles"`
}

type rawHub struct {
	URL         string   `toml:"url"`
	Credentials string   `toml:"credentials"`
	Presence    []string `toml:"presence"`
	Receipts    string   `toml:"receipts"`

	ShareWeights *bool `toml:"share_weights"`
}

type rawCall struct {
	On bool `toml:"on"`
}

type rawTiming struct {
	BagSettle  string `toml:"bag_settle"`
	BagHint    string `toml:"bag_hint"`
	BagSay     string `toml:"bag_say"`
	BagCheck   string `toml:"bag_check"`
	BagCall    string `toml:"bag_call"`
	IdleAsk    string `toml:"idle_ask"`
	IdleGrace  string `toml:"idle_grace"`
	IdleEmpty  string `toml:"idle_empty"`
	Undo       string `toml:"undo"`
	Receipt    string `toml:"receipt"`
	Thanks     string `toml:"thanks"`
	StaffPage  string `toml:"staff_page"`
	UnsureCall string `toml:"unsure_call"`
	PayCheck   string `toml:"pay_check"`
	Reread     string `toml:"reread"`
	Dual       string `toml:"dual"`
}

type rawBags struct {
	Ask          *bool  `toml:"ask"`
	Own          *bool  `toml:"own"`
	Name         string `toml:"name"`
	NameEN       string `toml:"name_en"`
	NameFR       string `toml:"name_fr"`
	NameAR       string `toml:"name_ar"`
	NameID       string `toml:"name_id"`
	PriceMinor   *int64 `toml:"price_minor"`
	Tax          string `toml:"tax"`
	GTIN         string `toml:"gtin"`
	PLU          string `toml:"plu"`
	Max          int64  `toml:"max"`
	WeightG      int64  `toml:"weight_g"`
	ProduceTareG *int64 `toml:"produce_tare_g"`
}

type rawStaff struct {
	VoidSale string `toml:"void_sale"`
}

type rawRestriction struct {
	Group  string   `toml:"group"`
	Items  []string `toml:"items"`
	Hours  string   `toml:"hours"`
	At     string   `toml:"at"`
	MaxQty int64    `toml:"max_qty"`
	Never  bool     `toml:"never"`
	Allow  string   `toml:"allow"`
}

type rawDay struct {
	Close string `toml:"close"`
}

type rawCash struct {
	Protocol     string `toml:"protocol"`
	URL          string `toml:"url"`
	User         string `toml:"user"`
	PasswordFile string `toml:"password_file"`
	CAFile       string `toml:"ca_file"`
	POS          string `toml:"pos"`
	PayOut       string `toml:"pay_out"`
}

type rawVoucher struct {
	Limit     *int64 `toml:"limit"`
	ValidDays *int64 `toml:"valid_days"`
}

type rawDisk struct {
	ReserveMB *int64 `toml:"reserve_mb"`
}
