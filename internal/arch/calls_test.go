package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

// inspect calls visit for every node of every file.
func (t *tree) inspect(visit func(f *file, node ast.Node)) {
	for _, f := range t.files {
		ast.Inspect(f.syntax, func(node ast.Node) bool {
			if node != nil {
				visit(f, node)
			}
			return true
		})
	}
}

// ambient are the ways to the outside world that make a test depend on the
// machine, and what to take instead.
var ambient = map[string]string{
	"time.Now": "clock.Clock", "time.Since": "clock.Clock", "time.Until": "clock.Clock", "time.Sleep": "a timer in a select with ctx.Done(), or a job with a due time",
	"os.Getenv": "a field of the configuration", "os.LookupEnv": "a field of the configuration", "os.Environ": "a field of the configuration",
}

// randomness: any use of these packages.
var randomness = []string{"math/rand", "math/rand/v2", "crypto/rand"}

func ambientCalls(t *tree) []finding {
	var found []finding
	exempt := func(f *file) bool {
		return f.test || f.main() || f.under("internal/kit", "internal/app", "cmd", "bench", "scripts", "e2e")
	}
	for _, f := range t.files {
		if exempt(f) {
			continue
		}
		for _, target := range f.imports {
			if slices.Contains(randomness, target) {
				found = append(found, finding{f.path, "imports " + target + "; take internal/kit/id or internal/kit/secret"})
			}
		}
	}
	t.inspect(func(f *file, node ast.Node) {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok || exempt(f) {
			return
		}
		target, name := f.selected(selector)
		if better, banned := ambient[target+"."+name]; banned {
			found = append(found, finding{t.at(node), fmt.Sprintf("uses %s.%s; take %s", target, name, better)})
		}
	})
	return found
}

func TestTimeRandomnessAndEnvironmentAreGiven(t *testing.T) {
	holds(t, ambientCalls, "services get clock, IDs and configuration as arguments from internal/app, so that tests decide them")
}

func TestTimeRandomnessAndEnvironmentAreGivenCatches(t *testing.T) {
	source := func(imported, body string) string {
		return "package customer\nimport \"" + imported + "\"\nfunc f() { " + body + " }\n"
	}
	in := func(name, text string) map[string]string { return map[string]string{name: text} }
	catches(t, ambientCalls, []sample{
		{"now", in("internal/core/customer/x.go", source("time", "_ = time.Now()")), "time.Now"},
		{"now as a value", in("internal/core/customer/x.go", source("time", "g := time.Now; _ = g")), "time.Now"},
		{"renamed import", in("internal/core/customer/x.go", "package customer\nimport clock \"time\"\nvar a = clock.Now()\n"), "time.Now"},
		{"sleep", in("internal/voice/call/x.go", source("time", "time.Sleep(1)")), "time.Sleep"},
		{"env", in("internal/edge/rest/x.go", source("os", "_ = os.Getenv(``)")), "os.Getenv"},
		{"random", in("internal/core/customer/x.go", source("crypto/rand", "_ = rand.Reader")), "imports crypto/rand"},
		{"kit may", in("internal/kit/clock/x.go", source("time", "_ = time.Now()")), ""},
		{"durations are fine", in("internal/core/customer/x.go", source("time", "_ = time.Second")), ""},
	})
}

func panics(t *tree) []finding {
	var found []finding
	t.inspect(func(f *file, node ast.Node) {
		call, ok := node.(*ast.CallExpr)
		if !ok || f.main() || f.isTestSupport() || f.under("bench", "e2e", "scripts") {
			return
		}
		if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "panic" && !declaredInFile(name) && !passesOn(f, call) {
			found = append(found, finding{t.at(node), "calls panic"})
		}
		target, name := f.calledFunction(call)
		if (target == "os" && name == "Exit") || (target == "log" && (strings.HasPrefix(name, "Fatal") || strings.HasPrefix(name, "Panic"))) {
			found = append(found, finding{t.at(node), "calls " + target + "." + name})
		}
	})
	return found
}

// passesOn reports whether a panic is net/http's own way to cut a connection, or what was just recovered.
func passesOn(f *file, call *ast.CallExpr) bool {
	switch value := call.Args[0].(type) {
	case *ast.SelectorExpr:
		target, name := f.selected(value)
		return target == "net/http" && name == "ErrAbortHandler"
	case *ast.Ident:
		if !declaredInFile(value) {
			return false
		}
		declared, ok := value.Obj.Decl.(*ast.AssignStmt)
		if !ok || len(declared.Rhs) != 1 {
			return false
		}
		from, ok := declared.Rhs[0].(*ast.CallExpr)
		if !ok {
			return false
		}
		function, ok := from.Fun.(*ast.Ident)
		return ok && function.Name == "recover"
	}
	return false
}

func TestNoPanicOutsideMain(t *testing.T) {
	holds(t, panics, "return an error; the caller decides (wrap it with %w and the name of the operation)")
}

func TestNoPanicOutsideMainCatches(t *testing.T) {
	catches(t, panics, []sample{
		{"panic", map[string]string{"internal/kit/id/x.go": "package id\nfunc f() { panic(1) }\n"}, "calls panic"},
		{"exit", map[string]string{"internal/app/x.go": "package app\nimport \"os\"\nfunc f() { os.Exit(1) }\n"}, "os.Exit"},
		{"fatal log", map[string]string{"internal/app/x.go": "package app\nimport \"log\"\nfunc f() { log.Fatalf(``) }\n"}, "log.Fatalf"},
		{"abort", map[string]string{"internal/edge/rest/x.go": "package rest\nimport \"net/http\"\nfunc f() { panic(http.ErrAbortHandler) }\n"}, ""},
		{"recovered", map[string]string{"internal/edge/rest/x.go": "package rest\nfunc f() { if fault := recover(); fault != nil { panic(fault) } }\n"}, ""},
		{"main may", map[string]string{"cmd/tandem/main.go": "package main\nimport \"os\"\nfunc main() { os.Exit(1) }\n"}, ""},
		{"tests may", map[string]string{"internal/kit/id/x_test.go": "package id\nfunc f() { panic(1) }\n"}, ""},
	})
}

// exact are the packages whose numbers are money, or become money.
var exact = []string{"money", "ledger", "charge", "tax", "refill", "invoice", "product", "subscription", "ratecard", "rating", "call"}

func floats(t *tree) []finding {
	var found []finding
	t.inspect(func(f *file, node ast.Node) {
		if f.test || !slices.Contains(exact, path.Base(f.folder)) {
			return
		}
		switch node := node.(type) {
		case *ast.Ident:
			if (node.Name == "float64" || node.Name == "float32") && !declaredInFile(node) {
				found = append(found, finding{t.at(node), "uses " + node.Name})
			}
		case *ast.BasicLit:
			if node.Kind == token.FLOAT {
				found = append(found, finding{t.at(node), "has the float " + node.Value})
			}
		case *ast.SelectorExpr:
			if target, name := f.selected(node); target == "strconv" && strings.HasSuffix(name, "Float") {
				found = append(found, finding{t.at(node), "calls strconv." + name})
			}
		}
	})
	return found
}

func TestNoFloatInMoney(t *testing.T) {
	holds(t, floats, "money.Amount: whole micro-units in an int64, 128-bit multiply and divide, rounding spelled out")
}

func TestNoFloatInMoneyCatches(t *testing.T) {
	catches(t, floats, []sample{
		{"type", map[string]string{"internal/kit/money/x.go": "package money\nvar x float64\n"}, "float64"},
		{"literal", map[string]string{"internal/billing/tax/x.go": "package tax\nconst x = 0.25\n"}, "0.25"},
		{"parse", map[string]string{"internal/billing/ledger/x.go": "package ledger\nimport \"strconv\"\nvar x, _ = strconv.ParseFloat(``, 64)\n"}, "ParseFloat"},
		{"elsewhere", map[string]string{"internal/voice/traffic/x.go": "package traffic\nvar x float64\n"}, ""},
	})
}

// sloppyTests finds tests that hide themselves or depend on the machine's speed.
func sloppyTests(t *tree) []finding {
	var found []finding
	t.inspect(func(f *file, node ast.Node) {
		call, ok := node.(*ast.CallExpr)
		if !ok || !f.isTestSupport() {
			return
		}
		target, name := f.calledFunction(call)
		if target == "time" && name == "Sleep" && !slices.Contains(importsOf(f), "testing/synctest") {
			found = append(found, finding{t.at(node), "sleeps"})
		}
		if selector, ok := call.Fun.(*ast.SelectorExpr); ok && target == "" && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, selector.Sel.Name) {
			if receiver, ok := selector.X.(*ast.Ident); ok && slices.Contains([]string{"t", "tb", "b", "f"}, receiver.Name) {
				found = append(found, finding{t.at(node), "skips"})
			}
		}
	})
	return found
}

func importsOf(f *file) []string {
	var all []string
	for _, target := range f.imports {
		all = append(all, target)
	}
	return all
}

func TestTestsNeitherSkipNorSleep(t *testing.T) {
	holds(t, sloppyTests, "a test that lacks something fails and says how to get it; wait for an event, use the injected clock or testing/synctest")
}

func TestTestsNeitherSkipNorSleepCatches(t *testing.T) {
	test := func(imported, body string) map[string]string {
		return map[string]string{"internal/kit/id/x_test.go": "package id\nimport (\n\"testing\"\n" + imported + "\n)\nfunc TestX(t *testing.T) { " + body + " }\n"}
	}
	catches(t, sloppyTests, []sample{
		{"skip", test("", "t.Skip()"), "skips"},
		{"sleep", test("\"time\"", "time.Sleep(1)"), "sleeps"},
		{"virtual sleep", test("\"time\"\n\"testing/synctest\"", "synctest.Test(t, func(t *testing.T) { time.Sleep(1) })"), ""},
	})
}

// unfinished are the words that mark work left for another day.
var unfinished = []string{"TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"}

func leftovers(t *tree) []finding {
	var found []finding
	for _, f := range t.files {
		for _, group := range f.syntax.Comments {
			for _, comment := range group.List {
				for word := range strings.FieldsFuncSeq(comment.Text, func(r rune) bool { return r < 'A' || r > 'Z' }) {
					if slices.Contains(unfinished, word) {
						found = append(found, finding{t.at(comment), "says " + word})
					}
				}
			}
		}
	}
	return found
}

func TestNothingIsLeftUnfinished(t *testing.T) {
	holds(t, leftovers, "finish it, or leave it out and open an issue")
}

func TestNothingIsLeftUnfinishedCatches(t *testing.T) {
	catches(t, leftovers, []sample{
		{"note", map[string]string{"internal/kit/id/x.go": "package id\n\n// " + unfinished[0] + ": later\nvar x int\n"}, "says"},
		{"name", map[string]string{"internal/kit/id/x.go": "package id\n\n// " + unfinished[0] + "LIST is a word.\nvar x int\n"}, ""},
	})
}
