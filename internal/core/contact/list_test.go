package contact_test

import (
	"fmt"
	"strings"
	"testing"

	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/kit/db"
	"tandem/internal/kit/list"
)

// crowd is enough contacts for the sample to be drawn and both ways to be taken.
const crowd = 6000

func (h *house) empty(t testing.TB) {
	t.Helper()
	if err := h.db.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.ExecContext(t.Context(), "DELETE FROM contact_search"); return err }); err != nil {
		t.Fatal(err)
	}
}

func populate(t testing.TB, h *house) {
	t.Helper()
	ctx := admin(t)
	for i := range crowd / 300 {
		k := h.customer(t, customer.Draft{Name: fmt.Sprintf("House %d", i), Country: "NO"})
		drafts, of := make([]contact.Draft, 300), make([]*customer.Customer, 300)
		for j := range drafts {
			n := i*300 + j
			of[j] = k
			drafts[j] = contact.Draft{Name: fmt.Sprintf("Person %d of %c", n, 'A'+n%26), Email: fmt.Sprintf("p.%d@example.org", n), Type: fmt.Sprintf("Type %d", n%40), Role: contact.Roles()[n%4],
				Phone: fmt.Sprintf("+472299%04d", n), Mobile: fmt.Sprintf("+474123%04d", n), EmailVerified: n%3 == 0, PublicNotes: fmt.Sprintf("Note %d", n)}
		}
		if err := h.db.Write(ctx, func(tx *db.Tx) error { return h.InsertMany(ctx, tx, of, drafts) }); err != nil {
			t.Fatal(err)
		}
		h.clock.Advance(1e9)
	}
	if err := h.db.Analyze(ctx, "contacts", contact.SearchTable); err != nil {
		t.Fatal(err)
	}
}

// TestSortsAndFiltersWalkIndexes asserts the plan of every sort and of every kind of filter: an index in the order
// asked, or few rows gathered from one; never a scan or a sort of the table.
func TestSortsAndFiltersWalkIndexes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		populate(t, h)
		for _, f := range h.ListTable().Fields {
			if !f.Sortable {
				t.Errorf("%s cannot be sorted by", f.Name)
			}
			for _, sort := range []string{f.Name, "-" + f.Name} {
				q := list.Query{Sort: sort}
				wantWalk(t, h, q)
				_, page, err := h.List(admin(t), q)
				if err != nil || page.Next == "" || page.Total != crowd || !page.Exact {
					t.Fatalf("%s: %+v, %v", sort, page, err)
				}
				q.Cursor = page.Next
				wantWalk(t, h, q)
			}
		}
		for _, filter := range []string{
			`{"field":"email","op":"eq","value":"p.77@example.org"}`, `{"field":"name","op":"contains","value":"on 77"}`, `{"field":"name","op":"contains","value":"w"}`,
			`{"field":"email","op":"ends","value":".77@example.org"}`, `{"field":"type","op":"eq","value":"type 7"}`, `{"field":"role","op":"ne","value":"owner"}`, `{"field":"phone","op":"ends","value":"0077"}`,
			`{"field":"customer_name","op":"starts","value":"house 1"}`, `{"field":"email_verified","op":"eq","value":true}`, `{"field":"public_notes","op":"contains","value":"te 77"}`,
			`{"field":"customer_closed","op":"eq","value":true}`, `{"and":[{"field":"type","op":"eq","value":"Type 3"},{"field":"role","op":"eq","value":"technical"}]}`,
		} {
			for _, sort := range []string{"", "-customer_name"} {
				wantNoScan(t, h, list.Query{Filter: filter, Sort: sort})
			}
		}
		for _, words := range []string{"z", "77", "p.77@", "person house", "+4722990077"} {
			wantNoScan(t, h, list.Query{Q: words})
		}
	})
}

func plan(t *testing.T, h *house, q list.Query) (string, bool) {
	t.Helper()
	lines, gathers, err := h.Explain(t.Context(), q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	return strings.Join(lines, "\n"), gathers
}

func wantWalk(t *testing.T, h *house, q list.Query) {
	t.Helper()
	text, gathers := plan(t, h, q)
	if gathers || strings.Contains(text, "Sort") || strings.Contains(text, "TEMP B-TREE") || scansTable(text) {
		t.Errorf("sorted by %s it does not walk an index:\n%s", q.Sort, text)
	}
}

// wantNoScan allows a sort only of gathered rows.
func wantNoScan(t *testing.T, h *house, q list.Query) {
	t.Helper()
	text, gathers := plan(t, h, q)
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
		if strings.Contains(line, "Seq Scan on contacts c") || line == "SCAN c" {
			return true
		}
	}
	return false
}
