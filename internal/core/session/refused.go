package session

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/identity"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// Why a try to sign in was refused, as the audit tells it. Whoever tries is told less.
const (
	whyUnknown  = "unknown_address"
	whyPassword = "wrong_password"
	whyDisabled = "disabled"
	whyNetwork  = "not_allowed_ip"
	whySecond   = "wrong_second_factor"
	whyPasskey  = "wrong_passkey"
)

// refused notes that a try was refused, and gives the answer to it. There are no more of these entries than tries that
// begin lets through. who may be nobody; typed is the address as it was given.
func (s *Service) refused(ctx context.Context, who identity.Identity, typed, why string, answer error) error {
	return s.noted(ctx, who, "Sign-in refused", []audit.Change{{Field: "why", New: why}, {Field: "address", New: masked(typed)}}, answer)
}

// Refused notes that another way to sign in refused somebody, and gives the answer to it. Whoever calls it bounds how
// often that can be.
func (s *Service) Refused(ctx context.Context, address, why string, answer error) error {
	return s.refused(ctx, identity.Identity{}, address, why, answer)
}

// notePassword notes that whoever is signed in gave a wrong password where theirs is asked for again.
func (s *Service) notePassword(ctx context.Context, answer error) error {
	e, ok := errs.As(answer)
	if !ok || len(e.Fields) == 0 || e.Fields[0].Code != "wrong_password" {
		return answer
	}
	own, err := s.people.Own(ctx)
	if err != nil {
		return err
	}
	return s.noted(ctx, own.Identity, "Password asked for again was wrong", []audit.Change{{Field: "why", New: whyPassword}}, answer)
}

func (s *Service) noted(ctx context.Context, who identity.Identity, message string, changes []audit.Change, answer error) error {
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		entry := audit.Entry{Action: audit.ActionLogin, Table: "staff", Message: message, Changes: changes}
		if who.ID != 0 {
			if err := s.name(ctx, tx, who, &entry); err != nil {
				return err
			}
		}
		call := access.From(ctx)
		call.Once = nil // nothing was made that the key would be for
		return s.audit.Record(access.With(ctx, call), tx, entry)
	})
	if err != nil {
		return err
	}
	return answer
}

// name has an entry tell of a person: by one of the doors that they have, shut ones too.
func (s *Service) name(ctx context.Context, tx *db.Tx, who identity.Identity, entry *audit.Entry) error {
	entry.RowName = who.Email
	all, err := s.people.All(ctx, tx, who)
	if err != nil || len(all) == 0 {
		return err
	}
	entry.Table, entry.RowID, entry.RowName = all[0].Table, all[0].ID, all[0].Name
	return nil
}

// maxAddress is how much of an address is kept that somebody tried.
const maxAddress = 80

// masked is an address as it is kept: its first character and where it is. What is no address may be a password that was
// typed in the wrong place, and is not kept.
func masked(typed string) any {
	typed = strings.TrimSpace(strings.ToValidUTF8(typed, ""))
	local, host, is := strings.Cut(typed, "@")
	first, size := utf8.DecodeRuneInString(local)
	if !is || size == 0 || host == "" || !strings.Contains(host, ".") || strings.ContainsFunc(typed, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		return nil
	}
	if r := []rune(host); len(r) > maxAddress {
		host = string(r[:maxAddress]) + "…"
	}
	return string(first) + "…@" + host
}

// whyShut is why nobody comes in by any door from here.
func (s *Service) whyShut(ctx context.Context, who identity.Identity) (string, error) {
	doors, err := s.people.Doors(ctx, s.db.Read(), who)
	if err != nil {
		return "", err
	}
	if len(doors) > 0 {
		return whyNetwork, nil
	}
	return whyDisabled, nil
}

// whyWrong is why a try was refused whose password was wrong, or whose person there is none.
func whyWrong(who identity.Identity) string {
	if who.ID == 0 {
		return whyUnknown
	}
	return whyPassword
}

// noteRefusal notes what went wrong behind a password that was right; what is no refusal stays as it is.
func (s *Service) noteRefusal(ctx context.Context, who identity.Identity, typed string, err error) error {
	e, ok := errs.As(err)
	if !ok || e.Kind != errs.KindUnauthorized {
		return err
	}
	switch e.Code {
	case "wrong_otp":
		return s.refused(ctx, who, typed, whySecond, err)
	case "wrong_credentials":
		why, failed := s.whyShut(ctx, who)
		if failed != nil {
			return failed
		}
		return s.refused(ctx, who, typed, why, err)
	}
	return err
}
