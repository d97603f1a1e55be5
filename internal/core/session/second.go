package session

import (
	"context"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/identity"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// second asks somebody whose password was right for the code of their authenticator app, when they have one. A wrong code
// counts as a wrong password does; that none was given yet counts as nothing, and forgives nothing.
func (s *Service) second(ctx context.Context, who identity.Identity, otp string, keys [2]string) error {
	switch {
	case !who.TOTP:
		return nil
	case otp == "":
		if err := s.db.Write(ctx, func(tx *db.Tx) error { return s.takeBack(ctx, tx, keys) }); err != nil {
			return err
		}
		return errs.New(errs.KindUnauthorized, "otp_required", "Give the code of your authenticator app, or a recovery code.")
	}
	right, err := s.people.Second(ctx, who, otp)
	if err != nil || right {
		return err
	}
	return wrongOTP()
}

// passkeyFirst refuses a password alone by a door that requires more, when the person's second factor is a passkey: with
// that they sign in without password.
func (s *Service) passkeyFirst(ctx context.Context, door identity.Door, keys [2]string) error {
	if !door.NeedsSecond || door.TOTP || door.Keys == 0 {
		return nil
	}
	if err := s.db.Write(ctx, func(tx *db.Tx) error { return s.takeBack(ctx, tx, keys) }); err != nil {
		return err
	}
	return passkeyRequired()
}

func passkeyRequired() error {
	return errs.New(errs.KindUnauthorized, "passkey_required", "Your role requires more than a password. Sign in with your passkey.")
}

func wrongOTP() error {
	return errs.New(errs.KindUnauthorized, "wrong_otp", "This code is wrong, or it was used already.")
}

// useSecond uses the code up: it signs in once.
func (s *Service) useSecond(ctx context.Context, tx *db.Tx, who identity.Identity, otp string) error {
	if !who.TOTP {
		return nil
	}
	right, err := s.people.UseSecond(ctx, tx, who, otp)
	if err != nil || right {
		return err
	}
	return wrongOTP()
}

// ProveAgain asks whoever is signed in for their password before they change how they sign in. Wrong tries are counted
// as those of changing the password are.
//
// Whoever has no password, and came by a sign-in provider, has to have come just now. token is of their session.
func (s *Service) ProveAgain(ctx context.Context, password, token string) error {
	call := access.From(ctx)
	own, err := s.people.Own(ctx)
	if err != nil {
		return err
	}
	if own.PasswordHash == "" {
		return s.justVouched(ctx, token)
	}
	keys := counters("change:"+call.Principal.Key(), call.IP)
	if err := s.begin(ctx, keys); err != nil {
		return err
	}
	right, err := s.people.Verify(ctx, own.Identity, password)
	if err != nil {
		return err
	}
	if !right {
		var wrong errs.Fields
		wrong.Add("password", "wrong_password", "This is not your present password.")
		return s.notePassword(ctx, wrong.Err())
	}
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.forgive(ctx, tx, keys) })
}

const (
	choosing   = "choose"
	chooseLife = 5 * time.Minute
)

// ByPasskey begins a session for whoever's device has answered; or, when they may come in by several doors, gives those
// and a ticket to choose one with. A passkey is proof enough alone: the device has asked who it is.
func (s *Service) ByPasskey(ctx context.Context, origin, ticket string, answer []byte, agent string) (Started, error) {
	call := access.From(ctx)
	keys := counters("passkey:"+call.IP, call.IP)
	if err := s.begin(ctx, keys); err != nil {
		return Started{}, err
	}
	who, err := s.people.ByPasskey(ctx, origin, ticket, answer)
	if errs.IsKind(err, errs.KindUnauthorized) || errs.IsKind(err, errs.KindInvalid) {
		return Started{}, s.refused(ctx, who, "", whyPasskey, err)
	}
	if err != nil {
		return Started{}, err
	}
	doors, err := s.open(ctx, who, call.IP)
	if err != nil {
		return Started{}, s.noteRefusal(ctx, who, "", err)
	}
	if len(doors) == 1 {
		return s.start(ctx, doors[0], agent, func(tx *db.Tx) error { return s.forgive(ctx, tx, keys) })
	}
	out := Started{Choices: people(doors)}
	if out.Ticket, err = s.people.Ticket(ctx, choosing, who.ID, "", chooseLife); err != nil {
		return Started{}, err
	}
	return out, s.db.Write(ctx, func(tx *db.Tx) error { return s.takeBack(ctx, tx, keys) })
}

// Choose begins a session by the door that somebody chose who had several.
func (s *Service) Choose(ctx context.Context, ticket string, as identity.Member, agent string) (Started, error) {
	who, err := s.people.ByTicket(ctx, choosing, ticket)
	if err != nil {
		return Started{}, err
	}
	doors, err := s.open(ctx, who, access.From(ctx).IP)
	if err != nil {
		return Started{}, err
	}
	door, several, err := chosen(doors, as)
	if err != nil {
		return Started{}, err
	}
	if several {
		return Started{}, wrongCredentials()
	}
	return s.start(ctx, door, agent, func(*db.Tx) error { return nil })
}
