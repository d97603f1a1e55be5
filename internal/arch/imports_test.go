package arch

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

// mayImport is the table of tiers: kit <- core <- billing <- voice <- outreach,
// with tv and network beside voice, then edge, app, cmd.
var mayImport = map[string][]string{
	"kit":      {"kit", "migrations"},
	"core":     {"kit", "core"},
	"billing":  {"kit", "core", "billing"},
	"voice":    {"kit", "core", "billing", "voice"},
	"tv":       {"kit", "core", "billing", "tv"},
	"network":  {"kit", "core", "billing", "network"},
	"outreach": {"kit", "core", "billing", "voice", "outreach"},
	"edge":     {"kit", "core", "billing", "voice", "outreach", "tv", "network"},
	"app":      {"kit", "core", "billing", "voice", "outreach", "tv", "network", "edge", "app", "migrations", "web"},
	"cmd":      {"kit", "app"},
	"arch":     {},
	// Programs around the product: they drive it from outside or compose it as app does.
	"bench":      {"kit", "core", "billing", "voice", "outreach", "tv", "network", "edge", "app", "bench", "migrations"},
	"e2e":        {"kit", "app", "e2e"},
	"scripts":    {"kit", "app"},
	"migrations": {},
	"web":        {},
}

// wingOf returns the wing of a folder or of an import path below the module, as a key of mayImport.
func wingOf(folder string) string {
	folder = strings.TrimPrefix(folder, "internal/")
	wing, _, _ := strings.Cut(folder, "/")
	return wing
}

func importTiers(t *tree) []finding {
	var found []finding
	for _, f := range t.files {
		wing := wingOf(f.folder)
		allowed, known := mayImport[wing]
		if !known {
			found = append(found, finding{f.path, fmt.Sprintf("folder %q is not part of the tree", f.folder)})
			continue
		}
		for _, target := range f.imports {
			local, ok := strings.CutPrefix(target, module+"/")
			if !ok || local == f.folder {
				continue
			}
			if f.test && wing == "edge" && wingOf(local) == "app" { // a whole application behind the edge under test
				continue
			}
			if !slices.Contains(allowed, wingOf(local)) {
				found = append(found, finding{f.path, fmt.Sprintf("%s imports %s", f.folder, local)})
			}
		}
	}
	return found
}

func TestImportTiers(t *testing.T) {
	holds(t, importTiers, "a wing imports itself, lower wings and kit (kit <- core <- billing <- voice <- outreach; tv and network beside voice; then edge, app, cmd; an edge never imports another). What must react upwards is a small interface declared below and registered in internal/app")
}

func TestImportTiersCatches(t *testing.T) {
	imports := func(folder, target string) map[string]string {
		return map[string]string{folder + "/x.go": "package x\nimport _ \"" + target + "\"\n"}
	}
	catches(t, importTiers, []sample{
		{"upwards", imports("internal/core/customer", "tandem/internal/billing/ledger"), "internal/core/customer imports internal/billing/ledger"},
		{"kit knows core", imports("internal/kit/list", "tandem/internal/core/access"), "imports internal/core/access"},
		{"beside", imports("internal/tv/login", "tandem/internal/voice/call"), "imports internal/voice/call"},
		{"edge to edge", imports("internal/edge/tmf", "tandem/internal/edge/rest"), "imports internal/edge/rest"},
		{"app from core", imports("internal/core/customer", "tandem/internal/app"), "imports internal/app"},
		{"cmd past app", imports("cmd/tandem", "tandem/internal/core/customer"), "imports internal/core/customer"},
		{"unknown wing", imports("internal/engine", "fmt"), "not part of the tree"},
		{"downwards", imports("internal/voice/call", "tandem/internal/billing/ledger"), ""},
		{"own wing", imports("internal/core/customer", "tandem/internal/core/audit"), ""},
		{"app composes", imports("internal/app", "tandem/internal/edge/rest"), ""},
	})
}

// drivers are the packages that speak to a database.
var drivers = []string{"modernc.org/sqlite", "github.com/mattn/go-sqlite3", "github.com/jackc/pgx", "github.com/jackc/pgconn", "github.com/lib/pq", "github.com/pressly/goose"}

func driversInDB(t *tree) []finding {
	var found []finding
	for _, f := range t.files {
		if f.under("internal/kit/db", "bench") {
			continue
		}
		for _, target := range f.imports {
			if slices.ContainsFunc(drivers, func(driver string) bool {
				return target == driver || strings.HasPrefix(target, driver+"/")
			}) {
				found = append(found, finding{f.path, "imports the driver " + target})
			}
		}
	}
	return found
}

func TestDatabaseDriversOnlyInKitDB(t *testing.T) {
	holds(t, driversInDB, "use internal/kit/db; what differs between the databases belongs into its Dialect")
}

func TestDatabaseDriversOnlyInKitDBCatches(t *testing.T) {
	catches(t, driversInDB, []sample{
		{"driver in a store", map[string]string{"internal/core/customer/store.go": "package customer\nimport _ \"github.com/jackc/pgx/v5/pgconn\"\n"}, "imports the driver"},
		{"driver in a test", map[string]string{"internal/core/customer/x_test.go": "package customer\nimport _ \"modernc.org/sqlite\"\n"}, "imports the driver"},
		{"driver at home", map[string]string{"internal/kit/db/open.go": "package db\nimport _ \"modernc.org/sqlite\"\n"}, ""},
	})
}

// wings are the parts of internal that hold capabilities.
var wings = []string{"core", "billing", "voice", "outreach", "tv", "network", "edge"}

// flatCapabilities: internal/<wing>/<capability>, one package, nothing below
// it but packages that support its tests.
func flatCapabilities(t *tree) []finding {
	var found []finding
	seen := map[string]bool{}
	for _, f := range t.files {
		if seen[f.folder] || !slices.Contains(wings, wingOf(f.folder)) || !f.under("internal") {
			continue
		}
		seen[f.folder] = true
		depth := strings.Count(f.folder, "/")
		if depth != 2 && !(depth == 3 && strings.HasSuffix(path.Base(f.folder), "test")) {
			found = append(found, finding{f.folder, "is not internal/<wing>/<capability>"})
		}
	}
	return found
}

func TestCapabilitiesAreFlat(t *testing.T) {
	holds(t, flatCapabilities, "one flat package per capability, split by noun and not by layer: service.go, store.go, fields.go beside each other; a second noun is a second capability")
}

func TestCapabilitiesAreFlatCatches(t *testing.T) {
	catches(t, flatCapabilities, []sample{
		{"layer below", map[string]string{"internal/core/customer/service/x.go": "package service\n"}, "is not internal/<wing>/<capability>"},
		{"code in the wing", map[string]string{"internal/core/x.go": "package core\n"}, "is not internal/<wing>/<capability>"},
		{"flat", map[string]string{"internal/core/customer/x.go": "package customer\n"}, ""},
		{"test support", map[string]string{"internal/core/customer/customertest/x.go": "package customertest\n"}, ""},
	})
}
