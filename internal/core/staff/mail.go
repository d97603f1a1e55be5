package staff

import (
	"context"
	"net/url"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/notify"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// ResetLife is how long a link works that was asked for at the sign-in page.
const ResetLife = time.Hour

// Mails gives people mails from now on, with links that begin with publicURL. Call it while the program is put together.
func (s *Service) Mails(n *notify.Service, publicURL string) {
	s.mail, s.url = n, publicURL
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

func (s *Service) linkMail(key string, a Account, token string, expires time.Time) notify.Message {
	return notify.Message{Key: key, To: a.Email, StaffID: a.ID, GiveUp: expires, Times: map[string]time.Time{"expires": expires},
		Vars: map[string]string{"name": a.Name, "link": s.url + "/set-password?token=" + url.QueryEscape(token)}}
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
	m, err := s.invitation(ctx, tx, a)
	if err != nil {
		return err
	}
	_, err = s.mail.Send(ctx, tx, m)
	return err
}

func (s *Service) invitation(ctx context.Context, tx *db.Tx, a Account) (notify.Message, error) {
	if _, err := exec(ctx, tx, "end older links", sqlDropLinks, a.ID); err != nil {
		return notify.Message{}, err
	}
	token, expires, err := s.link(ctx, tx, a, LinkLife, "One-time link to set a password mailed")
	return s.linkMail(notify.KeyStaffInvitation, a, token, expires), err
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
	if e.Key == notify.KeyStaffInvitation {
		return s.invitation(ctx, tx, a)
	}
	token, expires, err := s.link(ctx, tx, a, ResetLife, "One-time link to set a password mailed")
	return s.linkMail(e.Key, a, token, expires), err
}

// CanMail is nil when mails leave the house.
func (s *Service) CanMail() error { return s.needMail() }

// Forgot mails whoever has this address a link to set a password; nobody else anything. Links they have go on working:
// a stranger who knows the address cannot end them.
func (s *Service) Forgot(ctx context.Context, email string) error {
	if err := s.needMail(); err != nil {
		return err
	}
	call := access.From(ctx)
	call.Principal = access.System("sign-in page")
	ctx = access.With(ctx, call)
	found, err := s.AccountByEmail(ctx, email)
	if errs.IsKind(err, errs.KindNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		a, err := locked(ctx, tx, found.ID)
		if errs.IsKind(err, errs.KindNotFound) || err == nil && a.Status != StatusActive {
			return nil
		}
		if err != nil {
			return err
		}
		token, expires, err := s.link(ctx, tx, a, ResetLife, "One-time link to set a password asked for at the sign-in page")
		if err != nil {
			return err
		}
		_, err = s.mail.Send(ctx, tx, s.linkMail(notify.KeyStaffPasswordReset, a, token, expires))
		return err
	})
}

// tellChanged mails a person that their password is another one now, so that they hear of it when it was not they. A
// first password is no change.
func (s *Service) tellChanged(ctx context.Context, tx *db.Tx, a Account) error {
	if s.mail == nil || !a.HasPassword {
		return nil
	}
	_, err := s.mail.Send(ctx, tx, notify.Message{Key: notify.KeyStaffPasswordChanged, To: a.Email, StaffID: a.ID,
		Vars: map[string]string{"name": a.Name}, Times: map[string]time.Time{"time": s.clock.Now()}})
	return err
}
