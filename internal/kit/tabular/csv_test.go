package tabular

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

const customers = "../../../testdata/customers/"

func readAll(t testing.TB, s Source) []Row {
	t.Helper()
	var rows []Row
	for {
		row, err := s.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatalf("after %d rows: %v", len(rows), err)
		}
		rows = append(rows, row)
	}
}

func cellsOf(rows []Row) [][]string {
	var out [][]string
	for _, r := range rows {
		out = append(out, r.Cells)
	}
	return out
}

func openText(t testing.TB, text string, o Options) *Reader {
	t.Helper()
	r, err := OpenCSV(strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The three systems' exports are found out and read whole, cell for cell as encoding/csv reads them.
func TestExportedFiles(t *testing.T) {
	t.Parallel()
	var expected map[string]struct{ Rows int }
	b, err := os.ReadFile(customers + "expected.json")
	if err != nil || json.Unmarshal(b, &expected) != nil {
		t.Fatal("expected.json", err)
	}
	decoders := map[string]func([]byte) ([]byte, error){
		"astpp-customers.csv":    func(b []byte) ([]byte, error) { return bytes.TrimPrefix(b, []byte("\ufeff")), nil },
		"magoware-customers.csv": charmap.Windows1252.NewDecoder().Bytes,
		"paragon-customers.tsv":  unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes,
	}
	for name, want := range map[string]Format{
		"astpp-customers.csv":    {CSV, UTF8, ',', true},
		"magoware-customers.csv": {CSV, Windows1252, ';', true},
		"paragon-customers.tsv":  {CSV, UTF16LE, '\t', true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := DetectFile(customers+name, name)
			if err != nil || f != want {
				t.Fatalf("%+v, %v; want %+v", f, err, want)
			}
			s, err := Open(customers+name, f, "", Options{})
			if err != nil {
				t.Fatal(err)
			}
			rows := readAll(t, s)
			if len(rows)-1 != expected[name].Rows {
				t.Errorf("%d rows, want %d", len(rows)-1, expected[name].Rows)
			}
			if done, total := s.Progress(); done != total || total == 0 {
				t.Errorf("progress %d of %d", done, total)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			raw, err := os.ReadFile(customers + name)
			if err != nil {
				t.Fatal(err)
			}
			text, err := decoders[name](raw)
			if err != nil {
				t.Fatal(err)
			}
			compareWithStandard(t, rows, string(text), f.Separator)
			for i := 0; i < len(rows); i += 97 {
				s, err := Open(customers+name, f, "", Options{ResumeAt: rows[i].End()})
				if err != nil {
					t.Fatal(err)
				}
				for j := i + 1; j < min(i+4, len(rows)); j++ {
					row, err := s.Next()
					if err != nil || row.Line != rows[j].Line || row.Offset != rows[j].Offset || !slices.Equal(row.Cells, rows[j].Cells) {
						t.Fatalf("resumed after row %d: %+v, %v; want %+v", i, row, err, rows[j])
					}
				}
				_ = s.Close()
			}
		})
	}
}

func compareWithStandard(t *testing.T, rows []Row, text string, sep rune) {
	t.Helper()
	std := csv.NewReader(strings.NewReader(text))
	std.Comma, std.FieldsPerRecord = sep, -1
	for i, row := range rows {
		want, err := std.Read()
		if err != nil {
			t.Fatal(err)
		}
		line, _ := std.FieldPos(0)
		if !slices.Equal(row.Cells, want) || row.Line != line {
			t.Fatalf("row %d: line %d %q; want line %d %q", i, row.Line, row.Cells, line, want)
		}
	}
	if _, err := std.Read(); !errors.Is(err, io.EOF) {
		t.Error("rows are missing")
	}
}

func TestCSVDialects(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want [][]string
	}{
		"line ends":             {"a,b\nc,d\r\ne,f\rg,h", [][]string{{"a", "b"}, {"c", "d"}, {"e", "f"}, {"g", "h"}}},
		"blank rows":            {"\n\r\n ,\t,\n,,\n\"\",\" \"\na,b\n\n\n", [][]string{{"a", "b"}}},
		"quoted line breaks":    {"\"a\r\nb\",c\n", [][]string{{"a\r\nb", "c"}}},
		"quoted separators":     {"\"a,b\",\"\"\"c\"\"\"\n", [][]string{{"a,b", `"c"`}}},
		"bare quote":            {"12\" pipe,5'\"\n", [][]string{{`12" pipe`, `5'"`}}},
		"text after quote":      {"\"12\" pipe,\"x\"y\"z,w\n", [][]string{{`12 pipe`, `xy"z`, "w"}}},
		"blank before quote":    {" \"a\",b\n", [][]string{{` "a"`, "b"}}},
		"ragged":                {"a\nb,c,d\ne,\n", [][]string{{"a"}, {"b", "c", "d"}, {"e", ""}}},
		"not trimmed":           {" a ,\tb\n", [][]string{{" a ", "\tb"}}},
		"byte order mark":       {"\ufeffa,b\n", [][]string{{"a", "b"}}},
		"mark and quote":        {"\ufeff\"a\",b\n", [][]string{{"a", "b"}}},
		"sep line":              {"sep=,\na,b\n", [][]string{{"a", "b"}}},
		"sep line, mark, CR LF": {"\ufeffSEP=,\r\na,b\n", [][]string{{"a", "b"}}},
		"not a sep line":        {"sep=,x\n", [][]string{{"sep=", "x"}}},
		"short":                 {"a", [][]string{{"a"}}},
		"empty":                 {"", nil},
		"only blank":            {" \n\n", nil},
		"empty quoted at end":   {"a,\"\"", [][]string{{"a", ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, r := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text)), iotest.DataErrReader(strings.NewReader(c.text))} {
				reader, err := OpenCSV(r, Options{})
				if err != nil {
					t.Fatal(err)
				}
				if got := cellsOf(readAll(t, reader)); !slices.EqualFunc(got, c.want, slices.Equal) {
					t.Errorf("%q; want %q", got, c.want)
				}
			}
		})
	}
}

func TestCSVLines(t *testing.T) {
	t.Parallel()
	rows := readAll(t, openText(t, "\n\"a\r\nb\rc\n\",1\r\n\n\nd\re\n", Options{}))
	var lines []int
	for _, r := range rows {
		lines = append(lines, r.Line, r.NextLine)
	}
	if !slices.Equal(lines, []int{2, 6, 8, 9, 9, 10}) {
		t.Errorf("lines %v", lines)
	}
}

func TestCSVRefuses(t *testing.T) {
	t.Parallel()
	small := Limits{CellBytes: 10, RecordBytes: 100, Columns: 5}
	for name, c := range map[string]struct {
		text string
		o    Options
		code string
		line int
		rows int
	}{
		"cell":              {"a\n12345678901\n", Options{Limits: small}, CodeCellTooLong, 2, 1},
		"record":            {"a\n" + strings.Repeat("123456789 ", 11) + "\n", Options{Limits: small}, CodeRecordTooLong, 2, 1},
		"columns":           {"a\n\n1,2,3,4,5\n1,2,3,4,5,6\n", Options{Limits: small}, CodeTooManyCols, 4, 2},
		"open quote":        {"a\n\"b\nc\n", Options{}, CodeOpenQuote, 2, 1},
		"open quote, long":  {"a\n\"" + strings.Repeat("b\n", 100), Options{Limits: small}, CodeRecordTooLong, 2, 1},
		"zero byte":         {"a\nb\nc\x00d\n", Options{}, CodeBinary, 3, 2},
		"not UTF-8":         {"a\n\nb\xff\n", Options{}, CodeEncoding, 3, 1},
		"not UTF-8, quoted": {"a\n\"\n\nb\xff\"\n", Options{}, CodeEncoding, 4, 1},
		"cut off UTF-8":     {"a\nb\xc3", Options{}, CodeEncoding, 2, 1},
		"odd UTF-16":        {"\xff\xfea\x00\n\x00b", Options{Encoding: UTF16LE}, CodeEncoding, 2, 1},
		"half a pair":       {"a\x00\n\x00\x00\xd8b\x00", Options{Encoding: UTF16LE}, CodeEncoding, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := openText(t, c.text, c.o)
			rows := 0
			var err error
			for err == nil {
				if _, err = r.Next(); err == nil {
					rows++
				}
			}
			var e *Error
			if !errors.As(err, &e) || e.Code != c.code || e.Line != c.line || rows != c.rows {
				t.Errorf("after %d rows: %#v; want after %d %s in line %d", rows, err, c.rows, c.code, c.line)
			}
			if _, again := r.Next(); !errors.Is(again, err) {
				t.Errorf("then %v", again)
			}
		})
	}
	for _, o := range []Options{
		{Encoding: "ebcdic"}, {Separator: '"'}, {Separator: '\n'}, {Separator: '→'}, {ResumeAt: Position{Offset: 4}},
		{ResumeAt: Position{Offset: -1, Line: 1}}, {ResumeAt: Position{Offset: 100, Line: 3}}, {Encoding: UTF16LE, ResumeAt: Position{Offset: 3, Line: 2}},
	} {
		for _, r := range []io.Reader{strings.NewReader("a,b\n"), iotest.OneByteReader(strings.NewReader("a,b\n"))} {
			var e *Error
			if _, err := OpenCSV(r, o); !errors.As(err, &e) {
				t.Errorf("%+v: %v", o, err)
			}
		}
	}
	broken := errors.New("disk")
	r, err := OpenCSV(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if row, err := r.Next(); err != nil || row.Cells[0] != "a" {
		t.Error(row, err)
	}
	if row, err := r.Next(); !errors.Is(err, broken) {
		t.Error("half a row is not a row:", row, err)
	}
}

// encode writes text in the encoding; what it has not becomes a question mark.
func encode(text string, e Encoding, mark bool) []byte {
	var out []byte
	if mark {
		out = append(out, byteOrderMark(e)...)
	}
	switch e {
	case UTF16LE, UTF16BE:
		for _, u := range utf16.Encode([]rune(text)) {
			if e == UTF16LE {
				out = binary.LittleEndian.AppendUint16(out, u)
			} else {
				out = binary.BigEndian.AppendUint16(out, u)
			}
		}
		return out
	case Windows1252:
		for _, r := range text {
			b, ok := charmap.Windows1252.EncodeRune(r)
			if !ok {
				b = '?'
			}
			out = append(out, b)
		}
		return out
	}
	return append(out, text...)
}

func cell() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringOfN(rapid.RuneFrom([]rune("ab \t\r\n\",;|'=+-@0.")), 0, 8, -1),
		rapid.StringMatching(`[a-zé€ÿ _-]{0,12}`),
		rapid.Map(rapid.StringN(0, 6, -1), func(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "?") }),
		rapid.SampledFrom([]string{"", "=1+1", "-5", "+4722995494", "'=x", "\ufeff", "sep=", "sep=;", "\"", "ﷺ𝄞"}),
	)
}

func tableOf(cells *rapid.Generator[string]) *rapid.Generator[[][]string] {
	return rapid.SliceOfN(rapid.SliceOfN(cells, 1, 5), 0, 8)
}

// What the writer writes, the reader reads, in each encoding and dialect; and from each row's end it goes on as if it
// had not stopped.
func TestCSVRoundTripAndResume(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		table := tableOf(cell()).Draw(t, "table")
		o := CSVOptions{Separator: rapid.SampledFrom([]rune{',', ';', '\t', '|'}).Draw(t, "separator"), CRLF: rapid.Bool().Draw(t, "crlf")}
		enc := rapid.SampledFrom(Encodings()).Draw(t, "encoding")
		mark := rapid.Bool().Draw(t, "mark")
		var text bytes.Buffer
		w := NewCSVWriter(&text, o)
		var want [][]string
		for _, cells := range table {
			if err := w.Write(cells); err != nil {
				t.Fatal(err)
			}
			var kept []string
			for _, c := range cells {
				if enc == Windows1252 {
					c = strings.Map(func(r rune) rune {
						if _, ok := charmap.Windows1252.EncodeRune(r); !ok {
							return '?'
						}
						return r
					}, c)
				}
				kept = append(kept, c)
			}
			if !allBlank(kept) {
				want = append(want, kept)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		file := encode(text.String(), enc, mark)
		open := func(at Position, from io.Reader) *Reader {
			r, err := OpenCSV(from, Options{Encoding: enc, Separator: o.Separator, ResumeAt: at})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		rows := readAllRapid(t, open(Position{}, bytes.NewReader(file)))
		compareNeutralised(t, rows, want, enc)
		for i, row := range rows {
			rest := readAllRapid(t, open(row.End(), iotest.HalfReader(bytes.NewReader(file))))
			if len(rest) != len(rows)-i-1 {
				t.Fatalf("after row %d: %d rows, want %d", i, len(rest), len(rows)-i-1)
			}
			for j, r := range rest {
				if again := rows[i+1+j]; r.Line != again.Line || r.Offset != again.Offset || !slices.Equal(r.Cells, again.Cells) {
					t.Fatalf("after row %d: %+v, want %+v", i, r, again)
				}
			}
		}
	})
}

func readAllRapid(t *rapid.T, r *Reader) []Row {
	var rows []Row
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

// compareNeutralised compares what was read with what was written; where an encoding has no full-width signs, a cell that
// begins with one has lost what made it dangerous, but not the apostrophe.
func compareNeutralised(t *rapid.T, rows []Row, want [][]string, enc Encoding) {
	if len(rows) != len(want) {
		t.Fatalf("%d rows, want %d", len(rows), len(want))
	}
	for i, row := range rows {
		for j, c := range row.Cells {
			got := Restore(c)
			if got != want[i][j] && !(enc == Windows1252 && strings.Contains(want[i][j], "?")) {
				t.Fatalf("row %d, cell %d: %q -> %q, want %q", i, j, c, got, want[i][j])
			}
		}
		if len(row.Cells) != len(want[i]) {
			t.Fatalf("row %d: %q, want %q", i, row.Cells, want[i])
		}
	}
}

// endless gives the same bytes again and again, without an end.
type endless struct {
	text string
	n    int64
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], e.text[int(e.n+int64(n))%len(e.text):])
	}
	e.n += int64(n)
	return n, nil
}

// allocated tells how many bytes f allocates, freed or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Files without an end are refused after a bounded read, in bounded memory. Not parallel: memory is counted.
func TestEndlessInputIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ first, text, code string }{
		"line":    {"", "abcdefgh", CodeRecordTooLong},
		"quote":   {`"`, "abc\n", CodeRecordTooLong},
		"quotes":  {"", `"`, CodeRecordTooLong},
		"columns": {"", ",", CodeTooManyCols},
		"marks":   {"", "\ufeff", CodeRecordTooLong},
	} {
		for _, enc := range []Encoding{UTF8, Windows1252} {
			source := &endless{text: c.text}
			used := allocated(func() {
				r, err := OpenCSV(io.MultiReader(strings.NewReader(c.first), source), Options{Encoding: enc})
				if err != nil {
					t.Fatal(err)
				}
				_, err = r.Next()
				var e *Error
				if !errors.As(err, &e) || e.Code != c.code || e.Line != 1 {
					t.Errorf("%s: %v; want %s", name, err, c.code)
				}
			})
			if used > 12<<20 || source.n > 3<<20 {
				t.Errorf("%s: %d bytes allocated, %d read", name, used, source.n)
			}
		}
	}
}

// A large file takes no more memory at a time than a small one.
func TestLongFileInBoundedMemory(t *testing.T) {
	source := io.LimitReader(&endless{text: "some,cells,\"in a\nquote\",of a row\r\n\r\n"}, 64<<20/slowdown)
	r, err := OpenCSV(source, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, most := 0, uint64(0)
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	base := m.HeapAlloc
	for {
		if _, err := r.Next(); err != nil {
			break
		}
		if rows++; rows%(200_000/slowdown) == 0 {
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	}
	if rows < 1_500_000/slowdown || most > base+4<<20 {
		t.Errorf("%d rows, %d bytes in use over %d", rows, most, base)
	}
}

func TestWriterErrorsStay(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	for name, w := range map[string]Writer{
		"csv":  NewCSVWriter(failing{full}, CSVOptions{}),
		"xlsx": NewXLSXWriter(failing{full}, XLSXOptions{}),
	} {
		long := strings.Repeat("abcdefgh", 1000)
		for range 100 {
			_ = w.Write([]string{long, filepath.Base(name)})
		}
		if err := w.Close(); !errors.Is(err, full) {
			t.Errorf("%s: %v", name, err)
		}
		if err := w.Write([]string{"x"}); !errors.Is(err, full) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
