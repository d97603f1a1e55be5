package tabular

import (
	"fmt"

	"os"
)

// Kind is what a file is by its content.
type Kind string

// The kinds that can be read.
const (
	CSV  Kind = "csv"
	XLSX Kind = "xlsx"
)

// Encoding is how the text of a CSV file is stored.
type Encoding string

// The encodings that can be read. ISO-8859-1 is read as Windows-1252, as browsers do: it is the same but for control
// characters that no text has.
const (
	UTF8        Encoding = "utf-8"
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	Windows1252 Encoding = "windows-1252"
)

// Encodings lists the encodings that can be chosen, in the order a person should see them.
func Encodings() []Encoding { return []Encoding{UTF8, Windows1252, UTF16LE, UTF16BE} }

// Format says how a file is to be read. For XLSX only Kind is set, and HasHeader is a guess (true).
type Format struct {
	Kind      Kind     `json:"kind"`
	Encoding  Encoding `json:"encoding,omitempty"`
	Separator rune     `json:"separator,omitempty"`
	HasHeader bool     `json:"has_header"`
}

// Codes of Error.
const (
	CodeEmpty         = "empty"           // nothing in the file
	CodeMismatch      = "not_as_named"    // the content is not what the name says
	CodeBinary        = "binary"          // not text: NUL bytes or mostly control characters
	CodeOldExcel      = "old_excel"       // .xls, or another OLE document
	CodeEncrypted     = "encrypted"       // protected by a password
	CodeBroken        = "broken"          // damaged or cut off
	CodeZipBomb       = "zip_bomb"        // inflates beyond the limits
	CodeNoSheet       = "no_such_sheet"   // the workbook has no sheet of that name
	CodeEncoding      = "bad_encoding"    // bytes that the chosen encoding cannot have
	CodeOption        = "bad_option"      // an option that is not supported
	CodeCellTooLong   = "cell_too_long"   // over Limits.CellBytes
	CodeRecordTooLong = "record_too_long" // over Limits.RecordBytes
	CodeTooManyCols   = "too_many_columns"
	CodeOpenQuote     = "quote_not_closed" // a quoted cell that never ends
	CodeResume        = "bad_position"     // ResumeAt does not lie in this file
)

// Error is why a file, or the rest of it, cannot be read or written. Message is for a person; Line is the physical line
// (CSV) or row number (XLSX), 0 when the error is about the whole file.
type Error struct {
	Code    string
	Message string
	Line    int
}

func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("line %d: %s", e.Line, e.Message)
	}
	return e.Message
}

func errorf(code string, line int, format string, args ...any) *Error {
	return &Error{Code: code, Line: line, Message: fmt.Sprintf(format, args...)}
}

// Limits bound what is held in memory or inflated. A zero field means its default.
type Limits struct {
	CellBytes     int   // largest cell as UTF-8, default 64 KiB
	RecordBytes   int   // largest record or row as UTF-8, default 1 MiB
	Columns       int   // most columns of a row, default 1,000
	ZipEntries    int   // most files in an XLSX, default 10,000
	InflatedBytes int64 // all that an XLSX may inflate to, default 4 GiB
	ZipRatio      int64 // most bytes a compressed byte may become in a part over 1 MiB, default 250
	SharedStrings int   // most distinct texts of a workbook, default 8 million
}

func (l Limits) withDefaults() Limits {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	def64 := func(v *int64, d int64) {
		if *v <= 0 {
			*v = d
		}
	}
	def(&l.CellBytes, 64<<10)
	def(&l.RecordBytes, 1<<20)
	def(&l.Columns, 1000)
	def(&l.ZipEntries, 10_000)
	def64(&l.InflatedBytes, 4<<30)
	def64(&l.ZipRatio, 250)
	def(&l.SharedStrings, 8_000_000)
	return l
}

// Position is a place between two rows of one file. The zero value is the beginning. It may be stored as JSON.
type Position struct {
	Offset int64 `json:"offset"` // CSV: bytes of the original file before it. XLSX: bytes of the sheet's XML, only informative
	Line   int   `json:"line"`   // CSV: the physical line that starts there. XLSX: the row number to go on with
}

// Options say how to read. Zero values: UTF-8, comma, the default Limits, from the beginning.
type Options struct {
	Encoding  Encoding
	Separator rune
	Limits    Limits
	ResumeAt  Position
}

// Row is one record. Cells is the caller's own: a later Next does not change it. Cells are not trimmed and a ragged row
// has the cells it has; rows without any non-blank cell are never given.
type Row struct {
	Line     int      // physical line (from 1) where the record starts; row number in XLSX
	Offset   int64    // position in the original file after the record, see Position
	NextLine int      // physical line after the record
	Cells    []string // valid UTF-8
}

// End is the position after the row, for Options.ResumeAt.
func (r Row) End() Position { return Position{Offset: r.Offset, Line: r.NextLine} }

// Source gives rows one by one. Next returns io.EOF after the last and an *Error when the rest cannot be read; it
// repeats either when called again. A Source is for one goroutine.
type Source interface {
	Next() (Row, error)
	// Progress tells how much was read of how much, in bytes of the same sort; total is 0 when not known.
	Progress() (done, total int64)
	Close() error
}

// Writer takes rows one by one. Close completes the table but does not close the underlying writer.
type Writer interface {
	Write(cells []string) error
	Close() error
}

// Open opens the file at path as f says; sheet is used for XLSX only ("" is the first visible one). Encoding and
// Separator come from f, the rest from o.
func Open(path string, f Format, sheet string, o Options) (Source, error) {
	if f.Kind == XLSX {
		s, err := OpenXLSX(path, sheet, o)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("tabular: open: %w", err)
	}
	o.Encoding, o.Separator = f.Encoding, f.Separator
	r, err := OpenCSV(file, o)
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	r.closer = file
	if st, err := file.Stat(); err == nil {
		r.total = st.Size()
	}
	return r, nil
}

var (
	_ Source = (*Reader)(nil)
	_ Source = (*Sheet)(nil)
	_ Writer = (*CSVWriter)(nil)
	_ Writer = (*XLSXWriter)(nil)
)
