package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// headSize is how much of a file DetectFile looks at first.
const headSize = 64 << 10

// Detect finds out what a file is from its first bytes (64 KiB are plenty) and its name. The content decides; a name that
// says something else is refused with CodeMismatch, as are files that are no tables. It does not see what comes after head:
// a file whose first accented letter is far down is better given to DetectFile.
func Detect(head []byte, name string) (Format, error) {
	if len(head) == 0 {
		return Format{}, errorf(CodeEmpty, 0, "the file is empty")
	}
	ext := strings.ToLower(filepath.Ext(name))
	spreadsheet := ext == ".xlsx" || ext == ".xlsm"
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		if slices.Contains([]string{".csv", ".tsv", ".tab", ".txt"}, ext) {
			return Format{}, errorf(CodeMismatch, 0, "the name ends in %s, but the file is a spreadsheet or another zip file", ext)
		}
		return Format{Kind: XLSX, HasHeader: true}, nil
	case isOLE(head):
		if bytes.Contains(head, encryptedPackage) {
			return Format{}, errEncrypted()
		}
		return Format{}, errorf(CodeOldExcel, 0, "this is an old Excel file (.xls) or one with a password: save it as .xlsx without one")
	case hasMagic(head):
		return Format{}, errorf(CodeBinary, 0, "this is neither CSV nor XLSX")
	case spreadsheet:
		return Format{}, errorf(CodeMismatch, 0, "the name ends in %s, but the file is not a spreadsheet", ext)
	}
	enc, err := detectEncoding(head)
	if err != nil {
		return Format{}, err
	}
	f := Format{Kind: CSV, Encoding: enc, Separator: ','}
	text := decodeHead(head, enc)
	trimmed := strings.ToLower(strings.TrimSpace(text[:min(len(text), 1000)]))
	for _, markup := range []string{"<!doctype", "<html", "<?xml", "<table", "<head"} {
		if strings.HasPrefix(trimmed, markup) {
			return Format{}, errorf(CodeMismatch, 0, "this is a web page or XML, not CSV")
		}
	}
	if trimmed == "" && strings.TrimSpace(text) == "" {
		return Format{}, errorf(CodeEmpty, 0, "the file has nothing but blanks")
	}
	if n := separatorLine([]byte(text)); n > 0 {
		f.Separator = rune(text[4])
	} else {
		f.Separator = detectSeparator(text)
	}
	f.HasHeader = looksLikeHeader(sampleRows(text, f.Separator, 20))
	return f, nil
}

// DetectFile is Detect on a stored file. It also looks through the rest of the file: one that begins like UTF-8 but is
// not is Windows-1252, unless it has good UTF-8 letters too; then reading names the line that is wrong.
func DetectFile(path, name string) (Format, error) {
	file, err := os.Open(path)
	if err != nil {
		return Format{}, fmt.Errorf("tabular: open: %w", err)
	}
	defer func() { _ = file.Close() }()
	head := make([]byte, headSize)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Format{}, fmt.Errorf("tabular: read: %w", err)
	}
	f, err := Detect(head[:n], name)
	if err != nil || f.Kind != CSV || f.Encoding != UTF8 || bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		return f, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return Format{}, fmt.Errorf("tabular: seek: %w", err)
	}
	good, err := onlyGoodUTF8(file)
	if err != nil {
		return Format{}, fmt.Errorf("tabular: read: %w", err)
	}
	if !good {
		f.Encoding = Windows1252
	}
	return f, nil
}

// onlyGoodUTF8 is false when the first byte that is not ASCII is not UTF-8 either.
func onlyGoodUTF8(r io.Reader) (bool, error) {
	d := decoder{src: r, enc: UTF8}
	var buf []byte
	for {
		var err error
		buf, err = d.more(buf[:0])
		for _, c := range buf {
			if c >= utf8.RuneSelf {
				return true, nil
			}
		}
		var e *Error
		switch {
		case errors.Is(err, io.EOF):
			return true, nil
		case errors.As(err, &e):
			return e.Code != CodeEncoding, nil
		case err != nil:
			return false, err
		}
	}
}

func isOLE(b []byte) bool { return bytes.HasPrefix(b, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) }

// hasMagic knows the files people pick by mistake that might pass for text.
func hasMagic(b []byte) bool {
	for _, m := range []string{"%PDF", "\x89PNG", "GIF8", "\xff\xd8\xff", "\x1f\x8b", "7z\xbc\xaf", "Rar!", "BZh", "\xfd7zXZ", "\x28\xb5\x2f\xfd", "SQLite format 3", "\x7fELF", "{\\rtf"} {
		if bytes.HasPrefix(b, []byte(m)) {
			return true
		}
	}
	return false
}

func detectEncoding(head []byte) (Encoding, error) {
	for _, e := range []Encoding{UTF8, UTF16LE, UTF16BE} {
		if bytes.HasPrefix(head, []byte(byteOrderMark(e))) {
			return e, nil
		}
	}
	if zeros := bytes.Count(head, []byte{0}); zeros > 0 {
		// Plain text with some zero bytes reads as UTF-16 of signs that nobody writes.
		if _, plain := validUTF8(bytes.ReplaceAll(head, []byte{0}, nil)); plain && 8*zeros < len(head) {
			return "", errorf(CodeBinary, 0, "this is not a text file: it has zero bytes")
		}
		if e, ok := detect16(head); ok {
			return e, nil
		}
		return "", errorf(CodeBinary, 0, "this is not a text file: it has zero bytes")
	}
	control := 0
	for _, c := range head {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1a {
			control++
		}
	}
	if control*200 > len(head) {
		return "", errorf(CodeBinary, 0, "this is not a text file: it has control characters")
	}
	if _, ok := validUTF8(head); ok {
		return UTF8, nil
	}
	return Windows1252, nil
}

// detect16 tries UTF-16 without a byte order mark: read the right way round it is text with ASCII in it, without control
// characters and without characters that no one has.
func detect16(head []byte) (Encoding, bool) {
	best, bestShare := UTF16LE, -1.0
	for _, big := range []bool{false, true} {
		text, used, ok := decode16(nil, head[:len(head)&^1], big)
		if !ok || used < len(head)&^1-2 || len(text) == 0 {
			continue
		}
		ascii, bad, all := 0, 0, 0
		for _, r := range string(text) {
			all++
			switch {
			case r == '\n' || r == '\r' || r == '\t' || r >= ' ' && r < 0x7f:
				ascii++
			case !unicode.IsPrint(r) && !unicode.In(r, unicode.Zs, unicode.Cf):
				bad++
			}
		}
		share := float64(ascii) / float64(all)
		if bad == 0 && share >= 0.05 && share > bestShare {
			bestShare = share
			if best = UTF16LE; big {
				best = UTF16BE
			}
		}
	}
	return best, bestShare >= 0
}

// decodeHead gives the text of head up to where it breaks off or is wrong, without a byte order mark.
func decodeHead(head []byte, enc Encoding) string {
	d := decoder{src: bytes.NewReader(head), enc: enc}
	var text []byte
	for {
		var err error
		if text, err = d.more(text); err != nil {
			return string(text)
		}
	}
}

// sampleRows reads the first rows of text; the last one is left out when it may be cut off.
func sampleRows(text string, sep rune, most int) [][]string {
	r, err := OpenCSV(strings.NewReader(text), Options{Separator: sep})
	if err != nil {
		return nil
	}
	var rows [][]string
	for len(rows) < most {
		row, err := r.Next()
		if err != nil {
			break
		}
		cut := row.Offset == int64(len(text)) && !strings.HasSuffix(text, "\n") && !strings.HasSuffix(text, "\r")
		if cut && len(rows) > 0 && len(text) > headSize/4 {
			break
		}
		rows = append(rows, row.Cells)
	}
	return rows
}

// detectSeparator takes the separator that cuts most rows into the same number of cells, more than one. A comma that
// gives few more columns than another is taken for the decimal mark that it then is.
func detectSeparator(text string) rune {
	best, bestShare, bestColumns := ',', 0.0, 1
	for _, sep := range []rune{'\t', ';', '|', ','} {
		rows := sampleRows(text, sep, 200)
		if len(rows) == 0 {
			continue
		}
		counts := map[int]int{}
		for _, cells := range rows {
			counts[len(cells)]++
		}
		columns := 0
		for n, rows := range counts {
			if rows > counts[columns] || rows == counts[columns] && n > columns {
				columns = n
			}
		}
		if columns < 2 {
			continue
		}
		share := float64(counts[columns]) / float64(len(rows))
		if len(rows[0]) == columns {
			share += 0.5
		}
		better := share > bestShare+0.05
		if share > bestShare-0.05 && !better {
			better = columns > bestColumns && (sep != ',' || columns > 2*bestColumns)
		}
		if better {
			best, bestShare, bestColumns = sep, share, columns
		}
	}
	return best
}

// maxTitles is how many rows may stand above a table, such as its name and the day it was made.
const maxTitles = 10

// TitleRows guesses how many of the first rows stand above the table: they fill a cell or two where the rows below fill
// many, and then comes a row that names columns. 0 is the usual answer.
func TitleRows(rows [][]string) int {
	widest := 0
	for _, cells := range rows {
		widest = max(widest, filled(cells))
	}
	if widest < 3 {
		return 0
	}
	for n, cells := range rows[:min(len(rows), maxTitles+1)] {
		if 3*filled(cells) > widest {
			if n > 0 && looksLikeHeader(rows[n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

// filled is how many cells say something.
func filled(cells []string) int {
	n := 0
	for _, cell := range cells {
		if strings.TrimSpace(cell) != "" {
			n++
		}
	}
	return n
}

// looksLikeHeader guesses whether the first row names the columns: it has no value such as a number or an address, most
// of its cells say something, and none twice.
func looksLikeHeader(rows [][]string) bool {
	if len(rows) == 0 {
		return false
	}
	first := rows[0]
	for len(first) > 0 && strings.TrimSpace(first[len(first)-1]) == "" { // columns that a spreadsheet once had
		first = first[:len(first)-1]
	}
	seen := map[string]bool{}
	for column, cell := range first {
		name := strings.ToLower(strings.TrimSpace(cell))
		if name == "" {
			continue
		}
		if seen[name] || len(name) > 100 || looksLikeValue(name) || repeats(rows[1:], column, name) {
			return false
		}
		seen[name] = true
	}
	return len(seen) > 0 && 2*len(seen) >= len(first)
}

// repeats tells whether the column has the same text again further down.
func repeats(rows [][]string, column int, name string) bool {
	for _, cells := range rows {
		if column < len(cells) && strings.EqualFold(strings.TrimSpace(cells[column]), name) {
			return true
		}
	}
	return false
}

func looksLikeValue(s string) bool {
	if strings.Contains(s, "@") || strings.Contains(s, "://") {
		return true
	}
	digits := 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			digits++
		case !strings.ContainsRune("+-.,:/() %€$£", r):
			return false
		}
	}
	return digits > 0
}
