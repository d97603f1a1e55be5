package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"tandem/internal/core/customer"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/db"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

const groupsOf = `SELECT m.customer_id, g.id, g.name FROM group_members m JOIN groups g ON g.id = m.group_id WHERE m.customer_id IN (%s) ORDER BY g.name_key`

// bare is the least that answers with the same JSON: the same statements on the same connections, scanned and encoded,
// and nothing of who asks, what they may, what the query means, logs or metrics.
type bare struct {
	q       db.Q
	counter list.Statement
	list.Statements
	limit int
	next  string // what the other answers as the next cursor
	exact bool
	one   bool // a single customer is no list
}

func (b *bare) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := b.answer(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

func (b *bare) answer(ctx context.Context) (any, error) {
	items, ids, err := b.rows(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.groups(ctx, items, ids); err != nil {
		return nil, err
	}
	if b.one {
		for _, s := range customer.Status(items[0].Status).Transitions() {
			items[0].StatusNext = append(items[0].StatusNext, string(s))
		}
		return items[0], nil
	}
	var edition int64
	total := b.Total
	var n int64
	if err := b.q.QueryRowContext(ctx, b.counter.SQL, b.counter.Args...).Scan(&n, &edition); err != nil {
		return nil, err
	}
	if b.Count != nil {
		if err := b.q.QueryRowContext(ctx, b.Count.SQL, b.Count.Args...).Scan(&total); err != nil {
			return nil, err
		}
	}
	return rest.PageBody[rest.CustomerBody]{Items: items, NextCursor: b.next, Total: &total, TotalExact: b.exact}, nil
}

func (b *bare) rows(ctx context.Context) ([]rest.CustomerBody, []int64, error) {
	rows, err := b.q.QueryContext(ctx, b.Page.SQL, b.Page.Args...)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, nil, err
	}
	items, ids := make([]rest.CustomerBody, 0, b.limit), make([]int64, 0, b.limit)
	var c rest.CustomerBody
	var row struct {
		id, reseller, closedAt, createdAt, updatedAt int64
		limit, since                                 int64
		before, note, segment, resellerName          string
	}
	dest := []any{&row.id, &c.CustomerID, &row.before, &row.reseller, &row.closedAt, &row.createdAt, &row.updatedAt, &c.Version,
		&c.Kind, &c.Party, &c.Reference, &c.Name, &c.FirstName, &c.LastName, &c.Company, &c.Description, &c.Status, &c.StatusReason, &c.BillingType,
		&c.Currency, &c.Email, &c.Telephone, &c.Address1, &c.Address2, &c.City, &c.Province, &c.PostalCode, &c.Country, &c.Timezone, &c.Language,
		&c.TaxNumber, &c.ExternalID, &row.note, &row.limit, &row.since, &row.segment, &row.resellerName}
	for len(dest) < len(columns) {
		dest = append(dest, new(any)) // the keys that the list is sorted by
	}
	for rows.Next() && (len(items) < b.limit || b.one) {
		if err := rows.Scan(dest...); err != nil {
			return nil, nil, err
		}
		c.ID, c.CreatedAt, c.UpdatedAt = id.Format(customer.Prefix, row.id), time.UnixMicro(row.createdAt).UTC(), time.UnixMicro(row.updatedAt).UTC()
		c.Custom = map[string]string{}
		if row.note != "" {
			c.Custom["note"] = row.note
		}
		if row.limit != list.NoNumber {
			c.Custom["limit"] = strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%06d", row.limit/1e6, row.limit%1e6), "0"), ".")
		}
		if row.since != list.NoNumber {
			c.Custom["since"] = time.Unix(row.since*86400, 0).UTC().Format("2006-01-02")
		}
		if row.segment != "" {
			c.Custom["segment"] = row.segment
		}
		c.Groups = []rest.RefBody{}
		items, ids = append(items, c), append(ids, row.id)
	}
	return items, ids, rows.Err()
}

func (b *bare) groups(ctx context.Context, items []rest.CustomerBody, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	at := make(map[int64]int, len(ids))
	marks := make([]string, len(ids))
	for i, n := range ids {
		at[n], marks[i] = i, fmt.Sprint(n)
	}
	rows, err := b.q.QueryContext(ctx, fmt.Sprintf(groupsOf, strings.Join(marks, ",")))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var row, group int64
		var name string
		if err := rows.Scan(&row, &group, &name); err != nil {
			return err
		}
		c := &items[at[row]]
		c.Groups = append(c.Groups, rest.RefBody{ID: id.Format("grp", group), Name: name})
	}
	return rows.Err()
}

func groupID(n int64) string { return id.Format("grp", n) }

// oneCustomer is what GET of one customer asks the database.
const oneCustomer = ` FROM customers c WHERE c.id IN (0,%d)`

// least is the bare handler of a figure.
func (b *bench) least(ctx context.Context, l line, path string) (http.Handler, error) {
	out := &bare{q: b.house.DB.Read(), limit: list.DefaultLimit, one: l.single}
	var err error
	out.counter, out.Statements, err = b.house.Customers.Statements(ctx, l.query)
	if err != nil {
		return nil, err
	}
	if l.single {
		n, err := id.Parse(customer.Prefix, path[strings.LastIndex(path, "/")+1:])
		if err != nil {
			return nil, err
		}
		columns, _, _ := strings.Cut(out.Page.SQL, ", c.created_at, c.id FROM customers c WHERE")
		out.Page = list.Statement{SQL: columns + fmt.Sprintf(oneCustomer, n)}
		return out, nil
	}
	var page struct {
		Next  string `json:"next_cursor"`
		Exact bool   `json:"total_is_exact"`
		Total int64  `json:"total"`
	}
	if err := b.get(ctx, path, &page); err != nil {
		return nil, err
	}
	out.next, out.exact, out.Total = page.Next, page.Exact, page.Total
	return out, nil
}
