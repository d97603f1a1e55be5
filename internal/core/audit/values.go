package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"tandem/internal/kit/db"
)

// Values is the texts that a field had in what changed of a customer, and in all that is about it, before and after; those
// that were erased are not among them. It asks for no permission: the caller has.
func (s *Service) Values(ctx context.Context, q db.Q, customerID int64, field string) (out []string, err error) {
	err = pages(ctx, q, func(entries []record) error {
		for i := range entries {
			if entries[i].ErasedAt != 0 {
				continue
			}
			var changes []Change
			if err := json.Unmarshal([]byte(entries[i].Changes), &changes); err != nil {
				return fmt.Errorf("read what changed: %w", err)
			}
			for _, c := range changes {
				for _, v := range []any{c.Old, c.New} {
					if text, is := v.(string); is && text != "" && c.Field == field && !slices.Contains(out, text) {
						out = append(out, text)
					}
				}
			}
		}
		return nil
	}, sqlAboutAfter, customerID)
	return out, err
}
