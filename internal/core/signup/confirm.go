package signup

import (
	"context"
	"encoding/hex"

	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/identity"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/secret"
)

// Confirmed is what came of a link.
type Confirmed struct {
	Email    string
	Waits    bool // the customer has to be approved
	Password bool // the one of the sign-up counts; else the address has one already, or none that works
}

func badLink() error {
	return &errs.Error{Kind: errs.KindInvalid, Code: "bad_link", Detail: "This link was used, has expired or was replaced. Ask for a new one.",
		Fields: []errs.Field{{Field: "token", Code: "bad_link", Message: "This link does not work any more."}}}
}

// mostTries is how often a password is tried with one link.
const mostTries = 10

// proves is nil when whoever brings the link of a sign-up is who asked for it: they know its password. Otherwise a stranger
// could ask with the address of somebody else, who presses the button, for an account of which the stranger has the key.
func (s *Service) proves(ctx context.Context, p pending, key []byte, password string) error {
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		late, err := s.count(ctx, tx, "confirm:"+hex.EncodeToString(key), mostTries, day)
		if err == nil && !late.IsZero() {
			err = badLink()
		}
		return err
	})
	if err != nil {
		return err
	}
	right, err := s.People.Verify(ctx, identity.Identity{PasswordHash: p.Hash}, password)
	if err == nil && !right {
		var wrong errs.Fields
		wrong.Add("password", "other_password", "This is not the password that was chosen when the account was asked for.")
		err = wrong.Err()
	}
	return err
}

// Confirm makes the customer of a sign-up, with its owner, for whoever brings the link and knows the password. Of many at
// once, one succeeds.
func (s *Service) Confirm(ctx context.Context, token, password string) (Confirmed, error) {
	ctx = acting(ctx)
	key := secret.Digest(token)
	found, err := waiting(ctx, s.DB.Read(), key, clock.Micros(s.Clock.Now()))
	if err != nil {
		return Confirmed{}, err
	}
	if err := s.proves(ctx, found, key, password); err != nil {
		return Confirmed{}, err
	}
	number, err := s.Customers.TakeNumber(ctx)
	if err != nil {
		return Confirmed{}, err
	}
	var out Confirmed
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Queue(ctx, "sign-up "+found.EmailKey); err != nil { // two links of one address make one customer
			return err
		}
		now := clock.Micros(s.Clock.Now())
		p, err := waiting(ctx, tx, key, now)
		if err != nil {
			return err
		}
		if n, err := exec(ctx, tx, "use a link up", sqlTake, key, now); err != nil || n == 0 {
			if err == nil {
				err = badLink()
			}
			return err
		}
		of, like, err := s.open(ctx, tx, p.Reseller)
		if err != nil {
			return err
		}
		known, err := s.known(ctx, tx, p.Reseller, p.Email)
		if err != nil {
			return err
		}
		if known {
			return errs.New(errs.KindConflict, "already_customer", "There is an account with this address by now. Sign in with it.")
		}
		out, err = s.admit(ctx, tx, p, of, like, number)
		return err
	})
	return out, err
}

// admit makes the customer and its owner.
func (s *Service) admit(ctx context.Context, tx *db.Tx, p pending, of Settings, like *customer.Customer, number int64) (Confirmed, error) {
	out := Confirmed{Email: p.Email, Waits: of.Approval}
	if p.TermsURL != "" {
		call := access.From(ctx)
		call.Comment = "Terms accepted: " + p.TermsURL
		ctx = access.With(ctx, call)
	}
	d := draft(like, p, of)
	wrong, err := s.Customers.Prepare(ctx, &d)
	if err != nil {
		return out, err
	}
	if err := wrong.Err(); err != nil {
		return out, err
	}
	taken, err := s.Customers.Find(ctx, tx, "email", []string{contact.AddressEmail.Key(d.Email)})
	if err != nil {
		return out, err
	}
	if len(taken) > 0 { // by a customer of somebody else's: the contact has it all the same
		d.Email = ""
	}
	made, err := s.Customers.InsertMany(ctx, tx, []*customer.Draft{&d}, []int64{number}, "Signed up")
	if err != nil {
		return out, err
	}
	if out.Password, err = s.owner(ctx, tx, made[0].ID, &d, p); err != nil {
		return out, err
	}
	if _, err := exec(ctx, tx, "forget other sign-ups of the address", sqlDropOthers, p.EmailKey, p.Reseller); err != nil {
		return out, err
	}
	if out.Waits && s.Waits != nil {
		err = s.Waits(ctx, tx, made[0], d.Name)
	}
	return out, err
}

// owner makes the contact who signed up. It tells whether the password of the sign-up is theirs from now on: that of
// somebody who was here before stays what it is.
func (s *Service) owner(ctx context.Context, tx *db.Tx, customerID int64, d *customer.Draft, p pending) (bool, error) {
	role, proved := string(contact.RoleOwner), true
	c, err := s.Contacts.In(tx).Create(ctx, customerID, contact.Patch{Name: &p.Name, Email: &p.Email, Role: &role, Phone: &d.Telephone, Language: &d.Language, EmailVerified: &proved})
	if err != nil {
		return false, err
	}
	i, err := s.People.Attach(ctx, tx, identity.Member{Kind: access.KindContact, ID: c.ID}, p.Email)
	if err != nil {
		return false, err
	}
	all, err := s.People.All(ctx, tx, i)
	if err != nil || i.PasswordHash != "" || len(all) > 1 {
		return false, err
	}
	return true, s.People.Save(ctx, tx, i, p.Hash, identity.Gift{}, "Password set at sign-up")
}
