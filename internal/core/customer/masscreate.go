package customer

import (
	"context"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"time"

	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/secret"
)

// setupAlphabet is read out easily and is never taken for a formula.
var setupAlphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// SetupTokens gives each customer a one-time token of 128 random bits with which it sets itself up, valid for so long.
// Only the SHA-256 of each is kept: the texts are returned and nowhere else.
func (s *Service) SetupTokens(ctx context.Context, tx *db.Tx, ids []int64, valid time.Duration) ([]string, error) {
	now := s.Clock.Now()
	tokens, rows := make([]string, len(ids)), make([][]any, len(ids))
	for i, n := range ids {
		bits, err := base64.RawURLEncoding.DecodeString(secret.Link())
		if err != nil {
			return nil, fmt.Errorf("make set-up tokens: %w", err)
		}
		tokens[i] = setupAlphabet.EncodeToString(bits)
		rows[i] = []any{secret.Digest(tokens[i]), n, clock.Micros(now), clock.Micros(now.Add(valid)), int64(0)}
	}
	return tokens, tx.Bulk(ctx, "customer_setup_tokens", []string{"hash", "customer_id", "created_at", "expires_at", "used_at"}, rows)
}

// CheckRefs adds to wrong when the reseller or a group of a draft is not there.
func (s *Service) CheckRefs(ctx context.Context, q db.Q, d *Draft, wrong *errs.Fields) error {
	return checkRefs(ctx, q, d, wrong)
}

// NumbersUsed is how many open customers have a reference that is the prefix and then so many digits.
func (s *Service) NumbersUsed(ctx context.Context, q db.Q, prefix string, digits int) (int64, error) {
	key := fold.Key(prefix)
	var n int64
	if err := q.GetContext(ctx, &n, sqlNumbersUsed, key+"0", key+":", len(key)+digits, len(key)+1); err != nil {
		return 0, fmt.Errorf("count numbers in use: %w", err)
	}
	return n, nil
}
