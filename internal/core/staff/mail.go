package staff

import (
	"context"

	"tandem/internal/core/access"
	"tandem/internal/core/identity"
	"tandem/internal/core/notify"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// Mails gives people invitations by mail from now on. Call it while the program is put together.
func (s *Service) Mails(n *notify.Service) {
	s.mail = n
	n.Renews(notify.KeyStaffInvitation, s.renew)
	n.Renews(notify.KeyStaffPasswordReset, s.renew)
}

// needMail is nil when a link can be mailed.
func (s *Service) needMail() error {
	if s.mail == nil {
		return errs.New(errs.KindConflict, "no_mail_server", "No mail server is set.")
	}
	return s.mail.NeedServer()
}

// Invite mails a person a link by which they set a password; older links end.
func (s *Service) Invite(ctx context.Context, staffID int64) error {
	if err := access.Require(ctx, access.StaffWrite); err != nil {
		return err
	}
	if err := s.needMail(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		a, err := s.open(ctx, tx, staffID, 0)
		if err != nil {
			return err
		}
		return s.invite(ctx, tx, a)
	})
}

func (s *Service) invite(ctx context.Context, tx *db.Tx, a Account) error {
	m, err := s.linkMail(ctx, tx, notify.KeyStaffInvitation, a)
	if err != nil {
		return err
	}
	_, err = s.mail.Send(ctx, tx, m)
	return err
}

func (s *Service) linkMail(ctx context.Context, tx *db.Tx, key string, a Account) (notify.Message, error) {
	token, expires, err := s.link(ctx, tx, a, "One-time link to set a password mailed")
	if err != nil {
		return notify.Message{}, err
	}
	d := identity.Door{Identity: identity.Identity{Email: a.Email}, Person: identity.Person{Member: member(a.ID), Name: a.Name}}
	return s.people.LinkMail(key, d, token, expires), nil
}

// renew writes a mail with a link anew: for whoever may give that person a link.
func (s *Service) renew(ctx context.Context, tx *db.Tx, e notify.Email) (notify.Message, error) {
	if err := access.Require(ctx, access.StaffWrite); err != nil {
		return notify.Message{}, err
	}
	a, err := s.open(ctx, tx, e.StaffID, 0)
	if err != nil {
		return notify.Message{}, err
	}
	return s.linkMail(ctx, tx, e.Key, a)
}
