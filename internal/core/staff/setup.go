package staff

import (
	"context"
	"fmt"

	"tandem/internal/core/access"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// Needed tells whether nobody works here yet, so that the first person has to be made.
func (s *Service) Needed(ctx context.Context) (bool, error) {
	var n int
	if err := s.db.Read().GetContext(ctx, &n, sqlAny); err != nil {
		return false, fmt.Errorf("look for staff: %w", err)
	}
	return n == 0, nil
}

// SetUp makes the first person, an admin. The caller has proved that they may: with the set-up link, or at the
// command line. When somebody works here already it refuses with setup_done, also to one of two at once.
func (s *Service) SetUp(ctx context.Context, in Input) (Staff, error) {
	in.Roles = []access.Role{access.RoleAdmin}
	if in.Password == "" {
		return Staff{}, &errs.Error{Kind: errs.KindInvalid, Code: "invalid", Detail: "One field is wrong.",
			Fields: []errs.Field{{Field: "password", Code: "required", Message: "A password is needed."}}}
	}
	if needed, err := s.Needed(ctx); err != nil || !needed {
		return Staff{}, orDone(err)
	}
	hash, err := s.check(ctx, &in)
	if err != nil {
		return Staff{}, err
	}
	call := access.From(ctx)
	call.Principal = access.System("set-up")
	ctx = access.With(ctx, call)
	var made Staff
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		n, err := exec(ctx, tx, "note that the installation is set up", sqlSetUp, clock.Micros(s.clock.Now()))
		if err != nil {
			return err
		}
		if n == 0 {
			return orDone(nil)
		}
		made, err = s.insert(ctx, tx, in, hash, "First admin created")
		return err
	})
	return made, duplicate(err)
}

func orDone(err error) error {
	if err != nil {
		return err
	}
	return errs.New(errs.KindConflict, "setup_done", "Tandem has been set up already. Sign in instead.")
}
