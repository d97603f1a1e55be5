package arch

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// module is the module's path, as go.mod names it.
const module = "tandem"

// tree is a set of sources, of the repository or made up by a self-test.
type tree struct {
	positions *token.FileSet
	files     []*file           // Go
	texts     map[string]string // everything else that a rule reads, by path
}

// file is one Go source.
type file struct {
	path    string // relative to the repository, with slashes
	folder  string // the package's folder
	name    string // of the file
	test    bool
	lines   int
	text    string
	syntax  *ast.File
	imports map[string]string // local name -> import path
}

// finding is one breach of a rule.
type finding struct {
	where string // path, or path:line
	what  string
}

// repository reads the real tree, once.
var repository = sync.OnceValues(func() (*tree, error) {
	root, err := filepath.Abs(".")
	if err != nil {
		return nil, err
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			return nil, errors.New("no go.mod above this folder")
		}
		root = filepath.Dir(root)
	}
	sources := map[string]string{}
	err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) { // a build in another window removed it
				return nil
			}
			return err
		}
		relative, _ := filepath.Rel(root, name)
		relative = filepath.ToSlash(relative)
		if entry.IsDir() {
			if skippedFolder(relative) {
				return fs.SkipDir
			}
			return nil
		}
		if !wanted(relative) {
			return nil
		}
		content, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		sources[relative] = string(content)
		return err
	})
	if err != nil {
		return nil, err
	}
	return parse(sources)
})

func skippedFolder(relative string) bool {
	base := path.Base(relative)
	return base == "node_modules" || base == "testdata" || base == "dist" || relative == "bin" || relative == "data" ||
		(strings.HasPrefix(base, ".") && relative != ".")
}

func wanted(relative string) bool {
	switch path.Ext(relative) {
	case ".go", ".sql", ".ts", ".tsx":
		return true
	}
	return path.Base(relative) == "go.mod" || path.Base(relative) == "package.json" || strings.HasPrefix(relative, "docs/adr/")
}

// parse builds a tree from path -> text.
func parse(sources map[string]string) (*tree, error) {
	made := &tree{positions: token.NewFileSet(), texts: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		text := sources[name]
		if path.Ext(name) != ".go" {
			made.texts[name] = text
			continue
		}
		syntax, err := parser.ParseFile(made.positions, name, text, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		parsed := &file{
			path: name, folder: path.Dir(name), name: path.Base(name), test: strings.HasSuffix(name, "_test.go"),
			lines: bytes.Count([]byte(text), []byte("\n")), text: text, syntax: syntax, imports: map[string]string{},
		}
		for _, spec := range syntax.Imports {
			target, _ := strconv.Unquote(spec.Path.Value)
			parsed.imports[localName(spec, target)] = target
		}
		made.files = append(made.files, parsed)
	}
	return made, nil
}

// localName is the name by which a file calls an import.
func localName(spec *ast.ImportSpec, target string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	base := path.Base(target)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" { // .../huma/v2
		base = path.Base(path.Dir(target))
	}
	return base
}

// calledFunction returns the import path and name of a call like pkg.Name(...).
func (f *file) calledFunction(call *ast.CallExpr) (target, name string) {
	function := call.Fun
	if generic, ok := function.(*ast.IndexExpr); ok {
		function = generic.X
	}
	selector, ok := function.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	return f.selected(selector)
}

// selected returns the import path and name of pkg.Name.
func (f *file) selected(selector *ast.SelectorExpr) (target, name string) {
	base, ok := selector.X.(*ast.Ident)
	if !ok || declaredInFile(base) { // a variable that happens to be named like a package
		return "", ""
	}
	return f.imports[base.Name], selector.Sel.Name
}

// declaredInFile reports whether a name is declared in its own file. The
// parser's simple resolution, deprecated in favour of go/types, is all that is
// needed here and needs no type check of the whole tree.
func declaredInFile(name *ast.Ident) bool { return name.Obj != nil }

// isLocal reports whether a name belongs to something inside a function.
func (f *file) isLocal(name *ast.Ident) bool {
	return name.Obj != nil && f.syntax.Scope.Lookup(name.Name) != name.Obj
}

func (t *tree) at(node ast.Node) string {
	position := t.positions.Position(node.Pos())
	return fmt.Sprintf("%s:%d", position.Filename, position.Line)
}

// main reports whether the file belongs to a program.
func (f *file) main() bool { return f.syntax.Name.Name == "main" }

// under reports whether the file is in one of the folders or below it.
func (f *file) under(folders ...string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		return f.folder == folder || strings.HasPrefix(f.folder, folder+"/")
	})
}

// isTestSupport names the packages that only tests import, such as pgtest and dbtest.
func (f *file) isTestSupport() bool {
	return f.test || strings.HasSuffix(path.Base(f.folder), "test") || strings.Contains(f.folder, "test/")
}

// holds runs a rule on the repository.
func holds(t *testing.T, rule func(*tree) []finding, instead string) {
	t.Helper()
	t.Parallel()
	whole, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range rule(whole) {
		t.Errorf("%s: %s\n    instead: %s", found.where, found.what, instead)
	}
}

// sample is a small source that a rule must refuse or, with want "", accept.
type sample struct {
	name  string
	files map[string]string
	want  string // part of the only finding
}

// catches proves that a rule fails on wrong samples and passes right ones.
func catches(t *testing.T, rule func(*tree) []finding, samples []sample) {
	t.Helper()
	t.Parallel()
	for _, s := range samples {
		made, err := parse(s.files)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		found := rule(made)
		switch {
		case s.want == "" && len(found) > 0:
			t.Errorf("%s: refused: %v", s.name, found)
		case s.want != "" && (len(found) != 1 || !strings.Contains(found[0].where+": "+found[0].what, s.want)):
			t.Errorf("%s: want one finding with %q, got %v", s.name, s.want, found)
		}
	}
}

// TestEveryRuleCanFail: a rule without a proof that it fails may have stopped looking long ago.
func TestEveryRuleCanFail(t *testing.T) {
	t.Parallel()
	whole, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	rules, proofs := map[string]bool{}, map[string]bool{}
	whole.inspect(func(f *file, node ast.Node) {
		function, ok := node.(*ast.FuncDecl)
		if !ok || f.folder != "internal/arch" {
			return
		}
		proofs[function.Name.Name] = true
		ast.Inspect(function, func(inner ast.Node) bool {
			if call, ok := inner.(*ast.CallExpr); ok {
				if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "holds" {
					rules[function.Name.Name] = true
				}
			}
			return true
		})
	})
	if len(rules) < 10 {
		t.Errorf("only %d rules were found", len(rules))
	}
	for rule := range rules {
		if !proofs[rule+"Catches"] {
			t.Errorf("%s has no self-test %sCatches", rule, rule)
		}
	}
}
