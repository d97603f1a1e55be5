package contact

import (
	"context"

	"tandem/internal/core/audit"
	"tandem/internal/kit/db"
	"tandem/internal/kit/fold"
)

// Address is one of the ways to reach a contact that can be proved to be theirs.
type Address string

// The addresses.
const (
	AddressEmail  Address = "email"
	AddressMobile Address = "mobile"
)

// Addresses is every address.
func Addresses() []Address { return []Address{AddressEmail, AddressMobile} }

// Value is what the contact has there, and whether it was verified.
func (a Address) Value(c *Contact) (value string, verified bool) {
	if a == AddressMobile {
		return c.Mobile, c.MobileVerified
	}
	return c.Email, c.EmailVerified
}

// Key is what two values are compared by.
func (a Address) Key(value string) string { return fold.Key(value) }

// Held is a contact that the caller sees and nobody else changes until the end of tx, with the language that they are
// written to in. It asks for no permission: the caller has.
func (s *Service) Held(ctx context.Context, tx *db.Tx, contactID int64) (c *Contact, language string, err error) {
	c, k, err := s.hold(ctx, tx, contactID, 0)
	if err != nil {
		return nil, "", err
	}
	return c, firstOf(c.Language, k.Language), nil
}

// Proved sets the flag of an address that the contact has proved to have. c is held. It asks for no permission: the caller
// has.
func (s *Service) Proved(ctx context.Context, tx *db.Tx, c *Contact, a Address) (*Contact, error) {
	after, message := *c, "E-mail verified by a code"
	if a == AddressMobile {
		message = "Mobile number verified by a code"
		after.MobileVerified = true
	} else {
		after.EmailVerified = true
	}
	s.prove(ctx, c, &after)
	if err := s.write(ctx, tx, c, &after, s.entry(audit.ActionUpdate, message, c, &after, nil)); err != nil {
		return nil, err
	}
	return &after, nil
}

// RecordOf is an entry of the audit about a contact.
func RecordOf(c *Contact, message string, changes ...audit.Change) audit.Entry {
	return audit.Entry{Action: audit.ActionUpdate, Table: Table, RowID: c.ID, RowName: c.rowName(), Message: message, Changes: changes}
}
