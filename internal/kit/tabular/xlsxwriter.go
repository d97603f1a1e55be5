package tabular

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// XLSXOptions say how to write a workbook.
type XLSXOptions struct {
	SheetName string       // default "Sheet1"; more sheets are called "... (2)", "... (3)"
	Header    bool         // the first row is a header: bold, kept in view, repeated on each sheet
	Numbers   map[int]bool // columns (from 0) whose plain numbers of up to 15 digits are numbers; all else is text
}

const maxCellText = 32_767 // UTF-16 units, by the format

// XLSXWriter writes a workbook, see Writer. Rows go out as they come, nothing is held but what compression needs. Text is
// written as text, which no spreadsheet runs as a formula, also not after editing; it needs no Neutralise. After
// 1,048,576 rows it goes on in another sheet.
type XLSXWriter struct {
	zip     *zip.Writer
	out     *bufio.Writer
	o       XLSXOptions
	header  []string
	sheets  int
	row     int
	columns []string // names of columns, made when first used
	maxRows int
	err     error
}

// NewXLSXWriter writes to w.
func NewXLSXWriter(w io.Writer, o XLSXOptions) *XLSXWriter {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	o.SheetName = sheetName(o.SheetName)
	return &XLSXWriter{zip: z, o: o, out: bufio.NewWriterSize(nil, chunk), maxRows: maxRow}
}

// sheetName makes a name that spreadsheets take: without their special characters, short enough to be numbered.
func sheetName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`[]:*?/\'`, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if runes := []rune(s); len(runes) > 24 {
		s = string(runes[:24])
	}
	if s = strings.TrimSpace(s); s == "" {
		s = "Sheet1"
	}
	return s
}

// Write writes a row. A cell or row that the format cannot hold is an *Error, and after any error it gives the same again.
func (x *XLSXWriter) Write(cells []string) error {
	if x.err != nil {
		return x.err
	}
	if len(cells) > maxColumn {
		x.err = errorf(CodeTooManyCols, x.row+1, "a sheet has at most %d columns", maxColumn)
		return x.err
	}
	if x.sheets == 0 || x.row == x.maxRows {
		x.nextSheet()
		if x.header != nil {
			x.writeRow(x.header, true)
		}
	}
	header := x.o.Header && x.header == nil
	if header {
		x.header = append([]string{}, cells...)
	}
	x.writeRow(cells, header)
	return x.err
}

func (x *XLSXWriter) nextSheet() {
	x.endSheet()
	x.sheets++
	x.row = 0
	x.begin("xl/worksheets/sheet" + strconv.Itoa(x.sheets) + ".xml")
	x.text(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`)
	if x.o.Header {
		x.text(`<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`)
	}
	x.text(`<sheetData>`)
}

func (x *XLSXWriter) endSheet() {
	if x.sheets > 0 {
		x.text(`</sheetData></worksheet>`)
		x.end()
	}
}

func (x *XLSXWriter) begin(name string) {
	if x.err != nil {
		return
	}
	w, err := x.zip.Create(name)
	if err != nil {
		x.err = fmt.Errorf("tabular: write: %w", err)
		return
	}
	x.out.Reset(w)
	x.text(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n")
}

func (x *XLSXWriter) end() {
	if x.err == nil {
		if err := x.out.Flush(); err != nil {
			x.err = fmt.Errorf("tabular: write: %w", err)
		}
	}
}

func (x *XLSXWriter) text(s string) {
	if x.err == nil {
		if _, err := x.out.WriteString(s); err != nil {
			x.err = fmt.Errorf("tabular: write: %w", err)
		}
	}
}

// Styles of cells, as writeStyles lists them.
const (
	xfHeader = ` s="1"`
	xfText   = ` s="2"` // text also when somebody edits it
)

func (x *XLSXWriter) writeRow(cells []string, header bool) {
	x.row++
	number := strconv.Itoa(x.row)
	x.text(`<row r="` + number + `">`)
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		x.text(`<c r="` + x.column(i) + number + `"`)
		switch {
		case x.o.Numbers[i] && !header && isPlainNumber(cell):
			x.text(`><v>` + cell + `</v></c>`)
			continue
		case header:
			x.text(xfHeader)
		case runs(cell):
			x.text(xfText)
		}
		x.text(` t="inlineStr"><is><t xml:space="preserve">`)
		x.cell(cell)
		x.text(`</t></is></c>`)
	}
	x.text(`</row>`)
}

func (x *XLSXWriter) column(i int) string {
	for len(x.columns) <= i {
		name := ""
		for n := len(x.columns) + 1; n > 0; n = (n - 1) / 26 {
			name = string(rune('A'+(n-1)%26)) + name
		}
		x.columns = append(x.columns, name)
	}
	return x.columns[i]
}

// isPlainNumber: digits that come back as the same text, with at most one point, no zeros in front, few enough to be exact.
func isPlainNumber(s string) bool {
	body := strings.TrimPrefix(s, "-")
	whole, frac, point := strings.Cut(body, ".")
	return isDigits(whole) && (whole == "0" || whole[0] != '0') && (!point || isDigits(frac)) && len(whole)+len(frac) <= 15
}

// cell writes text escaped for XML. Characters that XML cannot have are written as spreadsheets write them, _x000D_.
func (x *XLSXWriter) cell(s string) {
	units, from := 0, 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		units++
		if r >= 0x10000 {
			units++
		}
		escaped := ""
		switch {
		case r == '&':
			escaped = "&amp;"
		case r == '<':
			escaped = "&lt;"
		case r == '>':
			escaped = "&gt;"
		case r == 0, r == utf8.RuneError && size == 1:
			escaped = "\ufffd"
		case r < ' ' && r != '\t' && r != '\n', r == 0xfffe, r == 0xffff:
			escaped = fmt.Sprintf("_x%04X_", r)
		case r == '_':
			if _, looks := controlEscape(s[i:]); looks {
				escaped = "_x005F_"
			}
		}
		if escaped != "" {
			x.text(s[from:i])
			x.text(escaped)
			from = i + size
		}
		i += size
	}
	x.text(s[from:])
	if units > maxCellText && x.err == nil {
		x.err = errorf(CodeCellTooLong, x.row, "a cell of a spreadsheet has at most %d characters", maxCellText)
	}
}

// Close completes the workbook. A workbook without rows has one empty sheet.
func (x *XLSXWriter) Close() error {
	if x.sheets == 0 {
		x.nextSheet()
	}
	x.endSheet()
	x.writeStyles()
	x.writeWorkbook()
	if x.err == nil {
		if err := x.zip.Close(); err != nil {
			x.err = fmt.Errorf("tabular: write: %w", err)
		}
	}
	if x.err != nil {
		return x.err
	}
	x.err = errorf(CodeOption, 0, "the workbook is closed")
	return nil
}

func (x *XLSXWriter) writeStyles() {
	x.begin("xl/styles.xml")
	x.text(`<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" quotePrefix="1"/></cellXfs>` +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`)
	x.end()
}

func (x *XLSXWriter) writeWorkbook() {
	const (
		office   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
		packages = "http://schemas.openxmlformats.org/package/2006/"
		types    = "application/vnd.openxmlformats-officedocument.spreadsheetml."
	)
	var list, relations, overrides strings.Builder
	for i := 1; i <= x.sheets; i++ {
		n := strconv.Itoa(i)
		name := x.o.SheetName
		if i > 1 {
			name += " (" + n + ")"
		}
		name = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(name)
		list.WriteString(`<sheet name="` + name + `" sheetId="` + n + `" r:id="rId` + n + `"/>`)
		relations.WriteString(`<Relationship Id="rId` + n + `" Type="` + office + `/worksheet" Target="worksheets/sheet` + n + `.xml"/>`)
		overrides.WriteString(`<Override PartName="/xl/worksheets/sheet` + n + `.xml" ContentType="` + types + `worksheet+xml"/>`)
	}
	last := strconv.Itoa(x.sheets + 1)
	x.begin("xl/workbook.xml")
	x.text(`<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="` + office + `"><sheets>` + list.String() + `</sheets></workbook>`)
	x.end()
	x.begin("xl/_rels/workbook.xml.rels")
	x.text(`<Relationships xmlns="` + packages + `relationships">` + relations.String() +
		`<Relationship Id="rId` + last + `" Type="` + office + `/styles" Target="styles.xml"/></Relationships>`)
	x.end()
	x.begin("_rels/.rels")
	x.text(`<Relationships xmlns="` + packages + `relationships"><Relationship Id="rId1" Type="` + office + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`)
	x.end()
	x.begin("[Content_Types].xml")
	x.text(`<Types xmlns="` + packages + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="` + types + `sheet.main+xml"/>` +
		overrides.String() + `<Override PartName="/xl/styles.xml" ContentType="` + types + `styles+xml"/></Types>`)
	x.end()
}
