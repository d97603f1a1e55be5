package tabular

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const bombSize = 50 << 20 / slowdown

// deflated is what a part of a bomb compresses to.
type deflated struct {
	bytes []byte
	sum   uint32
}

func deflate(t testing.TB, n int64) deflated {
	t.Helper()
	var b bytes.Buffer
	d, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	sum := crc32.NewIEEE()
	if _, err := io.Copy(io.MultiWriter(d, sum), io.LimitReader(&endless{text: "<!-- -->"}, n)); err != nil || d.Close() != nil {
		t.Fatal(err)
	}
	return deflated{b.Bytes(), sum.Sum32()}
}

// add makes a part of it that says it has `says` bytes.
func (d deflated) add(t testing.TB, z *zip.Writer, name string, says uint64) {
	t.Helper()
	w, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CRC32: d.sum, CompressedSize64: uint64(len(d.bytes)), UncompressedSize64: says})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(d.bytes); err != nil {
		t.Fatal(err)
	}
}

// Zip bombs are refused before they inflate, those that lie about their size where the lie shows. Not parallel: memory is
// counted.
func TestZipBombs(t *testing.T) {
	big, small := deflate(t, bombSize), deflate(t, 1000)
	build := func(fill func(z *zip.Writer)) string {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, text := range map[string]string{"[Content_Types].xml": testTypes, "_rels/.rels": testRels, "xl/workbook.xml": testBook, "xl/_rels/workbook.xml.rels": bookRels} {
			w, err := z.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(w, text)
		}
		fill(z)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return save(t, b.Bytes())
	}
	for name, fill := range map[string]func(z *zip.Writer){
		"ratio":        func(z *zip.Writer) { big.add(t, z, "xl/worksheets/sheet1.xml", bombSize) },
		"other part":   func(z *zip.Writer) { big.add(t, z, "xl/media/x", bombSize) },
		"declared":     func(z *zip.Writer) { small.add(t, z, "xl/worksheets/sheet1.xml", 5<<30) },
		"lying":        func(z *zip.Writer) { big.add(t, z, "xl/worksheets/sheet1.xml", 1<<20) },
		"lying styles": func(z *zip.Writer) { sheet(t, z); big.add(t, z, "xl/styles.xml", 1<<20) },
		"big styles": func(z *zip.Writer) {
			sheet(t, z)
			w, _ := z.CreateHeader(&zip.FileHeader{Name: "xl/styles.xml", Method: zip.Store})
			_, _ = io.Copy(w, io.LimitReader(&endless{text: "<!-- -->"}, 17<<20))
		},
		"parts": func(z *zip.Writer) {
			for i := range 10_001 {
				_, _ = z.Create(fmt.Sprint(i))
			}
		},
		"directory": func(z *zip.Writer) {
			for i := range 300 {
				_, _ = z.Create(strings.Repeat("x", 60_000) + fmt.Sprint(i))
			}
		},
		"texts": func(z *zip.Writer) {
			sheet(t, z)
			w, _ := z.CreateHeader(&zip.FileHeader{Name: "xl/sharedStrings.xml", Method: zip.Deflate})
			_, _ = io.WriteString(w, "<sst>")
			for i := range 2000 {
				_, _ = fmt.Fprintf(w, "<si><t>%d</t></si>", i)
			}
			_, _ = io.WriteString(w, "</sst>")
		},
	} {
		path := build(fill)
		var err error
		used := allocated(func() {
			var s *Sheet
			if s, err = OpenXLSX(path, "", Options{Limits: Limits{SharedStrings: 1000}}); err == nil {
				for err == nil {
					_, err = s.Next()
				}
				_ = s.Close()
			}
		})
		var e *Error
		refused := errors.As(err, &e) && (e.Code == CodeZipBomb || e.Code == CodeBroken && strings.HasPrefix(name, "lying"))
		if !refused || used > 40<<20 {
			t.Errorf("%s: %v; %d bytes allocated", name, err, used)
		}
	}
}

func sheet(t testing.TB, z *zip.Writer) {
	t.Helper()
	w, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, sheetOf(`<row><c><v>1</v></c></row>`)["xl/worksheets/sheet1.xml"])
}

// A text, tag, comment or cell without an end inside a part of honest size takes no more memory than the limits. Not
// parallel: memory is counted.
func TestEndlessXML(t *testing.T) {
	for name, c := range map[string]struct {
		start, text string
		code        string
	}{
		"text":    {"<worksheet><sheetData><row><c t=\"str\"><v>", "abcdefgh", CodeCellTooLong},
		"cdata":   {"<worksheet><sheetData><row><c t=\"str\"><v><![CDATA[", "abcdefgh>", CodeCellTooLong},
		"tag":     {"<worksheet><sheetData><row ", "a=\"1\" ", CodeBroken},
		"quote":   {"<worksheet><sheetData><row a=\"", ">>>>>>", CodeBroken},
		"comment": {"<worksheet><!--", "abcdefgh>", CodeBroken},
		"cells":   {"<worksheet><sheetData><row>", "<c t=\"str\"><v>ab</v></c>", CodeTooManyCols},
		"blanks":  {"<worksheet><sheetData><row>", "<c/>", CodeBroken},
		"nesting": {"<worksheet>", "<a>", CodeBroken},
		"runs":    {"<worksheet><sheetData><row><c t=\"inlineStr\"><is>", "<t>ab</t>", CodeCellTooLong},
	} {
		x := &Sheet{book: &workbook{lim: Limits{}.withDefaults()}, x: nil}
		x.x = newXMLReader(io.MultiReader(strings.NewReader(c.start), io.LimitReader(&endless{text: c.text}, 32<<20/slowdown)), x.book.lim.CellBytes)
		var err error
		used := allocated(func() {
			for err == nil {
				_, err = x.Next()
			}
		})
		var e *Error
		if !errors.As(err, &e) || e.Code != c.code || used > 16<<20 {
			t.Errorf("%s: %v; want %s; %d bytes allocated", name, err, c.code, used)
		}
	}
}

// manyTexts makes a workbook in which each row has two of as many long texts as there are rows.
func manyTexts(t testing.TB, rows int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "large.xlsx")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	parts := map[string]func(w io.Writer){
		"[Content_Types].xml": func(w io.Writer) { _, _ = io.WriteString(w, testTypes) }, "_rels/.rels": func(w io.Writer) { _, _ = io.WriteString(w, testRels) },
		"xl/workbook.xml": func(w io.Writer) { _, _ = io.WriteString(w, testBook) }, "xl/_rels/workbook.xml.rels": func(w io.Writer) { _, _ = io.WriteString(w, bookRels) },
		"xl/sharedStrings.xml": func(w io.Writer) {
			_, _ = io.WriteString(w, "<sst>")
			for i := range rows {
				_, _ = fmt.Fprintf(w, "<si><t>%d %s</t></si>", i, strings.Repeat("text ", 800))
			}
			_, _ = io.WriteString(w, "</sst>")
		},
		"xl/worksheets/sheet1.xml": func(w io.Writer) {
			_, _ = io.WriteString(w, "<worksheet><sheetData>")
			for i := range rows {
				_, _ = fmt.Fprintf(w, `<row><c t="s"><v>%d</v></c><c t="s"><v>%d</v></c></row>`, i, rows-1-i)
			}
			_, _ = io.WriteString(w, "</sheetData></worksheet>")
		},
	}
	for name, write := range parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		write(w)
	}
	if z.Close() != nil || f.Close() != nil {
		t.Fatal("cannot write")
	}
	return path
}

// Many different texts go to a temporary file, a large table out in a stream: memory stays flat. Not parallel: memory is
// counted.
func TestLargeXLSXInBoundedMemory(t *testing.T) {
	const rows = 6_000
	path := manyTexts(t, rows)
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	base := m.HeapAlloc
	s, err := OpenXLSX(path, "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	spill := s.texts.spill.Name()
	for i := range rows {
		row, err := s.Next()
		if err != nil || !strings.HasPrefix(row.Cells[0], fmt.Sprint(i, " text")) || !strings.HasPrefix(row.Cells[1], fmt.Sprint(rows-1-i, " text")) || len(row.Cells[1]) < 4000 {
			t.Fatalf("row %d: %.20q, %v", i, row.Cells, err)
		}
		if i == rows/2 {
			runtime.GC()
			runtime.ReadMemStats(&m)
			if m.HeapAlloc > base+8<<20 {
				t.Errorf("%d bytes in use", m.HeapAlloc-base)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(spill); !errors.Is(err, os.ErrNotExist) {
		t.Error("the temporary file is left behind", err)
	}
	used := allocated(func() {
		w := NewXLSXWriter(io.Discard, XLSXOptions{})
		cells := []string{"some text", "702212345678", "=1+1", "more text"}
		for range 200_000 / slowdown {
			_ = w.Write(cells)
		}
		_ = w.Close()
	})
	if used > 64<<20 {
		t.Errorf("writing allocated %d bytes", used)
	}
}
