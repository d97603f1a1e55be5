package importer_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"tandem/internal/core/importer"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
)

type expected struct {
	Rows       int64            `json:"rows"`
	Wrong      map[string]int64 `json:"wrong"`
	WrongTotal int64            `json:"wrong_total"`
}

type customerFile struct{ name, preset string }

var customerFiles = []customerFile{
	{"astpp-customers.csv", "astpp"}, {"magoware-customers.csv", "magoware"}, {"paragon-customers.tsv", "paragon"},
}

// The three files, in this order, into an empty database: what is wrong is told by its code, the rest goes in, and the
// same again makes nothing twice.
func TestTheThreeFiles(t *testing.T) {
	t.Parallel()
	var want map[string]expected
	if err := json.Unmarshal(sampleFile(t, "expected.json"), &want); err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d).start(t)
		total := int64(0)
		for _, f := range customerFiles {
			w := want[f.name]
			m := h.upload(t, f.name, sampleFile(t, f.name))
			if m.Preset != f.preset {
				t.Errorf("%s was taken for %q", f.name, m.Preset)
			}
			m = h.check(t, m)
			wantSummary(t, f.name+" checked", m, w)
			if got := h.count(t); got != total {
				t.Fatalf("the check made %d customers", got-total)
			}
			m = h.run(t, m)
			wantSummary(t, f.name, m, w)
			total += w.Rows - w.WrongTotal
			if got := h.count(t); got != total {
				t.Fatalf("%d customers after %s, want %d", got, f.name, total)
			}
		}
		for _, f := range customerFiles {
			w := want[f.name]
			m := h.run(t, h.upload(t, f.name, sampleFile(t, f.name)))
			sum := m.Report()
			if sum.Create != 0 || sum.Skip+sum.Unchanged != w.Rows-w.WrongTotal || sum.Wrong != w.WrongTotal {
				t.Errorf("%s again: %+v", f.name, sum)
			}
			m = h.upload(t, f.name, sampleFile(t, f.name))
			upsert := importer.ModeUpsert
			m = h.run(t, h.change(t, m, importer.Patch{Mode: &upsert}))
			if sum := m.Report(); sum.Create != 0 || sum.Update != 0 || sum.Skip+sum.Unchanged != w.Rows-w.WrongTotal {
				t.Errorf("%s upserted: %+v", f.name, sum)
			}
		}
		if got := h.count(t); got != total {
			t.Errorf("%d customers after all again, want %d", got, total)
		}
		audited := h.number(t, "SELECT COUNT(*) FROM audit_entries WHERE table_name = 'customers' AND action = 'create'")
		if audited != total {
			t.Errorf("%d customers have an audit entry, want %d", audited, total)
		}
	})
}

func wantSummary(t *testing.T, what string, m *importer.Import, want expected) {
	t.Helper()
	sum := m.Report()
	if sum.Rows != want.Rows || sum.Wrong != want.WrongTotal || sum.Create != want.Rows-want.WrongTotal || !maps.Equal(sum.Errors, want.Wrong) {
		t.Errorf("%s: %s (%s)\n got %+v\nwant %+v", what, m.State, m.Trouble(), sum, want)
	}
}

// What the ASTPP file says lands where it belongs.
func TestWhatBecomesOfTheColumns(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d).start(t)
		m := h.run(t, h.upload(t, "astpp.csv", sampleFile(t, "astpp-customers.csv")))
		c := h.find(t, "reference", "7011000000")
		if c.Name != "Løvås Foods" || c.FirstName != "Øyvind" || c.Telephone != "+4722995494" || c.PostalCode != "79045" || c.City != "Oslo" {
			t.Errorf("got %+v", c.Draft)
		}
		kept := map[string]int64{}
		for _, k := range m.Report().Kept {
			kept[k.Field] = k.Rows
		}
		in := m.Report().Create
		if !maps.Equal(kept, map[string]int64{"balance": in, "debit_limit": in, "max_channels": in, "max_cps": in, "sip_username": in}) {
			t.Errorf("kept %v", kept)
		}
		var value string
		if err := d.Read().GetContext(t.Context(), &value, "SELECT value FROM customer_openings WHERE customer_id = $1 AND field = 'balance'", c.ID); err != nil || value != "259.620000" {
			t.Errorf("the opening balance is %q, %v", value, err)
		}
		for where, pattern := range map[string]string{
			"SELECT COUNT(*) FROM import_rows WHERE cells LIKE $1 OR kept LIKE $1": `%"Pw%`, "SELECT COUNT(*) FROM job_rows WHERE cells LIKE $1": `%"Pw%`,
			"SELECT COUNT(*) FROM imports WHERE setup LIKE $1": "%Pw2724953954x%", "SELECT COUNT(*) FROM audit_entries WHERE changes LIKE $1": "%Pw2724953954x%",
		} {
			if n := h.number(t, where, pattern); n > 0 {
				t.Errorf("secrets are kept: %s", where)
			}
		}
		if n := h.number(t, "SELECT COUNT(*) FROM files WHERE state = 'sealed'"); n != 0 {
			t.Errorf("%d files are left after the import", n)
		}
		if !slices.ContainsFunc(m.Notes, func(n importer.FileNote) bool { return n.Code == importer.WhySecret && n.Column == 1 }) {
			t.Errorf("the notes do not tell that passwords are left out: %+v", m.Notes)
		}
		h.run(t, h.upload(t, "magoware.csv", sampleFile(t, "magoware-customers.csv")))
		first := h.find(t, "external_id", "1")
		if first.Country != "CH" || first.Telephone != "+41444343685" || len(first.GroupRefs) != 1 || first.GroupRefs[0].Name != "Staff" {
			t.Errorf("got %+v, %+v", first.Draft, first.GroupRefs)
		}
		h.run(t, h.upload(t, "paragon.tsv", sampleFile(t, "paragon-customers.tsv")))
		plain := h.find(t, "reference", "CRM-11-00005")
		if plain.Description != "=1+1" || plain.ExternalID != "f1d48fe452a68da86f2775511d87de16" {
			t.Errorf("got %+v", plain.Draft)
		}
	})
}
