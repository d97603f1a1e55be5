package staff

import (
	"context"
	"fmt"

	"tandem/internal/core/access"
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
		if p.Role == access.RoleAdmin && p.Status == StatusActive {
			admins++
		}
		if !p.Role.Known() {
			broken = append(broken, fmt.Sprintf("%s has the role %q, which may do nothing", p.Email, p.Role))
		}
	}
	if admins == 0 {
		broken = append(broken, "no active admin is left: make one with tandem user create")
	}
	return broken, nil
}
