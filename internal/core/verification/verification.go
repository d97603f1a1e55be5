package verification

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/contact"
	"tandem/internal/core/notify"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/secret"
)

// How long a code works, how often it may be guessed at, and how many are sent.
const (
	Life       = 15 * time.Minute
	MostWrong  = 5
	CoolDown   = time.Minute
	perContact = 10 // in a day
	perAddress = 5  // in a day
	day        = 24 * time.Hour
)

// Options is what the service is made of.
type Options struct {
	DB       *db.DB
	Clock    clock.Clock
	IDs      *id.Source
	Audit    *audit.Log
	Box      *secret.Box
	Contacts *contact.Service
	Mail     *notify.Service
}

// Service is the use cases. Safe for concurrent use.
type Service struct{ Options }

// New gives the service. Messages with codes are from then on sent again with another code.
func New(o Options) *Service {
	s := &Service{o}
	o.Mail.Renews(notify.KeyVerifyEmail, s.renew)
	o.Mail.Renews(notify.KeyVerifyMobile, s.renew)
	return s
}

// State is how far a contact has come with one of their addresses.
type State struct {
	Address  contact.Address
	Value    string // empty: they have none
	Verified bool
	Offered  bool // a code can be sent there
	Pending  bool // a code was sent there that works still
	Expires  time.Time
	Left     int64     // how many more wrong tries it bears
	Next     time.Time // when another code can be sent; zero: now
}

// Own is how far the contact who asks has come.
func (s *Service) Own(ctx context.Context) ([]State, error) {
	me, err := s.Contacts.Own(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]State, 0, len(contact.Addresses()))
	for _, a := range contact.Addresses() {
		one, err := s.state(ctx, s.DB.Read(), me, a)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func (s *Service) state(ctx context.Context, q db.Q, c *contact.Contact, a contact.Address) (State, error) {
	out := State{Address: a}
	out.Value, out.Verified = a.Value(c)
	err := s.reaches(ctx, a)
	if _, refused := errs.As(err); err != nil && !refused {
		return out, err
	}
	out.Offered = err == nil && out.Value != "" && !out.Verified
	last, err := latest(ctx, q, c.ID, a)
	if err != nil || out.Value == "" {
		return out, err
	}
	now := s.Clock.Now()
	if !out.Verified && last.works(c, now) {
		out.Pending, out.Expires, out.Left = true, last.expiry, MostWrong-last.wrong
	}
	out.Next, err = s.next(ctx, q, c, a, last, now)
	return out, err
}

// works tells whether a code may still be entered.
func (c *code) works(of *contact.Contact, now time.Time) bool {
	if c == nil {
		return false
	}
	value, _ := c.address.Value(of)
	return c.usedAt.IsZero() && now.Before(c.expiry) && c.wrong < MostWrong && c.key == c.address.Key(value)
}

// reaches is nil when messages to such an address leave the house.
func (s *Service) reaches(ctx context.Context, a contact.Address) error {
	if a == contact.AddressMobile {
		return s.Mail.NeedGateway(ctx)
	}
	return s.Mail.NeedServer()
}

// next is when another code may go to an address of a contact; the zero time: now.
func (s *Service) next(ctx context.Context, q db.Q, c *contact.Contact, a contact.Address, last *code, now time.Time) (time.Time, error) {
	value, _ := a.Value(c)
	var out time.Time
	if last != nil && last.key == a.Key(value) {
		out = last.createdAt.Add(CoolDown)
	}
	for _, limit := range []struct {
		query string
		key   any
		most  int64
	}{{sqlOfContact, c.ID, perContact}, {sqlOfValue, a.Key(value), perAddress}} {
		at, err := full(ctx, q, limit.query, limit.key, limit.most, now)
		if err != nil {
			return out, err
		}
		if at.After(out) {
			out = at
		}
	}
	if !out.After(now) {
		out = time.Time{}
	}
	return out, nil
}

func known(a contact.Address) error {
	var wrong errs.Fields
	if !slices.Contains(contact.Addresses(), a) {
		wrong.Add("address", "unknown_choice", "The address is email or mobile.")
	}
	return wrong.Err()
}

// Start sends the contact who asks a code to one of their addresses.
func (s *Service) Start(ctx context.Context, a contact.Address) (State, error) {
	if err := access.Require(ctx, access.PortalProfile); err != nil {
		return State{}, err
	}
	return s.start(ctx, access.From(ctx).Principal.ID, a)
}

// StartFor sends a contact a code, which they enter in the portal.
func (s *Service) StartFor(ctx context.Context, contactID int64, a contact.Address) (State, error) {
	if err := access.Require(ctx, access.ContactWrite); err != nil {
		return State{}, err
	}
	return s.start(ctx, contactID, a)
}

func (s *Service) start(ctx context.Context, contactID int64, a contact.Address) (State, error) {
	if err := known(a); err != nil {
		return State{}, err
	}
	if err := s.reaches(ctx, a); err != nil {
		return State{}, err
	}
	var out State
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		c, message, err := s.issue(ctx, tx, contactID, a)
		if err != nil {
			return err
		}
		if _, err := s.Mail.Send(ctx, tx, message); err != nil {
			return err
		}
		out, err = s.state(ctx, tx, c, a)
		return err
	})
	return out, err
}

// issue makes a code for a contact, and the message that brings it.
func (s *Service) issue(ctx context.Context, tx *db.Tx, contactID int64, a contact.Address) (*contact.Contact, notify.Message, error) {
	none := notify.Message{}
	c, language, err := s.Contacts.Held(ctx, tx, contactID)
	if err != nil {
		return nil, none, err
	}
	value, verified := a.Value(c)
	switch {
	case value == "":
		return nil, none, errs.New(errs.KindConflict, "no_address", "There is no address that a code could go to.")
	case verified:
		return nil, none, errs.New(errs.KindConflict, "already_verified", "This address was verified already.")
	}
	now, key := s.Clock.Now(), a.Key(value)
	if err := exec(ctx, tx, "hold the address", sqlHold, key, clock.Micros(now)); err != nil { // others may have it too
		return nil, none, err
	}
	last, err := latest(ctx, tx, c.ID, a)
	if err != nil {
		return nil, none, err
	}
	if next, err := s.next(ctx, tx, c, a, last, now); err != nil || !next.IsZero() {
		return nil, none, errors.Join(err, tooMany(next, now))
	}
	codeID, word, expires := s.IDs.Next(), secret.Code(), now.Add(Life)
	if err := exec(ctx, tx, "keep the code", sqlInsert, codeID, c.ID, string(a), key, s.digest(codeID, word), int64(0), clock.Micros(now), clock.Micros(expires)); err != nil {
		return nil, none, err
	}
	m := notify.Message{Key: notify.KeyVerifyEmail, Language: language, To: value, CustomerID: c.Customer.ID, GiveUp: expires,
		Sent: func(ctx context.Context, tx *db.Tx, emailID int64) error {
			return exec(ctx, tx, "note the message of the code", sqlSentWith, emailID, codeID)
		},
		Vars:  map[string]string{"name": c.Name, "code": word},
		Pages: map[string]string{"link": "/portal/profile#verify=" + url.QueryEscape(string(a)) + "&code=" + word},
		Times: map[string]time.Time{"expires": expires}}
	if a == contact.AddressMobile {
		m.Key = notify.KeyVerifyMobile
	}
	return c, m, s.Audit.Record(ctx, tx, contact.RecordOf(c, "Verification code sent", audit.Change{Field: "to", New: value}))
}

func tooMany(next, now time.Time) error {
	if next.IsZero() {
		return nil
	}
	e := errs.New(errs.KindTooMany, "too_many_codes", "Too many codes were asked for. Wait before the next one.")
	e.RetryAfter = max(1, int((next.Sub(now)+time.Second-1)/time.Second))
	return e
}

// digest is what is kept of a code: only who holds the installation's key can tell which one it is, though there are few.
func (s *Service) digest(codeID int64, word string) []byte {
	return s.Box.Sign("verification code", fmt.Appendf(nil, "%d %s", codeID, word))
}

// Confirm takes a code from the contact who asks. The right one sets the flag of its address, once.
func (s *Service) Confirm(ctx context.Context, a contact.Address, word string) (*contact.Contact, error) {
	if err := access.Require(ctx, access.PortalProfile); err != nil {
		return nil, err
	}
	if err := known(a); err != nil {
		return nil, err
	}
	word = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, word)
	var after *contact.Contact
	var refused error // told when the try has been counted
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		after, refused = nil, nil
		c, _, err := s.Contacts.Held(ctx, tx, access.From(ctx).Principal.ID)
		if err != nil {
			return err
		}
		last, err := latest(ctx, tx, c.ID, a)
		if err != nil {
			return err
		}
		now := s.Clock.Now()
		if !last.works(c, now) {
			return errs.New(errs.KindConflict, "code_ended", "This code was used, has expired or was replaced. Ask for a new one.")
		}
		if !s.Box.Signed("verification code", fmt.Appendf(nil, "%d %s", last.id, word), last.digest) {
			refused, err = s.miss(ctx, tx, c, last)
			return err
		}
		if err := exec(ctx, tx, "use the code up", sqlUse, clock.Micros(now), last.id); err != nil {
			return err
		}
		after, err = s.Contacts.Proved(ctx, tx, c, a)
		return err
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return nil, err
	}
	after.PrivateNotes = ""
	return after, nil
}

// miss counts a wrong try and gives what is told of it.
func (s *Service) miss(ctx context.Context, tx *db.Tx, c *contact.Contact, last *code) (refused, err error) {
	if err := exec(ctx, tx, "count a wrong code", sqlWrong, last.id); err != nil {
		return nil, err
	}
	left := MostWrong - last.wrong - 1
	if left == 0 {
		return errs.New(errs.KindConflict, "code_ended", "That was one wrong try too many. Ask for a new code."),
			s.Audit.Record(ctx, tx, contact.RecordOf(c, "Verification code ended after wrong tries", audit.Change{Field: "address", New: string(last.address)}))
	}
	var wrong errs.Fields
	wrong.Add("code", "wrong_code", "This is not the code that was sent. Tries left: %d.", left)
	return wrong.Err(), nil
}

// renew writes a message with a code anew, with another code: for whoever may change the contact.
func (s *Service) renew(ctx context.Context, tx *db.Tx, e notify.Email) (notify.Message, error) {
	if err := access.Require(ctx, access.ContactWrite); err != nil {
		return notify.Message{}, err
	}
	var contactID int64
	var a contact.Address
	err := tx.QueryRowContext(ctx, sqlOf, e.ID).Scan(&contactID, (*string)(&a))
	if errors.Is(err, sql.ErrNoRows) {
		return notify.Message{}, errs.New(errs.KindConflict, "code_ended", "This code was long ago. Send a new one from the contact's page.")
	}
	if err != nil {
		return notify.Message{}, fmt.Errorf("read whom the code was for: %w", err)
	}
	_, m, err := s.issue(ctx, tx, contactID, a)
	return m, err
}

// Purge forgets codes that nobody will ask for any more.
func (s *Service) Purge(ctx context.Context) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		old := clock.Micros(s.Clock.Now().Add(-2 * day))
		return errors.Join(exec(ctx, tx, "purge codes", sqlPurgeCodes, old), exec(ctx, tx, "purge addresses", sqlPurgeAddresses, old))
	})
}
