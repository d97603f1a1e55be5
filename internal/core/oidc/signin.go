package oidc

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/identity"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/secret"
)

const (
	asking = "oidc"
	// AskLife is how long somebody may take at the provider.
	AskLife = 10 * time.Minute
	// back is the page that providers send browsers to.
	back = "/sign-in/back"
)

// asked is what is kept while somebody is at the provider.
type asked struct {
	Provider int64  `json:"provider"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	Browser  string `json:"browser"` // digest of what its cookie holds
	Origin   string `json:"origin"`
}

// Begun is where the browser goes, and what its cookie holds until it is back.
type Begun struct {
	URL     string
	Browser string
}

// Redirect is the address that a provider has to know, when people reach this installation at origin.
func Redirect(origin string) string { return strings.TrimSuffix(origin, "/") + back }

// Begin sends somebody who wants to sign in to a provider. origin is the address that people reach this installation at.
func (s *Service) Begin(ctx context.Context, providerID int64, origin string) (Begun, error) {
	p, word, err := s.enabled(ctx, providerID)
	if err != nil {
		return Begun{}, err
	}
	out := Begun{Browser: secret.Token()}
	a := asked{Provider: p.ID, Nonce: secret.Token(), Verifier: secret.Token(), Browser: hex.EncodeToString(secret.Digest(out.Browser)), Origin: origin}
	text, err := json.Marshal(a)
	if err != nil {
		return Begun{}, fmt.Errorf("keep what a provider is asked: %w", err)
	}
	state, err := s.People.Ticket(ctx, asking, 0, string(text), AskLife)
	if err != nil {
		return Begun{}, err
	}
	out.URL, err = s.Issuer.Begin(ctx, ask(p, word, a, state))
	return out, err
}

func ask(p Provider, word string, a asked, state string) Ask {
	return Ask{Issuer: p.Issuer, ClientID: p.ClientID, Secret: word, Scopes: p.Scopes, Redirect: Redirect(a.Origin), State: state, Nonce: a.Nonce, Verifier: a.Verifier}
}

func (s *Service) enabled(ctx context.Context, providerID int64) (Provider, string, error) {
	p, err := one(ctx, s.DB.Read(), "", providerID)
	if err == nil && !p.Enabled {
		err = errs.NotFound("sign-in provider")
	}
	if err != nil {
		return p, "", err
	}
	word, err := s.secretOf(ctx, providerID)
	return p, word, err
}

// Brought is what a browser comes back with.
type Brought struct {
	State   string
	Code    string
	Issuer  string // of RFC 9207; empty: not said
	Failed  string // the provider's code of a failure
	Browser string // what the cookie holds
	Agent   string
}

func refused(code, sentence string, args ...any) error {
	return errs.New(errs.KindUnauthorized, code, sentence, args...)
}

// Finish begins a session for whoever is back from a provider that says who they are; or says what else is asked for.
func (s *Service) Finish(ctx context.Context, b Brought) (session.Started, error) {
	_, text, err := s.People.UseTicket(ctx, asking, b.State)
	if err != nil {
		return session.Started{}, err
	}
	var a asked
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return session.Started{}, fmt.Errorf("read what a provider was asked: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(hex.EncodeToString(secret.Digest(b.Browser))), []byte(a.Browser)) != 1 {
		return session.Started{}, refused("provider_other_browser", "This was begun in another browser. Begin again.")
	}
	p, word, err := s.enabled(ctx, a.Provider)
	if errs.IsKind(err, errs.KindNotFound) {
		return session.Started{}, refused("provider_closed", "This way to sign in is closed.")
	}
	switch {
	case err != nil:
		return session.Started{}, err
	case b.Failed != "" || b.Code == "":
		return session.Started{}, refused("provider_denied", "%s did not sign you in. Try again, or ask whoever runs it.", p.Name)
	case b.Issuer != "" && b.Issuer != p.Issuer:
		return session.Started{}, refused("provider_wrong", "What came back is not from %s.", p.Name)
	}
	c, err := s.Issuer.Finish(ctx, ask(p, word, a, b.State), b.Code)
	if err != nil {
		return session.Started{}, err
	}
	started, err := s.enter(ctx, p, c, b.Agent)
	if e, ok := errs.As(err); ok { // whom the provider knows is let in or noted
		email, _ := claimed(p, c)
		err = s.Sessions.Refused(ctx, email, e.Code, err)
	}
	return started, err
}

// enter begins a session for whom the claims mean.
func (s *Service) enter(ctx context.Context, p Provider, c Claims, agent string) (session.Started, error) {
	email, verified := claimed(p, c)
	if len(p.Domains) > 0 {
		if _, domain, _ := strings.Cut(email, "@"); !verified || !slices.Contains(p.Domains, strings.ToLower(domain)) {
			return session.Started{}, refused("provider_domain", "Your address is not one that may sign in this way.")
		}
	}
	link, err := s.linked(ctx, p, c, email, verified)
	if err != nil {
		return session.Started{}, err
	}
	started, err := s.Sessions.ByProvider(ctx, session.Vouched{StaffID: link.StaffID, ProviderID: p.ID, Provider: p.Name, Proved: p.TrustsMFA && c.MFA,
		Life: time.Duration(p.SessionHours) * time.Hour, Agent: agent},
		func(tx *db.Tx) error {
			if link.ID == 0 {
				return s.link(ctx, tx, p, c, link)
			}
			_, err := exec(ctx, tx, "note the use of a link", sqlUseLink, clock.Micros(s.Clock.Now()), link.ID)
			return err
		})
	if errs.IsKind(err, errs.KindNotFound) {
		return session.Started{}, unknownPerson(p)
	}
	if db.UniqueViolation(err) != "" { // of two at once, the other was first
		return session.Started{}, refused("provider_wrong", "This did not work. Begin again.")
	}
	return started, err
}

func unknownPerson(p Provider) error {
	return refused("provider_unknown_person", "%s knows you, but nobody works here under your address, or no more. Ask an administrator.", p.Name)
}

// claimed is the address of the claims, and whether the issuer has verified it.
func claimed(p Provider, c Claims) (email string, verified bool) {
	email, _ = c.All[p.EmailClaim].(string)
	switch v := c.All["email_verified"].(type) {
	case bool:
		verified = v
	case string: // as some write it
		verified = v == "true"
	}
	return strings.TrimSpace(email), verified && strings.TrimSpace(email) != ""
}

// linked is the link of the person; one without ID has to be made.
func (s *Service) linked(ctx context.Context, p Provider, c Claims, email string, verified bool) (Link, error) {
	found, err := links(ctx, s.DB.Read(), sqlLinked, p.Issuer, c.Subject)
	if err != nil {
		return Link{}, err
	}
	if len(found) > 0 {
		if found[0].ProviderID != p.ID {
			return Link{}, unknownPerson(p) // another provider of the same issuer has them
		}
		return found[0], nil
	}
	if !verified {
		return Link{}, refused("provider_unverified", "%s does not say that your address is verified, so it says nothing about who you are here.", p.Name)
	}
	a, err := s.Staff.AccountByEmail(ctx, email)
	if errs.IsKind(err, errs.KindNotFound) && p.MakesStaff {
		return s.make(ctx, p, c, email)
	}
	if errs.IsKind(err, errs.KindNotFound) || err == nil && a.Status != staff.StatusActive {
		return Link{}, unknownPerson(p)
	}
	if err != nil {
		return Link{}, err
	}
	with, err := links(ctx, s.DB.Read(), sqlLinkedWith, a.ID, p.ID)
	if err == nil && len(with) > 0 {
		err = refused("provider_other_person", "Your address belongs to somebody else of %s here. Ask an administrator.", p.Name)
	}
	return Link{StaffID: a.ID, Email: email}, err
}

// make makes somebody staff whom nobody knows here, with the roles of their groups.
func (s *Service) make(ctx context.Context, p Provider, c Claims, email string) (Link, error) {
	var mine []string
	switch v := c.All[p.GroupsClaim].(type) {
	case string:
		mine = []string{v}
	case []any:
		for _, g := range v {
			if text, ok := g.(string); ok {
				mine = append(mine, text)
			}
		}
	}
	var roles []access.Role
	for _, g := range p.RolesByGroup {
		if slices.Contains(mine, g.Group) {
			roles = append(roles, g.Role)
		}
	}
	if len(roles) == 0 {
		return Link{}, unknownPerson(p)
	}
	name, _ := c.All[p.NameClaim].(string)
	if strings.TrimSpace(name) == "" {
		name, _, _ = strings.Cut(email, "@")
	}
	call := access.From(ctx)
	call.Principal = access.System(p.Name)
	made, err := s.Staff.Create(access.With(ctx, call), staff.Input{Name: name, Email: email, Roles: roles})
	if e, ok := errs.As(err); ok && e.Kind == errs.KindInvalid {
		return Link{}, unknownPerson(p) // what the provider calls them is no name or address here
	}
	return Link{StaffID: made.ID, Email: email}, err
}

// link links a person who comes for the first time.
func (s *Service) link(ctx context.Context, tx *db.Tx, p Provider, c Claims, l Link) error {
	if _, err := exec(ctx, tx, "link a person", sqlInsertLink, s.IDs.Next(), p.ID, p.Issuer, c.Subject, l.StaffID, l.Email, clock.Micros(s.Clock.Now())); err != nil {
		return err
	}
	return s.noteLink(ctx, tx, l.StaffID, "Linked to a sign-in provider", audit.Change{Field: "provider", New: p.Name})
}

func (s *Service) noteLink(ctx context.Context, tx *db.Tx, staffID int64, message string, change audit.Change) error {
	d, err := s.People.Door(ctx, tx, identity.Member{Kind: access.KindStaff, ID: staffID})
	if errs.IsKind(err, errs.KindNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	call := access.From(ctx)
	if call.Principal.Kind == access.KindAnonymous {
		call.Principal = d.Person.Principal
	}
	return s.Audit.Record(access.With(ctx, call), tx, audit.Entry{Action: audit.ActionUpdate, Table: d.Table, RowID: staffID, RowName: d.Name, Message: message, Changes: []audit.Change{change}})
}

// Own is the links of whoever is signed in.
func (s *Service) Own(ctx context.Context) ([]Link, error) {
	p := access.From(ctx).Principal
	if p.Kind != access.KindStaff {
		return nil, nil
	}
	return links(ctx, s.DB.Read(), sqlLinksOf, p.ID)
}

// Of is the links of a staff user.
func (s *Service) Of(ctx context.Context, staffID int64) ([]Link, error) {
	if _, err := s.Staff.Get(ctx, staffID); err != nil {
		return nil, err
	}
	return links(ctx, s.DB.Read(), sqlLinksOf, staffID)
}

// RemoveOwn takes a link of the caller's away.
func (s *Service) RemoveOwn(ctx context.Context, linkID int64) error {
	p := access.From(ctx).Principal
	if p.Kind != access.KindStaff {
		return errs.NotFound("link")
	}
	return s.unlink(ctx, linkID, p.ID)
}

// RemoveOf takes a link of a staff user's away, for whoever may act on them.
func (s *Service) RemoveOf(ctx context.Context, staffID, linkID int64) error {
	if err := s.Staff.MayAct(ctx, staffID); err != nil {
		return err
	}
	return s.unlink(ctx, linkID, staffID)
}

func (s *Service) unlink(ctx context.Context, linkID, staffID int64) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		var providers []int64
		if err := tx.SelectContext(ctx, &providers, sqlDropLink, linkID, staffID); err != nil {
			return fmt.Errorf("take a link away: %w", err)
		}
		if len(providers) == 0 {
			return errs.NotFound("link")
		}
		if err := s.Sessions.EndOfProvider(ctx, tx, providers[0], staffID); err != nil {
			return err
		}
		return s.noteLink(ctx, tx, staffID, "Link to a sign-in provider removed", audit.Change{Field: "provider", Old: id.Format(Prefix, providers[0])})
	})
}

// Trusted tells whether there is a way in by a provider at present: nobody is shut out by a setting alone.
func (s *Service) Trusted(ctx context.Context) (bool, error) {
	all, err := s.Offered(ctx)
	return len(all) > 0, err
}

// Host is the machine of an issuer, for people.
func (p *Provider) Host() string {
	at, err := url.Parse(p.Issuer)
	if err != nil {
		return p.Issuer
	}
	return at.Host
}
