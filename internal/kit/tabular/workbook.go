package tabular

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"
)

// encryptedPackage is the name, in UTF-16, of the stream in which an XLSX with a password lies.
var encryptedPackage = []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")

func errEncrypted() *Error {
	return errorf(CodeEncrypted, 0, "the file is protected by a password: save it without one")
}

// workbook is an open XLSX whose zip directory passed the limits.
type workbook struct {
	file     *os.File
	lim      Limits
	parts    map[string]*zip.File // by path in small letters
	sheets   []sheetEntry
	strings  string // path of the shared strings, "" when there are none
	styles   string
	date1904 bool
}

type sheetEntry struct {
	name, path string
	hidden     bool
}

const (
	smallPart    = 16 << 20  // most that a part other than sheets and strings may inflate to
	maxDirectory = 16 << 20  // most bytes of the zip directory
	maxRow       = 1_048_576 // rows and columns of a sheet, by the format
	maxColumn    = 16_384
)

// directoryReader lets the zip directory be read only up to a number of bytes: it says itself how many entries it has.
type directoryReader struct {
	io.ReaderAt
	left int64
}

var errDirectory = errors.New("zip directory too large")

func (d *directoryReader) ReadAt(p []byte, off int64) (int, error) {
	if d.left -= int64(len(p)); d.left < 0 {
		return 0, errDirectory
	}
	return d.ReaderAt.ReadAt(p, off)
}

func openWorkbook(name string, l Limits) (*workbook, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("tabular: open: %w", err)
	}
	w := &workbook{file: file, lim: l.withDefaults(), parts: map[string]*zip.File{}}
	if err := w.open(); err != nil {
		_ = file.Close()
		return nil, err
	}
	return w, nil
}

func (w *workbook) open() error {
	st, err := w.file.Stat()
	if err != nil {
		return fmt.Errorf("tabular: open: %w", err)
	}
	if err := w.checkKind(st.Size()); err != nil {
		return err
	}
	directory := &directoryReader{ReaderAt: w.file, left: maxDirectory}
	z, err := zip.NewReader(directory, st.Size())
	switch {
	case errors.Is(err, errDirectory):
		return errorf(CodeZipBomb, 0, "the spreadsheet has too many parts")
	case err != nil:
		return errorf(CodeBroken, 0, "the spreadsheet is damaged or cut off: %v", err)
	}
	directory.left = 1<<63 - 1
	if err := w.checkParts(z.File); err != nil {
		return err
	}
	return w.readStructure()
}

func (w *workbook) checkKind(size int64) error {
	if size == 0 {
		return errorf(CodeEmpty, 0, "the file is empty")
	}
	head := make([]byte, 8)
	if _, err := w.file.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("tabular: read: %w", err)
	}
	if !isOLE(head) {
		if !bytes.HasPrefix(head, []byte("PK")) {
			return errorf(CodeMismatch, 0, "the file is not a spreadsheet")
		}
		return nil
	}
	encrypted, err := contains(io.NewSectionReader(w.file, 0, size), encryptedPackage)
	switch {
	case err != nil:
		return fmt.Errorf("tabular: read: %w", err)
	case encrypted:
		return errEncrypted()
	}
	return errorf(CodeOldExcel, 0, "this is an old Excel file (.xls): save it as .xlsx")
}

// contains looks for a piece of bytes in a stream.
func contains(r io.Reader, piece []byte) (bool, error) {
	buf := make([]byte, 0, chunk+len(piece))
	for {
		n, err := r.Read(buf[len(buf) : len(buf)+chunk])
		buf = buf[:len(buf)+n]
		if bytes.Contains(buf, piece) {
			return true, nil
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return false, err
		}
		keep := min(len(buf), len(piece)-1)
		buf = buf[:copy(buf, buf[len(buf)-keep:])]
	}
}

// checkParts looks at the directory before anything is inflated.
func (w *workbook) checkParts(files []*zip.File) error {
	if len(files) > w.lim.ZipEntries {
		return errorf(CodeZipBomb, 0, "the spreadsheet has more than %d parts", w.lim.ZipEntries)
	}
	left := w.lim.InflatedBytes
	for _, f := range files {
		switch {
		case f.Flags&1 != 0:
			return errEncrypted()
		case f.UncompressedSize64 > uint64(left):
			return errorf(CodeZipBomb, 0, "the spreadsheet inflates to more than %d bytes", w.lim.InflatedBytes)
		case f.UncompressedSize64 > 1<<20 && f.UncompressedSize64/uint64(w.lim.ZipRatio) > f.CompressedSize64:
			return errorf(CodeZipBomb, 0, "a part of the spreadsheet inflates to more than %d times its size", w.lim.ZipRatio)
		}
		left -= int64(f.UncompressedSize64)
		key := partKey(f.Name)
		if w.parts[key] != nil {
			return errorf(CodeBroken, 0, "the spreadsheet is damaged: it has a part twice")
		}
		w.parts[key] = f
	}
	return nil
}

func partKey(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// part opens a part. Reading gives CodeZipBomb where it inflates to more than its directory entry says, and CodeBroken
// where it is damaged.
func (w *workbook) part(name string) (*partReader, error) {
	f := w.parts[partKey(name)]
	if f == nil {
		return nil, errorf(CodeBroken, 0, "the spreadsheet is damaged: the part %.100q is missing", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, errorf(CodeBroken, 0, "the spreadsheet is damaged: %v", err)
	}
	return &partReader{r: r, left: int64(f.UncompressedSize64), size: int64(f.UncompressedSize64)}, nil
}

type partReader struct {
	r          io.ReadCloser
	left, size int64
}

func (p *partReader) Read(b []byte) (int, error) {
	if p.left < int64(len(b)) {
		b = b[:p.left+1] // one more, to see the end or that there is none
	}
	n, err := p.r.Read(b)
	if p.left -= int64(n); p.left < 0 {
		return 0, errorf(CodeZipBomb, 0, "a part of the spreadsheet inflates to more than it says")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = errorf(CodeBroken, 0, "the spreadsheet is damaged or cut off: %v", err)
	}
	return n, err
}

func (p *partReader) Close() error { return p.r.Close() }

// walk calls visit for each start tag of a small part. visit may read on.
func (w *workbook) walk(name string, visit func(x *xmlReader) error) error {
	p, err := w.part(name)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	if p.size > smallPart {
		return errorf(CodeZipBomb, 0, "the part %.100q of the spreadsheet is too large", name)
	}
	x := newXMLReader(p, 1<<20)
	for {
		kind, err := x.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && kind == xmlStart {
			err = visit(x)
		}
		if err != nil {
			return xmlError(err, 0)
		}
	}
}

// xmlError gives an error of the XML reader its code and row.
func xmlError(err error, row int) error {
	if errors.Is(err, errText) {
		return errorf(CodeCellTooLong, row, "a cell is too long")
	}
	var e *Error
	if errors.As(err, &e) && e.Line == 0 {
		return &Error{Code: e.Code, Message: e.Message, Line: row}
	}
	return err
}

// readStructure finds the sheets and the parts that go with them.
func (w *workbook) readStructure() error {
	main, err := w.mainPart()
	if err != nil {
		return err
	}
	base := path.Dir(main)
	targets := map[string]string{} // relationship -> part
	sheetType := map[string]bool{}
	err = w.walk(path.Join(base, "_rels", path.Base(main)+".rels"), func(x *xmlReader) error {
		if string(x.name) != "Relationship" || strings.EqualFold(x.attr("TargetMode"), "External") {
			return nil
		}
		target := x.attr("Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(base, target)
		}
		id := x.attr("Id")
		targets[id] = target
		switch path.Base(x.attr("Type")) {
		case "worksheet":
			sheetType[id] = true
		case "sharedStrings":
			w.strings = target
		case "styles":
			w.styles = target
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = w.walk(main, func(x *xmlReader) error {
		switch string(x.name) {
		case "workbookPr":
			w.date1904 = isTrue(x.attr("date1904"))
		case "sheet":
			id := x.attr("id")
			if sheetType[id] && w.parts[partKey(targets[id])] != nil {
				w.sheets = append(w.sheets, sheetEntry{x.attr("name"), targets[id], strings.Contains(strings.ToLower(x.attr("state")), "hidden")})
			}
		}
		return nil
	})
	if err == nil && len(w.sheets) == 0 {
		err = errorf(CodeBroken, 0, "the spreadsheet has no sheets")
	}
	return err
}

func isTrue(s string) bool { return s == "1" || s == "true" || s == "on" }

func (w *workbook) mainPart() (string, error) {
	if w.parts["_rels/.rels"] == nil || w.parts["[content_types].xml"] == nil {
		return "", errorf(CodeMismatch, 0, "this zip file is not a spreadsheet")
	}
	main := ""
	err := w.walk("_rels/.rels", func(x *xmlReader) error {
		if string(x.name) == "Relationship" && path.Base(x.attr("Type")) == "officeDocument" {
			main = strings.TrimPrefix(x.attr("Target"), "/")
		}
		return nil
	})
	switch {
	case err != nil:
		return "", err
	case strings.HasSuffix(strings.ToLower(main), ".bin"):
		return "", errorf(CodeMismatch, 0, "this is a binary workbook (.xlsb): save it as .xlsx")
	case main == "" || !strings.HasPrefix(partKey(main), "xl/") && !strings.Contains(strings.ToLower(path.Base(main)), "workbook"):
		return "", errorf(CodeMismatch, 0, "this is an office document, but not a spreadsheet")
	}
	return main, nil
}

func (w *workbook) close() error {
	if err := w.file.Close(); err != nil {
		return fmt.Errorf("tabular: close: %w", err)
	}
	return nil
}

// SheetNames lists the worksheets of a workbook, those that are shown first. Errors are those of OpenXLSX.
func SheetNames(name string, l Limits) ([]string, error) {
	w, err := openWorkbook(name, l)
	if err != nil {
		return nil, err
	}
	var shown, hidden []string
	for _, s := range w.sheets {
		if s.hidden {
			hidden = append(hidden, s.name)
		} else {
			shown = append(shown, s.name)
		}
	}
	return append(shown, hidden...), w.close()
}

// find gives the sheet of that name, letter case ignored as spreadsheets do; "" is the first that is shown.
func (w *workbook) find(name string) (sheetEntry, error) {
	for _, s := range w.sheets {
		if name == "" && !s.hidden || name != "" && strings.EqualFold(s.name, name) {
			return s, nil
		}
	}
	if name == "" {
		return w.sheets[0], nil
	}
	return sheetEntry{}, errorf(CodeNoSheet, 0, "the workbook has no sheet %s", strconv.Quote(name))
}
