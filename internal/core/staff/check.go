package staff

import (
	"context"
	"fmt"

	"tandem/internal/core/role"
	"tandem/internal/kit/db"
)

// Verify tells what is wrong with the people: no admin is left to let others in, or somebody has a role that nothing
// knows.
func Verify(ctx context.Context, q db.Q) (broken []string, err error) {
	people, err := all(ctx, q)
	if err != nil || len(people) == 0 {
		return nil, err
	}
	admins := 0
	for _, p := range people {
		if p.IsAdmin() && p.Status == StatusActive {
			admins++
		}
		missing, err := role.Hold(ctx, q, p.Roles...)
		switch {
		case err != nil:
			return nil, err
		case len(p.Roles) == 0:
			broken = append(broken, fmt.Sprintf("%s has no role", p.Email))
		case missing != "":
			broken = append(broken, fmt.Sprintf("%s has the role %q, which is not there", p.Email, missing))
		}
	}
	if admins == 0 {
		broken = append(broken, "no active admin is left: make one with tandem user create")
	}
	return broken, nil
}
