package app_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// codesInSource is every code that our refusals carry, with a place that has it.
func codesInSource(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	files := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "../arch") {
			return err
		}
		syntax, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		note := func(e ast.Expr) {
			if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if code, err := strconv.Unquote(lit.Value); err == nil {
					found[code] = files.Position(lit.Pos()).String()
				}
			}
		}
		ast.Inspect(syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if name := called(n); (name == "errs.New" && len(n.Args) > 1) || (name == "newProblem" && len(n.Args) > 2) {
					at := 1
					if name == "newProblem" {
						at = 2
					}
					note(n.Args[at])
				}
			case *ast.CompositeLit:
				if kind, ok := n.Type.(*ast.SelectorExpr); ok && kind.Sel.Name == "Error" {
					for _, e := range n.Elts {
						if kv, ok := e.(*ast.KeyValueExpr); ok {
							if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "Code" {
								note(kv.Value)
							}
						}
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func called(n *ast.CallExpr) string {
	switch f := n.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			return x.Name + "." + f.Sel.Name
		}
	}
	return ""
}

func TestEveryCodeIsDocumented(t *testing.T) {
	t.Parallel()
	a := open(t, config(t, ""))
	defer func() { _ = a.Close() }()
	var documented map[string]string
	func() {
		s, events, err := a.Server("")
		if err != nil {
			t.Fatal(err)
		}
		defer events.Close()
		documented = s.Codes()
	}()
	found := codesInSource(t)
	if len(found) < 30 {
		t.Fatalf("only %d codes were found: the search is broken", len(found))
	}
	for code, at := range found {
		if documented[code] == "" {
			t.Errorf("%s: the code %s is not in the document: tell it with API.Code, or in internal/edge/rest/codes.go", at, code)
		}
	}
}
