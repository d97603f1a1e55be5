package app

import (
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/staff"
	"tandem/internal/kit/check"
)

// Checks is every invariant that tandem check proves.
func (a *App) Checks() []check.Func {
	checks := append(customer.Checks(), contact.Checks()...)
	return append([]check.Func{
		{Name: "audit chain", Run: a.Audit.Verify},
		{Name: "an admin is left", Run: staff.Verify},
		{Name: "what was erased is gone", Run: a.Erasures.Check},
	}, checks...)
}
