package once

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"tandem/internal/kit/db"
)

type kept struct {
	Principal string `db:"principal"`
	Key       string `db:"key"`
	Body      []byte `db:"body"`
	Place
}

// naming is the stored answers that name one of these identifiers, made one of these rows, or were given to one of these
// principals.
func naming(ctx context.Context, q db.Q, refs []string, rows []Place, principals []string) ([]kept, error) {
	var out []kept
	for at := (kept{}); ; {
		var page []kept
		if err := q.SelectContext(ctx, &page, sqlAnswers, at.Principal, at.Key); err != nil {
			return nil, fmt.Errorf("read idempotency keys: %w", err)
		}
		for _, k := range page {
			says := func(ref string) bool { return bytes.Contains(k.Body, []byte(ref)) }
			if slices.Contains(principals, k.Principal) || slices.Contains(rows, k.Place) || slices.ContainsFunc(refs, says) {
				out = append(out, kept{Principal: k.Principal, Key: k.Key})
			}
			at = k
		}
		if len(page) == 0 {
			return out, nil
		}
	}
}

// ToForget is how many answers Forget would drop.
func ToForget(ctx context.Context, q db.Q, refs []string, rows []Place, principals []string) (int64, error) {
	found, err := naming(ctx, q, refs, rows, principals)
	return int64(len(found)), err
}

// Forget drops the keys whose stored answers name one of these identifiers, made one of these rows, or belong to one of
// these principals. Their requests, sent again, are new ones.
func Forget(ctx context.Context, d *db.DB, refs []string, rows []Place, principals []string) error {
	found, err := naming(ctx, d.Read(), refs, rows, principals)
	if err != nil || len(found) == 0 {
		return err
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		for _, k := range found {
			if _, err := tx.ExecContext(ctx, sqlDrop, k.Principal, k.Key); err != nil {
				return fmt.Errorf("forget idempotency keys: %w", err)
			}
		}
		return nil
	})
}
