package staff

import (
	"context"
	"slices"

	"tandem/internal/core/access"
	"tandem/internal/core/role"
	"tandem/internal/kit/errs"
)

// Why is whether a person may do something, and what decides it.
type Why struct {
	Permission access.Permission
	May        bool
	Disabled   bool          // they may not sign in
	Placed     bool          // their roles have it, but it is closed to who sees a reseller's customers alone
	Given      []access.Role // those of their roles that have it
	Would      []access.Role // other roles that would give it
	Staff      Staff
}

// WhyHidden is whether a field is hidden from a person, and what decides it.
type WhyHidden struct {
	Mask   access.Mask
	Hidden bool
	By     []access.Role // those of their roles that hide it
	Shown  []access.Role // those of their roles that do not, any of which shows it
}

// WhyHidden tells whether a mask hides its fields from a person, and why.
func (s *Service) WhyHidden(ctx context.Context, staffID int64, m access.Mask) (WhyHidden, error) {
	if err := access.Require(ctx, access.StaffRead); err != nil {
		return WhyHidden{}, err
	}
	a, err := s.seen(ctx, s.db.Read(), sqlGet, staffID)
	if err != nil {
		return WhyHidden{}, err
	}
	if !access.KnownMask(m) {
		var wrong errs.Fields
		wrong.Add("mask", "unknown", "There is no mask %q.", string(m))
		return WhyHidden{}, wrong.Err()
	}
	out := WhyHidden{Mask: m, Hidden: slices.Contains(a.Masks, m), By: []access.Role{}, Shown: []access.Role{}}
	for _, r := range a.Roles {
		hides, err := role.Masks(ctx, s.db.Read(), r)
		if err != nil {
			return WhyHidden{}, err
		}
		if slices.Contains(hides, m) {
			out.By = append(out.By, r)
		} else {
			out.Shown = append(out.Shown, r)
		}
	}
	return out, nil
}

// Why tells whether a person may do something, and why.
func (s *Service) Why(ctx context.Context, staffID int64, perm access.Permission) (Why, error) {
	if err := access.Require(ctx, access.StaffRead); err != nil {
		return Why{}, err
	}
	q := s.db.Read()
	a, err := s.seen(ctx, q, sqlGet, staffID)
	if err != nil {
		return Why{}, err
	}
	if !slices.Contains(access.AllPermissions(), perm) {
		var wrong errs.Fields
		wrong.Add("permission", "unknown", "There is no permission %q.", string(perm))
		return Why{}, wrong.Err()
	}
	giving, err := role.Giving(ctx, q, perm)
	if err != nil {
		return Why{}, err
	}
	out := Why{Permission: perm, Disabled: a.Status != StatusActive, Staff: a.Staff, Given: []access.Role{}, Would: []access.Role{}}
	for _, r := range giving {
		if slices.Contains(a.Roles, r) {
			out.Given = append(out.Given, r)
		} else if !access.From(ctx).Principal.HasPlace() || mayGrant(ctx, q, []access.Role{r}) == nil { // with a place one sees no others
			out.Would = append(out.Would, r)
		}
	}
	out.Placed = len(out.Given) > 0 && a.Reseller != 0 && !access.KeepsPlace(perm)
	out.May = len(out.Given) > 0 && !out.Placed && !out.Disabled
	return out, nil
}
