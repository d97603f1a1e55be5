package customer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/core/customfield"
	"tandem/internal/kit/db"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/list"
)

// crowd is enough customers for the sample to be drawn and both ways to be taken.
const crowd = 6000

var (
	firsts  = []string{"Øyvind", "Farid", "Uma", "Małgorzata", "Jürgen", "O'Neill", "Inês", "Siobhán", "Zq", "Anna"}
	lasts   = []string{"Løvås", "Tanaka", "Ivanov", "Wójcik", "Rossi", "Dupont", "Strauß", "Nguyen"}
	cities  = []string{"Oslo", "Lisboa", "São Paulo", "München", "Kraków"}
	country = []string{"NO", "PT", "BR", "DE", "PL"}
)

// populate makes customers by the bulk way, in two groups, with two custom fields.
func populate(t testing.TB, h *house, n int) {
	t.Helper()
	ctx := as(t, access.RoleAdmin)
	for _, in := range []customfield.Input{{Label: "Area", Type: customfield.TypeText}, {Label: "Score", Type: customfield.TypeNumber},
		{Label: "Signed", Type: customfield.TypeDate}, {Label: "Plan", Type: customfield.TypeChoice, Choices: []customfield.Choice{{Value: "gold"}, {Value: "iron"}}}} {
		if _, err := h.fields.Create(ctx, in); err != nil {
			t.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for at := 0; at < n; at += 1000 {
		var drafts []*customer.Draft
		for i := at; i < min(at+1000, n); i++ {
			drafts = append(drafts, someone(t, h, r, i))
		}
		numbers, err := h.Reserve(ctx, len(drafts))
		if err != nil {
			t.Fatal(err)
		}
		if err := h.db.Write(ctx, func(tx *db.Tx) error {
			_, err := h.InsertMany(ctx, tx, drafts, numbers, "Populated")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		h.clock.Advance(1e9)
	}
	if h.db.Dialect() == db.Postgres {
		if err := h.db.Write(ctx, func(tx *db.Tx) error { _, err := tx.ExecContext(ctx, "ANALYZE"); return err }); err != nil {
			t.Fatal(err)
		}
	}
}

func someone(t testing.TB, h *house, r *rand.Rand, i int) *customer.Draft {
	t.Helper()
	k := r.IntN(len(cities))
	d := &customer.Draft{FirstName: firsts[r.IntN(len(firsts))], LastName: lasts[r.IntN(len(lasts))], City: cities[k], Country: country[k],
		Email: fmt.Sprintf("person.%d@example.org", i), Reference: fmt.Sprintf("CRM-%05d", i), Telephone: fmt.Sprintf("+472299%04d", i%10000)}
	if r.IntN(3) == 0 {
		d.Company = d.LastName + " Networks"
	}
	if r.IntN(50) == 0 {
		d.Status = customer.StatusInactive
	}
	if r.IntN(4) == 0 {
		d.Kind = customer.KindProvider
	}
	d.Custom = map[string]string{"area": fmt.Sprintf("Zone %d", r.IntN(300)), "plan": []string{"gold", "iron", ""}[r.IntN(3)]}
	if r.IntN(2) == 0 {
		d.Custom["score"] = fmt.Sprintf("%d.5", r.IntN(1000))
		d.Custom["signed"] = fmt.Sprintf("2026-%02d-%02d", 1+r.IntN(12), 1+r.IntN(28))
	}
	wrong, err := h.Prepare(t.Context(), d)
	if err != nil || wrong.Err() != nil {
		t.Fatal(err, wrong.Err())
	}
	return d
}

// all reads every page of a query.
func all(t *testing.T, h *house, ctx context.Context, q list.Query) []*customer.Customer {
	t.Helper()
	var out []*customer.Customer
	for {
		rows, page, err := h.List(ctx, q)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		out = append(out, rows...)
		if page.Next == "" {
			return out
		}
		q.Cursor = page.Next
	}
}

// filters is how many are tried: more in the long run of make soak.
func filters() int {
	if os.Getenv("TANDEM_SOAK") == "1" {
		return 300
	}
	return 36
}

// TestFiltersAgreeWithAnOracle draws filters and orders at random and compares every page with a plain evaluation.
func TestFiltersAgreeWithAnOracle(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		populate(t, h, crowd)
		ctx := as(t, access.RoleReadOnly)
		everyone := all(t, h, ctx, list.Query{Limit: 1000})
		if len(everyone) != crowd {
			t.Fatalf("%d of %d customers", len(everyone), crowd)
		}
		r := rand.New(rand.NewPCG(3, 4))
		gathered := 0
		for range filters() {
			f, match := randomFilter(r, 2)
			text, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			sort := []string{"", "name", "-email", "city", "-custom.score", "custom.area", "status", "kind,-name", "telephone"}[r.IntN(9)]
			q := list.Query{Filter: string(text), Sort: sort, Limit: 700}
			_, gathers, err := h.Explain(ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			if gathers {
				gathered++
			}
			got := all(t, h, ctx, q)
			want := 0
			for _, c := range everyone {
				if match(c) {
					want++
				}
			}
			for _, c := range got {
				if !match(c) {
					t.Fatalf("%s sorted by %q has %s, which does not match", text, sort, c.Name)
				}
			}
			if len(got) != want || hasDouble(got) {
				t.Fatalf("%s sorted by %q gives %d rows (gathered: %v), want %d", text, sort, len(got), gathers, want)
			}
			if n, err := h.Count(ctx, q); err != nil || n != int64(want) {
				t.Fatalf("%s counts %d, %v, want %d", text, n, err, want)
			}
		}
		if n := filters(); gathered < n/10 || gathered > n-n/10 {
			t.Errorf("%d of %d filters were gathered: one of the ways is not tried", gathered, n)
		}
	})
}

func hasDouble(rows []*customer.Customer) bool {
	seen := map[int64]bool{}
	for _, c := range rows {
		if seen[c.ID] {
			return true
		}
		seen[c.ID] = true
	}
	return false
}

type node = map[string]any

// randomFilter gives a filter and, written apart from the engine, what it means.
func randomFilter(r *rand.Rand, depth int) (node, func(*customer.Customer) bool) {
	if depth > 0 && r.IntN(3) == 0 {
		word := []string{"and", "or"}[r.IntN(2)]
		var parts []node
		var tests []func(*customer.Customer) bool
		for range 1 + r.IntN(3) {
			n, m := randomFilter(r, depth-1)
			parts, tests = append(parts, n), append(tests, m)
		}
		return node{word: parts}, func(c *customer.Customer) bool {
			hit := func(m func(*customer.Customer) bool) bool { return m(c) }
			if word == "or" {
				return slices.ContainsFunc(tests, hit)
			}
			return !slices.ContainsFunc(tests, func(m func(*customer.Customer) bool) bool { return !m(c) })
		}
	}
	if r.IntN(3) == 0 {
		return scoreFilter(r)
	}
	return textFilter(r)
}

func scoreFilter(r *rand.Rand) (node, func(*customer.Customer) bool) {
	v := r.IntN(1000)
	op := []string{"gt", "lte", "empty", "nempty", "ne"}[r.IntN(5)]
	n := node{"field": "custom.score", "op": op, "value": fmt.Sprintf("%d.5", v)}
	return n, func(c *customer.Customer) bool {
		text := c.Custom["score"]
		var x int
		if text != "" {
			if _, err := fmt.Sscanf(text, "%d.5", &x); err != nil {
				return false
			}
		}
		switch op {
		case "gt":
			return text != "" && x > v
		case "lte":
			return text != "" && x <= v
		case "empty":
			return text == ""
		case "ne":
			return text == "" || x != v
		}
		return text != ""
	}
}

func textFilter(r *rand.Rand) (node, func(*customer.Customer) bool) {
	fields := map[string]func(*customer.Customer) string{
		"name": func(c *customer.Customer) string { return c.Name }, "company": func(c *customer.Customer) string { return c.Company },
		"email": func(c *customer.Customer) string { return c.Email }, "city": func(c *customer.Customer) string { return c.City },
		"custom.area": func(c *customer.Customer) string { return c.Custom["area"] }, "customer_id": func(c *customer.Customer) string { return c.CustomerID },
	}
	names := []string{"name", "company", "email", "city", "custom.area", "customer_id"}
	name := names[r.IntN(len(names))]
	op := []string{"contains", "ncontains", "starts", "nstarts", "ends", "nends", "eq", "ne", "empty", "nempty", "in"}[r.IntN(11)]
	value := []string{"o", "OS", "zq", "løv", "son.1", "works", "Zone 7", "7", "ö", "são", "@example.org", "K", "strauß", "qx", "oslo", "a A"}[r.IntN(16)]
	n := node{"field": name, "op": op, "value": value}
	if op == "in" {
		n["value"] = []string{value, "München"}
	}
	key := fold.Key(value)
	return n, func(c *customer.Customer) bool {
		text := fold.Key(fields[name](c))
		switch op {
		case "contains":
			return strings.Contains(text, key)
		case "ncontains":
			return !strings.Contains(text, key)
		case "starts":
			return strings.HasPrefix(text, key)
		case "nstarts":
			return !strings.HasPrefix(text, key)
		case "ends":
			return strings.HasSuffix(text, key)
		case "nends":
			return !strings.HasSuffix(text, key)
		case "eq":
			return text == key
		case "ne":
			return text != key
		case "empty":
			return text == ""
		case "nempty":
			return text != ""
		}
		return text == key || text == "munchen"
	}
}

// TestSortsAndFiltersWalkIndexes asserts the plan of every sort and of every kind of filter: an index in the order
// asked, or few rows gathered from one; never a scan or a sort of the table.
func TestSortsAndFiltersWalkIndexes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		populate(t, h, crowd)
		ctx := as(t, access.RoleReadOnly)
		fields, err := h.Fields(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range fields {
			if !f.Sortable {
				if f.Name != "groups" { // many values a row have no order
					t.Errorf("%s cannot be sorted by", f.Name)
				}
				continue
			}
			for _, sort := range []string{f.Name, "-" + f.Name} {
				q := list.Query{Sort: sort}
				wantWalk(t, h, ctx, q)
				if _, page, err := h.List(ctx, q); err != nil || page.Next == "" {
					t.Fatalf("%s: %v", sort, err)
				} else {
					q.Cursor = page.Next
				}
				wantWalk(t, h, ctx, q)
			}
		}
		for _, filter := range []string{
			`{"field":"email","op":"eq","value":"person.77@example.org"}`, `{"field":"name","op":"contains","value":"zzq"}`, `{"field":"name","op":"contains","value":"qj"}`,
			`{"field":"name","op":"contains","value":"w"}`, `{"field":"email","op":"ends","value":".77@example.org"}`, `{"field":"reference","op":"starts","value":"crm-0012"}`,
			`{"field":"custom.area","op":"contains","value":"e 77"}`, `{"field":"custom.score","op":"gt","value":"998"}`, `{"field":"custom.signed","op":"eq","value":"2026-03-04"}`,
			`{"field":"custom.plan","op":"eq","value":"gold"}`, `{"field":"status","op":"eq","value":"inactive"}`, `{"field":"status","op":"ne","value":"active"}`,
			`{"field":"telephone","op":"ends","value":"0077"}`, `{"and":[{"field":"city","op":"eq","value":"Oslo"},{"field":"kind","op":"eq","value":"provider"},{"field":"email","op":"contains","value":"77"}]}`,
			`{"or":[{"field":"email","op":"starts","value":"person.12@"},{"field":"reference","op":"eq","value":"CRM-00077"}]}`, `{"field":"status","op":"eq","value":"closed"}`,
		} {
			for _, sort := range []string{"", "name", "-custom.area"} {
				wantNoScan(t, h, ctx, list.Query{Filter: filter, Sort: sort})
			}
		}
		for _, words := range []string{"z", "zq", "qj", "lov", "person.77@", "networks oslo", "+4722990077"} {
			wantNoScan(t, h, ctx, list.Query{Q: words})
		}
	})
}

func plan(t *testing.T, h *house, ctx context.Context, q list.Query) (string, bool) {
	t.Helper()
	lines, gathers, err := h.Explain(ctx, q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	return strings.Join(lines, "\n"), gathers
}

func wantWalk(t *testing.T, h *house, ctx context.Context, q list.Query) {
	t.Helper()
	text, gathers := plan(t, h, ctx, q)
	if gathers || strings.Contains(text, "Sort") || strings.Contains(text, "TEMP B-TREE") || scansTable(text) {
		t.Errorf("sorted by %s it does not walk an index:\n%s", q.Sort, text)
	}
}

// wantNoScan allows a sort only of gathered rows.
func wantNoScan(t *testing.T, h *house, ctx context.Context, q list.Query) {
	t.Helper()
	text, gathers := plan(t, h, ctx, q)
	if scansTable(text) || (!gathers && sortsMatches(text)) {
		t.Errorf("%+v (gathers: %v) reads the table:\n%s", q, gathers, text)
	}
}

// sortsMatches tells whether more than the rows of the page are sorted: those may be, once they are found.
func sortsMatches(plan string) bool {
	found, _, paged := strings.Cut(plan, "SCAN page")
	if _, below, limited := strings.Cut(plan, "Limit  ("); limited {
		found, paged = below, true
	}
	if !paged {
		found = plan
	}
	return strings.Contains(found, "Sort") || strings.Contains(found, "TEMP B-TREE FOR ORDER BY")
}

func scansTable(plan string) bool {
	for line := range strings.SplitSeq(plan, "\n") {
		line = strings.TrimSpace(line)
		if strings.Contains(line, "Seq Scan on customers c") || line == "SCAN c" {
			return true
		}
	}
	return false
}
