package contact

import (
	"context"
	"errors"
	"net/netip"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/identity"
	"tandem/internal/core/notify"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// PasswordMode is how a contact comes to a password.
type PasswordMode string

// The modes.
const (
	PasswordLink      PasswordMode = "link"      // a one-time link by mail
	PasswordGenerated PasswordMode = "generated" // one that is made and mailed, to be changed at first use
	PasswordTyped     PasswordMode = "typed"     // one that staff type
)

// PasswordModes is every mode, the default first.
func PasswordModes() []PasswordMode {
	return []PasswordMode{PasswordLink, PasswordGenerated, PasswordTyped}
}

// PasswordOrder is how a contact is to come to a password.
type PasswordOrder struct {
	Mode       PasswordMode
	Password   string // typed
	MustChange bool   // typed: it has to be changed at first use
}

// SignIn is how a contact signs in to the portal at present.
type SignIn struct {
	Allowed      bool // somebody has let the contact in
	HasPassword  bool
	MustChange   bool
	SecondFactor bool
}

// SignsIn lets contacts sign in from now on. Call it while the program is put together.
func (s *Service) SignsIn(people *identity.Service, mail *notify.Service) {
	s.people = people
	people.Register(access.KindContact, keeper{s})
	mail.Renews(notify.KeyContactInvitation, s.renew)
	mail.Renews(notify.KeyContactPassword, s.renew)
	mail.Renews(notify.KeyContactPasswordReset, s.renew)
}

func member(contactID int64) identity.Member {
	return identity.Member{Kind: access.KindContact, ID: contactID}
}

// keeper tells identity of the contacts.
type keeper struct{ s *Service }

// Person is a contact as signing in knows it.
func (k keeper) Person(ctx context.Context, q db.Q, contactID int64) (identity.Person, error) {
	c, err := load(ctx, q, contactID, "")
	if err != nil {
		return identity.Person{}, err
	}
	of, err := k.s.Customers.Load(access.With(ctx, access.Call{}), q, // whoever signs in is asked for by nobody in particular
		[]int64{c.Customer.ID})
	if err = errors.Join(err, missingCustomer(of)); err != nil {
		return identity.Person{}, err
	}
	p := identity.Person{Member: member(c.ID), Name: c.Name, Email: c.Email, Language: firstOf(c.Language, of[0].Language), Table: Table, CustomerID: of[0].ID, CustomerName: of[0].Name,
		Active: c.RemovedAt.IsZero() && of[0].Status.SignsIn(),
		Principal: access.Principal{Kind: access.KindContact, ID: c.ID, Name: c.Name, Role: access.Role(c.Role), Customer: of[0].ID,
			Permissions: access.PortalPermissions(string(c.Role))}}
	for _, text := range c.AllowedIPs {
		n, err := netip.ParsePrefix(text)
		if err != nil {
			continue // cannot be: they were checked when they were written
		}
		p.Networks = append(p.Networks, n)
	}
	if len(c.AllowedIPs) > 0 && len(p.Networks) == 0 {
		p.Active = false
	}
	if k.s.NeedsSecond != nil {
		p.NeedsSecond, err = k.s.NeedsSecond(ctx, c.Role)
	}
	return p, err
}

// MayGive is nil for whoever may change this contact and see all of it: in the portal the contact sees its own fields.
func (k keeper) MayGive(ctx context.Context, q db.Q, contactID int64) error {
	if err := access.Require(ctx, access.ContactWrite); err != nil {
		return err
	}
	if len(access.Masked(ctx)) > 0 {
		return errs.Forbidden(string(access.ContactWrite))
	}
	_, err := k.s.Get(ctx, contactID)
	return err
}

// SignInOf tells how a contact signs in.
func (s *Service) SignInOf(ctx context.Context, contactID int64) (SignIn, error) {
	if _, err := s.Get(ctx, contactID); err != nil {
		return SignIn{}, err
	}
	i, err := s.people.ByMember(ctx, s.DB.Read(), member(contactID))
	if errs.IsKind(err, errs.KindNotFound) {
		return SignIn{}, nil
	}
	return SignIn{Allowed: true, HasPassword: i.PasswordHash != "", MustChange: i.MustChange, SecondFactor: i.TOTP}, err
}

// GivePassword lets a contact sign in to the portal: by a link, or by a password that is made or typed for them. By hand
// it is given only by those who may act on everybody who signs in with this address.
func (s *Service) GivePassword(ctx context.Context, contactID int64, o PasswordOrder) error {
	if err := access.Require(ctx, access.ContactWrite); err != nil {
		return err
	}
	c, err := s.Get(ctx, contactID)
	if err != nil {
		return err
	}
	return s.givePassword(ctx, c, o)
}

func (s *Service) givePassword(ctx context.Context, c *Contact, o PasswordOrder) error {
	if err := s.checkOrder(ctx, &o, c); err != nil {
		return err
	}
	hash, err := s.hashed(ctx, o)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		c, k, err := s.hold(ctx, tx, c.ID, 0)
		if err != nil {
			return err
		}
		if !k.Status.SignsIn() {
			return errs.New(errs.KindConflict, "customer_inactive", "%s is not active: its contacts cannot sign in.", k.Name)
		}
		if c.Email == "" {
			return noAddress(c.Name)
		}
		i, err := s.people.Attach(ctx, tx, member(c.ID), c.Email)
		if err != nil {
			return err
		}
		return s.give(ctx, tx, i, c, o, hash)
	})
}

func noAddress(name string) error {
	return errs.New(errs.KindConflict, "no_email", "%s has no e-mail address to sign in with.", name)
}

func (s *Service) checkOrder(ctx context.Context, o *PasswordOrder, c *Contact) error {
	var wrong errs.Fields
	switch o.Mode {
	case "", PasswordLink:
		o.Mode = PasswordLink
		return s.people.CanMail()
	case PasswordGenerated:
		o.Password, o.MustChange = identity.Generate(), true
		return s.people.CanMail()
	case PasswordTyped:
		if err := s.people.CheckPassword(ctx, &wrong, "password", o.Password, c.Email, c.Name, c.Customer.Name); err != nil {
			return err
		}
	default:
		wrong.Add("mode", "unknown_choice", "The mode is one of link, generated, typed.")
	}
	return wrong.Err()
}

func (s *Service) hashed(ctx context.Context, o PasswordOrder) (string, error) {
	if o.Mode == PasswordLink {
		return "", nil
	}
	return s.people.Hash(ctx, o.Password)
}

// give does what was ordered for a contact that is held.
func (s *Service) give(ctx context.Context, tx *db.Tx, i identity.Identity, c *Contact, o PasswordOrder, hash string) error {
	d, err := s.people.Door(ctx, tx, member(c.ID))
	if err != nil {
		return err
	}
	if o.Mode == PasswordLink {
		token, expires, err := s.people.Link(ctx, tx, i, identity.LinkLife)
		if err != nil {
			return err
		}
		if err := s.people.Send(ctx, tx, s.people.LinkMail(notify.KeyContactInvitation, d, token, expires)); err != nil {
			return err
		}
		return s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionUpdate, Table: Table, RowID: c.ID, RowName: c.rowName(),
			Message: "One-time link to set a password mailed", Changes: []audit.Change{audit.Secret("password_link")}})
	}
	if err := s.people.MayGive(ctx, tx, i); err != nil {
		return err
	}
	gift := identity.Gift{Given: true, MustChange: o.MustChange}
	message := "Password typed by staff"
	if o.Mode == PasswordGenerated {
		gift.Until = s.Clock.Now().Add(identity.LinkLife)
		message = "Password generated and mailed"
		if err := s.people.Send(ctx, tx, s.people.PasswordMail(d, o.Password, gift.Until)); err != nil {
			return err
		}
	}
	return s.people.Save(ctx, tx, i, hash, gift, message)
}

// renew writes a mail with a secret anew, with another one: for whoever may give this contact one.
func (s *Service) renew(ctx context.Context, tx *db.Tx, e notify.Email) (notify.Message, error) {
	if err := access.Require(ctx, access.ContactWrite); err != nil {
		return notify.Message{}, err
	}
	d, err := s.addressed(ctx, tx, e)
	if err != nil {
		return notify.Message{}, err
	}
	if e.Key == notify.KeyContactPassword {
		if err := s.people.MayGive(ctx, tx, d.Identity); err != nil {
			return notify.Message{}, err
		}
		word := identity.Generate()
		hash, err := s.people.Hash(ctx, word)
		if err != nil {
			return notify.Message{}, err
		}
		until := s.Clock.Now().Add(identity.LinkLife)
		err = s.people.Save(ctx, tx, d.Identity, hash, identity.Gift{Given: true, MustChange: true, Until: until}, "Password generated and mailed")
		return s.people.PasswordMail(d, word, until), err
	}
	life := identity.LinkLife
	if e.Key == notify.KeyContactPasswordReset {
		life = identity.ResetLife
	}
	token, expires, err := s.people.Link(ctx, tx, d.Identity, life)
	return s.people.LinkMail(e.Key, d, token, expires), err
}

// addressed is the contact that a mail went to, if it is let in still.
func (s *Service) addressed(ctx context.Context, tx *db.Tx, e notify.Email) (identity.Door, error) {
	gone := errs.New(errs.KindConflict, "contact_gone", "The contact whom this e-mail went to cannot sign in any more.")
	i, err := s.people.ByEmail(ctx, e.To)
	if errs.IsKind(err, errs.KindNotFound) {
		return identity.Door{}, gone
	}
	if err != nil {
		return identity.Door{}, err
	}
	doors, err := s.people.Doors(ctx, tx, i)
	if err != nil {
		return identity.Door{}, err
	}
	for _, d := range doors {
		if d.Person.Kind == access.KindContact && d.CustomerID == e.CustomerID {
			_, err := s.Get(ctx, d.Person.ID)
			return d, err
		}
	}
	return identity.Door{}, gone
}

// signedOut follows a change of the contact: one that was removed or has another address is let in no more.
func (s *Service) signedOut(ctx context.Context, tx *db.Tx, before, after *Contact) error {
	if s.people == nil || after.RemovedAt.IsZero() && identity.Key(before.Email) == identity.Key(after.Email) {
		return nil
	}
	return s.people.Detach(ctx, tx, member(after.ID))
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// ResetSecond takes a contact's second factors away when they have lost them; everything that they have signed in to ends.
func (s *Service) ResetSecond(ctx context.Context, contactID int64) error {
	if err := access.Require(ctx, access.ContactWrite); err != nil {
		return err
	}
	if _, err := s.Get(ctx, contactID); err != nil {
		return err
	}
	return s.people.ResetSecond(ctx, member(contactID))
}
