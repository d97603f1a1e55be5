package importer_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/core/customfield"
	"tandem/internal/core/importer"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// field defines a field of the operator's.
func (h *house) field(t testing.TB, label string, kind customfield.Type) {
	t.Helper()
	ids := id.NewSource(clock.System{})
	fields := customfield.New(h.db, clock.System{}, ids, audit.NewLog(clock.System{}, ids), func() {})
	if _, err := fields.Create(boss(), customfield.Input{Label: label, Type: kind}); err != nil {
		t.Fatal(err)
	}
	if err := h.customers.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// outcomes is what became of each row, by its first cell: the code of what is wrong, or the field's value.
func (h *house) outcomes(t testing.TB, m *importer.Import, field string) map[string]string {
	t.Helper()
	out := map[string]string{}
	all, _, err := h.customers.List(boss(), list.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		out[c.Name] = h.customers.FieldText(c, field)
	}
	rows, _, err := h.Rows(boss(), m.ID, importer.RowQuery{Outcome: importer.OutcomeWrong, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		var codes []string
		for _, p := range r.Problems {
			codes = append(codes, p.Field+":"+p.Code)
		}
		out[r.Cells[0]] = strings.Join(codes, " ")
	}
	return out
}

// Cells as other programs write them are understood, or told by name.
func TestCellsOfOtherPrograms(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		column, field string
		transform     string
		cells         map[string]string // what is written, and what becomes of it
	}{
		"dates": {"Signed", "custom.signed", "", map[string]string{
			"31/12/2025": "2025-12-31", "12/31/2025": "2025-12-31", "31.12.2025": "2025-12-31", "1.2.2025": "2025-02-01", "20251231": "2025-12-31", "2025/12/31": "2025-12-31",
			"2025-12-31 13:45:00": "2025-12-31", "2025-12-31T23:59:59Z": "2025-12-31", "31-Dec-2025": "2025-12-31", "\"Dec 31, 2025\"": "2025-12-31", "05/05/2025": "2025-05-05", "0000-00-00": "",
			"01/02/2025": "custom.signed:ambiguous_date", "31/02/2025": "custom.signed:bad_date", "31/12/25": "custom.signed:bad_date", "soon": "custom.signed:bad_date", "NULL": "", "\\N": "",
		}},
		"days first":              {"Signed", "custom.signed", "dmy", map[string]string{"01/02/2025": "2025-02-01", "31/12/2025": "2025-12-31", "12/31/2025": "custom.signed:bad_date"}},
		"months first":            {"Signed", "custom.signed", "mdy", map[string]string{"01/02/2025": "2025-01-02", "12/31/2025": "2025-12-31", "2025-01-02": "2025-01-02", "31/12/2025": "custom.signed:bad_date"}},
		"shown by the column":     {"Signed", "custom.signed", "", map[string]string{"01/02/2025": "2025-02-01", "13/02/2025": "2025-02-13", "5/6/2025": "2025-06-05", "05/05/2025": "2025-05-05"}},
		"shown, months first":     {"Signed", "custom.signed", "", map[string]string{"01/02/2025": "2025-01-02", "02/28/2025": "2025-02-28"}},
		"shown both ways, so not": {"Signed", "custom.signed", "", map[string]string{"01/02/2025": "custom.signed:ambiguous_date", "02/28/2025": "2025-02-28", "28/02/2025": "2025-02-28"}},
		"telephones": {"Telephone", "telephone", "", map[string]string{
			"4.47123E+11": "telephone:rounded_number", "\"4,47123456E+11\"": "telephone:rounded_number", "22995494.0": "+4722995494", "tel:+4722995494": "+4722995494", "NULL": "", "\\N": "",
			"#N/A": "telephone:sheet_error", "#REF!": "telephone:sheet_error", "unknown": "telephone:bad_phone", "0047 22 99 54 94": "+4722995494",
		}},
		"statuses": {"Is active", "status", "", map[string]string{
			"Active": "active", "1": "active", "enabled": "active", "YES": "active", "true": "active", "on": "active", "0": "inactive", "No": "inactive", "disabled": "inactive",
			"Suspended": "inactive", "off": "inactive", "On hold": "inactive", "unverified": "pending", "deleted": "status:bad_status", "purple": "status:unknown_choice", "NULL": "active", "": "active",
		}},
		"cities": {"City", "city", "", map[string]string{"NULL": "", "\\N": "", "(null)": "", "Null": "Null", "#VALUE!": "city:sheet_error", "#1 Street": "#1 Street"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				h := newHouse(t, d).start(t)
				h.field(t, "Signed", customfield.TypeDate)
				var file strings.Builder
				fmt.Fprintf(&file, "Name,%s,City,,,\n", tc.column)
				want := map[string]string{}
				for _, cell := range slices.Sorted(maps.Keys(tc.cells)) {
					becomes := tc.cells[cell]
					n := fmt.Sprintf("Row %d", len(want))
					want[n] = becomes
					if tc.field == "city" {
						fmt.Fprintf(&file, "%s,,%s,,,\n", n, cell)
						continue
					}
					fmt.Fprintf(&file, "%s,%s,Oslo,,,\n", n, cell)
				}
				text := file.String()
				if tc.field == "city" {
					text = strings.Replace(text, "Name,City,City", "Name,Other,City", 1)
				}
				m := h.upload(t, "other.csv", []byte(text))
				if tc.transform != "" {
					m = h.change(t, m, importer.Patch{Mapping: &[]importer.Mapping{{Column: 0, Field: "name"}, {Column: 1, Field: tc.field, Transform: tc.transform}}})
				}
				m = h.run(t, m)
				got := h.outcomes(t, m, tc.field)
				for n, becomes := range want {
					if got[n] != becomes {
						t.Errorf("%s of %s\nbecomes %q, want %q", n, text, got[n], becomes)
					}
				}
			})
		})
	}
}

// Null is a family name.
func TestPeopleCalledNull(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d).start(t)
		m := h.run(t, h.upload(t, "null.csv", []byte("First Name,Last Name,Email\nJennifer,NULL,NULL\nChris,\\N,c@example.org\n")))
		if sum := m.Report(); sum.Create != 2 || sum.Wrong != 0 {
			t.Fatalf("got %+v", sum)
		}
		if c := h.find(t, "first_name", "Jennifer"); c.LastName != "NULL" || c.Email != "" {
			t.Errorf("Jennifer is %+v", c.Draft)
		}
		if c := h.find(t, "first_name", "Chris"); c.LastName != "" || c.Name != "Chris" {
			t.Errorf("Chris is %+v", c.Draft)
		}
	})
}

// An import whose file was purged says so at once; what it did can still be undone.
func TestImportsWithoutTheirFile(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d, small).start(t)
		draft := h.check(t, h.upload(t, "draft.csv", []byte("Reference,Name\nD1,Draft\n")))
		half := h.upload(t, "half.csv", []byte("Reference,Name\nH1,Half\n,\"\"\nH2,Other\n"))
		half = h.run(t, half)
		if _, err := h.Purge(boss(), -1); err != nil {
			t.Fatal(err)
		}
		for what, err := range map[string]error{
			"check": errOf(h.Check(boss(), draft.ID)), "run": errOf(h.Run(boss(), draft.ID)), "how it is read": errOf(h.Change(boss(), draft.ID, 0, importer.Patch{HasHeader: ptr(false)})),
		} {
			if err == nil {
				t.Errorf("%s of a purged draft goes on", what)
				continue
			}
			wantCode(t, err, "file_gone")
		}
		if _, _, err := h.Preview(boss(), draft.ID, 5); err == nil {
			t.Error("a purged draft has a preview")
		} else {
			wantCode(t, err, "file_gone")
		}
		_, err := h.Cancel(boss(), draft.ID)
		wantCode(t, err, "nothing_to_cancel")
		if half = h.undo(t, half); half.State != importer.StateUndone || half.Report().Undone != 2 {
			t.Errorf("undo of a purged import: %s %+v", half.State, half.Report())
		}
		if again := h.run(t, h.upload(t, "draft.csv", []byte("Reference,Name\nD1,Draft\n"))); again.Report().Create != 1 {
			t.Errorf("uploaded again: %+v", again.Report())
		}
	})
}

func errOf[T any](_ T, err error) error { return err }

// FuzzRows: whatever stands in the cells and whatever they are mapped to, each row goes in or is told by name.
func FuzzRows(f *testing.F) {
	for _, cells := range [][4]string{
		{"=cmd|' /C calc'!A0", "4.47123E+11", "31/12/2025", "North; South"}, {"", "", "", ""}, {"\\N", "NULL", "#REF!", "0000-00-00"},
		{"Ünï\u202e\u200b", "+47 22 99 54 94", "9999-12-31", ";;;"}, {"a\x00b", "\xff\xfe", "1e400", strings.Repeat("ø", 300)},
	} {
		f.Add(cells[0], cells[1], cells[2], cells[3], uint64(0x0102030405060708), uint8(0))
	}
	seedRows(f)
	houses := []*house{newHouse(f, dbtest.SQLite(f)).start(f), newHouse(f, dbtest.Postgres(f)).start(f)}
	for _, h := range houses {
		h.field(f, "Signed", customfield.TypeDate)
		h.field(f, "Seats", customfield.TypeNumber)
	}
	var targets []string
	for _, field := range houses[0].customers.ListTable().Fields {
		if field.Importable {
			targets = append(targets, field.Name)
		}
	}
	targets = append(targets, "customer_id", "balance", "debit_limit", "max_channels", "sip_username", "")
	f.Fuzz(func(t *testing.T, a, b, c, e string, which uint64, how uint8) {
		houses[how>>7].fuzzed(t, targets, []string{a, b, c, e}, which, how)
	})
}

// seedRows seeds with the cells of the three files, four by four.
func seedRows(f *testing.F) {
	f.Helper()
	for i, name := range []string{"astpp-customers.csv", "magoware-customers.csv", "paragon-customers.tsv"} {
		for n, line := range strings.Split(string(sampleFile(f, name)), "\n") {
			cells := strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ';' || r == '\t' })
			if n > 12 || len(cells) < 4 {
				continue
			}
			at := n % (len(cells) - 3)
			f.Add(cells[at], cells[at+1], cells[at+2], cells[at+3], uint64(n+1)*0x0107031105130217, uint8(n*37+i))
		}
	}
}

// refusedByName fails the test when an error is a fault of ours.
func refusedByName(t testing.TB, err error) {
	t.Helper()
	e, ok := errs.As(err)
	if !ok || e.Code == "" || e.Detail == "" {
		t.Fatalf("not a refusal: %v", err)
	}
}

func (h *house) fuzzed(t *testing.T, targets, cells []string, which uint64, how uint8) {
	t.Helper()
	quoted := make([]string, len(cells))
	for i, cell := range cells {
		quoted[i] = `"` + strings.ReplaceAll(strings.ToValidUTF8(strings.ReplaceAll(cell, "\x00", ""), "?"), `"`, `""`) + `"`
	}
	m, err := h.Upload(boss(), "fuzz.csv", "", strings.NewReader("Fuzz A,Fuzz B,Fuzz C,Fuzz D\n"+strings.Join(quoted, ",")+"\n"))
	if err != nil {
		refusedByName(t, err)
		return
	}
	mapping := []importer.Mapping{}
	for i := range cells {
		mapping = append(mapping, importer.Mapping{Column: i, Field: targets[int(which>>(8*i)&0xff)%len(targets)], Transform: []string{"", "if_blank", "dmy", "mdy"}[int(which>>(32+8*i))&3]})
	}
	modes := []importer.Mode{importer.ModeCreate, importer.ModeUpdate, importer.ModeUpsert}
	m, err = h.Change(boss(), m.ID, 0, importer.Patch{Mapping: &mapping, HasHeader: ptr(how&1 == 0), Mode: &modes[int(how>>1)%3],
		Options: &importer.Choices{CreateGroups: how&8 == 0, BlankClears: how&16 == 0, Country: []string{"", "NO"}[how>>5&1]}, Defaults: &map[string]string{"name": []string{"", "Somebody"}[how>>6&1]}})
	if err != nil {
		refusedByName(t, err)
		return
	}
	for _, begin := range []func(*importer.Import) error{
		func(m *importer.Import) error { return h.CheckHere(boss(), m.ID, nil) }, func(m *importer.Import) error { return h.RunHere(boss(), m.ID, nil) },
	} {
		if err := begin(m); err != nil {
			refusedByName(t, err)
			return
		}
	}
	m = h.get(t, m.ID)
	sum := m.Report()
	if m.State != importer.StateDone || sum.Rows != sum.Create+sum.Update+sum.Skip+sum.Unchanged+sum.Wrong {
		t.Fatalf("%s: %+v", m.State, sum)
	}
	rows, _, err := h.Rows(boss(), m.ID, importer.RowQuery{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Outcome == importer.OutcomeWrong && (len(r.Problems) == 0 || r.Problems[0].Code == "" || r.Problems[0].Message == "") {
			t.Errorf("a wrong row says nothing: %+v", r)
		}
		if r.Outcome == importer.OutcomeCreated {
			c, err := h.customers.Get(boss(), r.CustomerID)
			if err != nil || c.Name == "" || c.Status == customer.StatusClosed {
				t.Errorf("row %+v made %+v, %v", r, c, err)
			}
			if _, err := json.Marshal(c); err != nil {
				t.Error(err)
			}
		}
	}
}
