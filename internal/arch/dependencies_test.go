package arch

import (
	"encoding/json"
	"maps"
	"path"
	"regexp"
	"slices"
	"testing"
)

const dependencyRecord = "docs/adr/0002-dependencies.md"

var requireLine = regexp.MustCompile(`(?m)^\s*(?:require\s+)?([\w.\-]+\.[\w.\-]+/\S+)\s+v\S+\s*$`)

var (
	recordRow  = regexp.MustCompile("(?m)^\\| (`[^|]*`) \\|")
	recordName = regexp.MustCompile("`([^`]+)`")
)

// unnamedDependencies: every direct dependency stands, in backquotes, in the
// first column of a table of the record, and nothing else does.
func unnamedDependencies(t *tree) []finding {
	var found []finding
	named := map[string]bool{} // name -> still needed
	for _, row := range recordRow.FindAllStringSubmatch(t.texts[dependencyRecord], -1) {
		for _, name := range recordName.FindAllStringSubmatch(row[1], -1) {
			named[name[1]] = false
		}
	}
	for _, where := range slices.Sorted(maps.Keys(t.texts)) {
		var direct []string
		switch path.Base(where) {
		case "go.mod":
			for _, match := range requireLine.FindAllStringSubmatch(t.texts[where], -1) { // "// indirect" does not match
				direct = append(direct, match[1])
			}
		case "package.json":
			var manifest struct{ Dependencies, DevDependencies map[string]string }
			if err := json.Unmarshal([]byte(t.texts[where]), &manifest); err != nil {
				found = append(found, finding{where, err.Error()})
				continue
			}
			direct = slices.Sorted(maps.Keys(manifest.Dependencies))
			direct = append(direct, slices.Sorted(maps.Keys(manifest.DevDependencies))...)
		}
		for _, dependency := range direct {
			if _, there := named[dependency]; !there {
				found = append(found, finding{where, "needs `" + dependency + "`, which " + dependencyRecord + " does not name"})
				continue
			}
			named[dependency] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if !named[name] {
			found = append(found, finding{dependencyRecord, "names `" + name + "`, which is not a dependency any more"})
		}
	}
	return found
}

func TestDependenciesHaveAReason(t *testing.T) {
	holds(t, unnamedDependencies, "add a line to the table in "+dependencyRecord+": what it is for, why this one and not its rival, its licence")
}

func TestDependenciesHaveAReasonCatches(t *testing.T) {
	const goRecord, npmRecord = "| `example.org/good/v2` | ... |\n", "| `react`, `react-dom` | the `user` interface |\n"
	catches(t, unnamedDependencies, []sample{
		{"go", map[string]string{dependencyRecord: goRecord, "go.mod": "module x\n\nrequire (\n\texample.org/good/v2 v2.0.0\n\texample.org/new v1.0.0\n\texample.org/far v1.0.0 // indirect\n)\n"}, "`example.org/new`"},
		{"npm", map[string]string{dependencyRecord: npmRecord, "web/package.json": `{"dependencies": {"react": "1", "react-dom": "1"}, "devDependencies": {"left-pad": "1"}}`}, "`left-pad`"},
		{"gone", map[string]string{dependencyRecord: npmRecord, "web/package.json": `{"dependencies": {"react": "1"}}`}, "names `react-dom`"},
		{"broken", map[string]string{"web/package.json": `{`}, "unexpected end"},
		{"named", map[string]string{dependencyRecord: goRecord + npmRecord, "go.mod": "module x\n\nrequire example.org/good/v2 v2.0.0\n", "web/package.json": `{"dependencies": {"react": "1", "react-dom": "1"}}`}, ""},
	})
}
