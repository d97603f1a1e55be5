package identity

import (
	"bytes"
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"tandem/internal/core/audit"
	"tandem/internal/core/notify"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/secret"
)

const (
	totpPeriod    = 30 // seconds
	totpSkew      = 1  // steps a clock may be off, either way
	recoveryCodes = 10
)

// TOTP is a key for an authenticator app, while it is being set up.
type TOTP struct {
	Secret string // base32, to be typed
	URL    string // otpauth://, to be scanned
	QR     string // the URL as the path of an SVG, one unit for a dot
	Size   int    // units that the path is wide and high
}

func totpPurpose(identityID int64) string { return fmt.Sprintf("totp:%d", identityID) }

// BeginTOTP makes a key for the caller's authenticator app; it counts from ConfirmTOTP on. The caller has said their
// password just now. issuer is the name that the app shows.
func (s *Service) BeginTOTP(ctx context.Context, issuer string) (TOTP, error) {
	d, err := s.Own(ctx)
	if err != nil {
		return TOTP{}, err
	}
	if d.Identity.TOTP {
		return TOTP{}, errs.New(errs.KindConflict, "totp_set", "An authenticator app is set up already. Remove it first.")
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: d.Identity.Email, Period: totpPeriod, SecretSize: 20, Digits: otp.DigitsSix,
		Algorithm: otp.AlgorithmSHA1, Rand: bytes.NewReader(secret.Digest(secret.Token()))})
	if err != nil {
		return TOTP{}, fmt.Errorf("make a key for an authenticator app: %w", err)
	}
	out := TOTP{Secret: key.Secret(), URL: key.URL()}
	if out.QR, out.Size, err = dots(out.URL); err != nil {
		return TOTP{}, err
	}
	return out, s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := exec(ctx, tx, "keep the key of an authenticator app", sqlBeginTOTP, d.Identity.ID, s.Box.Seal(totpPurpose(d.Identity.ID), out.Secret), clock.Micros(s.Clock.Now()))
		if err != nil {
			return err
		}
		return s.Audit.Record(ctx, tx, audit.Shown(d.Table, d.Person.ID, d.Name, "second_factor"))
	})
}

// dots is a text as a QR code, drawn as the path of an SVG.
func dots(text string) (path string, size int, err error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", 0, fmt.Errorf("draw a QR code: %w", err)
	}
	var b strings.Builder
	size = code.Bounds().Dx()
	for y := range size {
		for x := range size {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	return b.String(), size, nil
}

// ConfirmTOTP sets the caller's authenticator app up, when they have tried it, and gives recovery codes: each works once
// in place of a code. They are told here and never again.
func (s *Service) ConfirmTOTP(ctx context.Context, code string) ([]string, error) {
	d, err := s.Own(ctx)
	if err != nil {
		return nil, err
	}
	codes := make([]string, recoveryCodes)
	for n := range codes {
		codes[n] = Generate()[:14]
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		step, err := s.totpStep(ctx, tx, d.Identity.ID, 0, code)
		if err != nil {
			return err
		}
		if step == 0 {
			return wrongCode()
		}
		n, err := exec(ctx, tx, "set an authenticator app up", sqlConfirmTOTP, step, d.Identity.ID)
		if err != nil || n == 0 {
			return errors.Join(err, wrongCode())
		}
		if _, err := exec(ctx, tx, "drop recovery codes", sqlDropRecovery, d.Identity.ID); err != nil {
			return err
		}
		for _, c := range codes {
			if _, err := exec(ctx, tx, "keep a recovery code", sqlInsertRecovery, d.Identity.ID, recoveryDigest(c)); err != nil {
				return err
			}
		}
		s.Changed(tx)
		if err := s.record(ctx, tx, []Door{d}, "Authenticator app set up", audit.Secret("second_factor")); err != nil {
			return err
		}
		return s.Audit.Record(ctx, tx, audit.Shown(d.Table, d.Person.ID, d.Name, "recovery_codes"))
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

func recoveryDigest(code string) []byte {
	return secret.Digest("recovery:" + strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code)))
}

func wrongCode() error {
	return &errs.Error{Kind: errs.KindInvalid, Code: "wrong_otp", Detail: "This code is wrong, or it was used already.",
		Fields: []errs.Field{{Field: "code", Code: "wrong_otp", Message: "This code is wrong, or it was used already. Wait for the next one."}}}
}

// totpStep is the step whose code this is, newer than the last one that was used; 0 when there is none. wanted is whether
// the key has been confirmed.
func (s *Service) totpStep(ctx context.Context, q db.Q, identityID, wanted int64, code string) (int64, error) {
	var sealed []byte
	var last int64
	err := q.QueryRowContext(ctx, sqlGetTOTP, identityID, wanted).Scan(&sealed, &last)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the key of an authenticator app: %w", err)
	}
	key, err := s.Box.Open(totpPurpose(identityID), sealed)
	if err != nil {
		return 0, fmt.Errorf("read the key of an authenticator app: %w", err)
	}
	now := s.Clock.Now().Unix() / totpPeriod
	found := int64(0)
	for step := now - totpSkew; step <= now+totpSkew; step++ {
		right, err := hotp.GenerateCodeCustom(key, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}) //nolint:gosec // after 1970
		if err != nil {
			return 0, fmt.Errorf("make a code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(right), []byte(code)) == 1 && step > last {
			found = step
		}
	}
	return found, nil
}

// tidyCode is a code as people copy it.
func tidyCode(code string) string { return strings.ReplaceAll(strings.TrimSpace(code), " ", "") }

// Second tells whether the code is the identity's at present: of its app, or a recovery code. It uses nothing up.
func (s *Service) Second(ctx context.Context, i Identity, code string) (bool, error) {
	code = tidyCode(code)
	step, err := s.totpStep(ctx, s.DB.Read(), i.ID, 1, code)
	if err != nil || step > 0 {
		return step > 0, err
	}
	var n int
	if err := s.DB.Read().GetContext(ctx, &n, sqlKnowRecovery, i.ID, recoveryDigest(code)); err != nil {
		return false, fmt.Errorf("look for a recovery code: %w", err)
	}
	return n > 0, nil
}

// UseSecond is Second in the transaction of what it is for, and uses the code up: of many at once, one is right.
func (s *Service) UseSecond(ctx context.Context, tx *db.Tx, i Identity, code string) (bool, error) {
	code = tidyCode(code)
	step, err := s.totpStep(ctx, tx, i.ID, 1, code)
	if err != nil {
		return false, err
	}
	if step > 0 {
		n, err := exec(ctx, tx, "use a code", sqlUseTOTP, step, i.ID)
		return n == 1, err
	}
	n, err := exec(ctx, tx, "use a recovery code", sqlUseRecovery, clock.Micros(s.Clock.Now()), i.ID, recoveryDigest(code))
	return n == 1, err
}

// RemoveTOTP takes the caller's authenticator app away. The caller has said their password just now.
func (s *Service) RemoveTOTP(ctx context.Context) error {
	d, err := s.Own(ctx)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := locked(ctx, tx, d.Identity.ID); err != nil {
			return err
		}
		if err := s.dropTOTP(ctx, tx, d.Identity.ID); err != nil {
			return err
		}
		if err := s.keepSecond(ctx, tx, d.Identity.ID); err != nil {
			return err
		}
		return s.tellRemoved(ctx, tx, []Door{d}, "Authenticator app removed")
	})
}

// NeedsSecond tells whether the identity has to have a second factor, by whichever of its doors.
func (s *Service) NeedsSecond(ctx context.Context, i Identity) (bool, error) {
	return s.needsSecond(ctx, s.DB.Read(), i)
}

func (s *Service) needsSecond(ctx context.Context, q db.Q, i Identity) (bool, error) {
	doors, err := s.Doors(ctx, q, i)
	return slices.ContainsFunc(doors, func(d Door) bool { return d.NeedsSecond }), err
}

// keepSecond refuses that nothing is left of what a role requires. The identity is locked: of two who take away the last
// two, one is refused.
func (s *Service) keepSecond(ctx context.Context, tx *db.Tx, identityID int64) error {
	i, err := one(ctx, tx, sqlGet, identityID)
	if err != nil || i.HasSecond() {
		return err
	}
	needs, err := s.needsSecond(ctx, tx, i)
	if err != nil || !needs {
		return err
	}
	return errs.New(errs.KindConflict, "second_factor_needed", "A role of yours requires a second factor, and this is the last one. Set another one up first.")
}

func (s *Service) dropTOTP(ctx context.Context, tx *db.Tx, identityID int64) error {
	if _, err := exec(ctx, tx, "drop recovery codes", sqlDropRecovery, identityID); err != nil {
		return err
	}
	_, err := exec(ctx, tx, "take an authenticator app away", sqlDropTOTP, identityID)
	s.Changed(tx)
	return err
}

// ResetSecond takes a member's second factors away, for somebody who has lost them: the caller may act on everybody who
// signs in with the address. What was signed in ends.
func (s *Service) ResetSecond(ctx context.Context, m Member) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		i, err := s.ByMember(ctx, tx, m)
		if err != nil {
			return err
		}
		if err := s.MayGive(ctx, tx, i); err != nil {
			return err
		}
		if err := s.dropSecond(ctx, tx, i.ID); err != nil {
			return err
		}
		doors, err := s.Doors(ctx, tx, i)
		if err != nil {
			return err
		}
		for _, d := range doors {
			if err := s.End(ctx, tx, d.Person.Kind, d.Person.ID); err != nil {
				return err
			}
		}
		return s.tellRemoved(ctx, tx, doors, "Second factors reset")
	})
}

// dropSecond takes every second factor away.
func (s *Service) dropSecond(ctx context.Context, tx *db.Tx, identityID int64) error {
	if _, err := exec(ctx, tx, "take passkeys away", sqlDropPasskeys, identityID); err != nil {
		return err
	}
	return s.dropTOTP(ctx, tx, identityID)
}

// tellRemoved writes down that a second factor is gone, and tells the person.
func (s *Service) tellRemoved(ctx context.Context, tx *db.Tx, doors []Door, message string) error {
	if s.mail != nil && len(doors) > 0 {
		m := doors[0].message(notify.KeySecondFactorRemoved)
		m.Times = map[string]time.Time{"time": s.Clock.Now()}
		if err := s.Send(ctx, tx, m); err != nil {
			return err
		}
	}
	return s.record(ctx, tx, doors, message, audit.Secret("second_factor"))
}

// RecoveryLeft is how many recovery codes the identity has not used.
func (s *Service) RecoveryLeft(ctx context.Context, i Identity) (int, error) {
	var n int
	if err := s.DB.Read().GetContext(ctx, &n, sqlRecoveryLeft, i.ID); err != nil {
		return 0, fmt.Errorf("count recovery codes: %w", err)
	}
	return n, nil
}
