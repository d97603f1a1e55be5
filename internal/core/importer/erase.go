package importer

import (
	"context"
	"fmt"

	"tandem/internal/core/erasure"
	"tandem/internal/kit/db"
)

// Eraser erases the cells of the lines that a customer came from or was changed by, and what they replaced: they cannot be
// taken back any more.
func (s *Service) Eraser() erasure.Eraser {
	return erasure.Eraser{Name: "import_rows", Left: eraseLeft, Erase: s.erase}
}

type lineOf struct {
	Import int64 `db:"import_id"`
	Line   int64 `db:"line"`
}

func linesOf(ctx context.Context, q db.Q, of erasure.Subject) ([]lineOf, error) {
	var out []lineOf
	if !of.Whole {
		return nil, nil
	}
	if err := q.SelectContext(ctx, &out, sqlLinesOf, of.Customer); err != nil {
		return nil, fmt.Errorf("look for lines of imports: %w", err)
	}
	return out, nil
}

func eraseLeft(ctx context.Context, q db.Q, of erasure.Subject) (n int64, err error) {
	lines, err := linesOf(ctx, q, of)
	if err != nil {
		return 0, err
	}
	for _, l := range lines {
		for _, query := range []string{sqlCountPersonal, sqlCountFixes} {
			var more int64
			if err := q.GetContext(ctx, &more, query, l.Import, l.Line); err != nil {
				return n, fmt.Errorf("count lines of imports: %w", err)
			}
			n += more
		}
	}
	return n, nil
}

func (s *Service) erase(ctx context.Context, of erasure.Subject) error {
	lines, err := linesOf(ctx, s.o.DB.Read(), of)
	if err != nil {
		return err
	}
	for _, l := range lines {
		err := s.o.DB.Write(ctx, func(tx *db.Tx) error {
			for _, query := range []string{sqlEraseLine, sqlEraseFix} {
				if _, err := tx.ExecContext(ctx, query, l.Import, l.Line); err != nil {
					return fmt.Errorf("erase lines of imports: %w", err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
