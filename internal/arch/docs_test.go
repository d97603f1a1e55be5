package arch

import (
	"fmt"
	"go/ast"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// packageComments returns the package comment of each folder that holds code that ships.
func (t *tree) packageComments() map[string]string {
	comments := map[string]string{}
	for _, f := range t.files {
		if f.test {
			continue
		}
		comments[f.folder] += f.syntax.Doc.Text()
	}
	return comments
}

// ownsParagraphs returns what each package says it owns: the text of its
// package comment between "Owns:" and "Does not own".
func (t *tree) ownsParagraphs() map[string]string {
	owns := t.packageComments()
	for folder, comment := range owns {
		_, after, _ := strings.Cut(comment, "Owns:")
		owns[folder], _, _ = strings.Cut(after, "Does not own")
	}
	return owns
}

// docSections are what a newcomer must find first in a capability.
var docSections = []string{"Owns:", "Does not own:", "Invariant"}

func packagesWithoutDoc(t *tree) []finding {
	var found []finding
	comments := t.packageComments()
	documented, hasDoc := map[string]bool{}, map[string]bool{}
	for _, f := range t.files {
		documented[f.folder] = documented[f.folder] || f.main()
		hasDoc[f.folder] = hasDoc[f.folder] || f.name == "doc.go"
	}
	for _, folder := range slices.Sorted(maps.Keys(comments)) {
		if !strings.HasPrefix(folder, "internal/") || documented[folder] {
			continue
		}
		if comments[folder] == "" {
			found = append(found, finding{folder, "has no package comment"})
			continue
		}
		if !slices.Contains(wings, wingOf(folder)) {
			continue
		}
		if !hasDoc[folder] {
			found = append(found, finding{folder, "has no doc.go"})
			continue
		}
		for _, section := range docSections {
			if !strings.Contains(comments[folder], section) {
				found = append(found, finding{folder + "/doc.go", fmt.Sprintf("does not say %q", section)})
			}
		}
	}
	return found
}

func TestPackagesSayWhatTheyOwn(t *testing.T) {
	holds(t, packagesWithoutDoc, "doc.go of a capability tells in a few lines what it is, \"Owns:\" with its tables, \"Does not own:\" with who does, \"Invariants:\" with what always holds")
}

func TestPackagesSayWhatTheyOwnCatches(t *testing.T) {
	const whole = "// Package x does.\n//\n// Owns: a. Does not own: b.\n//\n// Invariants: c.\n"
	catches(t, packagesWithoutDoc, []sample{
		{"no comment", map[string]string{"internal/kit/id/id.go": "package id\n"}, "internal/kit/id: has no package comment"},
		{"no doc.go", map[string]string{"internal/core/x/x.go": whole + "package x\n"}, "has no doc.go"},
		{"no invariants", map[string]string{"internal/core/x/doc.go": "// Package x does.\n//\n// Owns: a. Does not own: b.\npackage x\n"}, "does not say \"Invariant"},
		{"whole", map[string]string{"internal/core/x/doc.go": whole + "package x\n"}, ""},
		{"kit may be short", map[string]string{"internal/kit/id/id.go": "// Package id gives numbers.\npackage id\n"}, ""},
		{"tests only", map[string]string{"internal/core/x/x_test.go": "package x\n"}, ""},
	})
}

// knownMethods belong to interfaces of the standard library, which documents them.
var knownMethods = []string{"Error", "String", "Unwrap", "Is", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText", "Scan", "Value", "Len", "Less", "Swap"}

func undocumentedNames(t *tree) []finding {
	var found []finding
	note := func(node ast.Node, name string) {
		found = append(found, finding{t.at(node), "exported " + name + " has no doc comment"})
	}
	for _, f := range t.files {
		if f.test || f.main() || !f.under("internal", "migrations", "web") {
			continue
		}
		for _, declaration := range f.syntax.Decls {
			switch declaration := declaration.(type) {
			case *ast.FuncDecl:
				known := declaration.Recv != nil && slices.Contains(knownMethods, declaration.Name.Name)
				if declaration.Name.IsExported() && !known && exportedReceiver(declaration) && declaration.Doc.Text() == "" {
					note(declaration, declaration.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range declaration.Specs {
					for _, name := range undocumented(declaration, spec) {
						note(spec, name)
					}
				}
			}
		}
	}
	return found
}

// exportedReceiver reports whether a function is free or a method of an exported type.
func exportedReceiver(function *ast.FuncDecl) bool {
	if function.Recv == nil {
		return true
	}
	kind := function.Recv.List[0].Type
	for {
		switch typed := kind.(type) {
		case *ast.StarExpr:
			kind = typed.X
		case *ast.IndexExpr:
			kind = typed.X
		case *ast.IndexListExpr:
			kind = typed.X
		case *ast.Ident:
			return typed.IsExported()
		default:
			return false
		}
	}
}

// undocumented returns the exported names of a spec without a comment above it, beside it or above its group.
func undocumented(group *ast.GenDecl, spec ast.Spec) []string {
	var names []string
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if spec.Name.IsExported() && spec.Doc.Text() == "" && (group.Lparen.IsValid() || group.Doc.Text() == "") {
			names = append(names, spec.Name.Name)
		}
	case *ast.ValueSpec:
		if group.Doc.Text() != "" || spec.Doc.Text() != "" || spec.Comment.Text() != "" {
			return nil
		}
		for _, name := range spec.Names {
			if name.IsExported() {
				names = append(names, name.Name)
			}
		}
	}
	return names
}

func TestExportedNamesAreDocumented(t *testing.T) {
	holds(t, undocumentedNames, "say what it does, its units and its errors, beginning with the name; or make the name unexported")
}

func TestExportedNamesAreDocumentedCatches(t *testing.T) {
	in := func(text string) map[string]string {
		return map[string]string{"internal/kit/id/x.go": "package id\n" + text}
	}
	catches(t, undocumentedNames, []sample{
		{"function", in("func Next() {}\n"), "exported Next"},
		{"method", in("// T is.\ntype T struct{}\nfunc (t *T) Next() {}\n"), "exported Next"},
		{"type", in("type T int\n"), "exported T"},
		{"type in a group", in("// Things.\ntype (\n\tT int\n)\n"), "exported T"},
		{"constant", in("const A = 1\n"), "exported A"},
		{"grouped constants", in("// The kinds.\nconst (\n\tA = 1\n\tB = 2\n)\n"), ""},
		{"comment beside", in("var (\n\tA = 1 // what A is\n)\n"), ""},
		{"hidden receiver", in("type t int\nfunc (t t) String() string { return `` }\n"), ""},
		{"own file name", map[string]string{path.Join("internal/kit/id", "x_test.go"): "package id\nfunc Helper() {}\n"}, ""},
	})
}
