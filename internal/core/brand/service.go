package brand

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/core/identity"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

// Options is what the service is made of.
type Options struct {
	DB        *db.DB
	Clock     clock.Clock
	IDs       *id.Source
	Audit     *audit.Log
	Customers *customer.Service
	// Organization is the operator's name while their brand has none.
	Organization func(ctx context.Context) (string, error)
	// PublicURL is how people reach the console; domains take its scheme and port. Empty: it is not known.
	PublicURL string
}

// Service is the use cases. Safe for concurrent use.
type Service struct {
	Options
	public *url.URL // nil: not known
}

// New gives the service.
func New(o Options) *Service {
	s := &Service{Options: o}
	if u, err := url.Parse(o.PublicURL); err == nil && u.Host != "" {
		s.public = u
	}
	return s
}

// Get is what one party has decided, and what its customers see.
func (s *Service) Get(ctx context.Context, reseller int64) (Brand, Shown, error) {
	if err := access.Require(ctx, access.BrandRead); err != nil {
		return Brand{}, Shown{}, err
	}
	if _, err := s.may(ctx, s.DB.Read(), reseller); err != nil {
		return Brand{}, Shown{}, err
	}
	b, err := s.own(ctx, s.DB.Read(), reseller)
	if err != nil {
		return b, Shown{}, err
	}
	shown, err := s.Of(ctx, s.DB.Read(), reseller)
	return b, shown, err
}

// Colors is what would be shown of a colour, or why it cannot be taken.
func (s *Service) Colors(ctx context.Context, color string) (Palette, error) {
	if err := access.Require(ctx, access.BrandRead); err != nil {
		return Palette{}, err
	}
	var wrong errs.Fields
	color = checkColor(&wrong, "color", color)
	if err := wrong.Err(); err != nil {
		return Palette{}, err
	}
	return paletteOf(color), nil
}

// own is the brand of one party, empty until somebody decided anything.
func (s *Service) own(ctx context.Context, q db.Q, reseller int64) (Brand, error) {
	b, found, err := one(ctx, q, sqlGet, reseller)
	if err == nil && !found {
		b = Brand{Reseller: reseller, Version: 1, Logos: map[Scheme]Logo{}}
	}
	return b, err
}

// may is nil when the caller may have to do with this party's brand: the operator's is for those who see everything. It
// gives the reseller; nil for the operator.
func (s *Service) may(ctx context.Context, q db.Q, reseller int64) (*customer.Customer, error) {
	if reseller == Operator {
		if access.From(ctx).Principal.HasPlace() {
			return nil, errs.NotFound("brand")
		}
		return nil, nil
	}
	found, err := s.Customers.Load(ctx, q, []int64{reseller})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errs.NotFound("brand")
	}
	if found[0].Kind != customer.KindReseller {
		return nil, errs.New(errs.KindConflict, "no_reseller", "%s is no reseller: only those and the operator have a brand.", found[0].Name)
	}
	return found[0], nil
}

// Party is whose brand it is when the caller may have to do with it, for what else is decided for each brand: the reseller;
// nil for the operator.
func (s *Service) Party(ctx context.Context, q db.Q, reseller int64) (*customer.Customer, error) {
	return s.may(ctx, q, reseller)
}

// Update changes a brand. A version of 0 stands for "whatever it is now"; host is where the caller is, which is no portal.
func (s *Service) Update(ctx context.Context, reseller, version int64, p Patch, host string) (Brand, error) {
	var wrong errs.Fields
	checked := p.over(Look{}, &wrong) // what is wrong is told before anything is locked
	if checked.Domain != "" && !wrong.Has("domain") && (checked.Domain == Host(host) || s.public != nil && checked.Domain == Host(s.public.Host)) {
		wrong.Add("domain", "own_domain", "Staff sign in at this address: a portal needs one of its own.")
	}
	b, err := s.change(ctx, reseller, version, &wrong, func(_ *db.Tx, b *Brand) (string, []audit.Change, error) {
		before := b.Look
		b.Look = p.over(before, &errs.Fields{})
		return "Brand changed", diff(before, b.Look), nil
	})
	if db.UniqueViolation(err) != "" {
		wrong.Add("domain", "duplicate_domain", "Another brand has this domain.")
		return Brand{}, wrong.Err()
	}
	return b, err
}

// SetLogo keeps a logo, in place of the one that there is.
func (s *Service) SetLogo(ctx context.Context, reseller, version int64, scheme Scheme, data []byte) (Brand, error) {
	if err := access.Require(ctx, access.BrandWrite); err != nil {
		return Brand{}, err
	}
	logo, err := look(data)
	if err != nil {
		return Brand{}, err
	}
	return s.change(ctx, reseller, version, &errs.Fields{}, func(tx *db.Tx, b *Brand) (string, []audit.Change, error) {
		old := b.Logos[scheme]
		if old.Digest == logo.Digest {
			return "", nil, nil
		}
		b.Logos[scheme] = logo
		_, err := tx.ExecContext(ctx, sqlKeep, b.ID, string(scheme), logo.Digest, logo.Type, logo.Width, logo.Height, data)
		return "Logo changed", []audit.Change{{Field: "logo_" + string(scheme), Old: old.Digest, New: logo.Digest}}, err
	})
}

// RemoveLogo takes a logo away.
func (s *Service) RemoveLogo(ctx context.Context, reseller, version int64, scheme Scheme) (Brand, error) {
	return s.change(ctx, reseller, version, &errs.Fields{}, func(tx *db.Tx, b *Brand) (string, []audit.Change, error) {
		old, there := b.Logos[scheme]
		if !there {
			return "", nil, nil
		}
		delete(b.Logos, scheme)
		_, err := tx.ExecContext(ctx, sqlDrop, b.ID, string(scheme))
		return "Logo removed", []audit.Change{{Field: "logo_" + string(scheme), Old: old.Digest, New: ""}}, err
	})
}

// change runs one change of a brand that is held. The change says what it did; no changes: nothing happened.
func (s *Service) change(ctx context.Context, reseller, version int64, wrong *errs.Fields, fn func(*db.Tx, *Brand) (string, []audit.Change, error)) (Brand, error) {
	if err := access.Require(ctx, access.BrandWrite); err != nil {
		return Brand{}, err
	}
	var b Brand
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		of, err := s.may(ctx, tx, reseller)
		if err != nil {
			return err
		}
		if err := wrong.Err(); err != nil {
			return err
		}
		if of != nil && of.Status == customer.StatusClosed {
			return errs.New(errs.KindConflict, "customer_closed", "%s is closed: its brand stays as it is.", of.Name)
		}
		now := clock.Micros(s.Clock.Now())
		if b, err = s.hold(ctx, tx, reseller, now); err != nil {
			return err
		}
		if version != 0 && version != b.Version {
			return errs.Stale(b)
		}
		message, changes, err := fn(tx, &b)
		if err != nil || len(changes) == 0 {
			return err
		}
		b.Version++
		l := b.Look
		if _, err := tx.ExecContext(ctx, sqlUpdate, l.Name, l.Color, l.Domain, l.SupportEmail, l.SupportPhone, l.Website, l.ImprintURL, l.PrivacyURL, now, b.Version, b.ID); err != nil {
			return fmt.Errorf("save a brand: %w", err)
		}
		name := "Operator"
		if of != nil {
			name = of.Name
		}
		return s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionUpdate, Table: Table, RowID: b.ID, RowName: name, Message: message, Changes: changes})
	})
	return b, err
}

// hold is the brand of one party, kept from others until the end of tx.
func (s *Service) hold(ctx context.Context, tx *db.Tx, reseller, now int64) (Brand, error) {
	if _, err := tx.ExecContext(ctx, sqlFirst, s.IDs.Next(), reseller, now); err != nil {
		return Brand{}, fmt.Errorf("make a brand: %w", err)
	}
	b, found, err := one(ctx, tx, sqlGet+tx.Dialect().ForUpdate(), reseller)
	if err == nil && !found {
		err = errors.New("make a brand: it is not there")
	}
	return b, err
}

// Of is what the customers of a reseller see, or one customer, whoever asks; Operator: those who have no reseller.
func (s *Service) Of(ctx context.Context, q db.Q, customerID int64) (Shown, error) {
	line := []int64{Operator}
	if customerID != Operator {
		above, err := customer.Above(ctx, q, customerID)
		if err != nil {
			return Shown{}, err
		}
		line = append(above, Operator)
	}
	found, err := some(ctx, q, line)
	if err != nil {
		return Shown{}, err
	}
	slices.SortFunc(found, func(a, b Brand) int { return slices.Index(line, a.Reseller) - slices.Index(line, b.Reseller) })
	return s.shown(ctx, found)
}

// shown puts brands together, the nearest first. A brand with a name of its own takes no logo from above: that would be
// somebody else's.
func (s *Service) shown(ctx context.Context, line []Brand) (Shown, error) {
	out, named := Shown{Logos: map[Scheme]Logo{}}, false
	for _, b := range line {
		if !named && len(out.Logos) == 0 {
			out.Logos = b.Logos
		}
		for _, f := range fields {
			if at := f.at(&out.Look); *at == "" {
				*at = *f.at(&b.Look)
			}
		}
		named = out.Name != ""
	}
	out.Set = out.Name != "" || out.Color != "" || len(out.Logos) > 0
	if out.Name == "" {
		name, err := s.Organization(ctx)
		if err != nil {
			return out, err
		}
		out.Name = name
	}
	if out.Color == "" {
		out.Color = defaultColor
	}
	out.Palette = paletteOf(out.Color)
	out.Address = s.address(out.Domain)
	return out, nil
}

// address is how a domain is reached: as the console is, under another name.
func (s *Service) address(domain string) string {
	if s.public == nil {
		return ""
	}
	if domain == "" {
		return s.public.Scheme + "://" + s.public.Host
	}
	if port := s.public.Port(); port != "" {
		domain += ":" + port
	}
	return s.public.Scheme + "://" + domain
}

// Portal is a domain at which a request came in.
type Portal struct {
	Reseller int64 // Operator: every customer's contacts come in here
	Domain   string
}

// At is the portal that a Host header names; false for the console's own address and for every name that is nobody's.
func (s *Service) At(ctx context.Context, host string) (Portal, bool, error) {
	domain := Host(host)
	if !domainForm.MatchString(domain) { // no database keeps everything that a header may hold
		return Portal{}, false, nil
	}
	b, found, err := one(ctx, s.DB.Read(), sqlByDomain, domain)
	if err != nil || !found {
		return Portal{}, false, err
	}
	if b.Reseller != Operator {
		above, err := customer.Above(ctx, s.DB.Read(), b.Reseller)
		if err != nil || !slices.Contains(above, b.Reseller) { // closed
			return Portal{}, false, err
		}
	}
	return Portal{b.Reseller, b.Domain}, true, nil
}

// ByHost is what is seen before anybody signed in at an address.
func (s *Service) ByHost(ctx context.Context, host string) (Shown, bool, error) {
	p, found, err := s.At(ctx, host)
	if err != nil {
		return Shown{}, false, err
	}
	shown, err := s.Of(ctx, s.DB.Read(), p.Reseller)
	return shown, found, err
}

// Doors is those by which people may come in at the address of the call: at a portal's, the contacts of customers below its
// reseller.
func (s *Service) Doors(ctx context.Context, doors []identity.Door) ([]identity.Door, error) {
	p, found, err := s.At(ctx, access.From(ctx).Host)
	if err != nil || !found {
		return doors, err
	}
	var out []identity.Door
	for _, d := range doors {
		if d.Person.Kind != access.KindContact {
			continue
		}
		above := []int64{}
		if p.Reseller != Operator {
			if above, err = customer.Above(ctx, s.DB.Read(), d.Person.CustomerID); err != nil {
				return nil, err
			}
		}
		if p.Reseller == Operator || slices.Contains(above, p.Reseller) {
			out = append(out, d)
		}
	}
	return out, nil
}

// Picture is a logo's bytes and what they are, by its digest. It asks for no permission: everybody sees the portal's door.
func (s *Service) Picture(ctx context.Context, digest string) (contentType string, data []byte, err error) {
	contentType, data, err = picture(ctx, s.DB.Read(), digest)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil, errs.NotFound("logo")
	}
	if err != nil {
		return "", nil, fmt.Errorf("read a logo: %w", err)
	}
	return contentType, data, nil
}
