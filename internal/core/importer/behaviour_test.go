package importer_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/core/importer"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/list"
	"tandem/internal/kit/tabular"
)

func ptr[T any](v T) *T { return &v }

func TestUndo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d).start(t)
		m := h.run(t, h.upload(t, "first.csv", []byte("Reference,Name,City,Groups\nR1,One,Oslo,North\nR2,Two,Oslo,\nR3,Three,Oslo,North; South\n")))
		if sum := m.Report(); sum.Create != 3 {
			t.Fatalf("got %+v", sum)
		}
		second := h.upload(t, "second.csv", []byte("Reference,Name,City,Groups\nR1,One,Bergen,East\nR2,Two,Oslo,\nR3,Drei,Bergen,\nR4,Four,Oslo,\n"))
		second = h.run(t, h.change(t, second, importer.Patch{Mode: ptr(importer.ModeUpsert)}))
		if sum := second.Report(); sum.Create != 1 || sum.Update != 2 || sum.Unchanged != 1 || sum.Wrong != 0 {
			t.Fatalf("got %+v", sum)
		}
		if c := h.find(t, "reference", "R1"); c.City != "Bergen" || len(c.Groups) != 2 || c.Version != 2 {
			t.Errorf("R1 is %+v, version %d", c.Draft, c.Version)
		}
		if c := h.find(t, "reference", "R2"); c.Version != 1 {
			t.Errorf("a row that says nothing new wrote version %d", c.Version)
		}
		r3 := h.find(t, "reference", "R3")
		if _, err := h.customers.Update(boss(), r3.ID, 0, []customer.Change{{Field: "tax_number", Value: "X1"}}); err != nil {
			t.Fatal(err)
		}
		second = h.undo(t, second)
		if sum := second.Report(); second.State != importer.StateUndone || sum.Undone != 2 || sum.NotUndone != 1 {
			t.Errorf("%s: %+v", second.State, sum)
		}
		if c := h.find(t, "reference", "R1"); c.City != "Oslo" || len(c.Groups) != 1 || c.GroupRefs[0].Name != "North" {
			t.Errorf("R1 is %+v", c.Draft)
		}
		if c := h.find(t, "reference", "R3"); c.City != "Bergen" || c.Name != "Drei" {
			t.Errorf("R3, changed since, is %+v", c.Draft)
		}
		rows, _, err := h.Rows(boss(), second.ID, importer.RowQuery{Outcome: importer.OutcomeUpdated})
		if err != nil || len(rows) != 1 || rows[0].Problems[0].Code != "changed_since" || rows[0].Line != 4 {
			t.Errorf("rows left: %+v, %v", rows, err)
		}
		if _, err := h.Undo(boss(), second.ID); err == nil {
			t.Error("it was undone twice")
		}
		h.undo(t, m)
		if n := h.count(t); n != 1 { // R3 was changed since; R1 is again as the first import left it
			t.Errorf("%d customers are left", n)
		}
		again := h.run(t, h.upload(t, "second.csv", []byte("Reference,Name,City,Groups\nR2,Two,Oslo,\nR4,Four,Oslo,\n")))
		if sum := again.Report(); sum.Create != 2 {
			t.Errorf("after the undo the rows do not come in again: %+v", sum)
		}
	})
}

// A row is corrected after the check, another one after the run; only what is not in yet is handled again.
func TestFixInPlace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d).start(t)
		m := h.upload(t, "fix.csv", []byte("Reference,Name,E-mail,Password\nA1,Ann,ann@example.org,s3cret\nA2,Bob,bob at example.org,s3cret\nA3,,cy@example.org,s3cret\nA4,Dan,DAN@example.org,s3cret\nA5,Eve,dan@example.org,s3cret\n"))
		m = h.check(t, m)
		if sum := m.Report(); sum.Wrong != 3 || sum.Create != 2 {
			t.Fatalf("got %+v", sum)
		}
		row, err := h.Fix(boss(), m.ID, 3, map[int]string{2: "still wrong"})
		if err != nil || row.Outcome != importer.OutcomeWrong || row.Problems[0].Code != "bad_email" || row.Problems[0].Column != 2 {
			t.Errorf("%+v, %v", row, err)
		}
		if row, err = h.Fix(boss(), m.ID, 3, map[int]string{2: "bob@example.org"}); err != nil || row.Outcome != importer.OutcomeReady || row.Cells[3] != "" {
			t.Errorf("%+v, %v", row, err)
		}
		if sum := h.get(t, m.ID).Report(); sum.Wrong != 2 || sum.Create != 3 || sum.Errors["bad_email"] != 0 {
			t.Errorf("after the correction the check says %+v", sum)
		}
		_, err = h.Fix(boss(), m.ID, 2, map[int]string{2: "x"})
		wantCode(t, err, "not_found")
		_, err = h.Fix(boss(), m.ID, 4, map[int]string{9: "x", 3: "y"})
		wantField(t, err, "cells.9", "unknown_column")
		wantField(t, err, "cells.3", "secret_column")
		m = h.run(t, m)
		if sum := m.Report(); sum.Create != 3 || sum.Wrong != 2 || sum.Rows != 5 {
			t.Errorf("got %+v", sum)
		}
		if row, err = h.Fix(boss(), m.ID, 4, map[int]string{1: "Cyd"}); err != nil || row.Outcome != importer.OutcomeReady {
			t.Errorf("%+v, %v", row, err)
		}
		m = h.run(t, m)
		if sum := m.Report(); sum.Create != 4 || sum.Wrong != 1 || sum.Rows != 5 || sum.Errors["missing_name"] != 0 || sum.Errors["duplicate_email"] != 1 {
			t.Errorf("got %+v", sum)
		}
		if h.count(t) != 4 {
			t.Errorf("%d customers", h.count(t))
		}
		var out bytes.Buffer
		if err := h.WriteErrors(boss(), m.ID, &out); err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\ufeff"))).ReadAll()
		if err != nil || len(lines) != 2 || lines[1][0] != "6" || lines[1][1] != "E-mail" || !strings.Contains(lines[1][2], "already") || !slices.Equal(lines[1][3:], []string{"A5", "Eve", "dan@example.org", ""}) {
			t.Errorf("the error file is %q, %v", lines, err)
		}
		repaired := strings.Replace(out.String(), "dan@example.org", "eve@example.org", 1)
		back := h.run(t, h.upload(t, "errors.csv", []byte(repaired)))
		if sum := back.Report(); sum.Create != 1 || sum.Wrong != 0 {
			t.Errorf("the repaired error file: %+v", sum)
		}
		if _, err := h.Run(boss(), back.ID); err == nil {
			t.Error("a file whose rows are all in is run again")
		}
	})
}

// Rows that have no key at all are known by where they come from and what they say.
func TestRowsWithoutKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d).start(t)
		content := []byte("Name,City\nAnn,Oslo\nBob,Oslo\nAnn,Oslo\n ann ,Oslo\n")
		m := h.check(t, h.upload(t, "a.csv", content))
		if sum := m.Report(); sum.Create != 3 || sum.Skip != 1 {
			t.Errorf("checked: %+v", sum)
		}
		m = h.run(t, m)
		if sum := m.Report(); sum.Create != 3 || sum.Skip != 1 || h.count(t) != 3 {
			t.Errorf("got %+v", sum)
		}
		for _, mode := range []importer.Mode{importer.ModeCreate, importer.ModeUpsert} {
			again := h.upload(t, "b.csv", append(slices.Clone(content), "Cyd,Oslo "+string(mode)+"\n"...))
			p := importer.Patch{Mode: &mode}
			if mode == importer.ModeUpsert {
				p.Mapping = ptr([]importer.Mapping{{Column: 0, Field: "name"}, {Column: 1, Field: "city"}})
				_, err := h.Change(boss(), again.ID, 0, p)
				if err != nil {
					t.Fatal(err)
				}
				_, err = h.Run(boss(), again.ID)
				wantField(t, err, "match", "not_mapped")
				continue
			}
			again = h.run(t, h.change(t, again, p))
			if sum := again.Report(); sum.Create != 1 || sum.Skip != 4 {
				t.Errorf("%s again: %+v", mode, sum)
			}
		}
	})
}

func TestModes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d).start(t)
		h.run(t, h.upload(t, "a.csv", []byte("Reference,Name,E-mail,City\nR1,One,one@example.org,Oslo\nR2,Two,two@example.org,Oslo\n")))
		known := []byte("Reference,Name,E-mail,City\nR1,One,one@example.org,Bergen\nR2,Two,two@example.org,Oslo\nR9,Nine,ONE@example.org,Oslo\nR3,Three,three@example.org,Oslo\n,Twice,three@example.org,Oslo\n")
		m := h.check(t, h.upload(t, "b.csv", known))
		if sum := m.Report(); sum.Wrong != 3 || sum.Skip != 1 || sum.Create != 1 || sum.Errors["duplicate_reference"] != 1 || sum.Errors["duplicate_email"] != 3 {
			t.Errorf("create: %+v", sum)
		}
		m = h.check(t, h.change(t, m, importer.Patch{Mode: ptr(importer.ModeUpdate), Match: ptr([]string{"reference"})}))
		if sum := m.Report(); sum.Update != 1 || sum.Unchanged != 1 || sum.Wrong != 3 || sum.Errors["unknown_customer"] != 3 {
			t.Errorf("update by reference: %+v", sum)
		}
		m = h.check(t, h.change(t, m, importer.Patch{Mode: ptr(importer.ModeUpsert), Match: ptr([]string{"email"})}))
		if sum := m.Report(); sum.Update != 1 || sum.Unchanged != 1 || sum.Create != 1 || sum.Wrong != 2 || sum.Errors["duplicate_email"] != 2 {
			t.Errorf("upsert by e-mail: %+v", sum)
		}
		m = h.run(t, m)
		if sum := m.Report(); sum.Update != 1 || sum.Unchanged != 1 || sum.Create != 1 || sum.Wrong != 2 {
			t.Errorf("upserted by e-mail: %+v", sum)
		}
		if c := h.find(t, "reference", "R1"); c.City != "Bergen" || c.Name != "One" {
			t.Errorf("R1 is %+v", c.Draft)
		}
		fixed := h.upload(t, "c.csv", []byte("Reference,Kind,Country\nR1,provider,Atlantis\nR2,customer,Spain\n"))
		fixed = h.run(t, h.change(t, fixed, importer.Patch{Mode: ptr(importer.ModeUpdate)}))
		if sum := fixed.Report(); sum.Wrong != 1 || sum.Update != 1 || sum.Errors["bad_country"] != 1 {
			t.Errorf("updated: %+v", sum)
		}
	})
}

// What we export comes in again without a change.
// way is how customers are exported.
type way struct {
	kind  string
	names bool // headings as people read them, not as the API names them
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d).start(t)
		files, ways := customerFiles, []way{{"csv", false}, {"csv", true}, {"xlsx", false}, {"xlsx", true}}
		if !soak { // the short form: the two smaller files, and each kind and each form of names once
			files, ways = slices.DeleteFunc(slices.Clone(files), func(f customerFile) bool { return f.preset == "astpp" }), []way{{"csv", false}, {"xlsx", true}}
		}
		for _, f := range files {
			h.run(t, h.upload(t, f.name, sampleFile(t, f.name)))
		}
		reseller, err := h.customers.Create(boss(), customer.Draft{Kind: customer.KindReseller, Name: "'=Reseller", Description: "=1+1\nsecond line"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.customers.Create(boss(), customer.Draft{Name: "-cmd|x", Reseller: reseller.ID, Description: " @SUM(1)"}); err != nil {
			t.Fatal(err)
		}
		total := h.count(t)
		before := h.number(t, "SELECT COUNT(*) FROM audit_entries WHERE table_name = 'customers'")
		for _, w := range ways {
			m := h.upload(t, "export."+w.kind, h.export(t, w.kind, w.names))
			if m.Preset != importer.PresetTandem || !slices.Equal(m.Match, []string{"customer_id"}) {
				t.Fatalf("%s: taken for %q, matched by %v", w.kind, m.Preset, m.Match)
			}
			m = h.run(t, h.change(t, m, importer.Patch{Mode: ptr(importer.ModeUpsert)}))
			if sum := m.Report(); sum.Unchanged != total || sum.Rows != total {
				t.Errorf("%s (names %v): %s %+v", w.kind, w.names, m.State, sum)
				h.show(t, m, importer.OutcomeWrong)
			}
		}
		if after := h.number(t, "SELECT COUNT(*) FROM audit_entries WHERE table_name = 'customers'"); after != before {
			t.Errorf("%d customers were changed", after-before)
		}
	})
}

func (h *house) show(t testing.TB, m *importer.Import, outcome importer.Outcome) {
	t.Helper()
	rows, _, err := h.Rows(boss(), m.ID, importer.RowQuery{Outcome: outcome, Limit: 5})
	if err != nil {
		t.Error(err)
	}
	for _, r := range rows {
		t.Logf("line %d: %s %+v %q", r.Line, r.Outcome, r.Problems, r.Cells)
	}
}

// export writes every customer with every field, as the console's export does.
func (h *house) export(t testing.TB, kind string, names bool) []byte {
	t.Helper()
	var out bytes.Buffer
	var w tabular.Writer = tabular.NewCSVWriter(&out, tabular.CSVOptions{BOM: true})
	if kind == "xlsx" {
		w = tabular.NewXLSXWriter(&out, tabular.XLSXOptions{Header: true})
	}
	fields := h.customers.ListTable().Fields
	row := make([]string, len(fields))
	for i, f := range fields {
		row[i] = f.Label
		if names {
			row[i] = f.Name
		}
	}
	if err := w.Write(row); err != nil {
		t.Fatal(err)
	}
	err := h.customers.Each(boss(), list.Query{}, customer.Span{}, func(customers []*customer.Customer) error {
		for _, c := range customers {
			for i, f := range fields {
				row[i] = h.customers.FieldText(c, f.Name)
			}
			if err := w.Write(row); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestOptions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d).start(t)
		m := h.upload(t, "o.csv", []byte("Name;Telefon;Gruppe;Handy\nAnn;91 23 45 67 8;Neu;\nBob;;Neu;0034 912 723 853\n"))
		if m.Separator != ";" || m.Encoding != tabular.UTF8 {
			t.Errorf("%q, %s", m.Separator, m.Encoding)
		}
		m = h.change(t, m, importer.Patch{Options: &importer.Choices{CreateGroups: false, Country: "Spain"}, Defaults: ptr(map[string]string{"city": "Madrid", "billing_type": "postpaid"})})
		m = h.check(t, m)
		if sum := m.Report(); sum.Errors["unknown_group"] != 2 {
			t.Errorf("without groups: %+v", sum)
		}
		m = h.run(t, h.change(t, m, importer.Patch{Options: &importer.Choices{CreateGroups: true, Country: "ES"}}))
		if sum := m.Report(); sum.Create != 2 {
			h.show(t, m, importer.OutcomeWrong)
			t.Errorf("got %+v", sum)
		}
		if c := h.find(t, "name", "Ann"); c.Telephone != "+34912345678" || c.City != "Madrid" || c.BillingType != customer.BillingPostpaid || c.GroupRefs[0].Name != "Neu" {
			t.Errorf("Ann is %+v", c.Draft)
		}
		if c := h.find(t, "name", "Bob"); c.Telephone != "+34912723853" {
			t.Errorf("Bob's mobile did not stand in: %+v", c.Draft)
		}
	})
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t)).start(t)
	utf16 := func(s string) []byte {
		out := []byte{0xff, 0xfe}
		for _, r := range s {
			out = append(out, byte(r), byte(r>>8))
		}
		return out
	}
	late := strings.Repeat("x", 1000) + "\n"
	for i, content := range [][]byte{
		[]byte("\ufeffName,City\r\nÅse 0,\"two\r\nlines\"\r\n"), []byte("Name,City\n\xc5se 1,Oslo\n"), utf16("Name\tCity\nÅse 2\tOslo\n"),
		[]byte("Name|City\nPlain|Oslo\n" + strings.Repeat("Same|"+late, 120) + "\xc5se 3|Oslo\n"),
	} {
		m := h.run(t, h.upload(t, "e.csv", content))
		if sum := m.Report(); m.State != importer.StateDone || sum.Create == 0 {
			t.Errorf("%d: %s %s %+v", i, m.State, m.Trouble(), sum)
		}
		h.find(t, "name", fmt.Sprintf("Åse %d", i))
	}
}

// Files that are no tables, or hurt, are refused by name of what is wrong, and nothing of them stays.
func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d, func(o *importer.Options) { o.MaxBytes = 3 << 20 })
		for name, f := range map[string]struct {
			content []byte
			code    string
		}{
			"empty.csv":  {nil, tabular.CodeEmpty},
			"photo.csv":  {append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 2000)...), tabular.CodeBinary},
			"not.xlsx":   {[]byte("Name,City\nAnn,Oslo\n"), tabular.CodeMismatch},
			"page.csv":   {[]byte("<!DOCTYPE html><html></html>"), tabular.CodeMismatch},
			"zip.xlsx":   {[]byte("PK\x03\x04 and then nothing good"), tabular.CodeBroken},
			"line.csv":   {append([]byte("Name\n"), bytes.Repeat([]byte("x"), 2<<20)...), tabular.CodeRecordTooLong},
			"large.csv":  {bytes.Repeat([]byte("Name\n"), 1<<20), "file_too_large"},
			"header.csv": {[]byte("\"Name\n"), tabular.CodeOpenQuote},
		} {
			_, err := h.Upload(boss(), name, "", bytes.NewReader(f.content))
			if e, ok := errs.As(err); !ok || e.Code != f.code {
				t.Errorf("%s: %v, want %s", name, err, f.code)
			}
		}
		if _, err := h.Upload(boss(), "a.csv", "", &cutOff{[]byte("Name,City\nAnn,Oslo\n")}); err == nil {
			t.Error("half an upload was taken")
		}
		_, err := h.Upload(as(access.RoleSupport), "a.csv", "", strings.NewReader("Name\nAnn\n"))
		wantCode(t, err, "forbidden")
		_, err = h.Upload(boss(), "a.csv", "trunks", strings.NewReader("Name\nAnn\n"))
		wantField(t, err, "target", "unknown_target")
		if _, err := h.files.Purge(boss(), 0); err != nil {
			t.Fatal(err)
		}
		if n := h.number(t, "SELECT COUNT(*) FROM files") + h.number(t, "SELECT COUNT(*) FROM imports"); n != 0 {
			t.Errorf("%d files and imports stay", n)
		}
	})
}

// cutOff is an upload that breaks off.
type cutOff struct{ b []byte }

func (c *cutOff) Read(p []byte) (int, error) {
	if len(c.b) == 0 {
		return 0, fmt.Errorf("connection reset")
	}
	n := copy(p, c.b)
	c.b = c.b[n:]
	return n, nil
}

// A file that breaks half way keeps what was read, says the line, and changes nothing after it.
func TestBrokenHalfWay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d, func(o *importer.Options) { o.Batch = 10 }).start(t)
		var text strings.Builder
		text.WriteString("Reference,Name\n")
		for i := range 45 {
			fmt.Fprintf(&text, "R%d,Ann\n", i)
		}
		m := h.run(t, h.upload(t, "b.csv", []byte(text.String()+"R99,\"Bob\nR98,Cy\n")))
		if m.State != importer.StateFailed || !strings.Contains(m.Trouble(), "ine 47") || h.count(t) != 45 {
			t.Errorf("%s: %s, %d customers", m.State, m.Trouble(), h.count(t))
		}
	})
}

func TestPatchNamesEveryWrongPart(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	m := h.upload(t, "p.csv", []byte("Name,PIN,City\nAnn,1234,Oslo\n"))
	_, err := h.Change(boss(), m.ID, 0, importer.Patch{
		Preset: ptr("sap"), Mode: ptr(importer.Mode("merge")), Match: ptr([]string{"name"}), Options: &importer.Choices{Country: "Atlantis"},
		Mapping:  ptr([]importer.Mapping{{Column: 7, Field: "name"}, {Column: 1, Field: "description"}, {Column: 0, Field: "nonsense"}, {Column: 2, Field: "city", Transform: "upper"}}),
		Defaults: ptr(map[string]string{"balance": "1"}),
	})
	for field, code := range map[string]string{"preset": "unknown_preset", "mode": "unknown_mode", "match": "unknown_key", "options.country": "bad_country", "mapping[0].column": "unknown_column",
		"mapping[1].field": "secret_column", "mapping[2].field": "unknown_field", "mapping[3].transform": "unknown_transform", "defaults.balance": "unknown_field"} {
		wantField(t, err, field, code)
	}
	_, err = h.Change(boss(), m.ID, 0, importer.Patch{Separator: ptr("::"), Encoding: ptr("ebcdic"), Sheet: ptr("x")})
	for field, code := range map[string]string{"separator": "bad_separator", "encoding": "unknown_encoding", "sheet": "no_such_sheet"} {
		wantField(t, err, field, code)
	}
	_, err = h.Change(boss(), m.ID, 99, importer.Patch{Mode: ptr(importer.ModeUpdate)})
	wantCode(t, err, "stale")
	if m = h.change(t, m, importer.Patch{HasHeader: ptr(false)}); len(m.Columns) != 3 || m.Columns[0].Name != "Column 1" || m.Columns[0].Sample[0] != "Name" {
		t.Errorf("without a header: %+v", m.Columns)
	}
}

// A check that holds few keys in memory finds the same as one that holds all.
func TestCheckOfManyKeys(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d, func(o *importer.Options) { o.Batch, o.Keys = 20, 10 }).start(t)
		var text strings.Builder
		text.WriteString("Reference,Name,E-mail\n")
		for i := range 300 {
			fmt.Fprintf(&text, "R%d,Name %d,m%d@example.org\n", i, i, i)
		}
		for i := range 300 {
			fmt.Fprintf(&text, "S%d,Name %d,M%d@example.org\n", i, i, i)
		}
		text.WriteString(",No key,\n,No key,\nR7,Twice,\n")
		m := h.check(t, h.upload(t, "k.csv", []byte(text.String())))
		if sum := m.Report(); sum.Create != 301 || sum.Skip != 1 || sum.Errors["duplicate_email"] != 300 || sum.Errors["duplicate_reference"] != 1 {
			t.Errorf("got %+v", sum)
		}
		rows, _, err := h.Rows(boss(), m.ID, importer.RowQuery{Outcome: importer.OutcomeWrong, Limit: 1})
		if err != nil || rows[0].Line != 302 || !strings.HasPrefix(rows[0].Problems[0].Message, "Line 2 ") {
			t.Errorf("the first wrong row: %+v, %v", rows, err)
		}
		if n := h.number(t, "SELECT COUNT(*) FROM import_keys"); n != 0 {
			t.Errorf("%d keys stay", n)
		}
	})
}

// A report has a title, and says things in its country's words.
func TestReportsOfOtherCountries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file   string
		skip   int
		fields string
		city   string
	}{
		"german.csv": {"Kundenliste, Stand 1.11.2026;;;;;\r\nGedruckt;J. Groß;;;;\r\n\r\nKd-Nr;Firma;E-Mail;Straße;PLZ;Ort\r\n7;Müller GmbH;m@example.de;Weg 1;01067;Dresden\r\n", 2, "reference company email address_1 postal_code city", "Dresden"},
		"spanish.csv": {"Nº de cliente;Nombre;Apellidos;Correo electrónico;Ciudad;Provincia;Estado;País\n7;José;García;j@example.es;Madrid;Madrid;Inactivo;España\n", 0,
			"reference first_name last_name email city province status country", "Madrid"},
		"french.csv": {"N° client,Prénom,Nom,Courriel,Tél.,Adresse,Code postal,Ville,Pays,Statut\n7,Élodie,Durand,e@example.fr,01 42 68 53 00,1 rue de Rivoli,75001,Paris,France,suspendu\n", 0,
			"reference first_name last_name email telephone address_1 postal_code city country status", "Paris"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, dbtest.SQLite(t)).start(t)
			m := h.upload(t, name, []byte(c.file))
			var fields []string
			for _, g := range m.Mapping {
				fields = append(fields, g.Field)
			}
			if got := strings.Join(fields, " "); got != c.fields || m.SkipRows != c.skip || !m.HasHeader {
				t.Fatalf("%d rows above, %s", m.SkipRows, got)
			}
			m = h.run(t, h.check(t, m))
			if m.State != importer.StateDone || h.count(t) != 1 {
				t.Fatalf("%s, %+v", m.State, m.Report())
			}
			if got := h.find(t, "city", c.city); strings.Contains(c.fields, "status") && got.Status != customer.StatusInactive {
				t.Errorf("it is %s", got.Status)
			}
		})
	}
}

// Whoever knows better says how many rows stand above.
func TestRowsAboveTheTable(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t)).start(t)
	m := h.upload(t, "r.csv", []byte("Report\n\nName,E-mail\nAnn,ann@example.com\nBo,bo@example.com\n"))
	if m = h.change(t, m, importer.Patch{SkipRows: ptr(1), HasHeader: ptr(true)}); len(m.Columns) != 2 || m.Columns[0].Name != "Name" || m.Columns[0].Sample[0] != "Ann" {
		t.Fatalf("%+v", m.Columns)
	}
	if _, rows, err := h.Preview(boss(), m.ID, 5); err != nil || len(rows) != 2 || rows[0].Line != 4 {
		t.Errorf("preview: %+v, %v", rows, err)
	}
	for _, n := range []int{-1, 101} {
		_, err := h.Change(boss(), m.ID, 0, importer.Patch{SkipRows: &n})
		wantField(t, err, "skip_rows", "out_of_range")
	}
	if _, err := h.Change(boss(), m.ID, 0, importer.Patch{SkipRows: ptr(50)}); err == nil {
		t.Error("there is no row 50")
	}
	if m = h.run(t, m); m.Rows() != 2 || h.count(t) != 2 {
		t.Errorf("%+v", m.Report())
	}
}
