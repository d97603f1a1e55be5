package db

import (
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Dialect is which database runs the SQL. One text serves both; what differs is asked for here.
type Dialect int

// The databases Tandem runs on.
const (
	SQLite Dialect = iota
	Postgres
)

// String is the name of the folder of its migrations.
func (d Dialect) String() string {
	if d == Postgres {
		return "postgres"
	}
	return "sqlite"
}

func (d Dialect) snapshot() sql.IsolationLevel {
	if d == Postgres {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

// ForUpdate locks the rows read, on the database where writers run side by side.
func (d Dialect) ForUpdate() string {
	if d == Postgres {
		return " FOR UPDATE"
	}
	return ""
}

// ForShare keeps the rows read from those who would change or remove them, until the transaction ends; others may
// share them. What depends on a row being there asks for it with this.
func (d Dialect) ForShare() string {
	if d == Postgres {
		return " FOR SHARE"
	}
	return ""
}

// ForUpdateSkipLocked is ForUpdate that passes over rows another transaction holds.
func (d Dialect) ForUpdateSkipLocked() string {
	if d == Postgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// LockTable is a statement that keeps other writers from a table until the transaction ends; empty where they wait for
// each other anyhow.
func (d Dialect) LockTable(name string) string {
	if d == Postgres {
		return "LOCK TABLE " + name + " IN SHARE ROW EXCLUSIVE MODE"
	}
	return ""
}

// Contains is a condition: the text expression holds the fragment in the placeholder, letter for letter.
func (d Dialect) Contains(expr, placeholder string) string {
	if d == Postgres {
		return fmt.Sprintf("strpos(%s, %s) > 0", expr, placeholder)
	}
	return fmt.Sprintf("instr(%s, %s) > 0", expr, placeholder)
}

// EndsWith is a condition: the text expression ends in the fragment, which is of so many characters.
func (d Dialect) EndsWith(expr, placeholder string, characters int) string {
	if d == Postgres {
		return fmt.Sprintf("right(%s, %d) = %s", expr, characters, placeholder)
	}
	return fmt.Sprintf("substr(%s, -%d) = %s", expr, characters, placeholder)
}

// Plain keeps SQLite's planner from using an index on the expression, where the caller knows a better way in.
// PostgreSQL has statistics and decides alone.
func (d Dialect) Plain(expr string) string {
	if d == SQLite {
		return "+" + expr
	}
	return expr
}

// Replan makes the database plan the statement anew for these arguments. PostgreSQL keeps the plan of a statement that
// runs often, and one made while a table was small reads a large one whole: use it where a bulk load asks.
func (d Dialect) Replan(args []any) []any {
	if d == Postgres {
		return append([]any{pgx.QueryExecModeExec}, args...)
	}
	return args
}

// IDList is our own numbers as SQL, for IN: thousands of placeholders would be slower. Of none it is a number that no row
// has.
func IDList(ids []int64) string {
	if len(ids) == 0 {
		return "-1"
	}
	b := make([]byte, 0, 20*len(ids))
	for i, n := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, n, 10)
	}
	return string(b)
}

// Bit is a truth as it stands in a column: 0 or 1.
func Bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Placeholders is "$from, ... " for n values.
func Placeholders(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", from+i)
	}
	return b.String()
}
