package staff

import (
	"context"

	"tandem/internal/core/access"
	"tandem/internal/core/identity"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/list"
)

// Whoever has a place sees and manages the staff whose place is theirs or within it. Everybody else answers like one who is
// not there.

// Resellers tells the names of those of the customers that are open resellers; in a transaction they stay so until its end.
type Resellers func(ctx context.Context, q db.Q, ids []int64) (map[int64]string, error)

// Visible is those of the customers that the caller's place lets them see.
type Visible func(ctx context.Context, q db.Q, customers []int64) ([]int64, error)

// KnowsResellers lets people be kept to a reseller's subtree. Call it while the program is put together.
func (s *Service) KnowsResellers(r Resellers, v Visible) { s.resellers, s.visible = r, v }

// scope is what the caller's place puts on the list.
func scope(ctx context.Context) *list.Scope {
	p := access.From(ctx).Principal
	if !p.HasPlace() {
		return nil
	}
	return &list.Scope{SQL: sqlPlace, Args: []any{p.Root}}
}

// sees is nil for the place of somebody whom the caller sees; 0 is everything.
func (s *Service) sees(ctx context.Context, q db.Q, reseller int64) error {
	p, missing := access.From(ctx).Principal, errs.NotFound("staff user")
	switch {
	case !p.HasPlace():
		return nil
	case reseller == 0 || p.Root == 0 || s.visible == nil:
		return missing
	}
	seen, err := s.visible(ctx, q, []int64{reseller})
	if err == nil && len(seen) == 0 {
		err = missing
	}
	return err
}

// seen is one, of those whom the caller sees.
func (s *Service) seen(ctx context.Context, q db.Q, query string, staffID int64) (Account, error) {
	a, err := one(ctx, q, query, staffID)
	if err != nil {
		return Account{}, err
	}
	if err := s.sees(ctx, q, a.Reseller); err != nil {
		return Account{}, err
	}
	return a, nil
}

// ofPlace is those of the people whom the caller sees.
func (s *Service) ofPlace(ctx context.Context, people []Staff) ([]Staff, error) {
	var out []Staff
	for _, p := range people {
		err := s.sees(ctx, s.db.Read(), p.Reseller)
		if err == nil {
			out = append(out, p)
		} else if !errs.IsKind(err, errs.KindNotFound) {
			return nil, err
		}
	}
	return out, nil
}

// freeOf keeps callers with a place from an address by which somebody signs in whom they may not act on: a staff user made
// of it would take away how that person proves who they are.
func (s *Service) freeOf(ctx context.Context, tx *db.Tx, i identity.Identity) error {
	if !access.From(ctx).Principal.HasPlace() {
		return nil
	}
	return s.people.MayGive(ctx, tx, i)
}

// joins is freeOf for an address that somebody is about to get.
func (s *Service) joins(ctx context.Context, tx *db.Tx, email string) error {
	i, err := s.people.AtAddress(ctx, tx, email)
	if errs.IsKind(err, errs.KindNotFound) {
		return nil
	}
	if err == nil {
		err = s.freeOf(ctx, tx, i)
	}
	if errs.IsKind(err, errs.KindForbidden) {
		return duplicateEmail()
	}
	return err
}

// leaves is nil when the caller may give a person another address: who signs in by the old one or the new one elsewhere too
// is none of theirs.
func (s *Service) leaves(ctx context.Context, tx *db.Tx, before, after Staff) error {
	if emailKey(before.Email) == emailKey(after.Email) || !access.From(ctx).Principal.HasPlace() {
		return nil
	}
	i, err := s.people.ByMember(ctx, tx, member(before.ID))
	if err == nil {
		err = s.freeOf(ctx, tx, i)
	}
	if err != nil && !errs.IsKind(err, errs.KindNotFound) {
		return err
	}
	return s.joins(ctx, tx, after.Email)
}

// CheckReseller adds to wrong when there is no such open reseller that the caller sees; nobody with a place makes somebody
// who has none.
func (s *Service) CheckReseller(ctx context.Context, q db.Q, wrong *errs.Fields, reseller int64) error {
	if reseller == 0 {
		if access.From(ctx).Principal.HasPlace() {
			wrong.Add("reseller", "required", "Your staff see the customers of your reseller, or of one below it.")
		}
		return nil
	}
	known := map[int64]string{}
	if err := s.sees(ctx, q, reseller); err != nil && !errs.IsKind(err, errs.KindNotFound) {
		return err
	} else if err == nil && s.resellers != nil {
		if known, err = s.resellers(ctx, q, []int64{reseller}); err != nil {
			return err
		}
	}
	if _, there := known[reseller]; !there {
		wrong.Add("reseller", "unknown_reseller", "There is no such open reseller.")
	}
	return nil
}
