package contact

import (
	"context"
	"fmt"
	"slices"

	"tandem/internal/core/access"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/list"
)

// What contacts themselves may do with their own customer's contacts, in the portal. Whose ID is another customer's is
// answered like one that is not there, and private notes never come along.

// Own is the contact who asks.
func (s *Service) Own(ctx context.Context) (*Contact, error) {
	if err := access.Require(ctx, access.PortalView); err != nil {
		return nil, err
	}
	return s.ours(ctx, access.From(ctx).Principal.ID)
}

// ours is a contact of the caller's customer that was not removed.
func (s *Service) ours(ctx context.Context, contactID int64) (*Contact, error) {
	c, err := load(ctx, s.DB.Read(), contactID, "")
	if err != nil {
		return nil, err
	}
	if of := access.From(ctx).Principal.Customer; of == 0 || c.Customer.ID != of || !c.RemovedAt.IsZero() {
		return nil, errs.NotFound("contact")
	}
	c.PrivateNotes = ""
	c.hide(access.From(ctx).Principal)
	return c, nil
}

// UpdateOwn changes what a contact may change of themselves: name, telephone numbers and language. The rest of the patch
// is left out.
func (s *Service) UpdateOwn(ctx context.Context, version int64, p Patch) (*Contact, error) {
	if err := access.Require(ctx, access.PortalProfile); err != nil {
		return nil, err
	}
	c, err := s.ours(ctx, access.From(ctx).Principal.ID)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, c.ID, version, Patch{Name: p.Name, Phone: p.Phone, Mobile: p.Mobile, Language: p.Language}, nil)
}

// Ours is one page of the contacts of the caller's customer.
func (s *Service) Ours(ctx context.Context, q list.Query) ([]*Contact, list.Page, error) {
	if err := access.Require(ctx, access.PortalContacts); err != nil {
		return nil, list.Page{}, err
	}
	q.Filter = ""
	return s.of(ctx, access.From(ctx).Principal.Customer, q)
}

// GetOurs is one contact of the caller's customer.
func (s *Service) GetOurs(ctx context.Context, contactID int64) (*Contact, error) {
	if err := access.Require(ctx, access.PortalContacts); err != nil {
		return nil, err
	}
	return s.ours(ctx, contactID)
}

// portalPatch is what an owner may write of a contact of their customer.
func portalPatch(p Patch) Patch {
	return Patch{Name: p.Name, Email: p.Email, Type: p.Type, Role: p.Role, Phone: p.Phone, Mobile: p.Mobile, Language: p.Language}
}

// CreateOurs adds a contact to the caller's customer.
func (s *Service) CreateOurs(ctx context.Context, p Patch) (*Contact, error) {
	if err := access.Require(ctx, access.PortalManage); err != nil {
		return nil, err
	}
	if err := notAbove(ctx, p.Role); err != nil {
		return nil, err
	}
	return s.create(ctx, access.From(ctx).Principal.Customer, portalPatch(p))
}

// UpdateOurs changes a contact of the caller's customer. The last owner stays one, and nobody takes themselves the address
// that they sign in with.
func (s *Service) UpdateOurs(ctx context.Context, contactID, version int64, p Patch) (*Contact, error) {
	if err := access.Require(ctx, access.PortalManage); err != nil {
		return nil, err
	}
	if _, err := s.ours(ctx, contactID); err != nil {
		return nil, err
	}
	if err := notAbove(ctx, p.Role); err != nil {
		return nil, err
	}
	return s.change(ctx, contactID, version, portalPatch(p), s.keepOwner)
}

// DeleteOurs removes a contact of the caller's customer, but not its last owner.
func (s *Service) DeleteOurs(ctx context.Context, contactID, version int64) error {
	if err := access.Require(ctx, access.PortalManage); err != nil {
		return err
	}
	if _, err := s.ours(ctx, contactID); err != nil {
		return err
	}
	return s.remove(ctx, contactID, version, s.keepOwner)
}

// InviteOurs mails a contact of the caller's customer a one-time link to set a password and sign in.
func (s *Service) InviteOurs(ctx context.Context, contactID int64) error {
	if err := access.Require(ctx, access.PortalManage); err != nil {
		return err
	}
	c, err := s.ours(ctx, contactID)
	if err != nil {
		return err
	}
	return s.givePassword(ctx, c, PasswordOrder{Mode: PasswordLink})
}

// notAbove refuses a role that is mightier than the caller's own.
func notAbove(ctx context.Context, role *string) error {
	if role == nil {
		return nil
	}
	given, own := slices.Index(Roles(), Role(*role)), slices.Index(Roles(), Role(access.From(ctx).Principal.Role))
	if given >= 0 && (own < 0 || given < own) {
		var wrong errs.Fields
		wrong.Add("role", "above_own", "Nobody gives a role that is above their own.")
		return wrong.Err()
	}
	return nil
}

// keepOwner is the guard of what owners do to the contacts of their customer.
func (s *Service) keepOwner(ctx context.Context, tx *db.Tx, before, after *Contact) error {
	if after.ID == access.From(ctx).Principal.ID && fold.Key(before.Email) != fold.Key(after.Email) {
		var wrong errs.Fields
		wrong.Add("email", "own_email", "This is the address that you sign in with: ask us, or another owner, to change it.")
		return wrong.Err()
	}
	if before.Role != RoleOwner || after.Role == RoleOwner && after.RemovedAt.IsZero() {
		return nil
	}
	var others int64
	if err := tx.GetContext(ctx, &others, sqlOwners, before.Customer.ID, before.ID); err != nil {
		return fmt.Errorf("count the owners: %w", err)
	}
	if others == 0 {
		return errs.New(errs.KindConflict, "last_owner", "%s is the only owner: make somebody else an owner first.", before.Name)
	}
	return nil
}

// InPortal is as whom a contact acts in the portal, and whether they may come in at all. It asks for no permission: the
// caller has.
func (s *Service) InPortal(ctx context.Context, contactID int64) (access.Principal, bool, error) {
	p, err := keeper{s}.Person(ctx, s.DB.Read(), contactID)
	return p.Principal, p.Active, err
}
