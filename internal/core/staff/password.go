package staff

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/secret"
)

const (
	minPassword = 8   // characters
	maxPassword = 256 // bytes: enough for any sentence, and little to hash
)

//go:embed common.txt
var commonText string

var common = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for word := range strings.FieldsSeq(commonText) {
		out[word] = true
	}
	return out
})

// checkPassword notes what is wrong with a password: too short, known to everybody, or the person's own name.
func checkPassword(wrong *errs.Fields, field, password, name, email string) {
	lower := strings.ToLower(password)
	local, _, _ := strings.Cut(strings.ToLower(email), "@")
	switch {
	case utf8.RuneCountInString(password) < minPassword:
		wrong.Add(field, "too_short", "A password has at least %d characters.", minPassword)
	case len(password) > maxPassword:
		wrong.Add(field, "too_long", "A password has at most %d bytes.", maxPassword)
	case !utf8.ValidString(password):
		wrong.Add(field, "bad_text", "A password is UTF-8 text.")
	case common()[lower] || common()[strings.TrimRight(lower, "0123456789!.?*#")] || uniform(lower):
		wrong.Add(field, "too_common", "This password is among the first that are tried. Take another one.")
	case lower == local || lower == strings.ToLower(email) || lower == strings.ToLower(name):
		wrong.Add(field, "too_personal", "A password must not be the name or the e-mail address.")
	}
}

// uniform tells whether a password is one or two characters over and over.
func uniform(s string) bool {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen) < 3
}

// Link makes a link, to be used once, by which a person sets a password; older ones end. It gives the token and when
// it expires.
func (s *Service) Link(ctx context.Context, staffID int64) (token string, expires time.Time, err error) {
	if err := access.Require(ctx, access.StaffWrite); err != nil {
		return "", time.Time{}, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		a, err := s.open(ctx, tx, staffID, 0)
		if err != nil {
			return err
		}
		if _, err := exec(ctx, tx, "end older links", sqlDropLinks, staffID); err != nil {
			return err
		}
		token, expires, err = s.link(ctx, tx, a, LinkLife, "One-time link to set a password made")
		return err
	})
	return token, expires, err
}

// link makes one for an active person, beside those there are.
func (s *Service) link(ctx context.Context, tx *db.Tx, a Account, life time.Duration, message string) (token string, expires time.Time, err error) {
	if a.Status != StatusActive {
		return "", time.Time{}, errs.New(errs.KindConflict, "disabled", "%s is disabled and cannot set a password.", a.Name)
	}
	now := s.clock.Now()
	token, expires = secret.Link(), now.Add(life)
	if _, err := exec(ctx, tx, "make the link", sqlInsertLink, secret.Digest(token), a.ID, a.Epoch, clock.Micros(now), clock.Micros(expires)); err != nil {
		return "", time.Time{}, err
	}
	return token, expires, s.audit.Record(ctx, tx, audit.Entry{Action: audit.ActionUpdate, Table: table, RowID: a.ID, RowName: a.Name,
		Message: message, Changes: []audit.Change{audit.Secret("password_link")}})
}

func badLink() error {
	return &errs.Error{Kind: errs.KindInvalid, Code: "bad_link", Detail: "This link was used, has expired or was replaced. Ask for a new one.",
		Fields: []errs.Field{{Field: "token", Code: "bad_link", Message: "This link does not work any more."}}}
}

// SetPassword sets the password of the person whose link it is, and uses the link up. Of many at once, one succeeds.
func (s *Service) SetPassword(ctx context.Context, token, password string) error {
	a, err := s.linked(ctx, s.db.Read(), sqlFindLink, secret.Digest(token), clock.Micros(s.clock.Now()))
	if err != nil {
		return err
	}
	var wrong errs.Fields
	checkPassword(&wrong, "password", password, a.Name, a.Email)
	if err := wrong.Err(); err != nil {
		return err
	}
	hash, err := s.hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		a, err := s.linked(ctx, tx, sqlUseLink, clock.Micros(s.clock.Now()), secret.Digest(token))
		if err != nil {
			return err
		}
		call := access.From(ctx)
		call.Principal = a.Principal()
		return s.savePassword(access.With(ctx, call), tx, a, hash, "Password set through a one-time link")
	})
}

// linked is the active person a link is for.
func (s *Service) linked(ctx context.Context, q db.Q, query string, args ...any) (Account, error) {
	var staffID, epoch int64
	err := q.QueryRowContext(ctx, query, args...).Scan(&staffID, &epoch)
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, badLink()
	}
	if err != nil {
		return Account{}, fmt.Errorf("find the link: %w", err)
	}
	a, err := one(ctx, q, sqlGet, staffID)
	if errs.IsKind(err, errs.KindNotFound) || err == nil && (a.Epoch != epoch || a.Status != StatusActive) {
		return Account{}, badLink()
	}
	return a, err
}

// ChangePassword changes a person's own password, who says the present one. Every session of theirs ends.
func (s *Service) ChangePassword(ctx context.Context, current, next string) error {
	p := access.From(ctx).Principal
	if p.Kind != access.KindStaff {
		return errs.New(errs.KindForbidden, "forbidden", "Only a person who signed in has a password.")
	}
	a, err := s.Account(ctx, p.ID)
	if err != nil {
		return err
	}
	ok, err := s.hasher.Verify(ctx, a.PasswordHash, current)
	if err != nil {
		return err
	}
	var wrong errs.Fields
	if !ok {
		wrong.Add("current", "wrong_password", "This is not your present password.")
	}
	checkPassword(&wrong, "new", next, a.Name, a.Email)
	if ok && next == current {
		wrong.Add("new", "same", "Take another password than the present one.")
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	hash, err := s.hasher.Hash(ctx, next)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.savePassword(ctx, tx, a, hash, "Password changed") })
}

// ResetPassword sets a password from the command line, where the operator is the machine's owner.
func (s *Service) ResetPassword(ctx context.Context, email, password string) (Staff, error) {
	if err := access.Require(ctx, access.StaffWrite); err != nil {
		return Staff{}, err
	}
	a, err := s.AccountByEmail(ctx, email)
	if err != nil {
		return Staff{}, err
	}
	if err := mayGrant(access.From(ctx).Principal, a.Role); err != nil {
		return Staff{}, err
	}
	var wrong errs.Fields
	checkPassword(&wrong, "password", password, a.Name, a.Email)
	if err := wrong.Err(); err != nil {
		return Staff{}, err
	}
	hash, err := s.hasher.Hash(ctx, password)
	if err != nil {
		return Staff{}, err
	}
	return a.Staff, s.db.Write(ctx, func(tx *db.Tx) error { return s.savePassword(ctx, tx, a, hash, "Password reset") })
}

func (s *Service) savePassword(ctx context.Context, tx *db.Tx, a Account, hash, message string) error {
	n, err := exec(ctx, tx, "set the password", sqlSetPassword, hash, clock.Micros(s.clock.Now()), a.ID, a.Epoch)
	if err != nil {
		return err
	}
	if n == 0 {
		return errs.Stale(nil)
	}
	s.afterCommit(tx)
	if err := s.tellChanged(ctx, tx, a); err != nil {
		return err
	}
	return s.audit.Record(ctx, tx, audit.Entry{Action: audit.ActionUpdate, Table: table, RowID: a.ID, RowName: a.Name,
		Message: message, Changes: []audit.Change{audit.Secret("password")}})
}

// PurgeLinks forgets links that have expired.
func (s *Service) PurgeLinks(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		_, err := exec(ctx, tx, "purge links", sqlPurgeLinks, clock.Micros(s.clock.Now()))
		return err
	})
}
