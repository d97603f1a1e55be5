package customfield

import (
	"context"
	"encoding/json"
	"fmt"

	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
)

const (
	sqlColumns = `SELECT id, key, label, type, choices, required, help, position, column_name, created_at, updated_at, version FROM custom_fields`
	sqlAll     = sqlColumns + ` ORDER BY position, id`
	sqlInsert  = `
		INSERT INTO custom_fields (id, key, label, type, choices, required, help, position, column_name, created_at, updated_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	sqlUpdate = `
		UPDATE custom_fields SET label = $1, choices = $2, required = $3, help = $4, position = $5, updated_at = $6, version = version + 1
		 WHERE id = $7 AND version = $8`
	sqlDelete  = `DELETE FROM custom_fields WHERE id = $1 AND version = $2`
	sqlEdition = `SELECT edition FROM custom_field_edition WHERE one = 1`
	sqlTouch   = `UPDATE custom_field_edition SET edition = edition + 1, columns = columns + $1 WHERE one = 1 RETURNING columns`
)

type row struct {
	ID        int64  `db:"id"`
	Key       string `db:"key"`
	Label     string `db:"label"`
	Type      string `db:"type"`
	Choices   string `db:"choices"`
	Required  int64  `db:"required"`
	Help      string `db:"help"`
	Position  int64  `db:"position"`
	Column    string `db:"column_name"`
	CreatedAt int64  `db:"created_at"`
	UpdatedAt int64  `db:"updated_at"`
	Version   int64  `db:"version"`
}

func (r row) field() (Field, error) {
	f := Field{ID: r.ID, Key: r.Key, Label: r.Label, Type: Type(r.Type), Required: r.Required == 1, Help: r.Help, Position: r.Position,
		Column: r.Column, CreatedAt: clock.Time(r.CreatedAt), UpdatedAt: clock.Time(r.UpdatedAt), Version: r.Version}
	if err := json.Unmarshal([]byte(r.Choices), &f.Choices); err != nil {
		return Field{}, fmt.Errorf("read the choices of %s: %w", r.Key, err)
	}
	return f, nil
}

// All is every definition in order, with the edition they are of.
func All(ctx context.Context, q db.Q) (fields []Field, edition int64, err error) {
	var rows []row
	if err := q.GetContext(ctx, &edition, sqlEdition); err != nil {
		return nil, 0, fmt.Errorf("read the edition of custom fields: %w", err)
	}
	if err := q.SelectContext(ctx, &rows, sqlAll); err != nil {
		return nil, 0, fmt.Errorf("read custom fields: %w", err)
	}
	for _, r := range rows {
		f, err := r.field()
		if err != nil {
			return nil, 0, err
		}
		fields = append(fields, f)
	}
	return fields, edition, nil
}

// addColumn makes the column that holds the values, and the index that lists are walked by. The column's name is ours.
func addColumn(ctx context.Context, tx *db.Tx, f Field) error {
	text, number := "TEXT NOT NULL DEFAULT ''", "INTEGER NOT NULL DEFAULT -9223372036854775808"
	if tx.Dialect() == db.Postgres {
		text, number = `TEXT COLLATE "C" NOT NULL DEFAULT ''`, "BIGINT NOT NULL DEFAULT -9223372036854775808"
	}
	kind, key := text, f.Column
	if f.Type == TypeNumber || f.Type == TypeDate {
		kind = number
	}
	statements := []string{fmt.Sprintf("ALTER TABLE customers ADD COLUMN %s %s", f.Column, kind)}
	if f.Type == TypeText {
		key = f.Column + "_key"
		statements = append(statements, fmt.Sprintf("ALTER TABLE customers ADD COLUMN %s %s", key, text))
	}
	statements = append(statements, fmt.Sprintf("CREATE INDEX customers_%s ON customers (closed, %s, id)", f.Column, key))
	return run(ctx, tx, statements)
}

func dropColumn(ctx context.Context, tx *db.Tx, f Field) error {
	statements := []string{fmt.Sprintf("DROP INDEX customers_%s", f.Column), fmt.Sprintf("ALTER TABLE customers DROP COLUMN %s", f.Column)}
	if f.Type == TypeText {
		statements = append(statements, fmt.Sprintf("ALTER TABLE customers DROP COLUMN %s_key", f.Column))
	}
	return run(ctx, tx, statements)
}

func run(ctx context.Context, tx *db.Tx, statements []string) error {
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("change the columns of customers: %w", err)
		}
	}
	return nil
}

// used counts the customers that have a value, or that value.
func used(ctx context.Context, q db.Q, f Field, value string) (int64, error) {
	condition, args := fmt.Sprintf("%s <> ''", f.Column), []any{}
	switch {
	case value != "":
		condition, args = fmt.Sprintf("%s = $1", f.Column), []any{value}
	case f.Type == TypeNumber || f.Type == TypeDate:
		condition = fmt.Sprintf("%s <> -9223372036854775808", f.Column)
	}
	var n int64
	if err := q.GetContext(ctx, &n, "SELECT COUNT(*) FROM customers WHERE "+condition, args...); err != nil {
		return 0, fmt.Errorf("count values of %s: %w", f.Key, err)
	}
	return n, nil
}
