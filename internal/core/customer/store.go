package customer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/internal/core/customfield"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/list"
	"tandem/internal/kit/money"
)

// kept is one column that holds a text of a customer; with key, its folded form stands beside it.
type kept struct {
	name string
	key  bool
	at   func(*Draft) *string
}

var keptColumns = []kept{
	{"kind", false, func(d *Draft) *string { return (*string)(&d.Kind) }},
	{"party", false, func(d *Draft) *string { return (*string)(&d.Party) }},
	{"reference", true, func(d *Draft) *string { return &d.Reference }},
	{"name", true, func(d *Draft) *string { return &d.Name }},
	{"first_name", true, func(d *Draft) *string { return &d.FirstName }},
	{"last_name", true, func(d *Draft) *string { return &d.LastName }},
	{"company", true, func(d *Draft) *string { return &d.Company }},
	{"description", true, func(d *Draft) *string { return &d.Description }},
	{"status", false, func(d *Draft) *string { return (*string)(&d.Status) }},
	{"status_reason", true, func(d *Draft) *string { return &d.StatusReason }},
	{"billing_type", false, func(d *Draft) *string { return (*string)(&d.BillingType) }},
	{"currency", false, func(d *Draft) *string { return &d.Currency }},
	{"email", true, func(d *Draft) *string { return &d.Email }},
	{"telephone", false, func(d *Draft) *string { return &d.Telephone }},
	{"address_1", true, func(d *Draft) *string { return &d.Address1 }},
	{"address_2", true, func(d *Draft) *string { return &d.Address2 }},
	{"city", true, func(d *Draft) *string { return &d.City }},
	{"province", true, func(d *Draft) *string { return &d.Province }},
	{"postal_code", true, func(d *Draft) *string { return &d.PostalCode }},
	{"country", false, func(d *Draft) *string { return &d.Country }},
	{"timezone", false, func(d *Draft) *string { return &d.Timezone }},
	{"language", false, func(d *Draft) *string { return &d.Language }},
	{"tax_number", true, func(d *Draft) *string { return &d.TaxNumber }},
	{"external_id", true, func(d *Draft) *string { return &d.ExternalID }},
}

// rowColumns are the columns beside the texts, in the order rowValues gives them.
var rowColumns = []string{"id", "customer_id", "status_before", "reseller_id", "closed", "closed_at", "created_at", "updated_at", "version", "erased_at"}

const (
	sqlRow         = "c.id, c.customer_id, c.status_before, c.reseller_id, c.closed_at, c.created_at, c.updated_at, c.version, c.erased_at, "
	sqlFrom        = " FROM customers c WHERE "
	sqlTotal       = `SELECT COALESCE(CAST(SUM(n) AS BIGINT), 0) AS n, (SELECT edition FROM custom_field_edition WHERE one = 1) AS edition FROM customer_totals`
	sqlCount       = `INSERT INTO customer_totals (slot, closed, kind, n) VALUES ($1, $2, $3, $4) ON CONFLICT (slot, closed, kind) DO UPDATE SET n = customer_totals.n + excluded.n`
	sqlReserve     = `UPDATE customer_numbers SET next = next + $1 WHERE one = 1 RETURNING next`
	sqlByNumber    = `SELECT id FROM customers WHERE customer_id = $1`
	sqlAddMember   = `INSERT INTO group_members (group_id, customer_id) VALUES ($1, $2) ON CONFLICT (group_id, customer_id) DO NOTHING`
	sqlDropMember  = `DELETE FROM group_members WHERE group_id = $1 AND customer_id = $2`
	sqlResellersOf = `SELECT id FROM customers WHERE id IN (%s) AND kind = 'reseller'`
	sqlOwned       = `SELECT id, customer_id, name FROM customers WHERE closed = 0 AND reseller_id = $1 ORDER BY id LIMIT 20`
)

func (s *schema) insertColumns() []string {
	out := append([]string(nil), rowColumns...)
	for _, k := range keptColumns {
		out = append(out, k.name)
		if k.key {
			out = append(out, k.name+"_key")
		}
	}
	for _, c := range s.custom {
		out = append(out, c.Column)
		if c.Type == customfield.TypeText {
			out = append(out, c.Column+"_key")
		}
	}
	return out
}

// values is the row as the database keeps it, in the order of insertColumns.
func (s *schema) values(c *Customer) []any {
	closed := int64(0)
	if c.Status == StatusClosed {
		closed = 1
	}
	out := make([]any, 0, len(rowColumns)+2*len(keptColumns)+2*len(s.custom))
	out = append(out, c.ID, c.CustomerID, string(c.StatusBefore), c.Reseller, closed, micros(c.ClosedAt), micros(c.CreatedAt), micros(c.UpdatedAt), c.Version, micros(c.ErasedAt))
	for _, k := range keptColumns {
		v := *k.at(&c.Draft)
		out = append(out, v)
		if k.key {
			out = append(out, fold.Key(v))
		}
	}
	for i := range s.custom {
		out = appendCustom(out, &s.custom[i], c.Custom[s.custom[i].Key])
	}
	return out
}

// appendCustom adds the value of an operator's field as its column keeps it. The text was normalised before.
func appendCustom(out []any, f *customfield.Field, value string) []any {
	switch f.Type {
	case customfield.TypeText:
		return append(out, value, fold.Key(value))
	case customfield.TypeNumber:
		if n, err := money.Parse(value); err == nil && value != "" {
			return append(out, int64(n))
		}
		return append(out, int64(list.NoNumber))
	case customfield.TypeDate:
		if t, err := time.Parse("2006-01-02", value); err == nil {
			return append(out, t.Unix()/86400)
		}
		return append(out, int64(list.NoNumber))
	}
	return append(out, value)
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return clock.Micros(t)
}

// scan reads a row of sqlRow followed by the schema's SELECT list.
func (s *schema) scan(scan list.Scan) (*Customer, error) {
	c := &Customer{}
	var closedAt, createdAt, updatedAt, erasedAt int64
	dest := make([]any, 0, 11+len(keptColumns)+len(s.custom))
	dest = append(dest, &c.ID, &c.CustomerID, (*string)(&c.StatusBefore), &c.Reseller, &closedAt, &createdAt, &updatedAt, &c.Version, &erasedAt)
	for _, k := range keptColumns {
		dest = append(dest, k.at(&c.Draft))
	}
	texts, numbers := make([]string, len(s.custom)), make([]int64, len(s.custom))
	for i := range s.custom {
		if t := s.custom[i].Type; t == customfield.TypeNumber || t == customfield.TypeDate {
			dest = append(dest, &numbers[i])
		} else {
			dest = append(dest, &texts[i])
		}
	}
	dest = append(dest, &c.ResellerName)
	if err := scan(dest...); err != nil {
		return nil, err
	}
	c.CreatedAt, c.UpdatedAt = clock.Time(createdAt), clock.Time(updatedAt)
	if closedAt != 0 {
		c.ClosedAt = clock.Time(closedAt)
	}
	if erasedAt != 0 {
		c.ErasedAt = clock.Time(erasedAt)
	}
	s.readCustom(c, texts, numbers)
	return c, nil
}

func (s *schema) readCustom(c *Customer, texts []string, numbers []int64) {
	for i := range s.custom {
		value := texts[i]
		switch s.custom[i].Type {
		case customfield.TypeNumber:
			if numbers[i] != list.NoNumber {
				value = numberText(money.Amount(numbers[i]))
			}
		case customfield.TypeDate:
			if numbers[i] != list.NoNumber {
				value = time.Unix(numbers[i]*86400, 0).UTC().Format("2006-01-02")
			}
		}
		if value != "" {
			if c.Custom == nil {
				c.Custom = make(map[string]string, len(s.custom))
			}
			c.Custom[s.custom[i].Key] = value
		}
	}
}

// searched is what the fragment index holds of a customer: every text that a fragment may be looked for in.
func (s *schema) searched(c *Customer) list.Entry {
	out := list.Entry{ID: c.ID, Keywords: []string{strings.ToLower(c.CustomerID)}, Apart: c.Status == StatusClosed}
	for i := range s.fields {
		f := &s.fields[i]
		if !f.Fragments || f.Name == "customer_id" {
			continue
		}
		v := fold.Key(f.get(&c.Draft))
		switch {
		case v == "":
		case slices.Contains(keywords, f.Name):
			out.Keywords = append(out.Keywords, v)
		default:
			out.Others = append(out.Others, v)
		}
	}
	return out
}

// load reads customers by their IDs, in the order of the IDs, with their groups; missing ones are left out.
func (s *schema) load(ctx context.Context, q db.Q, ids []int64, lock string) ([]*Customer, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := q.QueryContext(ctx, "SELECT "+sqlRow+s.columns+sqlFrom+"c.id IN ("+db.IDList(ids)+")"+lock)
	if err != nil {
		return nil, fmt.Errorf("read customers: %w", err)
	}
	defer func() { _ = rows.Close() }()
	byID := make(map[int64]*Customer, len(ids))
	for rows.Next() {
		c, err := s.scan(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("read customers: %w", err)
		}
		byID[c.ID] = c
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read customers: %w", err)
	}
	var out []*Customer
	for _, id := range ids {
		if c := byID[id]; c != nil {
			out = append(out, c)
			delete(byID, id)
		}
	}
	return out, loadGroups(ctx, q, out)
}

// loadGroups fills in the groups of customers, in one query for all.
func loadGroups(ctx context.Context, q db.Q, customers []*Customer) error {
	if len(customers) == 0 {
		return nil
	}
	ids := make([]int64, len(customers))
	byID := make(map[int64]*Customer, len(customers))
	for i, c := range customers {
		ids[i], byID[c.ID] = c.ID, c
	}
	rows, err := q.QueryContext(ctx, `SELECT m.customer_id, g.id, g.name FROM group_members m JOIN groups g ON g.id = m.group_id WHERE m.customer_id IN (`+db.IDList(ids)+`) ORDER BY g.name_key`)
	if err != nil {
		return fmt.Errorf("read groups of customers: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id int64
		var g Ref
		if err := rows.Scan(&id, &g.ID, &g.Name); err != nil {
			return fmt.Errorf("read groups of customers: %w", err)
		}
		c := byID[id]
		c.GroupRefs = append(c.GroupRefs, g)
		c.Groups = append(c.Groups, g.ID)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read groups of customers: %w", err)
	}
	for _, c := range customers {
		slices.Sort(c.Groups)
	}
	return nil
}

// insertAll writes new customers with everything that hangs on their rows.
func (s *schema) insertAll(ctx context.Context, tx *db.Tx, customers []*Customer) error {
	rows := make([][]any, len(customers))
	entries := make([]list.Entry, len(customers))
	var members [][]any
	for i, c := range customers {
		rows[i], entries[i] = s.values(c), s.searched(c)
		for _, g := range c.Groups {
			members = append(members, []any{g, c.ID})
		}
	}
	if err := tx.Bulk(ctx, "customers", s.insertColumns(), rows); err != nil {
		return err
	}
	if err := s.table.Index.Insert(ctx, tx, entries); err != nil {
		return err
	}
	if err := tx.Bulk(ctx, "group_members", []string{"group_id", "customer_id"}, members); err != nil {
		return err
	}
	if err := plant(ctx, tx, customers); err != nil {
		return err
	}
	return countInto(ctx, tx, customers, 1)
}

// countInto adds by to the totals for each customer as it is now.
func countInto(ctx context.Context, tx *db.Tx, customers []*Customer, by int64) error {
	type slot struct {
		closed int64
		kind   Kind
	}
	counts := map[slot]int64{}
	for _, c := range customers {
		k := slot{0, c.Kind}
		if c.Status == StatusClosed {
			k.closed = 1
		}
		counts[k] += by
	}
	for _, closed := range []int64{0, 1} {
		for _, kind := range []Kind{KindCustomer, KindProvider, KindReseller} { // in one order, so that writers do not lock each other out
			if n := counts[slot{closed, kind}]; n != 0 {
				if _, err := tx.ExecContext(ctx, sqlCount, customers[0].ID%16, closed, string(kind), n); err != nil {
					return fmt.Errorf("count customers: %w", err)
				}
			}
		}
	}
	return nil
}

// recount moves changed customers from one count to another.
func recount(ctx context.Context, tx *db.Tx, tried []Outcome) error {
	var from, to []*Customer
	for _, o := range tried {
		if o.Before.Kind != o.After.Kind || (o.Before.Status == StatusClosed) != (o.After.Status == StatusClosed) {
			from, to = append(from, o.Before), append(to, o.After)
		}
	}
	if len(from) == 0 {
		return nil
	}
	if err := countInto(ctx, tx, from, -1); err != nil {
		return err
	}
	return countInto(ctx, tx, to, 1)
}

func changeMembers(ctx context.Context, tx *db.Tx, before, after *Customer) error {
	for _, g := range without(after.Groups, before.Groups) {
		if _, err := tx.ExecContext(ctx, sqlAddMember, g, after.ID); err != nil {
			return fmt.Errorf("add to group: %w", err)
		}
	}
	for _, g := range without(before.Groups, after.Groups) {
		if _, err := tx.ExecContext(ctx, sqlDropMember, g, after.ID); err != nil {
			return fmt.Errorf("remove from group: %w", err)
		}
	}
	return nil
}

// idsBy finds open customers by one of the keys that name them.
func idsBy(ctx context.Context, q db.Q, dialect db.Dialect, column string, keys []string) (map[string]int64, error) {
	out := make(map[string]int64, len(keys))
	const at = 500
	for len(keys) > 0 {
		part := keys[:min(at, len(keys))]
		keys = keys[len(part):]
		args := make([]any, len(part))
		for i, k := range part {
			args[i] = k
		}
		rows, err := q.QueryContext(ctx, fmt.Sprintf("SELECT %s, id FROM customers WHERE %s IN (%s) AND %s <> '' AND closed = 0", column, column, db.Placeholders(1, len(part)), column), dialect.Replan(args)...)
		if err != nil {
			return nil, fmt.Errorf("find customers by %s: %w", column, err)
		}
		if err := scanIDs(rows, out); err != nil {
			return nil, fmt.Errorf("find customers by %s: %w", column, err)
		}
	}
	return out, nil
}

func scanIDs(rows *sql.Rows, out map[string]int64) (err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var key string
		var id int64
		if err := rows.Scan(&key, &id); err != nil {
			return err
		}
		out[key] = id
	}
	return rows.Err()
}
