package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// stateTypes are types that only make sense when they change.
var stateTypes = map[string][]string{
	"sync":        {"Mutex", "RWMutex", "Map", "Once", "WaitGroup", "Cond"},
	"sync/atomic": {"Bool", "Int32", "Int64", "Uint32", "Uint64", "Pointer", "Value"},
	"github.com/prometheus/client_golang/prometheus":          {"NewCounter", "NewCounterVec", "NewGauge", "NewGaugeVec", "NewHistogram", "NewHistogramVec", "NewSummary"},
	"github.com/prometheus/client_golang/prometheus/promauto": {"NewCounter", "NewCounterVec", "NewGauge", "NewGaugeVec", "NewHistogram", "NewHistogramVec"},
}

// packageState finds variables of a package that change while the program
// runs: of a type made for it, or assigned in a function. sync.OnceValue,
// sync.Pool and tables that are only read are fine.
func packageState(t *tree) []finding {
	var found []finding
	variables := map[string]map[string]bool{} // folder -> names
	for _, f := range t.files {
		if f.test || f.main() || f.under("bench", "e2e", "scripts") {
			continue
		}
		if variables[f.folder] == nil {
			variables[f.folder] = map[string]bool{}
		}
		for _, declaration := range f.syntax.Decls {
			group, ok := declaration.(*ast.GenDecl)
			if !ok || group.Tok != token.VAR {
				continue
			}
			for _, spec := range group.Specs {
				value := spec.(*ast.ValueSpec)
				for _, name := range value.Names {
					variables[f.folder][name.Name] = name.Name != "_"
				}
				if kind := f.stateType(value); kind != "" {
					found = append(found, finding{t.at(value), fmt.Sprintf("%s is a %s of the package", value.Names[0].Name, kind)})
				}
			}
		}
	}
	t.inspect(func(f *file, node ast.Node) {
		for _, target := range assigned(node) {
			root := rootOf(target)
			if root == nil || f.test || !variables[f.folder][root.Name] || f.isLocal(root) {
				continue
			}
			found = append(found, finding{t.at(node), root.Name + ", a variable of the package, is assigned"})
		}
	})
	return found
}

// stateType returns the name of the type, or of the maker of the value, that is listed in stateTypes.
func (f *file) stateType(value *ast.ValueSpec) string {
	kinds := []ast.Expr{value.Type}
	for _, made := range value.Values {
		switch made := made.(type) {
		case *ast.CallExpr:
			kinds = append(kinds, made.Fun)
		case *ast.CompositeLit:
			kinds = append(kinds, made.Type)
		}
	}
	for _, kind := range kinds {
		if generic, ok := kind.(*ast.IndexExpr); ok {
			kind = generic.X
		}
		selector, ok := kind.(*ast.SelectorExpr)
		if !ok {
			continue
		}
		if target, name := f.selected(selector); slices.Contains(stateTypes[target], name) {
			return target[strings.LastIndex(target, "/")+1:] + "." + name
		}
	}
	return ""
}

// assigned returns the expressions that a statement changes.
func assigned(node ast.Node) []ast.Expr {
	switch node := node.(type) {
	case *ast.AssignStmt:
		if node.Tok != token.DEFINE {
			return node.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{node.X}
	}
	return nil
}

// rootOf returns x of x, x.y, x[i], *x and so on.
func rootOf(expression ast.Expr) *ast.Ident {
	for {
		switch typed := expression.(type) {
		case *ast.Ident:
			return typed
		case *ast.SelectorExpr:
			expression = typed.X
		case *ast.IndexExpr:
			expression = typed.X
		case *ast.StarExpr:
			expression = typed.X
		case *ast.ParenExpr:
			expression = typed.X
		default:
			return nil
		}
	}
}

func TestPackagesHaveNoState(t *testing.T) {
	holds(t, packageState, "put it into a struct that internal/app makes once and hands to those who need it")
}

func TestPackagesHaveNoStateCatches(t *testing.T) {
	in := func(text string) map[string]string {
		return map[string]string{"internal/kit/id/x.go": "package id\n" + text}
	}
	catches(t, packageState, []sample{
		{"mutex", in("import \"sync\"\nvar mu sync.Mutex\n"), "mu is a sync.Mutex"},
		{"atomic", in("import \"sync/atomic\"\nvar p atomic.Pointer[int]\n"), "p is a atomic.Pointer"},
		{"metric", in("import \"github.com/prometheus/client_golang/prometheus\"\nvar c = prometheus.NewCounter(prometheus.CounterOpts{})\n"), "c is a prometheus.NewCounter"},
		{"assigned", in("var last int\nfunc f() { last = 1 }\n"), "last, a variable"},
		{"counted", in("var last int\nfunc f() { last++ }\n"), "last, a variable"},
		{"cache", in("var seen = map[int]int{}\nfunc f() { seen[1] = 1 }\n"), "seen, a variable"},
		{"from another file", map[string]string{"internal/kit/id/x.go": "package id\nvar last int\n", "internal/kit/id/y.go": "package id\nfunc f() { last = 1 }\n"}, "y.go:2"},
		{"shadowed", in("var last int\nfunc f() { last := 0; last = 1; _ = last }\n"), ""},
		{"parameter", in("var last int\nfunc f(last int) { last = 1 }\n"), ""},
		{"computed once", in("import \"sync\"\nvar table = sync.OnceValue(func() int { return 1 })\n"), ""},
		{"assertion", in("var _ error = nil\nfunc f() { _ = 1 }\n"), ""},
		{"table", in("var table = map[int]int{1: 2}\nfunc f() int { return table[1] }\n"), ""},
	})
}
