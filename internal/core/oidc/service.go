package oidc

import (
	"context"
	"fmt"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/identity"
	"tandem/internal/core/role"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/secret"
)

// Ask is what an issuer is asked with.
type Ask struct {
	Issuer, ClientID, Secret string
	Scopes                   []string
	Redirect                 string // where it sends the browser back to
	State, Nonce, Verifier   string
}

// Claims is what an issuer says of a person, its word checked.
type Claims struct {
	Subject string
	MFA     bool           // it asked for more than one proof
	All     map[string]any // of the ID token
}

// Issuer speaks with issuers. What it says is wrong is an *errs.Error; anything else is a fault.
type Issuer interface {
	// Begin is the address that the browser is sent to.
	Begin(ctx context.Context, a Ask) (string, error)
	// Finish exchanges the code that the browser brought for what the issuer says of the person.
	Finish(ctx context.Context, a Ask, code string) (Claims, error)
}

// Options is what the service is made of.
type Options struct {
	DB       *db.DB
	Clock    clock.Clock
	IDs      *id.Source
	Audit    *audit.Log
	Box      *secret.Box
	People   *identity.Service
	Staff    *staff.Service
	Sessions *session.Service
	Issuer   Issuer
}

// Service is the use cases. Safe for concurrent use.
type Service struct{ Options }

// New gives the service.
func New(o Options) *Service { return &Service{o} }

// mayWrite is nil for whoever may do everything: an issuer vouches for anybody.
func mayWrite(ctx context.Context) error {
	if err := access.Require(ctx, access.StaffWrite); err != nil {
		return err
	}
	return role.MayGive(access.From(ctx).Principal, access.AllPermissions(), nil)
}

// All is every provider, by name. Whoever has a place sees none: they are the operator's.
func (s *Service) All(ctx context.Context) ([]Provider, error) {
	if err := access.Require(ctx, access.StaffRead); err != nil || access.From(ctx).Principal.HasPlace() {
		return nil, err
	}
	return read(ctx, s.DB.Read(), sqlAll)
}

// Get is one provider.
func (s *Service) Get(ctx context.Context, providerID int64) (Provider, error) {
	if err := access.Require(ctx, access.StaffRead); err != nil {
		return Provider{}, err
	}
	if access.From(ctx).Principal.HasPlace() {
		return Provider{}, errs.NotFound("sign-in provider")
	}
	return one(ctx, s.DB.Read(), "", providerID)
}

// Offered is those that staff may sign in by now. It asks for no permission: the caller is not known yet.
func (s *Service) Offered(ctx context.Context) ([]Provider, error) {
	return read(ctx, s.DB.Read(), sqlEnabled)
}

func purpose(providerID int64) string { return fmt.Sprintf("oidc:%d", providerID) }

// Create adds a provider.
func (s *Service) Create(ctx context.Context, in Input) (Provider, error) {
	if err := mayWrite(ctx); err != nil {
		return Provider{}, err
	}
	made, err := in.over(defaults())
	if err != nil {
		return Provider{}, err
	}
	made.ID, made.CreatedAt = s.IDs.Next(), clock.Micros(s.Clock.Now())
	made.UpdatedAt = made.CreatedAt
	word := ""
	set(in.Secret, &word)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.hold(ctx, tx, made); err != nil {
			return err
		}
		if err := s.insert(ctx, tx, made, s.Box.Seal(purpose(made.ID), word)); err != nil {
			return err
		}
		return s.record(ctx, tx, audit.ActionCreate, "Sign-in provider added", made, append(diff(Provider{}, made), audit.Secret("client_secret")))
	})
	return made, err
}

// hold keeps the roles in place that groups get.
func (s *Service) hold(ctx context.Context, tx *db.Tx, p Provider) error {
	var wrong errs.Fields
	for _, g := range p.RolesByGroup {
		missing, err := role.Hold(ctx, tx, g.Role)
		if err != nil {
			return err
		}
		if missing != "" {
			wrong.Add("roles_by_group", "unknown", "There is no role %q.", string(missing))
		}
	}
	return wrong.Err()
}

// Having tells which providers give a role to a group, for whoever would remove it.
func Having(ctx context.Context, q db.Q, key access.Role) ([]errs.Blocker, error) {
	all, err := read(ctx, q, sqlAll)
	if err != nil {
		return nil, err
	}
	var out []errs.Blocker
	for _, p := range all {
		for _, g := range p.RolesByGroup {
			if g.Role == key {
				out = append(out, errs.Blocker{Type: "provider", ID: id.Format(Prefix, p.ID), Name: p.Name})
				break
			}
		}
	}
	return out, nil
}

// Update changes a provider. A version of 0 stands for "whatever it is now".
func (s *Service) Update(ctx context.Context, providerID, version int64, in Input) (Provider, error) {
	if err := mayWrite(ctx); err != nil {
		return Provider{}, err
	}
	var after Provider
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		before, err := s.open(ctx, tx, providerID, version)
		if err != nil {
			return err
		}
		if after, err = in.over(before); err != nil {
			return err
		}
		changes := diff(before, after)
		if in.Secret != nil {
			changes = append(changes, audit.Secret("client_secret"))
			if _, err := exec(ctx, tx, "keep the provider's secret", sqlSecret, s.Box.Seal(purpose(after.ID), *in.Secret), after.ID); err != nil {
				return err
			}
		}
		if len(changes) == 0 {
			return nil
		}
		if before.Issuer != after.Issuer {
			return s.otherIssuer()
		}
		if err := s.hold(ctx, tx, after); err != nil {
			return err
		}
		after.UpdatedAt, after.Version = clock.Micros(s.Clock.Now()), before.Version+1
		if err := s.update(ctx, tx, after); err != nil {
			return err
		}
		if before.Enabled && !after.Enabled {
			if err := s.Sessions.EndOfProvider(ctx, tx, after.ID, 0); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, audit.ActionUpdate, "Sign-in provider changed", after, changes)
	})
	return after, err
}

// otherIssuer refuses that links become those of somebody else.
func (s *Service) otherIssuer() error {
	var wrong errs.Fields
	wrong.Add("issuer", "fixed", "The issuer stays as it is: add another provider, and disable this one.")
	return wrong.Err()
}

func (s *Service) open(ctx context.Context, tx *db.Tx, providerID, version int64) (Provider, error) {
	p, err := one(ctx, tx, tx.Dialect().ForUpdate(), providerID)
	if err == nil && version != 0 && version != p.Version {
		err = errs.Stale(p)
	}
	return p, err
}

// Remove takes a provider away, with its links; the sessions that began by it end.
func (s *Service) Remove(ctx context.Context, providerID, version int64) error {
	if err := mayWrite(ctx); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := s.open(ctx, tx, providerID, version)
		if err != nil {
			return err
		}
		if err := s.Sessions.EndOfProvider(ctx, tx, providerID, 0); err != nil {
			return err
		}
		if _, err := exec(ctx, tx, "take the provider's links away", sqlDropLinks, providerID); err != nil {
			return err
		}
		if _, err := exec(ctx, tx, "remove the provider", sqlDelete, providerID); err != nil {
			return err
		}
		return s.record(ctx, tx, audit.ActionDelete, "Sign-in provider removed", p, diff(p, Provider{}))
	})
}

func (s *Service) record(ctx context.Context, tx *db.Tx, action audit.Action, message string, p Provider, changes []audit.Change) error {
	return s.Audit.Record(ctx, tx, audit.Entry{Action: action, Table: Table, RowID: p.ID, RowName: p.Name, Message: message, Changes: changes})
}
