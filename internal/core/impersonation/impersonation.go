package impersonation

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/secret"
)

const (
	// linkLife is how long a link may be used.
	linkLife = time.Minute
	// life is how long it goes on at most.
	life = time.Hour

	maxReason = 500
	table     = "contacts" // of the audit: it is the contact's row that this is about
	// recorded is the reason where none is asked for and none was given.
	recorded = "Not given"
)

// Person is a contact as staff come in as them.
type Person struct {
	Principal access.Principal // with everything that the contact may do
	Name      string
	Customer  string // the customer's name
	RowName   string // in the audit
}

// Options is what the service is made of.
type Options struct {
	DB    *db.DB
	Clock clock.Clock
	IDs   *id.Source
	Audit *audit.Log
	// Staff is the principal of a session whose digest is given, as it may act now; unauthorized when it ended.
	Staff func(ctx context.Context, session []byte) (access.Principal, error)
	// Contact is a contact that the context's caller may see, and who may come into the portal now; not found, or a
	// conflict that says why not.
	Contact func(ctx context.Context, contactID int64) (Person, error)
	// ReasonTyped tells whether a reason has to be given.
	ReasonTyped func(ctx context.Context) (bool, error)
}

// Service is the use cases. Safe for concurrent use.
type Service struct{ Options }

// New gives the service.
func New(o Options) *Service { return &Service{o} }

// Link opens the portal once.
type Link struct {
	Token string
	Until time.Time
}

// Begin makes a link to the portal as a contact, to be used in the browser with this session.
func (s *Service) Begin(ctx context.Context, session []byte, contactID int64, reason string) (Link, error) {
	if err := access.Require(ctx, access.ContactImpersonate); err != nil {
		return Link{}, err
	}
	staff := access.From(ctx).Principal
	if staff.Kind != access.KindStaff || len(session) == 0 {
		return Link{}, errs.New(errs.KindForbidden, "session_only", "Only who is signed in with a browser may do this.")
	}
	p, err := s.Contact(ctx, contactID)
	if err != nil {
		return Link{}, err
	}
	if reason, err = s.reason(ctx, reason); err != nil {
		return Link{}, err
	}
	out := Link{Token: secret.Link(), Until: s.Clock.Now().Add(linkLife)}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, sqlInsert, s.IDs.Next(), staff.ID, staff.Name, session, contactID, p.RowName, p.Principal.Customer, reason,
			secret.Digest(out.Token), clock.Micros(out.Until))
		if err != nil {
			return fmt.Errorf("keep the link to the portal: %w", err)
		}
		return s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionUpdate, Table: table, RowID: contactID, RowName: p.RowName,
			Message: "Link to the portal made for staff", Changes: []audit.Change{{Field: "reason", New: reason}, audit.Secret("portal_link")}})
	})
	return out, err
}

func (s *Service) reason(ctx context.Context, text string) (string, error) {
	text = strings.Join(strings.Fields(text), " ")
	typed, err := s.ReasonTyped(ctx)
	if err != nil {
		return "", err
	}
	var wrong errs.Fields
	switch {
	case text == "" && typed:
		wrong.Add("reason", "required", "Say why: it is kept in the audit log.")
	case utf8.RuneCountInString(text) > maxReason:
		wrong.Add("reason", "too_long", "It has at most %d characters.", maxReason)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		wrong.Add("reason", "bad_text", "It is one line of text.")
	case text == "":
		text = recorded
	}
	return text, wrong.Err()
}

// Started is a staff user in the portal. The token is known to nobody else and is not kept.
type Started struct {
	Token string
	Until time.Time
}

func badLink() error {
	return errs.New(errs.KindInvalid, "bad_link", "This link was used, has expired, or belongs to another browser.")
}

// Enter uses a link in the browser with this session. before is the token of what this browser was in already, and is
// left by this; empty: nothing.
func (s *Service) Enter(ctx context.Context, session []byte, link, before string) (Started, error) {
	if err := access.Require(ctx, access.ContactImpersonate); err != nil {
		return Started{}, err
	}
	var r row
	err := s.DB.Read().GetContext(ctx, &r, sqlLink, secret.Digest(link))
	if errors.Is(err, sql.ErrNoRows) {
		return Started{}, badLink()
	}
	if err != nil {
		return Started{}, fmt.Errorf("read the link to the portal: %w", err)
	}
	now := s.Clock.Now()
	caller := access.From(ctx).Principal
	if caller.Kind != access.KindStaff || caller.ID != r.StaffID || subtle.ConstantTimeCompare(session, r.StaffSession) != 1 || clock.Micros(now) >= r.LinkUntil {
		return Started{}, badLink()
	}
	p, err := s.Contact(ctx, r.ContactID)
	if err != nil {
		return Started{}, err
	}
	if before != "" {
		if err := s.Leave(ctx, before, "another contact's portal was opened"); err != nil {
			return Started{}, err
		}
	}
	out := Started{Token: secret.Token(), Until: now.Add(life)}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := exec(ctx, tx, "use the link to the portal", sqlStart, secret.Digest(out.Token), clock.Micros(now), clock.Micros(out.Until), r.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return badLink()
		}
		return s.note(ctx, tx, &r, p.RowName, audit.ActionLogin, "Portal opened by staff", audit.Change{Field: "reason", New: r.Reason})
	})
	return out, err
}

// note writes down what a staff user does on behalf of a contact.
func (s *Service) note(ctx context.Context, tx *db.Tx, r *row, rowName string, action audit.Action, message string, changes ...audit.Change) error {
	call := access.From(ctx)
	call.OnBehalfOf, call.Once, call.Impersonator = rowName, nil, nil
	return s.Audit.Record(access.With(ctx, call), tx, audit.Entry{Action: action, Table: table, RowID: r.ContactID, RowName: rowName, Message: message, Changes: changes})
}

// Inside is a staff user in the portal, as they may act now.
type Inside struct {
	Contact    access.Principal // with what they may do
	Staff      access.Principal
	OnBehalfOf string
	Reason     string
	Until      time.Time
	ReadOnly   bool
}

func ended() error { return errs.New(errs.KindUnauthorized, "not_signed_in", "Sign in first.") }

// reading is what somebody may do who only looks.
func reading(all []access.Permission) []access.Permission {
	return slices.DeleteFunc(slices.Clone(all), func(p access.Permission) bool { return p == access.PortalProfile || p == access.PortalManage })
}

// Find is who is in the portal with this token; unauthorized when nobody is, or no longer.
func (s *Service) Find(ctx context.Context, token string) (Inside, error) {
	r, err := s.byToken(ctx, token)
	if err != nil {
		return Inside{}, err
	}
	return s.inside(ctx, r)
}

func (s *Service) byToken(ctx context.Context, token string) (*row, error) {
	var r row
	err := s.DB.Read().GetContext(ctx, &r, sqlToken, secret.Digest(token))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ended()
	}
	if err != nil {
		return nil, fmt.Errorf("read who is in the portal: %w", err)
	}
	return &r, nil
}

// inside asks whether it still goes on, of everything that it hangs on.
func (s *Service) inside(ctx context.Context, r *row) (Inside, error) {
	if r.EndedAt != 0 || clock.Micros(s.Clock.Now()) >= r.ExpiresAt {
		return Inside{}, ended()
	}
	staff, err := s.Staff(ctx, r.StaffSession)
	if err != nil {
		return Inside{}, err
	}
	if staff.Kind != access.KindStaff || staff.ID != r.StaffID || staff.Must != "" || !staff.May(access.ContactImpersonate) {
		return Inside{}, ended()
	}
	call := access.From(ctx)
	call.Principal = staff
	p, err := s.Contact(access.With(ctx, call), r.ContactID)
	if errs.IsKind(err, errs.KindNotFound) || errs.IsKind(err, errs.KindConflict) || errs.IsKind(err, errs.KindForbidden) {
		return Inside{}, ended()
	}
	if err != nil {
		return Inside{}, err
	}
	out := Inside{Contact: p.Principal, Staff: staff, OnBehalfOf: p.RowName, Reason: r.Reason, Until: clock.Time(r.ExpiresAt),
		ReadOnly: !staff.May(access.ContactImpersonateWrite)}
	out.Contact.Must, out.Contact.Masks = "", staff.Masks
	if out.ReadOnly {
		out.Contact.Permissions = reading(out.Contact.Permissions)
	}
	return out, nil
}

// Leave ends what goes on with this token. What has ended, or never was, is left already.
func (s *Service) Leave(ctx context.Context, token, why string) error {
	r, err := s.byToken(ctx, token)
	if errs.IsKind(err, errs.KindUnauthorized) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.end(ctx, r, access.Principal{Kind: access.KindStaff, ID: r.StaffID, Name: r.StaffName}, why)
}

func (s *Service) end(ctx context.Context, r *row, who access.Principal, why string) error {
	call := access.From(ctx)
	call.Principal = who
	ctx = access.With(ctx, call)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := exec(ctx, tx, "leave the portal", sqlEnd, clock.Micros(s.Clock.Now()), why, r.ID)
		if err != nil || n == 0 || r.StartedAt == 0 {
			return err
		}
		return s.note(ctx, tx, r, r.ContactName, audit.ActionUpdate, "Portal left by staff", audit.Change{Field: "ended_why", New: why})
	})
}

// Purge notes the end of what has ended by itself, and forgets links that nobody used and what ended before then.
func (s *Service) Purge(ctx context.Context, before time.Time) error {
	var open []*row
	if err := s.DB.Read().SelectContext(ctx, &open, sqlOpen); err != nil {
		return fmt.Errorf("look who is in the portal: %w", err)
	}
	for _, r := range open {
		_, err := s.inside(ctx, r)
		if err == nil {
			continue
		}
		if !errs.IsKind(err, errs.KindUnauthorized) {
			return err
		}
		why := "the session, the permission, or the contact's access ended"
		if clock.Micros(s.Clock.Now()) >= r.ExpiresAt {
			why = "the time was over"
		}
		if err := s.end(ctx, r, access.System("portal"), why); err != nil {
			return err
		}
	}
	now := clock.Micros(s.Clock.Now())
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := exec(ctx, tx, "forget links to the portal", sqlUnused, now); err != nil {
			return err
		}
		_, err := exec(ctx, tx, "forget who was in the portal", sqlForget, clock.Micros(before))
		return err
	})
}

func exec(ctx context.Context, tx *db.Tx, what, query string, args ...any) (int64, error) {
	result, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	return n, nil
}
