package customer

import (
	"context"
	"fmt"

	"tandem/internal/kit/db"
)

const (
	sqlKnownResellers = `SELECT id FROM customers WHERE id IN (%s) AND kind = 'reseller' AND closed = 0`
	sqlKnownGroups    = `SELECT id FROM groups WHERE id IN (%s)`
	sqlLastID         = `SELECT COALESCE(MAX(id), 0) FROM customers`
	sqlOwnedIDs       = `SELECT id FROM customers WHERE closed = 0 AND reseller_id = $1 AND id > $2 ORDER BY id LIMIT $3`
	// ':' comes behind '9', so the range holds every reference that goes on with a digit.
	sqlNumbersUsed = `
		SELECT COUNT(*) FROM customers
		 WHERE closed = 0 AND reference_key >= $1 AND reference_key < $2 AND LENGTH(reference_key) = $3
		   AND LTRIM(SUBSTR(reference_key, $4), '0123456789') = ''`
)

// readRefs finds out which resellers and groups are there; 0 is none.
func readRefs(ctx context.Context, q db.Q, resellers, groups []int64) (refs, error) {
	found := refs{resellers: map[int64]bool{}, groups: map[int64]bool{}}
	for _, ask := range []struct {
		ids   []int64
		text  string
		known map[int64]bool
	}{{resellers, sqlKnownResellers, found.resellers}, {groups, sqlKnownGroups, found.groups}} {
		if len(ask.ids) == 0 || (len(ask.ids) == 1 && ask.ids[0] == 0) {
			continue
		}
		var ids []int64
		if err := q.SelectContext(ctx, &ids, fmt.Sprintf(ask.text, idList(ask.ids))); err != nil {
			return refs{}, fmt.Errorf("look for resellers and groups: %w", err)
		}
		for _, n := range ids {
			ask.known[n] = true
		}
	}
	return found, nil
}

// LastID is the greatest ID that a customer has: what is made later has a greater one.
func (s *Service) LastID(ctx context.Context, q db.Q) (int64, error) {
	var n int64
	if err := q.GetContext(ctx, &n, sqlLastID); err != nil {
		return 0, fmt.Errorf("find the last customer: %w", err)
	}
	return n, nil
}

// LoadLocked reads customers by ID, in order of ID, and keeps them from other writers until the end of tx. Missing
// ones are left out.
func (s *Service) LoadLocked(ctx context.Context, tx *db.Tx, ids []int64) ([]*Customer, error) {
	return s.schema.Load().load(ctx, tx, ids, " ORDER BY c.id"+tx.Dialect().ForUpdate())
}

// OwnedIDs is up to limit IDs above after of the open customers that a reseller owns, in order.
func (s *Service) OwnedIDs(ctx context.Context, q db.Q, reseller, after int64, limit int) ([]int64, error) {
	var ids []int64
	if err := q.SelectContext(ctx, &ids, sqlOwnedIDs, reseller, after, limit); err != nil {
		return nil, fmt.Errorf("look for owned customers: %w", err)
	}
	return ids, nil
}
