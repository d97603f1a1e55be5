package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDetect(t *testing.T) {
	t.Parallel()
	people := "Name;City\nØyvind Løvås;Oslo\nZoë;Köln\n"
	for name, c := range map[string]struct {
		head []byte
		want Format
	}{
		"comma":                   {[]byte("name,city\na,b\n"), Format{CSV, UTF8, ',', true}},
		"semicolon":               {[]byte(people), Format{CSV, UTF8, ';', true}},
		"tab":                     {[]byte("name\tcity\na, b\tc\n"), Format{CSV, UTF8, '\t', true}},
		"pipe":                    {[]byte("name|city\na, b|c\n"), Format{CSV, UTF8, '|', true}},
		"one column":              {[]byte("name\na\nb\n"), Format{CSV, UTF8, ',', true}},
		"blank lines first":       {[]byte("\n\r\n  \nname;city\na;b\n"), Format{CSV, UTF8, ';', true}},
		"decimal commas":          {[]byte("1,5;2,5;3,5\n1,5;2,5;3,5\n"), Format{CSV, UTF8, ';', false}},
		"decimal commas, header":  {[]byte("a;b\n1,5;2,5\n1,5;2,5\n"), Format{CSV, UTF8, ';', true}},
		"commas in text":          {[]byte("a;b\n\"x, y\";z\nx, y;z\nx;y\n"), Format{CSV, UTF8, ';', true}},
		"separators in quotes":    {[]byte("a,b\n\"1;2;3;4\",x\n\"1;2;3;4\",y\n"), Format{CSV, UTF8, ',', true}},
		"no header, numbers":      {[]byte("Anna,22995494\nBen,22995495\n"), Format{CSV, UTF8, ',', false}},
		"no header, e-mail":       {[]byte("Anna,anna@example.org\n"), Format{CSV, UTF8, ',', false}},
		"no header, repeats":      {[]byte("Anna,Oslo\nBen,Oslo\n"), Format{CSV, UTF8, ',', false}},
		"blank header cells last": {[]byte("name,city,,,,\na,b,,,,\n"), Format{CSV, UTF8, ',', true}},
		"sep line":                {[]byte("sep=;\r\nname,x;city\r\n"), Format{CSV, UTF8, ';', true}},
		"mark":                    {[]byte("\ufeffname,city\n"), Format{CSV, UTF8, ',', true}},
		"Windows-1252":            {encode(people, Windows1252, false), Format{CSV, Windows1252, ';', true}},
		"UTF-16 LE":               {encode(people, UTF16LE, true), Format{CSV, UTF16LE, ';', true}},
		"UTF-16 BE":               {encode(people, UTF16BE, true), Format{CSV, UTF16BE, ';', true}},
		"UTF-16 LE, no mark":      {encode(people, UTF16LE, false), Format{CSV, UTF16LE, ';', true}},
		"UTF-16 BE, no mark":      {encode(people, UTF16BE, false), Format{CSV, UTF16BE, ';', true}},
		"UTF-16 LE, Greek":        {encode("όνομα;πόλη\nΣοφία;Αθήνα\n", UTF16LE, false), Format{CSV, UTF16LE, ';', true}},
		"UTF-16 BE, Japanese":     {encode("名前,都市\n花子,東京\n", UTF16BE, false), Format{CSV, UTF16BE, ',', true}},
		"UTF-8 cut in a letter":   {[]byte("name,city\na,\xc3"), Format{CSV, UTF8, ',', true}},
		"xlsx":                    {[]byte("PK\x03\x04....."), Format{Kind: XLSX, HasHeader: true}},
		"a letter that is a name": {[]byte("x"), Format{CSV, UTF8, ',', true}},
	} {
		got, err := Detect(c.head, "")
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
	}
}

func TestDetectRefuses(t *testing.T) {
	t.Parallel()
	ole := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)
	for _, c := range []struct{ head, name, code string }{
		{"", "a.csv", CodeEmpty},
		{" \n\r\n\t", "a.csv", CodeEmpty},
		{"\ufeff", "a.csv", CodeEmpty},
		{"PK\x03\x04", "a.csv", CodeMismatch},
		{"PK\x03\x04", "A.TSV", CodeMismatch},
		{"a,b\n", "a.xlsx", CodeMismatch},
		{"<html><table><tr><td>", "a.xls", CodeMismatch},
		{"\ufeff \n<?xml version='1.0'?>", "a.csv", CodeMismatch},
		{ole, "a.xls", CodeOldExcel},
		{ole, "a.xlsx", CodeOldExcel},
		{ole + string(encryptedPackage), "a.xlsx", CodeEncrypted},
		{"%PDF-1.7 ...", "a.csv", CodeBinary},
		{"\x89PNG\r\n", "a.csv", CodeBinary},
		{"a,b\n\x00\x01\x02", "a.csv", CodeBinary},
		{"a\x01\x02b", "a.csv", CodeBinary},
		{"Name,City\nAn\x00na,Oslo\nBo,Os\x00lo\n", "a.csv", CodeBinary},
		{strings.Repeat("\x00", 100), "a.csv", CodeBinary},
		{strings.Repeat("\x00a\x00\x00", 100), "a.csv", CodeBinary},
	} {
		_, err := Detect([]byte(c.head), c.name)
		var e *Error
		if !errors.As(err, &e) || e.Code != c.code || e.Message == "" {
			t.Errorf("Detect(%.20q, %s): %v; want %s", c.head, c.name, err, c.code)
		}
	}
}

// A letter that is far from the beginning still tells the encoding.
func TestDetectFileReadsOn(t *testing.T) {
	t.Parallel()
	filler := strings.Repeat("name,city\n", 20_000)
	for text, want := range map[string]Encoding{
		filler + "Zo\xeb,K\xf6ln\n": Windows1252,
		filler + "Zoë,Köln\n":       UTF8,
		filler:                      UTF8,
		filler + "Zoë,K\xf6ln\n":    UTF8, // reading then names the line
		filler + "K\xc3":            Windows1252,
	} {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := DetectFile(path, "x.csv")
		if err != nil || f.Encoding != want {
			t.Errorf("...%q: %+v, %v; want %s", text[len(text)-12:], f, err, want)
		}
	}
	if _, err := DetectFile(filepath.Join(t.TempDir(), "none"), "none.csv"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestNeutralise(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "a": "a", "'": "'", "'a": "'a", " ": " ", "\t": "\t", "Anna-Lena": "Anna-Lena", "a=b": "a=b",
		"=1+1": "'=1+1", "@SUM(1)": "'@SUM(1)", "+cmd": "'+cmd", "-2+3": "'-2+3", "  =x": "'  =x", "\t=x": "'\t=x", "\ta": "'\ta", "\ra": "'\ra", "\na": "'\na",
		"＝x": "'＝x", "＋x": "'＋x", "－x": "'－x", "＠x": "'＠x", "\u00a0=x": "'\u00a0=x", "\u3000＝x": "'\u3000＝x", "\u200b=x": "'\u200b=x", "\ufeff=x": "'\ufeff=x", "\x01=x": "'\x01=x",
		"+4722995494": "+4722995494", "-5": "-5", "-12.50": "-12.50", "-1,234.50": "-1,234.50", "+1": "+1", "-": "'-", "+": "'+", "-.": "'-.", "-5-5": "'-5-5", "-5..5": "'-5..5", " -5": "' -5",
		"-5 ": "'-5 ", "+47 22": "'+47 22", "−5": "'−5", "'=x": "''=x", "''=x": "'''=x", "'-5": "'-5", "' =x": "'' =x", "=": "'=", "-5e3": "'-5e3",
	} {
		if got := Neutralise(in); got != want {
			t.Errorf("Neutralise(%q) = %q, want %q", in, got, want)
		}
		if back := Restore(want); back != in {
			t.Errorf("Restore(%q) = %q, want %q", want, back, in)
		}
	}
}

func FuzzNeutralise(f *testing.F) {
	for _, s := range []string{"=1", "'=1", "' =", "-5", "\t", "\xff=", "'\ufeff'="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := Neutralise(s)
		if Restore(n) != s {
			t.Fatalf("%q -> %q -> %q", s, n, Restore(n))
		}
		if n != "" && strings.ContainsAny(n[:1], "=@\t\r\n") && !allBlank([]string{n}) {
			t.Fatalf("%q -> %q", s, n)
		}
	})
}

func FuzzDetect(f *testing.F) {
	f.Add([]byte("a;b\n1;2\n"), "x.csv")
	f.Add(encode("a\tb\n", UTF16BE, false), "")
	f.Add([]byte("PK\x03\x04"), "x.xlsx")
	f.Fuzz(func(t *testing.T, head []byte, name string) {
		format, err := Detect(head, name)
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Fatal(err)
		}
		if err != nil || format.Kind != CSV {
			return
		}
		if _, err := OpenCSV(bytes.NewReader(head), Options{Encoding: format.Encoding, Separator: format.Separator}); err != nil {
			t.Fatalf("%+v cannot be opened: %v", format, err)
		}
	})
}

// FuzzCSV: any bytes read in any way end, with rows that are in order, or an *Error; and from each row's end it goes on.
func FuzzCSV(f *testing.F) {
	f.Add([]byte("a,\"b\n\"\"c\"\r\nd\re,,\n"), uint8(0), uint8(0))
	f.Add(encode("sep=;\na;b\n", UTF16LE, true), uint8(2), uint8(1))
	f.Fuzz(func(t *testing.T, file []byte, e, s uint8) {
		o := Options{
			Encoding: Encodings()[int(e)%4], Separator: []rune{',', ';', '\t', '|'}[s%4],
			Limits: Limits{CellBytes: 200, RecordBytes: 1000, Columns: 50},
		}
		rows, end := drain(t, file, o)
		for i, row := range rows {
			if row.NextLine < row.Line || i > 0 && (row.Line < rows[i-1].NextLine || row.Offset <= rows[i-1].Offset) || row.Offset > int64(len(file)) {
				t.Fatalf("row %d: %+v", i, row)
			}
		}
		if len(rows) == 0 {
			return
		}
		middle := len(rows) / 2
		o.ResumeAt = rows[middle].End()
		rest, again := drain(t, file, o)
		if fmt.Sprint(again) != fmt.Sprint(end) || fmt.Sprintf("%+v", rest) != fmt.Sprintf("%+v", rows[middle+1:]) {
			t.Fatalf("resumed: %+v, %v; want %+v, %v", rest, again, rows[middle+1:], end)
		}
	})
}

func drain(t *testing.T, file []byte, o Options) (rows []Row, end error) {
	t.Helper()
	r, err := OpenCSV(bytes.NewReader(file), o)
	if err != nil {
		t.Fatal(err)
	}
	for {
		row, err := r.Next()
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
}

func TestTitleRows(t *testing.T) {
	t.Parallel()
	header, row := []string{"No", "Name", "E-mail", "City"}, []string{"1", "Ann", "ann@example.com", "Oslo"}
	for name, c := range map[string]struct {
		rows [][]string
		want int
	}{
		"none":                    {[][]string{header, row, row}, 0},
		"a title":                 {[][]string{{"Customers of 2026", "", "", ""}, header, row}, 1},
		"a title and a date":      {[][]string{{"Customers"}, {"Printed", "", ""}, header, row}, 2},
		"nothing":                 {nil, 0},
		"two columns":             {[][]string{{"Ann"}, {"Name", "E-mail"}, {"Bo", "bo@example.com"}}, 0},
		"a sparse row, no header": {[][]string{{"7", "", "", ""}, row, {"2", "Bo", "bo@example.com", "Rome"}}, 0},
		"only titles":             {[][]string{{"a"}, {"b"}, {"c"}}, 0},
	} {
		if got := TitleRows(c.rows); got != c.want {
			t.Errorf("%s: %d rows, want %d", name, got, c.want)
		}
	}
}
