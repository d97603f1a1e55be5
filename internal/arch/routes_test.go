package arch

import (
	"fmt"
	"go/ast"
	"slices"
	"testing"
)

const (
	restFolder = "internal/edge/rest"
	routeFile  = restFolder + "/route.go" // turns a declared route into a registered one
)

// doors are the functions that make a path answer.
var doors = map[string][]string{
	"github.com/danielgtaylor/huma/v2": {"Register", "AutoRegister", "Get", "Post", "Put", "Patch", "Delete", "Head"},
	"net/http":                         {"Handle", "HandleFunc"},
}

// undeclaredRoutes finds paths that answer without passing the registry of
// routes, and routes that do not say who may call them.
func undeclaredRoutes(t *tree) []finding {
	var found []finding
	t.inspect(func(f *file, node ast.Node) {
		if f.test || f.under("bench", "e2e", "scripts") {
			return
		}
		switch node := node.(type) {
		case *ast.CallExpr:
			target, name := f.calledFunction(node)
			if slices.Contains(doors[target], name) && f.path != routeFile {
				found = append(found, finding{t.at(node), fmt.Sprintf("calls %s.%s", localName(&ast.ImportSpec{}, target), name)})
			}
		case *ast.CompositeLit:
			if isRoute(f, node.Type) && len(node.Elts) > 0 && !hasKey(node, "Needs") {
				found = append(found, finding{t.at(node), "declares a route without Needs"})
			}
		}
	})
	return found
}

// isRoute reports whether a type is rest.Route.
func isRoute(f *file, kind ast.Expr) bool {
	switch kind := kind.(type) {
	case *ast.Ident:
		return kind.Name == "Route" && f.folder == restFolder
	case *ast.SelectorExpr:
		target, name := f.selected(kind)
		return name == "Route" && target == module+"/"+restFolder
	}
	return false
}

func hasKey(literal *ast.CompositeLit, key string) bool {
	return slices.ContainsFunc(literal.Elts, func(element ast.Expr) bool {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		name, ok := pair.Key.(*ast.Ident)
		return ok && name.Name == key
	})
}

func TestRoutesDeclareWhoMayCallThem(t *testing.T) {
	holds(t, undeclaredRoutes, "register it by Register or RegisterRaw of "+routeFile+" with Route.Needs set to a permission, Public or SignedIn; the matrix of who may call what is generated from these")
}

func TestRoutesDeclareWhoMayCallThemCatches(t *testing.T) {
	in := func(name, text string) map[string]string {
		return map[string]string{name: "package rest\nimport (\n\"net/http\"\n\"github.com/danielgtaylor/huma/v2\"\n)\n" + text}
	}
	catches(t, undeclaredRoutes, []sample{
		{"huma beside the registry", in("internal/edge/rest/groups.go", "func f() { huma.Register(api, op, h) }\n"), "calls huma.Register"},
		{"with type arguments", in("internal/edge/rest/groups.go", "func f() { huma.Get[int](api, op, h) }\n"), "calls huma.Get"},
		{"default mux", in("internal/app/app.go", "func f() { http.HandleFunc(``, h) }\n"), "calls http.HandleFunc"},
		{"who may?", in("internal/edge/rest/groups.go", "var r = Route{Method: `GET`, Path: `/groups`}\n"), "without Needs"},
		{"registry", in(routeFile, "func f() { huma.Register(api, op, h) }\n"), ""},
		{"declared", in("internal/edge/rest/groups.go", "var r = Route{Method: `GET`, Path: `/groups`, Needs: access.GroupRead}\n"), ""},
	})
}
