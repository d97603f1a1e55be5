package customer

import (
	"context"
	"fmt"

	"tandem/internal/kit/check"
	"tandem/internal/kit/db"
)

// mostBroken is how many broken rows a check names.
const mostBroken = 50

// Checks is the invariants of customers that tandem check proves.
func Checks() []check.Func {
	return []check.Func{
		{Name: "customers add up to their totals", Run: verifyTotals},
		{Name: "every customer can be found", Run: verifySearch},
		{Name: "customers are closed exactly when their status says so", Run: rowsOf(sqlWrongClosed, "%s has the status %s, which its mark of being closed contradicts")},
		{Name: "the tree of resellers is what the customers say", Run: rowsOf(sqlWrongTree, "rows of who stands above whom %s: %s")},
		{Name: "customer IDs prove themselves", Run: verifyNumbers},
	}
}

func verifyTotals(ctx context.Context, q db.Q) ([]string, error) {
	return rowsOf(sqlWrongTotals, "customers of kind %s: %s")(ctx, q)
}

func verifySearch(ctx context.Context, q db.Q) ([]string, error) {
	var customers, found int64
	if err := q.GetContext(ctx, &customers, sqlCountRows); err != nil {
		return nil, fmt.Errorf("count customers: %w", err)
	}
	if err := q.GetContext(ctx, &found, sqlCountSearch); err != nil {
		return nil, fmt.Errorf("count the rows of the search: %w", err)
	}
	if customers == found {
		return nil, nil
	}
	return []string{fmt.Sprintf("%d customers, but %d rows in the search", customers, found)}, nil
}

// rowsOf is a check whose query gives two texts for each broken row.
func rowsOf(query, sentence string) func(context.Context, db.Q) ([]string, error) {
	return func(ctx context.Context, q db.Q) ([]string, error) {
		rows, err := q.QueryContext(ctx, query)
		if err != nil {
			return nil, fmt.Errorf("read customers: %w", err)
		}
		defer func() { _ = rows.Close() }()
		var broken []string
		for rows.Next() && len(broken) < mostBroken {
			var name, what string
			if err := rows.Scan(&name, &what); err != nil {
				return nil, fmt.Errorf("read customers: %w", err)
			}
			broken = append(broken, fmt.Sprintf(sentence, name, what))
		}
		return broken, rows.Err()
	}
}

func verifyNumbers(ctx context.Context, q db.Q) ([]string, error) {
	rows, err := q.QueryContext(ctx, sqlNumbers)
	if err != nil {
		return nil, fmt.Errorf("read customer IDs: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var broken []string
	for rows.Next() && len(broken) < mostBroken {
		var number string
		if err := rows.Scan(&number); err != nil {
			return nil, fmt.Errorf("read customer IDs: %w", err)
		}
		if _, err := ParseNumber(number); err != nil {
			broken = append(broken, number+" is not a customer ID")
		}
	}
	return broken, rows.Err()
}
