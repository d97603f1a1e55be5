package erasure

import (
	"context"
	"time"

	"tandem/internal/kit/db"
)

// Table is the name under which erasures stand in the audit.
const Table = "erasures"

// Prefix begins the IDs of erasures at the API.
const Prefix = "era"

// Subject is whose personal data goes.
type Subject struct {
	Customer int64
	// Whole is everything about the customer; else what is about Contacts alone, of which there is one.
	Whole    bool
	Contacts []int64
	Refs     []string // of all these at the API
	// Emails is the addresses that are, or were, theirs and nobody else's.
	Emails []string
	// Numbers is the mobiles that are, or were, theirs and of nobody else at the customer: texts went there.
	Numbers []string
	// Jobs is work on many customers of which this was one.
	Jobs []int64
	// Mails and Saves are e-mails to them and delayed saves of them: what others tell of those goes with them.
	Mails, Saves []int64
	// Brands is the brand of a reseller.
	Brands []int64

	Name   string // what stands for the name of the record
	Person string // what stands for the name of a person
	At     time.Time
}

// Eraser erases what one owner keeps. A wing registers one for what it keeps of customers.
type Eraser struct {
	Name string // of what it keeps, as previews tell it: emails
	// Left is how many rows say something of the subject still.
	Left func(ctx context.Context, q db.Q, s Subject) (int64, error)
	// Erase leaves none, in transactions of its own, which are short. It may be called again at any time.
	Erase func(ctx context.Context, s Subject) error
}

// Erasure is one that was asked for.
type Erasure struct {
	ID       int64
	Customer int64
	Contact  int64 // 0: the customer with all of its contacts
	Name     string
	Reason   string
	AskedBy  string
	AskedAt  time.Time
	Job      int64
	DoneAt   time.Time // zero: not yet
}

// Count is how many rows of a kind say something personal.
type Count struct {
	Kind string
	N    int64
}

// Preview is what would be erased.
type Preview struct {
	Counts  []Count
	Confirm string   // what has to be typed
	Last    *Erasure // that was asked for already
	Ready   bool     // false: the customer has to be closed first
}

// Person is whom the owners of customers and contacts know.
type Person struct {
	Confirm string // what has to be typed
	Name    string // what stands for the name afterwards
	Closed  bool   // the customer is
	Of      int64  // the customer
}

// Directory is what erasing asks the owners of customers and contacts. Every method answers a caller who may not see the
// record as if there were none.
type Directory interface {
	Customer(ctx context.Context, q db.Q, customerID int64) (Person, error)
	Contact(ctx context.Context, q db.Q, contactID int64) (Person, error)
	// Mark keeps a customer from changing from now on, in the transaction that asks; or removes a contact.
	Mark(ctx context.Context, tx *db.Tx, e Erasure) error
	// Subject is who all is meant by an erasure, as far as it can be found out still.
	Subject(ctx context.Context, q db.Q, e Erasure) (Subject, error)
}
