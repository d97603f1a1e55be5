package customer

import (
	"maps"
	"slices"
	"time"
)

// Kind says what a party is to the operator.
type Kind string

// The kinds of party.
const (
	KindCustomer Kind = "customer" // buys
	KindProvider Kind = "provider" // sells to the operator
	KindReseller Kind = "reseller" // buys, and owns customers of its own
)

// Party says whether it is a person or an organisation.
type Party string

// The parties.
const (
	PartyPerson       Party = "person"
	PartyOrganization Party = "organization"
)

// BillingType says how a customer is invoiced. It does not decide admission.
type BillingType string

// The billing types.
const (
	BillingPrepaid  BillingType = "prepaid"
	BillingPostpaid BillingType = "postpaid"
)

// Status says what a customer may do now.
type Status string

// The statuses.
const (
	StatusActive   Status = "active"   // everything
	StatusInactive Status = "inactive" // no sign-in, no calls, no TV, no new charges
	StatusPenalty  Status = "penalty"  // calls and TV blocked for a time
	StatusPending  Status = "pending"  // portal only, until approved
	StatusClosed   Status = "closed"   // ended; documents stay, e-mail and reference are free again
)

// transitions is every allowed change of status. Closing is refused as well while something blocks it, and a closed
// customer comes back only within the retention time.
var transitions = map[Status][]Status{
	StatusPending:  {StatusActive, StatusClosed},
	StatusActive:   {StatusInactive, StatusPenalty, StatusClosed},
	StatusInactive: {StatusActive, StatusPenalty, StatusClosed},
	StatusPenalty:  {StatusActive, StatusInactive, StatusClosed},
	StatusClosed:   {StatusInactive},
}

// Transitions is what the status may become.
func (s Status) Transitions() []Status { return slices.Clone(transitions[s]) }

// SignsIn tells whether the customer's contacts may sign in.
func (s Status) SignsIn() bool {
	return s == StatusActive || s == StatusPenalty || s == StatusPending
}

// May tells whether the status may become next; staying is always allowed.
func (s Status) May(next Status) bool { return s == next || slices.Contains(transitions[s], next) }

// Ref names another row.
type Ref struct {
	ID   int64
	Name string
}

// Draft is what a person says about a customer: the fields that can be written, as text in the API's spelling.
type Draft struct {
	Kind         Kind
	Party        Party
	Reference    string
	Name         string // left out, it is made of company or first and last name
	FirstName    string
	LastName     string
	Company      string
	Description  string
	Status       Status
	StatusReason string
	BillingType  BillingType
	Currency     string // ISO 4217
	Reseller     int64  // 0 = the operator's own
	Email        string
	Telephone    string // E.164
	Address1     string
	Address2     string
	City         string
	Province     string
	PostalCode   string
	Country      string // ISO 3166 alpha-2
	Timezone     string // IANA
	Language     string // BCP 47
	TaxNumber    string
	ExternalID   string            // the key in another system
	Custom       map[string]string // by key of the operator's field; an empty value is none
	Groups       []int64           // sorted
}

// clone is a deep copy.
func (d *Draft) clone() *Draft {
	c := *d
	c.Custom = maps.Clone(d.Custom)
	c.Groups = slices.Clone(d.Groups)
	return &c
}

// Customer is one party as it is kept.
type Customer struct {
	Draft
	ID           int64
	CustomerID   string
	StatusBefore Status // what a penalty goes back to
	ResellerName string
	GroupRefs    []Ref // sorted by name
	CreatedAt    time.Time
	UpdatedAt    time.Time
	ClosedAt     time.Time // zero unless closed
	ErasedAt     time.Time // when it was asked to erase its personal data; zero: never
	Version      int64
	Masked       []string // fields that are hidden from who asked, and so are empty here; such a Customer is never written
}
