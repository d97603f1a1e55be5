package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/core/erasure"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/fold"
)

// SavesOf is the delayed saves of a customer, of some of its contacts, or asked for by those. It asks for no permission:
// the caller has.
func SavesOf(ctx context.Context, q db.Q, customerID int64, whole bool, contacts []int64) ([]int64, error) {
	itself := int64(0)
	if whole {
		itself = 1
	}
	var out []int64
	if err := q.SelectContext(ctx, &out, fmt.Sprintf(sqlSavesOf, numbers(contacts)), customerID, itself); err != nil {
		return nil, fmt.Errorf("look for delayed saves: %w", err)
	}
	return out, nil
}

// Eraser erases what delayed saves change. Those that wait still are cancelled.
func (s *Service) Eraser() erasure.Eraser {
	return erasure.Eraser{Name: Table, Left: eraseLeft, Erase: func(ctx context.Context, of erasure.Subject) error {
		for some := range slices.Chunk(of.Saves, 500) {
			err := s.o.DB.Write(ctx, func(tx *db.Tx) error {
				_, err := tx.ExecContext(ctx, fmt.Sprintf(sqlErase, numbers(some)), of.Name, fold.Key(of.Name), clock.Micros(s.o.Clock.Now()), of.Person, fold.Key(of.Person))
				return err
			})
			if err != nil {
				return fmt.Errorf("erase delayed saves: %w", err)
			}
		}
		return nil
	}}
}

func eraseLeft(ctx context.Context, q db.Q, of erasure.Subject) (n int64, err error) {
	for some := range slices.Chunk(of.Saves, 500) {
		var more int64
		if err := q.GetContext(ctx, &more, fmt.Sprintf(sqlCountPersonal, numbers(some)), of.Name); err != nil {
			return n, fmt.Errorf("count delayed saves: %w", err)
		}
		n += more
	}
	return n, nil
}

// numbers is our own numbers as SQL.
func numbers(ids []int64) string {
	text, err := json.Marshal(ids)
	if err != nil || len(ids) == 0 { // numbers only
		return "0"
	}
	return strings.Trim(string(text), "[]")
}
