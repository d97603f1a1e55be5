package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"tandem/internal/kit/db"
)

// Values is the texts that a field had in what changed of a customer, and in all that is about it, before and after; where
// contactID is not 0, of that contact alone. Those that were erased are not among them. It asks for no permission: the caller
// has.
func (s *Service) Values(ctx context.Context, q db.Q, customerID, contactID int64, field string) (out []string, err error) {
	err = pages(ctx, q, func(entries []record) error {
		for i := range entries {
			e := &entries[i]
			if e.ErasedAt != 0 || contactID != 0 && (e.Table != contactsTable || e.RowID != contactID) {
				continue
			}
			var changes []Change
			if err := json.Unmarshal([]byte(e.Changes), &changes); err != nil {
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
