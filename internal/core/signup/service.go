package signup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/brand"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/identity"
	"tandem/internal/core/notify"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/secret"
)

// Life is how long a link works.
const Life = 24 * time.Hour

// How many may sign up in an hour: with one address, from one network, and in all. One who has an account is told so once
// a day.
const (
	perAddress = 3
	perNetwork = 10
	perHour    = 300
	maxName    = 120
	hour       = time.Hour
	day        = 24 * time.Hour
)

// Options is what the service is made of.
type Options struct {
	DB        *db.DB
	Clock     clock.Clock
	IDs       *id.Source
	Audit     *audit.Log
	Brands    *brand.Service
	Customers *customer.Service
	Contacts  *contact.Service
	People    *identity.Service
	Mail      *notify.Service
	// Waits tells those who may approve a new customer, in the transaction that makes it.
	Waits func(ctx context.Context, tx *db.Tx, c customer.Created, name string) error
}

// Service is the use cases. Safe for concurrent use.
type Service struct{ Options }

// New gives the service.
func New(o Options) *Service {
	o.Customers.Guard(Templates)
	return &Service{o}
}

// Input is what a stranger says.
type Input struct {
	Name         string
	Company      string
	Email        string
	Password     string
	Language     string
	Country      string
	Telephone    string
	AcceptsTerms bool
}

// Offer is what is asked of those who sign up at an address.
type Offer struct {
	Open     bool
	Approval bool
	TermsURL string
}

// Offered is whether people can sign up at the address of the call.
func (s *Service) Offered(ctx context.Context) (Offer, error) {
	of, _, err := s.door(ctx)
	if errs.IsKind(err, errs.KindNotFound) {
		return Offer{}, nil
	}
	return Offer{Open: err == nil, Approval: of.Approval, TermsURL: of.TermsURL}, err
}

func closedDoor() error { return errs.NotFound("sign-up") }

// door is the open sign-up at the address of the call, with its template; not found when it is closed.
func (s *Service) door(ctx context.Context) (Settings, *customer.Customer, error) {
	p, _, err := s.Brands.At(ctx, access.From(ctx).Host)
	if err != nil {
		return Settings{}, nil, err
	}
	return s.open(acting(ctx), s.DB.Read(), p.Reseller)
}

func (s *Service) open(ctx context.Context, q db.Q, reseller int64) (Settings, *customer.Customer, error) {
	of, err := settings(ctx, q, reseller, "")
	if err != nil {
		return of, nil, err
	}
	if !of.Open || s.Mail.NeedServer() != nil {
		return Settings{}, nil, closedDoor()
	}
	found, err := s.Customers.Load(ctx, q, []int64{of.Template})
	if err != nil {
		return of, nil, err
	}
	if len(found) == 0 || !fits(found[0], reseller) {
		return Settings{}, nil, closedDoor()
	}
	if reseller == brand.Operator {
		return of, found[0], nil
	}
	above, err := customer.Above(ctx, q, found[0].ID)
	if err == nil && !slices.Contains(above, reseller) { // closed
		return Settings{}, nil, closedDoor()
	}
	return of, found[0], err
}

// acting is the context in which Tandem itself does what strangers ask for: their call, with the address it comes from.
func acting(ctx context.Context) context.Context {
	call := access.From(ctx)
	call.Principal, call.Once, call.Comment = access.System("sign-up"), nil, ""
	return access.With(ctx, call)
}

// SignUp takes down that somebody wants an account, and mails the address: a link that makes it, or that there is one
// already. The answer is the same, and so is the work but for what is written.
func (s *Service) SignUp(ctx context.Context, in Input) error {
	of, like, err := s.door(ctx)
	if err != nil {
		return err
	}
	ctx = acting(ctx)
	d, err := s.check(ctx, &in, of, like)
	if err != nil {
		return err
	}
	if err := s.throttle(ctx, in.Email); err != nil {
		return err
	}
	hash, err := s.People.Hash(ctx, in.Password)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		known, err := s.known(ctx, tx, of.Reseller, in.Email)
		if err != nil {
			return err
		}
		m := notify.Message{Key: notify.KeySignUp, To: in.Email, Language: d.Language, CustomerID: of.Reseller, Vars: map[string]string{"name": in.Name}}
		if known {
			return s.remind(ctx, tx, m)
		}
		token, now := secret.Link(), s.Clock.Now()
		m.GiveUp = now.Add(Life)
		m.Pages = map[string]string{"link": "/portal/sign-up/confirm#token=" + url.QueryEscape(token)}
		m.Times = map[string]time.Time{"expires": m.GiveUp}
		if _, err := exec(ctx, tx, "keep a sign-up", sqlInsert, s.IDs.Next(), secret.Digest(token), of.Reseller, in.Email, identity.Key(in.Email), in.Name, in.Company,
			d.Telephone, d.Language, d.Country, of.TermsURL, hash, clock.Micros(m.GiveUp)); err != nil {
			return err
		}
		_, err = s.Mail.Send(ctx, tx, m)
		return err
	})
}

// remind tells the owner of an address once a day that they have an account.
func (s *Service) remind(ctx context.Context, tx *db.Tx, m notify.Message) error {
	if late, err := s.count(ctx, tx, "known:"+digest(m.To), 1, day); err != nil || !late.IsZero() {
		return err
	}
	m.Key, m.Pages = notify.KeySignUpKnown, map[string]string{"link": "/portal/sign-in"}
	_, err := s.Mail.Send(ctx, tx, m)
	return err
}

// check brings what a stranger says to its right spelling and tells everything that is wrong with it.
func (s *Service) check(ctx context.Context, in *Input, of Settings, like *customer.Customer) (customer.Draft, error) {
	var wrong errs.Fields
	in.Name, in.Company, in.Email = customer.Clean(in.Name, false), customer.Clean(in.Company, false), customer.Clean(in.Email, false)
	checkName(&wrong, "name", in.Name)
	checkName(&wrong, "company", in.Company)
	if in.Name == "" {
		wrong.Add("name", "required", "Say your name.")
	}
	if in.Email == "" {
		wrong.Add("email", "required", "Say your e-mail address.")
	}
	if of.TermsURL != "" && !in.AcceptsTerms {
		wrong.Add("accepts_terms", "terms_not_accepted", "The terms have to be accepted.")
	}
	if err := s.People.CheckPassword(ctx, &wrong, "password", in.Password, in.Email, in.Name, in.Company); err != nil {
		return customer.Draft{}, err
	}
	d := draft(like, pending{Email: in.Email, Name: in.Name, Company: in.Company, Telephone: in.Telephone, Language: in.Language, Country: in.Country}, of)
	bad, err := s.Customers.Prepare(ctx, &d)
	if err != nil {
		return d, err
	}
	for _, f := range bad.List() {
		if slices.Contains([]string{"name", "company", "email", "language", "country", "telephone"}, f.Field) && !wrong.Has(f.Field) {
			wrong.Add(f.Field, f.Code, "%s", f.Message)
		}
	}
	return d, wrong.Err()
}

// checkName refuses what would make an advertisement of the mail to the address, which may be a stranger's.
func checkName(wrong *errs.Fields, field, value string) {
	lower := strings.ToLower(value)
	switch {
	case !utf8.ValidString(value) || strings.ContainsFunc(value, func(r rune) bool { return unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' }):
		wrong.Add(field, "bad_text", "It is one line of text.")
	case utf8.RuneCountInString(value) > maxName:
		wrong.Add(field, "too_long", "It has at most %d characters.", maxName)
	case strings.Contains(lower, "://") || strings.Contains(lower, "www.") || strings.Contains(lower, "@"):
		wrong.Add(field, "address_in_name", "There is no web or e-mail address in a name.")
	}
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}

// draft is a customer like the template, with what a stranger said.
func draft(like *customer.Customer, p pending, of Settings) customer.Draft {
	d := customer.Draft{Kind: customer.KindCustomer, Party: customer.PartyPerson, Status: customer.StatusActive, Name: firstOf(p.Company, p.Name), Company: p.Company,
		BillingType: like.BillingType, Currency: like.Currency, Timezone: like.Timezone, Language: firstOf(p.Language, like.Language), Country: firstOf(p.Country, like.Country),
		Email: p.Email, Telephone: p.Telephone, Reseller: of.Reseller, Custom: maps.Clone(like.Custom), Groups: slices.Clone(like.Groups)}
	if p.Company != "" {
		d.Party = customer.PartyOrganization
	}
	if of.Approval {
		d.Status = customer.StatusPending
	}
	return d
}

// known tells whether an address has an account with this party: somebody who signs in with it, or a customer that has it.
func (s *Service) known(ctx context.Context, q db.Q, reseller int64, email string) (bool, error) {
	var of []int64
	who, err := s.People.ByEmail(ctx, email)
	if err != nil && !errs.IsKind(err, errs.KindNotFound) {
		return false, err
	}
	if err == nil {
		doors, err := s.People.Doors(ctx, q, who)
		if err != nil {
			return false, err
		}
		for _, d := range doors {
			of = append(of, d.Person.CustomerID) // 0: staff
		}
	}
	found, err := s.Customers.Find(ctx, q, "email", []string{contact.AddressEmail.Key(email)})
	if err != nil {
		return false, err
	}
	of = append(of, slices.Collect(maps.Values(found))...)
	for _, customerID := range of {
		if reseller == brand.Operator {
			return true, nil
		}
		above, err := customer.Above(ctx, q, customerID)
		if err != nil || slices.Contains(above, reseller) {
			return true, err
		}
	}
	return false, nil
}

// throttle counts a sign-up under its address, its network and all, or refuses it.
func (s *Service) throttle(ctx context.Context, email string) error {
	now := s.Clock.Now()
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		for _, c := range []struct {
			name string
			most int64
		}{{"address:" + digest(email), perAddress}, {"network:" + network(access.From(ctx).IP), perNetwork}, {"total", perHour}} { // always in this order
			until, err := s.count(ctx, tx, c.name, c.most, hour)
			if err != nil {
				return err
			}
			if !until.IsZero() {
				e := errs.New(errs.KindTooMany, "too_many_sign_ups", "Too many sign-ups. Try again later.")
				e.RetryAfter = max(1, int((until.Sub(now)+time.Second-1)/time.Second))
				return e
			}
		}
		return nil
	})
}

// count counts one under a name; the time when there is room again, zero when there is.
func (s *Service) count(ctx context.Context, tx *db.Tx, name string, most int64, within time.Duration) (time.Time, error) {
	now := s.Clock.Now()
	var tries, since int64
	if err := tx.QueryRowContext(ctx, sqlCount, name, clock.Micros(now), clock.Micros(now.Add(-within))).Scan(&tries, &since); err != nil {
		return time.Time{}, fmt.Errorf("count sign-ups: %w", err)
	}
	if tries > most {
		return clock.Time(since).Add(within), nil
	}
	return time.Time{}, nil
}

func digest(email string) string {
	sum := sha256.Sum256([]byte(identity.Key(email)))
	return hex.EncodeToString(sum[:16])
}

// network is what an address is counted under: one subscriber has a whole /64.
func network(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return "unknown"
	}
	if a = a.Unmap().WithZone(""); a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// Purge forgets sign-ups whose links have ended, and counters that count for nothing any more.
func (s *Service) Purge(ctx context.Context) error {
	now := s.Clock.Now()
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := exec(ctx, tx, "purge sign-ups", sqlPurge, clock.Micros(now)); err != nil {
			return err
		}
		_, err := exec(ctx, tx, "purge counters of sign-ups", sqlPurgeTries, clock.Micros(now.Add(-2*day)))
		return err
	})
}
