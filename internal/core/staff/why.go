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

// Why tells whether a person may do something, and why.
func (s *Service) Why(ctx context.Context, staffID int64, perm access.Permission) (Why, error) {
	if err := access.Require(ctx, access.StaffRead); err != nil {
		return Why{}, err
	}
	q := s.db.Read()
	a, err := one(ctx, q, sqlGet, staffID)
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
		} else {
			out.Would = append(out.Would, r)
		}
	}
	out.Placed = len(out.Given) > 0 && a.Reseller != 0 && !access.KeepsPlace(perm)
	out.May = len(out.Given) > 0 && !out.Placed && !out.Disabled
	return out, nil
}
