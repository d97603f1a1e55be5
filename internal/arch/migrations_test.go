package arch

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var migrationName = regexp.MustCompile(`^(\d{4})_[a-z0-9_]+\.sql$`)

func migrationPairs(t *tree) []finding {
	var found []finding
	numbers := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(t.texts)) {
		folder, base := path.Split(name)
		if !strings.HasPrefix(folder, "migrations/") {
			continue
		}
		match := migrationName.FindStringSubmatch(base)
		if match == nil {
			found = append(found, finding{name, "is not named NNNN_name.sql"})
			continue
		}
		twin := map[string]string{"migrations/sqlite/": "migrations/postgres/", "migrations/postgres/": "migrations/sqlite/"}[folder]
		if _, there := t.texts[twin+base]; !there {
			found = append(found, finding{name, "has no twin " + twin + base})
		}
		if other := numbers[folder+match[1]]; other != "" {
			found = append(found, finding{name, "has the number of " + other})
		}
		numbers[folder+match[1]] = base
		if !strings.Contains(t.texts[name], "-- +goose Up") {
			found = append(found, finding{name, `has no "-- +goose Up"`})
		}
	}
	return found
}

func TestMigrationsComeInPairs(t *testing.T) {
	holds(t, migrationPairs, "every migration is written twice, with the same number and name: migrations/sqlite/NNNN_name.sql and migrations/postgres/NNNN_name.sql")
}

func TestMigrationsComeInPairsCatches(t *testing.T) {
	const up = "-- +goose Up\n"
	catches(t, migrationPairs, []sample{
		{"no twin", map[string]string{"migrations/sqlite/0001_a.sql": up}, "has no twin migrations/postgres/0001_a.sql"},
		{"bad name", map[string]string{"migrations/sqlite/1-a.sql": up}, "not named"},
		{"not for goose", map[string]string{"migrations/sqlite/0001_a.sql": "x", "migrations/postgres/0001_a.sql": up}, "+goose Up"},
		{"number twice", map[string]string{
			"migrations/sqlite/0001_a.sql": up, "migrations/postgres/0001_a.sql": up,
			"migrations/sqlite/0002_b.sql": up, "migrations/postgres/0002_b.sql": up,
		}, ""},
	})
	made, err := parse(map[string]string{
		"migrations/sqlite/0001_a.sql": up, "migrations/postgres/0001_a.sql": up,
		"migrations/sqlite/0001_b.sql": up, "migrations/postgres/0001_b.sql": up,
	})
	if err != nil {
		t.Fatal(err)
	}
	if found := migrationPairs(made); len(found) != 2 || !strings.Contains(found[0].what, "has the number of 0001_a.sql") {
		t.Errorf("a number used twice: %v", found)
	}
}

// looseTables finds SQLite tables that would take text into a number.
func looseTables(t *tree) []finding {
	var found []finding
	table := regexp.MustCompile(`(?is)\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?"?(\w+)"?[^;]*?\)([^;)]*);`)
	for _, name := range slices.Sorted(maps.Keys(t.texts)) {
		if !strings.HasPrefix(name, "migrations/sqlite/") {
			continue
		}
		for _, match := range table.FindAllStringSubmatch(withoutComments(t.texts[name]), -1) {
			if !strings.Contains(strings.ToUpper(match[2]), "STRICT") {
				found = append(found, finding{name, fmt.Sprintf("table %s is not STRICT", match[1])})
			}
		}
	}
	return found
}

var sqlComment = regexp.MustCompile(`--[^\n]*`)

func withoutComments(text string) string { return sqlComment.ReplaceAllString(text, "") }

func TestSQLiteTablesAreStrict(t *testing.T) {
	holds(t, looseTables, "end CREATE TABLE with STRICT, so that SQLite checks types as PostgreSQL does")
}

func TestSQLiteTablesAreStrictCatches(t *testing.T) {
	catches(t, looseTables, []sample{
		{"loose", map[string]string{"migrations/sqlite/0001_a.sql": "CREATE TABLE a (n INTEGER CHECK (n IN (1, 2)));\n"}, "table a is not STRICT"},
		{"strict", map[string]string{"migrations/sqlite/0001_a.sql": "CREATE TABLE a (n INTEGER, -- first; second\n PRIMARY KEY (n)) WITHOUT ROWID, STRICT;\n"}, ""},
		{"index", map[string]string{"migrations/sqlite/0001_a.sql": "CREATE VIRTUAL TABLE a USING fts5(x);\n"}, ""},
		{"other database", map[string]string{"migrations/postgres/0001_a.sql": "CREATE TABLE a (n BIGINT);\n"}, ""},
	})
}
