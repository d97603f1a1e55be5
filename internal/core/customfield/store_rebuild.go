package customfield

import (
	"context"

	"tandem/internal/kit/db"
)

// Rebuild makes the columns of every definition that is there, in a database that was just filled with them and has
// none of the columns yet.
func Rebuild(ctx context.Context, tx *db.Tx) error {
	fields, _, err := All(ctx, tx)
	if err != nil {
		return err
	}
	for _, f := range fields {
		if err := addColumn(ctx, tx, f); err != nil {
			return err
		}
	}
	return nil
}
