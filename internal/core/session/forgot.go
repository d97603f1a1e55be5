package session

import (
	"context"

	"tandem/internal/core/access"
	"tandem/internal/kit/errs"
)

// maxForgotten is how many may wait to be looked up.
const maxForgotten = 256

// forgotten is somebody who says that they forgot their password.
type forgotten struct {
	email string
	call  access.Call
}

// Forgot takes down that somebody forgot their password. Whether there is such a person is looked up when the answer is
// out: the answer and the time it takes are the same. Tries are counted as those of signing in are, apart from them.
func (s *Service) Forgot(ctx context.Context, email string) error {
	if err := s.people.CanMail(); err != nil {
		return err
	}
	call := access.From(ctx)
	keys := counters("forgot:"+email, call.IP)
	keys[1] = "forgot-" + keys[1]
	if err := s.begin(ctx, keys); err != nil {
		return err
	}
	call.Once = nil
	select {
	case s.forgot <- forgotten{email, call}:
		return nil
	default:
		e := errs.New(errs.KindUnavailable, "unavailable", "Too many ask for a new password at the moment. Try again soon.")
		e.RetryAfter = 10
		return e
	}
}

// Remember looks up those who forgot their password and mails them a link, until ctx ends and nobody waits any more. What
// goes wrong is handed to failed.
func (s *Service) Remember(ctx context.Context, failed func(error)) {
	for {
		select {
		case f := <-s.forgot:
			s.remember(ctx, f, failed)
			continue
		default:
		}
		select {
		case <-ctx.Done():
			return
		case f := <-s.forgot:
			s.remember(ctx, f, failed)
		}
	}
}

func (s *Service) remember(ctx context.Context, f forgotten, failed func(error)) {
	if err := s.people.Forgot(access.With(context.WithoutCancel(ctx), f.call), f.email); err != nil {
		failed(err)
	}
}
