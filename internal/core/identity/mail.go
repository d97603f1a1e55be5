package identity

import (
	"context"
	"net/url"
	"strings"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/notify"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/secret"
)

// Mails gives people mails from now on. Call it while the program is put together.
func (s *Service) Mails(n *notify.Service) { s.mail = n }

// CanMail is nil when mails leave the house.
func (s *Service) CanMail() error {
	if s.mail == nil {
		return errs.New(errs.KindConflict, "no_mail_server", "No mail server is set.")
	}
	return s.mail.NeedServer()
}

// Message is a mail to a person by whom it stands in the history.
func (d *Door) message(key string) notify.Message {
	m := notify.Message{Key: key, To: d.Identity.Email, Language: d.Language, CustomerID: d.CustomerID, Vars: map[string]string{"name": d.Name}, Pages: map[string]string{}, Times: map[string]time.Time{}}
	if d.Kind == access.KindStaff {
		m.StaffID = d.Person.ID
	}
	return m
}

// LinkMail is a mail with a link to set the password.
func (s *Service) LinkMail(key string, d Door, token string, expires time.Time) notify.Message {
	m := d.message(key)
	m.GiveUp, m.Times["expires"] = expires, expires
	m.Pages["link"] = "/set-password?token=" + url.QueryEscape(token)
	return m
}

// PasswordMail is a mail with a password that was made for the person.
func (s *Service) PasswordMail(d Door, password string, expires time.Time) notify.Message {
	m := d.message(notify.KeyContactPassword)
	m.GiveUp, m.Times["expires"] = expires, expires
	m.Vars["password"], m.Pages["page"] = password, "/sign-in"
	return m
}

// Send queues a mail in the transaction of its cause.
func (s *Service) Send(ctx context.Context, tx *db.Tx, m notify.Message) error {
	_, err := s.mail.Send(ctx, tx, m)
	return err
}

// byKind is the template for staff or for contacts.
func byKind(d Door, staff, contact string) string {
	if d.Kind == access.KindStaff {
		return staff
	}
	return contact
}

// Forgot mails whoever has this address a link to set a password; nobody else anything. Links they have go on working:
// a stranger who knows the address cannot end them.
func (s *Service) Forgot(ctx context.Context, email string) error {
	if err := s.CanMail(); err != nil {
		return err
	}
	call := access.From(ctx)
	call.Principal = access.System("sign-in page")
	ctx = access.With(ctx, call)
	found, err := s.ByEmail(ctx, email)
	if errs.IsKind(err, errs.KindNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		i, err := locked(ctx, tx, found.ID)
		if errs.IsKind(err, errs.KindNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		doors, err := s.Doors(ctx, tx, i)
		if err != nil || len(doors) == 0 {
			return err
		}
		token, expires, err := s.Link(ctx, tx, i, ResetLife)
		if err != nil {
			return err
		}
		key := byKind(doors[0], notify.KeyStaffPasswordReset, notify.KeyContactPasswordReset)
		if err := s.Send(ctx, tx, s.LinkMail(key, doors[0], token, expires)); err != nil {
			return err
		}
		return s.record(ctx, tx, doors, "One-time link to set a password asked for at the sign-in page", audit.Secret("password_link"))
	})
}

// tellChanged mails a person that their password is another one now, so that they hear of it when it was not they. A
// first password is no change.
func (s *Service) tellChanged(ctx context.Context, tx *db.Tx, doors []Door) error {
	if s.mail == nil || len(doors) == 0 {
		return nil
	}
	m := doors[0].message(byKind(doors[0], notify.KeyStaffPasswordChanged, notify.KeyContactPasswordChanged))
	m.Times["time"] = s.Clock.Now()
	return s.Send(ctx, tx, m)
}

// readable is the letters of passwords that are made for people: none that is taken for another.
const readable = "abcdefghjkmnpqrstuvwxyz23456789"

// Generate is a password that can be read and typed: 16 letters in groups of four, with 79 random bits.
func Generate() string {
	var b strings.Builder
	for bytes := secret.Digest(secret.Token()); b.Len() < 19; bytes = bytes[1:] {
		if len(bytes) == 1 {
			bytes = secret.Digest(secret.Token())
		}
		if int(bytes[0]) >= 256-256%len(readable) { // so that none comes more often than others
			continue
		}
		if b.Len()%5 == 4 {
			b.WriteByte('-')
		}
		b.WriteByte(readable[int(bytes[0])%len(readable)])
	}
	return b.String()
}
