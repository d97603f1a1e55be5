package app_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tandem/internal/app"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
)

// Nobody writes what only the system gives, through no route.
func TestNothingIsGivenThatOnlyTheSystemGives(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		w := newWorld(t, c)
		admin, tried := w.callers[2].headers, 0
		owner := w.callers[slices.IndexFunc(w.callers, func(c caller) bool { return c.name == "contact owner" })].headers
		// What is the caller's to say here, under a name that is the system's elsewhere.
		asked := map[string][]string{"create-role": {"permissions"}, "patch-role": {"permissions"}, "create-webhook": {"state"}, "provider-sign-in": {"state"}}
		for _, r := range w.routes() {
			if r.Method == "GET" || r.Method == "DELETE" || r.Body != "" || strings.HasPrefix(r.Path, "/preferences") || r.ID == "roll-sms-gateway-secret" {
				continue // no body, or one of any form
			}
			for _, name := range []string{"id", "customer_id", "created_at", "created_by", "updated_at", "closed_at", "password_hash", "epoch", "owner", "permissions", "state", "__proto__"} {
				if slices.Contains(asked[r.ID], name) {
					continue
				}
				text, _ := json.Marshal(map[string]any{name: "x"})
				as := admin
				if strings.HasPrefix(string(r.Needs), "portal.") {
					as = owner
				}
				got := w.ask(r.Method, address(r, "x"), text, as)
				bodiless := got.code == "not_found" || got.status == 404 // the route reads none
				if got.status < 400 && !strings.HasSuffix(r.Path, "/cancel") || !bodiless && !strings.Contains(string(got.body), `"unknown_field"`) {
					t.Errorf("%s %s takes %s: %d %s", r.Method, r.Path, name, got.status, got.body)
				}
				tried++
			}
		}
		t.Logf("%d tries", tried)
	})
}

// canaries are secrets that are sent; none may be read anywhere afterwards.
func (b *brittle) canaries() []string {
	b.t.Helper()
	pass, wrong, next := "Canary-right-Pass-4711", "Canary-wrong-Pass-4712", "Canary-next-Pass-4713"
	b.must("POST", "/staff", map[string]any{"name": "Can", "email": "can@example.com", "role": "support", "password": pass})
	out := []string{pass, wrong, next, b.token}
	in := func(password string) map[string]any {
		return map[string]any{"email": "can@example.com", "password": password}
	}
	for _, r := range []request{
		asJSON("POST", "/session", in(wrong)), asJSON("POST", "/session", map[string]any{"email": wrong, "password": pass}),
		asJSON("POST", "/session/set-password", map[string]any{"token": wrong, "password": next}), asJSON("POST", "/session/password", map[string]any{"current": wrong, "new": next}),
		asJSON("POST", "/setup", map[string]any{"token": wrong, "name": "x", "email": "x@example.com", "password": pass}), asJSON("POST", "/staff", map[string]any{"name": "x", "email": 5, "password": pass}),
		asJSON("GET", "/customers?q="+wrong+"&limit="+wrong, nil), asJSON("GET", "/customers/"+wrong, nil),
	} {
		if status, _, text := b.send(r); status < 400 || strings.Contains(text, "Canary") {
			b.t.Errorf("%s %s: %d %s", r.method, r.path, status, text)
		}
	}
	made := b.must("POST", "/api-tokens", map[string]any{"name": "c", "role": "read_only"})
	out = append(out, made["token"].(string))
	staff := b.must("POST", "/staff", map[string]any{"name": "Link", "email": "link@example.com", "role": "support"})
	r := asJSON("POST", "/staff/"+staff["id"].(string)+"/password-link", nil)
	r.key = "canary link"
	status, link, text := b.send(r)
	if status >= 300 {
		b.t.Fatalf("%d %s", status, text)
	}
	for _, v := range link {
		if s, ok := v.(string); ok && strings.Contains(s, "token=") {
			_, word, _ := strings.Cut(s, "token=")
			out = append(out, word)
		}
	}
	status, _, text = b.send(upload("c.csv", "Reference,Name,Password\nCAN1,Cana,Canary-in-a-file-4714\n"))
	if status != 201 {
		b.t.Fatalf("%d %s", status, text)
	}
	return out
}

func TestSecretsAreReadNowhere(t *testing.T) {
	t.Parallel()
	dbtest.EachFaulty(t, func(t *testing.T, d *db.DB, f *dbtest.Faults) {
		b := newBrittle(t, d, f)

		secrets := b.canaries()
		if len(secrets) < 6 {
			t.Fatalf("%d secrets", len(secrets))
		}
		file := filepath.Join(t.TempDir(), "x.backup")
		c := b.app.Config
		if c.DatabaseURL == "" && d.Dialect() == db.SQLite {
			c.Data = filepath.Dir(d.Path())
		}
		if _, err := app.BackupOf(context.Background(), c, d, file); err != nil {
			t.Fatal(err)
		}
		packed, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := unzip(t, packed)
		for _, s := range secrets {
			for where, in := range map[string][]byte{"backup": text, "log": []byte(b.log.String())} {
				if bytes.Contains(in, []byte(s)) || bytes.Contains(in, []byte(hex.EncodeToString([]byte(s)))) {
					t.Errorf("the secret %.8q... stands in the %s", s, where)
				}
			}
		}
	})
}

// Each test that the table of docs/security names exists, and each number stands there once.
func TestTheSecurityTableIsTrue(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "docs", "security", "asvs.md"))
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?m)^\| ([0-9][^|]*) \| [^|]+ \| ([a-z/]+) \| ([^|]+) \|$`)
	seen, states := map[string]bool{}, map[string]int{}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		if seen[m[1]] {
			t.Errorf("%s stands there twice", m[1])
		}
		seen[m[1]] = true
		states[m[2]]++
	}
	if len(seen) < 100 || states["held"]+states["part"]+states["open"]+states["n/a"] != len(seen) {
		t.Errorf("%d rows are %v", len(seen), states)
	}
	named := regexp.MustCompile("`((?:internal|cmd)/[a-z/]+) (Test[A-Za-z]+)`").FindAllStringSubmatch(string(text), -1)
	for _, m := range named {
		if !declares(t, filepath.Join(root, m[1]), m[2]) {
			t.Errorf("%s has no %s", m[1], m[2])
		}
	}
	files := regexp.MustCompile("`((?:e2e|docs|internal)/[^` ]+|README.md)`").FindAllStringSubmatch(string(text), -1)
	for _, m := range files {
		if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d rows, %v, %d tests named", len(seen), states, len(named))
}

// declares tells whether a test stands in a folder.
func declares(t *testing.T, folder, name string) bool {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(folder, "*_test.go"))
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("\nfunc "+name+"(")) {
			return true
		}
	}
	return false
}

// Whatever people have typed, no cell of any CSV file that leaves the house begins a formula.
func TestNoFileBeginsAFormula(t *testing.T) {
	t.Parallel()
	dbtest.EachFaulty(t, func(t *testing.T, d *db.DB, f *dbtest.Faults) {
		b := newBrittle(t, d, f)
		evil := "=HYPERLINK(1)"
		b.must("POST", "/custom-fields", map[string]any{"key": "evil", "label": evil, "type": "text"})
		g := b.must("POST", "/groups", map[string]any{"name": "+group()", "type": "client", "description": evil})
		draft := map[string]any{"groups": []any{g["id"]}, "custom": map[string]string{"evil": "@evil"}}
		for _, field := range strings.Fields("reference name first_name last_name company description status_reason address_1 address_2 city province postal_code tax_number external_id") {
			draft[field] = evil
		}
		draft["email"] = "=c@example.com"
		c := b.must("POST", "/customers", draft)
		b.must("POST", "/emails", map[string]any{"customer": c["id"], "subject": evil, "text": evil})
		b.must("POST", "/suppressions", map[string]any{"address": "=s@example.com", "detail": evil})
		later := asJSON("PATCH", "/groups/"+g["id"].(string), map[string]any{"description": "-later()"})
		later.later = "+1h"
		if status, _, text := b.send(later); status != 202 {
			t.Fatalf("%d %s", status, text)
		}
		b.must("POST", "/customers/"+c["id"].(string)+"/contacts", map[string]any{"name": evil, "email": "=e@example.com", "type": "+type()", "public_notes": "-note()", "private_notes": "@note"})
		b.must("POST", "/staff", map[string]any{"name": evil, "email": "=e@example.com", "role": "support"})
		b.must("POST", "/api-tokens", map[string]any{"name": "-token()", "role": "read_only"})
		b.must("POST", "/webhooks", map[string]any{"url": "https://example.com/=hook()", "description": evil, "events": []string{"customer.*"}})
		status, made, text := b.send(upload("=file().csv", "Reference,Name,E-mail,=Head()\n=R1,=N(),wrong,@cell()\n"))
		if status != 201 {
			t.Fatalf("%d %s", status, text)
		}
		imported := made["id"].(string)
		b.finish(enqueue(b, "/imports/"+imported+"/run", nil), nil)
		files := 0
		for _, r := range b.server.Routes() {
			if r.Method != "GET" || r.Also["text/csv"] == nil && r.Answer != "text/csv" && r.ID != "export-customers" || strings.Contains(r.Path, "{") && !strings.HasPrefix(r.Path, "/imports/{id}/") {
				continue
			}
			path := strings.Replace(r.Path, "{id}", imported, 1)
			switch r.ID {
			case "export-customers":
				path += "?format=csv"
			case "list-contacts":
				path += "?private_notes=true"
			case "list-notices":
				continue // a token, as which this test comes, has none
			}
			b.wantNoFormula(path)
			files++
		}
		if files < 4 {
			t.Errorf("only %d files were tried", files)
		}
		t.Logf("%d files", files)
	})
}

func (b *brittle) wantNoFormula(path string) {
	b.t.Helper()
	r, err := http.NewRequest("GET", b.url+"/api/v1"+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+b.token)
	r.Header.Set("Accept", "text/csv")
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		b.t.Fatalf("%s: %d %s, %v", path, res.StatusCode, text, err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))).ReadAll()
	if err != nil || len(rows) < 2 {
		b.t.Fatalf("%s: %d rows, %v", path, len(rows), err)
	}
	number := regexp.MustCompile(`^[-+]?[0-9.,]+$`)
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") && !number.MatchString(cell) {
				b.t.Errorf("%s: the cell %q", path, cell)
			}
		}
	}
}
