package customer

import (
	"context"
	"fmt"

	"tandem/internal/core/access"
	"tandem/internal/kit/db"
)

const (
	sqlKnownResellers = `SELECT id FROM customers WHERE id IN (%s) AND kind = 'reseller' AND closed = 0`
	sqlKnownGroups    = `SELECT id FROM groups WHERE id IN (%s)`
	sqlGroupNames     = `SELECT id, name FROM groups WHERE id IN (%s)`
	sqlCustomerNames  = `SELECT id, name FROM customers WHERE id IN (%s)`
	sqlLastID         = `SELECT COALESCE(MAX(id), 0) FROM customers`
	sqlOwnedIDs       = `SELECT id FROM customers WHERE closed = 0 AND reseller_id = $1 AND id > $2 ORDER BY id LIMIT $3`
	// ':' comes behind '9', so the range holds every reference that goes on with a digit.
	sqlNumbersUsed = `
		SELECT COUNT(*) FROM customers
		 WHERE closed = 0 AND reference_key >= $1 AND reference_key < $2 AND LENGTH(reference_key) = $3
		   AND LTRIM(SUBSTR(reference_key, $4), '0123456789') = ''`
)

// readRefs finds out which resellers and groups are there; 0 is none. Within a transaction they stay as they are until
// its end: a reseller is not closed, a group not removed, while somebody is put under it.
func readRefs(ctx context.Context, q db.Q, resellers, groups []int64) (refs, error) {
	found := refs{resellers: map[int64]bool{}, groups: map[int64]bool{}}
	lock := ""
	if tx, ok := q.(*db.Tx); ok {
		lock = tx.Dialect().ForShare()
	}
	for _, ask := range []struct {
		ids   []int64
		text  string
		known map[int64]bool
	}{{resellers, sqlKnownResellers, found.resellers}, {groups, sqlKnownGroups, found.groups}} {
		if len(ask.ids) == 0 || (len(ask.ids) == 1 && ask.ids[0] == 0) {
			continue
		}
		var ids []int64
		if err := q.SelectContext(ctx, &ids, fmt.Sprintf(ask.text, db.IDList(ask.ids))+" ORDER BY id"+lock); err != nil {
			return refs{}, fmt.Errorf("look for resellers and groups: %w", err)
		}
		for _, n := range ids {
			ask.known[n] = true
		}
	}
	if !access.From(ctx).Principal.HasPlace() {
		return found, nil
	}
	seen, err := Visible(ctx, q, keys(found.resellers))
	if err != nil {
		return refs{}, err
	}
	found = refs{resellers: map[int64]bool{}, groups: map[int64]bool{}} // groups are the operator's
	for _, n := range seen {
		found.resellers[n] = true
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
// ones and those outside the caller's place are left out.
func (s *Service) LoadLocked(ctx context.Context, tx *db.Tx, ids []int64) ([]*Customer, error) {
	ids, err := Visible(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
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

// Names tells the names of groups and of customers, for people who look at their IDs; missing ones are left out.
func (s *Service) Names(ctx context.Context, q db.Q, groups, customers []int64) (ofGroups, ofCustomers map[int64]string, err error) {
	if ofGroups, err = names(ctx, q, sqlGroupNames, groups); err != nil {
		return nil, nil, err
	}
	ofCustomers, err = names(ctx, q, sqlCustomerNames, customers)
	return ofGroups, ofCustomers, err
}

func names(ctx context.Context, q db.Q, text string, ids []int64) (map[int64]string, error) {
	out := make(map[int64]string, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var found []struct {
		ID   int64  `db:"id"`
		Name string `db:"name"`
	}
	if err := q.SelectContext(ctx, &found, fmt.Sprintf(text, db.IDList(ids))); err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	for _, f := range found {
		out[f.ID] = f.Name
	}
	return out, nil
}

// OpenResellers tells the names of those of the customers that are open resellers; in a transaction they stay so until its
// end.
func OpenResellers(ctx context.Context, q db.Q, ids []int64) (map[int64]string, error) {
	known, err := readRefs(ctx, q, ids, nil)
	if err != nil {
		return nil, err
	}
	return names(ctx, q, sqlCustomerNames, keys(known.resellers))
}
