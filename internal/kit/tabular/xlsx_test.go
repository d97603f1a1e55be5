package tabular

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

func save(t testing.TB, b []byte) string {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "*.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(b); err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	return f.Name()
}

func openSheet(t testing.TB, b []byte, o Options) *Sheet {
	t.Helper()
	s, err := OpenXLSX(save(t, b), "", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

const (
	testTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`
	testRels  = `<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	bookRels  = `<Relationships><Relationship Id="r1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="r2" Type="http://x/sharedStrings" Target="/xl/sharedStrings.xml"/><Relationship Id="r3" Type="http://x/styles" Target="styles.xml"/></Relationships>`
	testBook = `<workbook xmlns:r="x"><sheets><sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>`
)

// book makes a workbook of parts; those not given are plain.
func book(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	all := map[string]string{
		"[Content_Types].xml": testTypes, "_rels/.rels": testRels, "xl/workbook.xml": testBook, "xl/_rels/workbook.xml.rels": bookRels,
		"xl/worksheets/sheet1.xml": `<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>`,
	}
	for name, text := range parts {
		all[name] = text
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range all {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sheetOf(rows string) map[string]string {
	return map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData>` + rows + `</sheetData></worksheet>`}
}

func TestXLSXValues(t *testing.T) {
	t.Parallel()
	parts := sheetOf(`<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c></row><row r="3"/><row r="4"><c r="B4" t="inlineStr"><is><t> </t></is></c></row>` +
		`<!-- <row> --><row r="7" spans="1:9"><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c t="str"><f>A1&amp;"x"</f><v>a&lt;b</v></c><c><v>702212345678</v></c><c><v>7.02212345678E+11</v></c></row>` +
		`<x:row xmlns:x="y" r="8"><x:c s="1"><x:v>45000</x:v></x:c><x:c s="2"><x:v>45000.75</x:v></x:c><x:c s="3"><x:v>0.5</x:v></x:c><x:c s="4"><x:v>1.5</x:v></x:c><x:c s="5"><x:v>79</x:v></x:c><x:c s="6"><x:v>259.62000000000001</x:v></x:c></x:row>` +
		`<row><c><v>0.30000000000000004</v></c><c><v>12345678901234567890</v></c><c><v>-1.50</v></c><c><v>1E-7</v></c><c t="d"><v>2024-02-29</v></c><c s="1"><v>59</v></c><c s="1"><v>61</v></c><c s="1"><v>-1</v></c><c><v>x</v></c></row>` +
		`<row><c t="inlineStr"><is><r><t>rich </t></r><r><t xml:space="preserve">te<![CDATA[<x>]]>t</t></r><rPh><t>no</t></rPh></is></c><c t="inlineStr"><is><t>a_x000D_b_x005F_x000D_c&#10;d&#x41;</t></is></c></row>`)
	parts["xl/sharedStrings.xml"] = `<?xml version="1.0"?><sst><si><t>first</t></si><si><r><t>se</t></r><r><t>cond</t></r></si></sst>`
	parts["xl/styles.xml"] = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy\ hh:mm"/><numFmt numFmtId="165" formatCode="00000"/><numFmt numFmtId="166" formatCode="[Red]#,##0.00&quot; day&quot;"/></numFmts>` +
		`<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="21"/><xf numFmtId="46"/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs></styleSheet>`
	want := []struct {
		line  int
		cells []string
	}{
		{2, []string{"first", "", "second"}},
		{7, []string{"TRUE", "#N/A", "a<b", "702212345678", "702212345678"}},
		{8, []string{"2023-03-15", "2023-03-15T18:00:00", "12:00:00", "36:00:00", "00079", "259.62"}},
		{9, []string{"0.3", "12345678901234567890", "-1.50", "0.0000001", "2024-02-29", "1900-02-28", "1900-03-01", "-1", "x"}},
		{10, []string{"rich te<x>t", "a\rb_x000D_c\ndA"}},
	}
	file := book(t, parts)
	rows := readAll(t, openSheet(t, file, Options{}))
	for i, row := range rows {
		if i >= len(want) || row.Line != want[i].line || !slices.Equal(row.Cells, want[i].cells) {
			t.Errorf("%d: %d %q", i, row.Line, row.Cells)
		}
	}
	if len(rows) != len(want) {
		t.Errorf("%d rows", len(rows))
	}
	for i, row := range rows {
		if rest := readAll(t, openSheet(t, file, Options{ResumeAt: row.End()})); !slices.EqualFunc(rest, rows[i+1:], func(a, b Row) bool { return a.Line == b.Line && slices.Equal(a.Cells, b.Cells) }) {
			t.Errorf("after row %d: %+v", i, rest)
		}
	}
}

func TestXLSXRefuses(t *testing.T) {
	t.Parallel()
	good := book(t, nil)
	deep := strings.Repeat("a", 100)
	for name, c := range map[string]struct {
		file []byte
		code string
	}{
		"empty":             {nil, CodeEmpty},
		"text":              {[]byte("a,b\n"), CodeMismatch},
		"old":               {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 1000)), CodeOldExcel},
		"encrypted":         {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 200_001) + string(encryptedPackage)), CodeEncrypted},
		"encrypted zip":     {flip(good, []byte("PK\x01\x02"), 8, 1), CodeEncrypted},
		"only PK":           {[]byte("PK\x03\x04"), CodeBroken},
		"other zip":         {zipOf(t, map[string]string{"a.txt": "x"}), CodeMismatch},
		"document":          {book(t, map[string]string{"_rels/.rels": `<r><Relationship Type="http://x/officeDocument" Target="word/document.xml"/></r>`}), CodeMismatch},
		"binary":            {book(t, map[string]string{"_rels/.rels": `<r><Relationship Type="http://x/officeDocument" Target="xl/workbook.bin"/></r>`}), CodeMismatch},
		"no sheets":         {book(t, map[string]string{"xl/workbook.xml": "<workbook/>"}), CodeBroken},
		"no such text":      {book(t, sheetOf(`<row><c t="s"><v>0</v></c></row>`)), CodeBroken},
		"bad text":          {book(t, sheetOf(`<row><c t="s"><v>-1</v></c></row>`)), CodeBroken},
		"rows not in order": {book(t, sheetOf(`<row r="2"/><row r="1"/>`)), CodeBroken},
		"row twice":         {book(t, sheetOf(`<row r="2"/><row r="2"/>`)), CodeBroken},
		"row too far":       {book(t, sheetOf(`<row r="1048577"/>`)), CodeBroken},
		"row far out":       {book(t, sheetOf(`<row r="99999999999999999999"/>`)), CodeBroken},
		"column too far":    {book(t, sheetOf(`<row><c r="XFE1"><v>1</v></c></row>`)), CodeBroken},
		"columns":           {book(t, sheetOf(`<row><c r="ZZZ1"><v>1</v></c></row>`)), CodeBroken},
		"over the columns":  {book(t, sheetOf(`<row><c r="ALM1"><v>1</v></c></row>`)), CodeTooManyCols},
		"cell":              {book(t, sheetOf(`<row><c t="inlineStr"><is><t>`+strings.Repeat("a", 70_000)+`</t></is></c></row>`)), CodeCellTooLong},
		"cell in pieces":    {book(t, sheetOf(`<row><c t="inlineStr"><is>`+strings.Repeat("<r><t>"+deep+"</t></r>", 700)+`</is></c></row>`)), CodeCellTooLong},
		"row":               {book(t, sheetOf(`<row>`+strings.Repeat(`<c t="inlineStr"><is><t>`+noise(60_000)+`</t></is></c>`, 20)+`</row>`)), CodeRecordTooLong},
		"cut XML":           {book(t, map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData><row><c><v>1</v></c></row>`}), CodeBroken},
		"cut tag":           {book(t, map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData><row`}), CodeBroken},
		"two roots":         {book(t, map[string]string{"xl/worksheets/sheet1.xml": `<a/><b/>`}), CodeBroken},
		"empty XML":         {book(t, map[string]string{"xl/worksheets/sheet1.xml": ``}), CodeBroken},
		"text only":         {book(t, map[string]string{"xl/worksheets/sheet1.xml": `abc`}), CodeBroken},
		"too many ends":     {book(t, map[string]string{"xl/worksheets/sheet1.xml": `<a></a></a>`}), CodeBroken},
		"document type":     {book(t, map[string]string{"xl/workbook.xml": `<!DOCTYPE x [<!ENTITY a "aaaa">]>` + testBook}), CodeBroken},
		"unknown entity":    {book(t, sheetOf(`<row><c t="str"><v>&a;</v></c></row>`)), CodeBroken},
		"not UTF-8":         {book(t, sheetOf("<row><c t=\"str\"><v>\xff</v></c></row>")), CodeBroken},
		"UTF-16":            {book(t, map[string]string{"xl/worksheets/sheet1.xml": "\xff\xfe<\x00a\x00/\x00>\x00"}), CodeBroken},
		"part twice":        {zipTwice(t), CodeBroken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readFileXLSX(save(t, c.file))
			var e *Error
			if !errors.As(err, &e) || e.Code != c.code {
				t.Errorf("%v; want %s", err, c.code)
			}
		})
	}
	if _, err := OpenXLSX(save(t, good), "Two", Options{}); err == nil || err.(*Error).Code != CodeNoSheet {
		t.Error(err)
	}
	if _, err := OpenXLSX(filepath.Join(t.TempDir(), "none"), "", Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func readFileXLSX(path string) (rows []Row, err error) {
	s, err := OpenXLSX(path, "", Options{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }()
	for {
		row, err := s.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
}

// noise is text that does not compress to nothing.
func noise(n int) string {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = 'a' + byte(x>>24)%26
	}
	return string(b)
}

func flip(b, mark []byte, offset int, bit byte) []byte {
	b = bytes.Clone(b)
	b[bytes.Index(b, mark)+offset] |= bit
	return b
}

func zipOf(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, text)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipTwice(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for range 2 {
		if _, err := z.Create("[Content_Types].xml"); err != nil {
			t.Fatal(err)
		}
	}
	_ = z.Close()
	return b.Bytes()
}

// A file that is cut off anywhere is refused; one with a changed byte is refused or still the same table.
func TestXLSXDamage(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := NewXLSXWriter(&b, XLSXOptions{})
	for i := range 40 {
		if err := w.Write([]string{fmt.Sprint(i), "some text that is long enough", strings.Repeat("x", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	want, err := readFileXLSX(save(t, whole))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x")
	try := func(file []byte) ([]Row, error) {
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		return readFileXLSX(path)
	}
	var e *Error
	for n := 0; n < len(whole); n += slowdown * (1 + n/50) {
		if _, err := try(whole[:n]); !errors.As(err, &e) {
			t.Fatalf("cut off after %d of %d: %v", n, len(whole), err)
		}
	}
	for n := 0; n < len(whole); n += 3 * slowdown {
		file := bytes.Clone(whole)
		file[n] ^= 0x15
		got, err := try(file)
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("byte %d: %v", n, err)
		}
		if err == nil && !slices.EqualFunc(got, want, func(a, b Row) bool { return a.Line == b.Line && slices.Equal(a.Cells, b.Cells) }) {
			t.Fatalf("byte %d: another table and no error", n)
		}
	}
}

// The reader agrees with excelize on what excelize writes.
func TestReadsPeer(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	for i, v := range []any{"text", "=1+1", "Øyvind 𝄞", " blanks ", "a\r\nb", 42, 259.62, true, time.Date(2024, 2, 29, 12, 30, 15, 0, time.UTC), "702212345678", 702212345678, 0.1 + 0.2, "", "<&>"} {
		name, _ := excelize.CoordinatesToCellName(i+1, 1)
		if err := f.SetCellValue("Sheet1", name, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetCellFormula("Sheet1", "A2", "1+1"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.NewSheet("Zweites"); err != nil {
		t.Fatal(err)
	}
	stream, err := f.NewStreamWriter("Zweites")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		if err := stream.SetRow(fmt.Sprintf("A%d", i+1), []any{i, "row", fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.SetSheetVisible("Sheet1", true); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "peer.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	names, err := SheetNames(path, Limits{})
	if err != nil || !slices.Equal(names, []string{"Sheet1", "Zweites"}) {
		t.Error(names, err)
	}
	rows, err := readFileXLSX(path)
	want := []string{"text", "=1+1", "Øyvind 𝄞", " blanks ", "a\r\nb", "42", "259.62", "TRUE", "2024-02-29T12:30:15", "702212345678", "702212345678", "0.3", "", "<&>"}
	if err != nil || len(rows) != 1 || !slices.Equal(rows[0].Cells, want) {
		t.Errorf("%v\n%+v\n%q", err, rows, want)
	}
	s, err := Open(path, Format{Kind: XLSX}, "zweites", Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := readAll(t, s)
	if len(all) != 1000 || !slices.Equal(all[999].Cells, []string{"999", "row", "999"}) {
		t.Errorf("%d rows", len(all))
	}
	if done, total := s.Progress(); done != total || total == 0 {
		t.Errorf("progress %d of %d", done, total)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// What the writer writes reads back the same here and by excelize.
func TestXLSXRoundTrip(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cells := rapid.OneOf(cell(), rapid.SampledFrom([]string{"_x000D_", "_x005F_x000D_", "\x01\x1f", "\ufffe", "<&>\"'", "]]>", "00079", "702212345678", "-5", "1e5", "_x_"}))
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		table := tableOf(cells).Draw(t, "table")
		var b bytes.Buffer
		w := NewXLSXWriter(&b, XLSXOptions{SheetName: rapid.String().Draw(t, "name"), Numbers: map[int]bool{1: true}, Header: rapid.Bool().Draw(t, "header")})
		for _, row := range table {
			if err := w.Write(row); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, fmt.Sprint(n))
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		rows, err := readFileXLSX(path)
		if err != nil {
			t.Fatal(err)
		}
		i := 0
		for line, want := range table {
			if allBlank(want) {
				continue
			}
			if i >= len(rows) || rows[i].Line != line+1 || !slices.Equal(trimEnd(rows[i].Cells), trimEnd(want)) {
				t.Fatalf("row %d: %+v; want %q", line, rows, want)
			}
			i++
		}
		peer, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		got, err := peer.GetRows(peer.GetSheetName(0), excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		for line, want := range table {
			var have []string
			if line < len(got) {
				have = got[line]
			}
			if !slices.Equal(trimEnd(have), trimEnd(want)) {
				t.Fatalf("excelize reads row %d as %q; want %q", line, have, want)
			}
		}
	})
}

func trimEnd(cells []string) []string {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}

func TestXLSXGoesOnInAnotherSheet(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := NewXLSXWriter(&b, XLSXOptions{SheetName: "Customers & more", Header: true})
	w.maxRows = 10
	for i := range 20 {
		if err := w.Write([]string{fmt.Sprint("n", i), "=1+1"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Write([]string{"late"}); err == nil {
		t.Error("a closed workbook takes rows")
	}
	path := save(t, b.Bytes())
	names, err := SheetNames(path, Limits{})
	if err != nil || !slices.Equal(names, []string{"Customers & more", "Customers & more (2)", "Customers & more (3)"}) {
		t.Fatal(names, err)
	}
	var got []string
	for _, name := range names {
		s, err := OpenXLSX(path, name, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range readAll(t, s) {
			got = append(got, row.Cells[0])
		}
		_ = s.Close()
	}
	if want := "n0 n1 n2 n3 n4 n5 n6 n7 n8 n9 n0 n10 n11 n12 n13 n14 n15 n16 n17 n18 n0 n19"; strings.Join(got, " ") != want {
		t.Errorf("%s; want %s", strings.Join(got, " "), want)
	}
}

func TestXLSXWriterRefuses(t *testing.T) {
	t.Parallel()
	for code, cells := range map[string][]string{
		CodeCellTooLong: {strings.Repeat("𝄞", 16_384)},
		CodeTooManyCols: make([]string, 16_385),
	} {
		w := NewXLSXWriter(io.Discard, XLSXOptions{})
		err := w.Write(cells)
		var e *Error
		if !errors.As(err, &e) || e.Code != code {
			t.Errorf("%v; want %s", err, code)
		}
		if w.Close() == nil {
			t.Error("closed as if it were whole")
		}
	}
}

// FuzzXLSX: any sheet, texts and styles give rows in order or an *Error, and any bytes for a file too.
func FuzzXLSX(f *testing.F) {
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" s="1" t="s"><v>0</v></c></row></sheetData></worksheet>`), `<sst><si><t>a_x000D_</t></si></sst>`, `<s><cellXfs><xf numFmtId="14"/></cellXfs></s>`, false)
	f.Add([]byte("PK\x03\x04"), "", "", true)
	f.Fuzz(func(t *testing.T, data []byte, texts, styles string, raw bool) {
		file := data
		if !raw {
			file = book(t, map[string]string{"xl/worksheets/sheet1.xml": string(data), "xl/sharedStrings.xml": texts, "xl/styles.xml": styles})
		}
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		rows, err := readFileXLSX(path)
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Fatal(err)
		}
		for i, row := range rows {
			if len(row.Cells) == 0 || len(row.Cells) > 1000 || row.Line < 1 || i > 0 && row.Line <= rows[i-1].Line {
				t.Fatalf("%+v", row)
			}
		}
	})
}

func BenchmarkXLSX(b *testing.B) {
	cells := []string{"CUST-000001", "Øyvind Løvås", "+4722995494", "oyvind@example.org", "37 Rua Nova", "Oslo", "0150", "12.500000"}
	var file bytes.Buffer
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			file.Reset()
			w := NewXLSXWriter(&file, XLSXOptions{Numbers: map[int]bool{7: true}})
			for range 10_000 {
				_ = w.Write(cells)
			}
			_ = w.Close()
		}
	})
	path := save(b, file.Bytes())
	b.Run("read-excelize", func(b *testing.B) {
		for b.Loop() {
			f, err := excelize.OpenFile(path)
			if err != nil {
				b.Fatal(err)
			}
			rows, err := f.Rows("Sheet1")
			if err != nil {
				b.Fatal(err)
			}
			for rows.Next() {
				if _, err := rows.Columns(); err != nil {
					b.Fatal(err)
				}
			}
			_ = f.Close()
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if rows, err := readFileXLSX(path); err != nil || len(rows) != 10_000 {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkCSV(b *testing.B) {
	var text bytes.Buffer
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			text.Reset()
			w := NewCSVWriter(&text, CSVOptions{})
			for range 10_000 {
				_ = w.Write([]string{"CUST-000001", "Øyvind Løvås", "+4722995494", "oyvind@example.org", "37 Rua Nova, 2", "Oslo", "0150", "12.500000"})
			}
			_ = w.Close()
		}
	})
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(text.Len()))
		for b.Loop() {
			r := openText(b, text.String(), Options{})
			for {
				if _, err := r.Next(); err != nil {
					break
				}
			}
		}
	})
}
