package contact

import (
	"context"
	"fmt"

	"tandem/internal/kit/check"
	"tandem/internal/kit/db"
)

// Checks is the invariants of contacts that tandem check proves.
func Checks() []check.Func {
	return []check.Func{
		{Name: "contacts add up to their totals", Run: rowsOf(sqlWrongTotal, "contacts %s are off by %s")},
		{Name: "every contact can be found", Run: rowsOf(sqlWrongSearch, "contacts %s are off by %s")},
		{Name: "contacts bear the name of their customer", Run: rowsOf(sqlWrongCustomer, "%s does not tell the name and state of the customer %s")},
	}
}

// rowsOf is a check whose query gives two texts for each broken row.
func rowsOf(query, sentence string) func(context.Context, db.Q) ([]string, error) {
	return func(ctx context.Context, q db.Q) ([]string, error) {
		rows, err := q.QueryContext(ctx, query)
		if err != nil {
			return nil, fmt.Errorf("check contacts: %w", err)
		}
		defer func() { _ = rows.Close() }()
		var broken []string
		for rows.Next() {
			var name, what string
			if err := rows.Scan(&name, &what); err != nil {
				return nil, fmt.Errorf("check contacts: %w", err)
			}
			broken = append(broken, fmt.Sprintf(sentence, name, what))
		}
		return broken, rows.Err()
	}
}
