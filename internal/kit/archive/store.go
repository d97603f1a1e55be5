package archive

import (
	"context"
	"fmt"
	"strings"

	"tandem/internal/kit/db"
)

// The catalogues of the two databases.
const (
	sqliteTables  = `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`
	sqliteColumns = `SELECT name, lower(type) AS kind FROM pragma_table_info($1) ORDER BY cid`
	sqliteParents = `SELECT DISTINCT "table" FROM pragma_foreign_key_list($1)`

	postgresTables = `
		SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		 WHERE n.nspname = current_schema() AND c.relkind = 'r' ORDER BY c.relname`
	postgresColumns = `
		SELECT a.attname AS name, format_type(a.atttypid, NULL) AS kind
		  FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`
	postgresParents = `SELECT DISTINCT p.relname FROM pg_constraint k JOIN pg_class p ON p.oid = k.confrelid WHERE k.contype = 'f' AND k.conrelid = to_regclass($1)`
)

// kinds is how the types of both databases stand in a file.
var kinds = map[string]string{"integer": "int", "bigint": "int", "boolean": "int", "text": "text", "blob": "bytes", "bytea": "bytes"}

type column struct {
	Name string `db:"name"`
	Type string `db:"kind"` // in this database
	Kind string `db:"-"`    // in a file
}

type table struct {
	name    string
	columns []column
}

func catalogue(d db.Dialect) (tables, columns, parents string) {
	if d == db.Postgres {
		return postgresTables, postgresColumns, postgresParents
	}
	return sqliteTables, sqliteColumns, sqliteParents
}

// tables gives every table but the skipped ones, parents before children, and the first ones before all.
func tables(ctx context.Context, q db.Q, d db.Dialect, o Options) ([]table, error) {
	list, columns, parents := catalogue(d)
	var names []string
	if err := q.SelectContext(ctx, &names, list); err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	above := map[string][]string{}
	for _, name := range names {
		var up []string
		if err := q.SelectContext(ctx, &up, parents, quoted(d, name)); err != nil {
			return nil, fmt.Errorf("look at the table %s: %w", name, err)
		}
		above[name] = up
	}
	var out []table
	for _, name := range order(append(append([]string{}, o.First...), names...), above, o.Skip) {
		t := table{name: name}
		if err := q.SelectContext(ctx, &t.columns, columns, quoted(d, name)); err != nil {
			return nil, fmt.Errorf("look at the table %s: %w", name, err)
		}
		for i, c := range t.columns {
			kind, ok := kinds[c.Type]
			if !ok {
				return nil, fmt.Errorf("the column %s of %s is of the type %s, which no backup can hold", c.Name, name, c.Type)
			}
			t.columns[i].Kind = kind
		}
		out = append(out, t)
	}
	return out, nil
}

// quoted is a table's name as the catalogue of the database takes it as an argument.
func quoted(d db.Dialect, name string) string {
	if d == db.Postgres {
		return `"` + name + `"`
	}
	return name
}

// order puts parents before children.
func order(names []string, above map[string][]string, skip []string) []string {
	done := map[string]bool{}
	for _, name := range append(skip, "goose_db_version") {
		done[name] = true
	}
	var out []string
	var visit func(string)
	visit = func(name string) {
		if done[name] {
			return
		}
		done[name] = true
		for _, up := range above[name] {
			visit(up)
		}
		out = append(out, name)
	}
	for _, name := range names {
		visit(name)
	}
	return out
}

func (t table) selectAll() string {
	return fmt.Sprintf(`SELECT %s FROM "%s"`, strings.Join(t.expressions(), ", "), t.name)
}

func (t table) expressions() []string {
	out := make([]string, len(t.columns))
	for i, c := range t.columns {
		out[i] = `"` + c.Name + `"`
		if c.Type == "boolean" {
			out[i] = "CAST(" + out[i] + " AS INTEGER)"
		}
	}
	return out
}

func hasRows(ctx context.Context, tx *db.Tx, name string) (bool, error) {
	var n int
	if err := tx.GetContext(ctx, &n, fmt.Sprintf(`SELECT COUNT(*) FROM (SELECT 1 FROM "%s" LIMIT 1) AS x`, name)); err != nil {
		return false, fmt.Errorf("look into the table %s: %w", name, err)
	}
	return n > 0, nil
}

func requireEmpty(ctx context.Context, tx *db.Tx, names []string) error {
	for _, name := range names {
		if some, err := hasRows(ctx, tx, name); err != nil || some {
			if err == nil {
				err = fmt.Errorf("%w: %s has rows", ErrNotEmpty, name)
			}
			return err
		}
	}
	return nil
}

// clearSeeds removes the rows that migrations put into a table: those of the archive take their place. It touches no
// table that has none.
func clearSeeds(ctx context.Context, tx *db.Tx, name string) error {
	some, err := hasRows(ctx, tx, name)
	if err != nil || !some {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf(`DELETE FROM "%s"`, name)); err != nil {
		return fmt.Errorf("empty the table %s: %w", name, err)
	}
	return nil
}
