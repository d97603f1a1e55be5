package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sqlText recognises a statement: its verbs in capitals at the beginning, or a whole shape in any case.
var sqlText = regexp.MustCompile(`^\s*(?:--[^\n]*\n\s*)*(?:(?:SELECT|INSERT INTO|INSERT OR|UPDATE|DELETE FROM|WITH|CREATE|ALTER|DROP|TRUNCATE|PRAGMA)\s` +
	`|(?i:select\s[^.]+\sfrom\s+\w+\s*(?:$|where\s|join\s|left\s|order\s|limit\s)|insert\s+into\s+\w+\s*\(|delete\s+from\s+\w+(?:\s+where|\s*$)|update\s+\w+\s+set\s))`)

// sqlHomes are the packages whose purpose is to make SQL.
var sqlHomes = []string{"internal/kit/db", "internal/kit/list", "internal/kit/job", "internal/kit/outbox", "bench", "migrations"}

func isStore(name string) bool {
	return name == "store.go" || (strings.HasPrefix(name, "store_") && strings.HasSuffix(name, ".go"))
}

// texts calls visit with every string constant written in a file.
func (t *tree) literals(visit func(f *file, node ast.Node, text string)) {
	t.inspect(func(f *file, node ast.Node) {
		literal, ok := node.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return
		}
		if text, err := strconv.Unquote(literal.Value); err == nil {
			visit(f, node, text)
		}
	})
}

func sqlOutsideStores(t *tree) []finding {
	var found []finding
	t.literals(func(f *file, node ast.Node, text string) {
		if f.isTestSupport() || isStore(f.name) || f.under(sqlHomes...) || !sqlText.MatchString(text) {
			return
		}
		found = append(found, finding{t.at(node), fmt.Sprintf("has the SQL %q", strings.Join(strings.Fields(text[:min(len(text), 60)]), " "))})
	})
	return found
}

func TestSQLStandsInStores(t *testing.T) {
	holds(t, sqlOutsideStores, "SQL is a constant in store.go (or store_*.go) of the package that owns the table; other packages call a use case of the owner")
}

func TestSQLStandsInStoresCatches(t *testing.T) {
	in := func(name, text string) map[string]string {
		return map[string]string{name: "package customer\nvar s = " + strconv.Quote(text) + "\n"}
	}
	catches(t, sqlOutsideStores, []sample{
		{"select", in("internal/core/customer/service.go", "\n\tSELECT id FROM customers"), "has the SQL"},
		{"lower case", in("internal/core/customer/service.go", "select id from customers"), "has the SQL"},
		{"insert", in("internal/edge/rest/customers.go", "INSERT INTO customers (id) VALUES ($1)"), "has the SQL"},
		{"delete", in("internal/core/customer/fields.go", "delete from customers where id = $1"), "has the SQL"},
		{"with", in("internal/core/customer/service.go", "WITH x AS (SELECT 1) SELECT 1"), "has the SQL"},
		{"store", in("internal/core/customer/store_rows.go", "SELECT 1"), ""},
		{"English", in("internal/core/customer/service.go", "select a customer from the list"), ""},
		{"English label", in("internal/core/customer/service.go", "Update the customer"), ""},
		{"kit that makes it", in("internal/kit/list/plan.go", "SELECT 1"), ""},
	})
}

var (
	createdTable = regexp.MustCompile(`(?i)\bCREATE\s+(?:VIRTUAL\s+|UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?"?(\w+)"?`)
	writtenTable = regexp.MustCompile(`(?i)\b(?:(?:INSERT|REPLACE)(?:\s+OR\s+\w+)?\s+INTO|DELETE\s+FROM|UPDATE)\s+"?(\w+)"?`)
	readTable    = regexp.MustCompile(`\b(?:FROM|JOIN)\s+"?(\w+)"?`)
)

// tables returns the tables that the migrations create.
func (t *tree) tables() map[string]bool {
	all := map[string]bool{}
	for name, text := range t.texts {
		if !strings.HasPrefix(name, "migrations/") {
			continue
		}
		for _, match := range createdTable.FindAllStringSubmatch(text, -1) {
			all[match[1]] = true
		}
	}
	return all
}

// writers returns for each table the packages that change its rows, each with one place.
func (t *tree) writers() map[string]map[string]string {
	known, writers := t.tables(), map[string]map[string]string{}
	note := func(table string, f *file, node ast.Node) {
		if !known[table] {
			return
		}
		if writers[table] == nil {
			writers[table] = map[string]string{}
		}
		writers[table][f.folder] = t.at(node)
	}
	t.literals(func(f *file, node ast.Node, text string) {
		if f.isTestSupport() || f.under("bench", "migrations") {
			return
		}
		for _, match := range writtenTable.FindAllStringSubmatch(text, -1) {
			note(match[1], f, node)
		}
	})
	// tx.Bulk(ctx, "table", ...) writes as well.
	t.inspect(func(f *file, node ast.Node) {
		call, ok := node.(*ast.CallExpr)
		if !ok || f.isTestSupport() || f.under("bench") || len(call.Args) < 2 {
			return
		}
		selector, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || selector.Sel.Name != "Bulk" {
			return
		}
		if literal, ok := call.Args[1].(*ast.BasicLit); ok && literal.Kind == token.STRING {
			table, _ := strconv.Unquote(literal.Value)
			note(table, f, node)
		}
	})
	return writers
}

func tableOwners(t *tree) []finding {
	var found []finding
	owns := t.ownsParagraphs()
	writers := t.writers()
	for _, table := range slices.Sorted(maps.Keys(writers)) {
		packages := slices.Sorted(maps.Keys(writers[table]))
		if len(packages) > 1 {
			found = append(found, finding{writers[table][packages[1]], fmt.Sprintf("table %s is written by %s", table, strings.Join(packages, " and "))})
			continue
		}
		if !regexp.MustCompile(`\b` + table + `\b`).MatchString(owns[packages[0]]) {
			found = append(found, finding{packages[0] + "/doc.go", fmt.Sprintf("writes the table %s and does not name it after \"Owns:\"", table)})
		}
	}
	return found
}

func TestOneOwnerPerTable(t *testing.T) {
	holds(t, tableOwners, "one package changes a table and names it in the \"Owns:\" of its doc.go; all others call a use case of that package with their transaction")
}

const someMigration = "-- +goose Up\nCREATE TABLE customers (id INTEGER) STRICT;\nCREATE TABLE groups (id INTEGER) STRICT;\n"

func TestOneOwnerPerTableCatches(t *testing.T) {
	store := func(folder, owns, text string) map[string]string {
		return map[string]string{
			"migrations/sqlite/0001_x.sql": someMigration,
			folder + "/doc.go":             "// Package x does.\n//\n// Owns: " + owns + ". Does not own: groups.\npackage x\n",
			folder + "/store.go":           "package x\nconst s = " + strconv.Quote(text) + "\n",
		}
	}
	both := store("internal/core/customer", "customers", "INSERT INTO customers (id) VALUES ($1)")
	maps.Copy(both, store("internal/core/importer", "imports", "UPDATE customers SET id = $1"))
	bulk := store("internal/core/importer", "imports", "SELECT 1")
	bulk["internal/core/importer/service.go"] = "package x\nfunc f(tx T) { tx.Bulk(nil, \"customers\", nil, nil) }\n"
	catches(t, tableOwners, []sample{
		{"two writers", both, "written by internal/core/customer and internal/core/importer"},
		{"not named", store("internal/core/customer", "people", "DELETE FROM customers"), "does not name it"},
		{"named as not owned", store("internal/core/customer", "customers", "DELETE FROM groups"), "writes the table groups"},
		{"bulk load", bulk, "writes the table customers"},
		{"owner", store("internal/core/customer", "customers", "INSERT INTO customers (id) VALUES ($1) ON CONFLICT DO UPDATE SET id = 1"), ""},
	})
}

// reads of another package's table, which couple the two packages. The list
// may shrink. To add one, give a reason that a reviewer accepts: usually the
// owner should offer a use case, or the reader should register a column.
var foreignReads = map[string]string{
	"internal/core/audit customer_ancestors":      "the audit is kept to the subtree of the caller, as a set from its index",
	"internal/core/schedule contacts":             "the audit asks which customer a delayed save of a contact is about, in the transaction that writes it down",
	"internal/core/contact customers":             "tandem check compares the customer's name and state that contacts keep with the customer's own",
	"internal/core/contact customer_ancestors":    "lists of contacts are kept to the subtree of the caller, as a set from its index",
	"internal/core/notify customer_ancestors":     "lists of mails are kept to the subtree of the caller, as a set from its index",
	"internal/core/customer custom_field_edition": "a list or an import must notice in its own transaction that the operator's fields changed",
	"internal/core/customer groups":               "customers show and filter by the names of their groups, and refuse a group that is gone",
	"internal/core/customfield customers":         "a field is not removed while values of it exist, counted in the same transaction",
	"internal/core/group group_members":           "groups show, sort by and refuse removal by the number of their members",
	"internal/core/schedule customer_ancestors":   "lists of delayed saves are kept to the subtree of the caller, as a set from its index",
	"internal/core/session customers":             "tokens show the name of the reseller whose customers they see",
	"internal/core/staff customer_ancestors":      "the list of staff is kept to the subtree of the caller, as a set from its index",
	"internal/core/staff customers":               "staff users show the name of the reseller whose customers they see",
}

func readsAcross(allowed map[string]string) func(*tree) []finding {
	return func(t *tree) []finding {
		var found []finding
		writers, used := t.writers(), map[string]bool{}
		t.literals(func(f *file, node ast.Node, text string) {
			if f.isTestSupport() || f.under("bench", "migrations") {
				return
			}
			for _, match := range readTable.FindAllStringSubmatch(text, -1) {
				table := match[1]
				if len(writers[table]) == 0 || writers[table][f.folder] != "" {
					continue
				}
				key := f.folder + " " + table
				if allowed[key] == "" {
					found = append(found, finding{t.at(node), fmt.Sprintf("%s reads %s, which belongs to %s", f.folder, table, slices.Sorted(maps.Keys(writers[table]))[0])})
				}
				used[key] = true
			}
		})
		for key := range allowed {
			if !used[key] {
				found = append(found, finding{"internal/arch/sql_test.go", fmt.Sprintf("the exception %q is no longer needed: remove it from foreignReads", key)})
			}
		}
		return found
	}
}

func TestTablesAreReadByTheirOwner(t *testing.T) {
	holds(t, readsAcross(foreignReads), "call the owner's use case, or let the owner register a column (see kit/list); a join that is really needed goes into foreignReads in internal/arch/sql_test.go with its reason")
}

func TestTablesAreReadByTheirOwnerCatches(t *testing.T) {
	sources := map[string]string{
		"migrations/sqlite/0001_x.sql":   someMigration,
		"internal/core/group/store.go":   "package group\nconst s = `INSERT INTO groups (id) VALUES ($1)`\n",
		"internal/core/other/store.go":   "package other\nconst s = `SELECT 1 FROM things JOIN groups ON true`\n",
		"internal/core/group/service.go": "package group\nconst s = `SELECT 1 FROM groups`\n",
	}
	catches(t, readsAcross(nil), []sample{{"foreign join", sources, "internal/core/other reads groups, which belongs to internal/core/group"}})
	made, err := parse(sources)
	if err != nil {
		t.Fatal(err)
	}
	if found := readsAcross(map[string]string{"internal/core/other groups": "a reason"})(made); len(found) != 0 {
		t.Errorf("an allowed read is refused: %v", found)
	}
	stale := map[string]string{"internal/core/other groups": "a reason", "internal/core/other customers": "gone"}
	if found := readsAcross(stale)(made); len(found) != 1 || !strings.Contains(found[0].what, "no longer needed") {
		t.Errorf("a stale exception: %v", found)
	}
}
