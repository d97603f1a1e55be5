package view

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// Limits of preferences.
const (
	MaxPreference  = 64 << 10 // bytes of one value
	maxPreferences = 200      // of one principal
)

var preferenceKey = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,99}$`)

// Preference is what the caller remembers under a key, as JSON; null when nothing.
func (s *Service) Preference(ctx context.Context, key string) (json.RawMessage, error) {
	who, err := rememberer(ctx, key)
	if err != nil {
		return nil, err
	}
	var value string
	err = s.o.DB.Read().GetContext(ctx, &value, sqlPreference, who, key)
	if errors.Is(err, sql.ErrNoRows) {
		return json.RawMessage("null"), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a preference: %w", err)
	}
	return json.RawMessage(value), nil
}

// SetPreference remembers a value of up to MaxPreference bytes for the caller. It is a comfort of one person and
// changes nothing that others see, so it is not audited.
func (s *Service) SetPreference(ctx context.Context, key string, value json.RawMessage) error {
	who, err := rememberer(ctx, key)
	if err != nil {
		return err
	}
	if len(value) > MaxPreference {
		return errs.New(errs.KindTooLarge, "too_large", "A preference may have %d KiB at most.", MaxPreference>>10)
	}
	var kept bytes.Buffer
	if json.Compact(&kept, value) != nil {
		return errs.New(errs.KindBadRequest, "malformed", "The body is not valid JSON.")
	}
	return s.o.DB.Write(ctx, func(tx *db.Tx) error {
		var others int
		if err := tx.GetContext(ctx, &others, sqlCountPreferences, who, key); err != nil {
			return fmt.Errorf("set a preference: %w", err)
		}
		if others >= maxPreferences {
			return errs.New(errs.KindConflict, "too_many_preferences", "There are %d preferences already.", maxPreferences)
		}
		text := strings.ToValidUTF8(kept.String(), "\uFFFD")
		if _, err := tx.ExecContext(ctx, sqlSetPreference, who, key, text, s.now()); err != nil {
			return fmt.Errorf("set a preference: %w", err)
		}
		return nil
	})
}

// rememberer is the key of a caller who is somebody.
func rememberer(ctx context.Context, key string) (string, error) {
	p := access.From(ctx).Principal
	if p.Kind == access.KindAnonymous {
		return "", errs.New(errs.KindUnauthorized, "not_signed_in", "Sign in first.")
	}
	if !preferenceKey.MatchString(key) {
		var wrong errs.Fields
		wrong.Add("key", "malformed", "It must be 1 to 100 of a-z, 0-9, dot, dash and underscore, such as grid.customers.")
		return "", wrong.Err()
	}
	return p.Key(), nil
}
