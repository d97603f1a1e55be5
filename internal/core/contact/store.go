package contact

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/list"
)

// SearchTable is made anew by Refill, and need not be backed up.
const SearchTable = "contact_search"

// columns is every column of a contact, in the order of values.
var columns = []string{"id", "customer_id", "customer_number", "customer_name", "customer_name_key", "customer_closed", "name", "name_key", "email", "email_key",
	"type", "type_key", "role", "phone", "mobile", "public_notes", "public_notes_key", "private_notes", "email_verified", "email_verified_at", "email_verified_by",
	"mobile_verified", "mobile_verified_at", "mobile_verified_by", "allowed_ips", "language", "removed", "removed_at", "created_at", "updated_at", "version"}

const (
	sqlColumns = `c.id, c.customer_id, c.customer_number, c.customer_name, c.customer_closed, c.name, c.email, c.type, c.role, c.phone, c.mobile, c.public_notes, c.private_notes,
		c.email_verified, c.email_verified_at, c.email_verified_by, c.mobile_verified, c.mobile_verified_at, c.mobile_verified_by, c.allowed_ips, c.language, c.removed_at, c.created_at, c.updated_at, c.version`
	sqlGet    = `SELECT ` + sqlColumns + ` FROM contacts c WHERE c.id = $1`
	sqlUpdate = `
		UPDATE contacts SET name = $1, name_key = $2, email = $3, email_key = $4, type = $5, type_key = $6, role = $7, phone = $8, mobile = $9,
		       public_notes = $10, public_notes_key = $11, private_notes = $12, email_verified = $13, email_verified_at = $14, email_verified_by = $15,
		       mobile_verified = $16, mobile_verified_at = $17, mobile_verified_by = $18, allowed_ips = $19, language = $20, removed = $21, removed_at = $22,
		       updated_at = $23, version = $24
		 WHERE id = $25 AND version = $26`
	sqlTwin   = `SELECT id, name FROM contacts WHERE customer_id = $1 AND email_key = $2 AND email_key <> '' AND removed = 0 AND id <> $3`
	sqlOwners = `SELECT COUNT(*) FROM contacts WHERE customer_id = $1 AND role = 'owner' AND removed = 0 AND id <> $2`
	sqlTotal  = `SELECT COALESCE(CAST(SUM(n) AS BIGINT), 0) FROM contact_totals`
	sqlCount  = `INSERT INTO contact_totals (slot, n) VALUES ($1, $2) ON CONFLICT (slot) DO UPDATE SET n = contact_totals.n + excluded.n`
	// One jump along the index for each type, however many contacts have it.
	sqlTypes = `
		WITH RECURSIVE used (key) AS (
		    SELECT (SELECT MIN(type_key) FROM contacts WHERE removed = 0 AND type_key > '')
		    UNION ALL
		    SELECT (SELECT MIN(type_key) FROM contacts WHERE removed = 0 AND type_key > used.key) FROM used WHERE used.key IS NOT NULL
		)
		SELECT (SELECT type FROM contacts WHERE removed = 0 AND type_key = used.key ORDER BY id LIMIT 1) FROM used WHERE used.key IS NOT NULL LIMIT 100`
	// Of one subtree or one customer.
	sqlTypesWithin = `
		SELECT MIN(type) FROM contacts
		 WHERE removed = 0 AND type_key > '' AND (customer_id = $2 OR customer_id IN (SELECT customer_id FROM customer_ancestors WHERE ancestor_id = $1))
		 GROUP BY type_key ORDER BY type_key LIMIT 100`
	sqlWithin      = `SELECT x.id FROM customer_ancestors a JOIN contacts x ON x.customer_id = a.customer_id WHERE a.ancestor_id IN (%s)`
	sqlAbout       = `SELECT id, customer_id FROM contacts WHERE id IN (%s)`
	sqlOfCustomers = `SELECT ` + sqlColumns + ` FROM contacts c WHERE c.customer_id IN (%s) ORDER BY c.id`
	sqlFollow      = `UPDATE contacts SET customer_name = $1, customer_name_key = $2, customer_closed = $3 WHERE customer_id = $4`
	sqlAfter       = `SELECT ` + sqlColumns + ` FROM contacts c WHERE c.id > $1 ORDER BY c.id LIMIT 500`
	sqlWrongTotal  = `
		SELECT 'kept', CAST(kept.n - counted.n AS TEXT) FROM (SELECT COUNT(*) AS n FROM contacts WHERE removed = 0) AS kept
		 CROSS JOIN (SELECT COALESCE(SUM(n), 0) AS n FROM contact_totals) AS counted WHERE kept.n <> counted.n`
	sqlWrongSearch = `
		SELECT 'in the search', CAST(kept.n - found.n AS TEXT) FROM (SELECT COUNT(*) AS n FROM contacts) AS kept
		 CROSS JOIN (SELECT COUNT(*) AS n FROM contact_search) AS found WHERE kept.n <> found.n`
	sqlWrongCustomer = `
		SELECT c.name, k.customer_id FROM contacts c JOIN customers k ON k.id = c.customer_id
		 WHERE c.customer_name <> k.name OR c.customer_closed <> k.closed OR c.customer_number <> k.customer_id LIMIT 50`
)

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return clock.Micros(t)
}

func instant(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return clock.Time(n)
}

func networksText(networks []string) string { return strings.Join(networks, " ") }

// own is the columns that a change of the contact itself may write, in the order of sqlUpdate.
func (c *Contact) own() []any {
	return []any{c.Name, fold.Key(c.Name), c.Email, fold.Key(c.Email), c.Type, fold.Key(c.Type), string(c.Role), c.Phone, c.Mobile,
		c.PublicNotes, fold.Key(c.PublicNotes), c.PrivateNotes, db.Bit(c.EmailVerified), micros(c.EmailProof.At), c.EmailProof.By,
		db.Bit(c.MobileVerified), micros(c.MobileProof.At), c.MobileProof.By, networksText(c.AllowedIPs), c.Language, db.Bit(!c.RemovedAt.IsZero()), micros(c.RemovedAt)}
}

func (c *Contact) values() []any {
	head := []any{c.ID, c.Customer.ID, c.CustomerID, c.Customer.Name, fold.Key(c.Customer.Name), db.Bit(c.CustomerClosed)}
	return append(append(head, c.own()...), micros(c.CreatedAt), micros(c.UpdatedAt), c.Version)
}

// scan reads a row of sqlColumns.
func scan(scan list.Scan) (*Contact, error) {
	c := &Contact{}
	var closed, emailVerified, emailAt, mobileVerified, mobileAt, removedAt, createdAt, updatedAt int64
	var networks string
	err := scan(&c.ID, &c.Customer.ID, &c.CustomerID, &c.Customer.Name, &closed, &c.Name, &c.Email, &c.Type, (*string)(&c.Role), &c.Phone, &c.Mobile, &c.PublicNotes, &c.PrivateNotes,
		&emailVerified, &emailAt, &c.EmailProof.By, &mobileVerified, &mobileAt, &c.MobileProof.By, &networks, &c.Language, &removedAt, &createdAt, &updatedAt, &c.Version)
	if err != nil {
		return nil, err
	}
	c.CustomerClosed, c.EmailVerified, c.MobileVerified = closed == 1, emailVerified == 1, mobileVerified == 1
	c.EmailProof.At, c.MobileProof.At, c.RemovedAt = instant(emailAt), instant(mobileAt), instant(removedAt)
	c.CreatedAt, c.UpdatedAt, c.AllowedIPs = clock.Time(createdAt), clock.Time(updatedAt), strings.Fields(networks)
	return c, nil
}

// entry is what the fragment index holds of a contact.
func (c *Contact) entry() list.Entry {
	out := list.Entry{ID: c.ID, Apart: !c.RemovedAt.IsZero()}
	add := func(to *[]string, texts ...string) {
		for _, t := range texts {
			if key := fold.Key(t); key != "" {
				*to = append(*to, key)
			}
		}
	}
	add(&out.Keywords, c.Name, c.Email, c.Phone, c.Mobile, c.Customer.Name, c.CustomerID)
	add(&out.Others, c.Type, c.PublicNotes)
	return out
}

func load(ctx context.Context, q db.Q, contactID int64, lock string) (*Contact, error) {
	c, err := scan(q.QueryRowContext(ctx, sqlGet+lock, contactID).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errs.NotFound("contact")
	}
	if err != nil {
		return nil, fmt.Errorf("read the contact: %w", err)
	}
	return c, nil
}

// some reads the contacts of a statement that selects sqlColumns.
func some(ctx context.Context, q db.Q, text string, args ...any) (out []*Contact, err error) {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		c, err := scan(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("read contacts: %w", err)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

func insert(ctx context.Context, tx *db.Tx, index *list.FragmentIndex, made []*Contact) error {
	rows, entries, slots := make([][]any, len(made)), make([]list.Entry, len(made)), map[int64]int64{}
	for i, c := range made {
		rows[i], entries[i] = c.values(), c.entry()
		slots[c.ID%16]++
	}
	if err := tx.Bulk(ctx, "contacts", columns, rows); err != nil {
		return err
	}
	if err := index.Insert(ctx, tx, entries); err != nil {
		return err
	}
	for slot := range int64(16) { // in one order, so that writers do not lock each other out
		if n := slots[slot]; n > 0 {
			if err := count(ctx, tx, slot, n); err != nil {
				return err
			}
		}
	}
	return nil
}

func count(ctx context.Context, tx *db.Tx, slot, by int64) error {
	if _, err := tx.ExecContext(ctx, sqlCount, slot, by); err != nil {
		return fmt.Errorf("count contacts: %w", err)
	}
	return nil
}

// update writes a contact whose version has been raised, when it has its former one still.
func update(ctx context.Context, tx *db.Tx, index *list.FragmentIndex, before, after *Contact) error {
	r, err := tx.ExecContext(ctx, sqlUpdate, append(after.own(), micros(after.UpdatedAt), after.Version, after.ID, before.Version)...)
	if err != nil {
		return fmt.Errorf("write the contact: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil || n != 1 {
		return errors.Join(errs.Stale(nil), err)
	}
	if before.RemovedAt.IsZero() && !after.RemovedAt.IsZero() {
		if err := count(ctx, tx, after.ID%16, -1); err != nil {
			return err
		}
	}
	if now := after.entry(); !now.Equal(before.entry()) {
		return index.Replace(ctx, tx, []list.Entry{now})
	}
	return nil
}

// Refill makes the fragment index anew where it is empty, as after a restore, before anything is served.
func Refill(ctx context.Context, d *db.DB) error {
	index := table().Index
	return index.Refill(ctx, d, Table, func(ctx context.Context, tx *db.Tx) error {
		for after := int64(-1); ; {
			found, err := some(ctx, tx, sqlAfter, after)
			if err != nil || len(found) == 0 {
				return err
			}
			entries := make([]list.Entry, len(found))
			for i, c := range found {
				entries[i], after = c.entry(), c.ID
			}
			if err := index.Insert(ctx, tx, entries); err != nil {
				return err
			}
		}
	})
}
