package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Reader reads CSV row by row, see Source.
//
// Quotes are read as spreadsheets read them: a cell that begins with a quote ends at the next single one and "" inside
// is one quote; what follows up to the separator belongs to the cell; a quote in a cell that does not begin with one is
// an ordinary character. A line ends with LF, CR LF or CR. A first line "sep=;" is not a row.
type Reader struct {
	dec    decoder
	sep    byte
	lim    Limits
	closer io.Closer
	total  int64

	buf    []byte // decoded text
	start  int    // of it, the next record
	offset int64  // original position of buf[start]
	line   int    // physical line of buf[start]
	fields []field
	ended  bool  // nothing comes after buf
	err    error // what Next says from now on
}

// field is where a cell lies in a record. The text after a closing quote is its tail.
type field struct {
	from, to         int
	tailFrom, tailTo int
	escaped          bool
}

// OpenCSV reads CSV from r. With Options.ResumeAt it seeks when r can, otherwise it reads up to there. It does not close
// r. A wrong option or position is an *Error.
func OpenCSV(r io.Reader, o Options) (*Reader, error) {
	enc, err := parseEncoding(o.Encoding)
	if err != nil {
		return nil, err
	}
	if o.Separator == 0 {
		o.Separator = ','
	}
	if o.Separator >= 0x80 || o.Separator < ' ' && o.Separator != '\t' || o.Separator == '"' {
		return nil, errorf(CodeOption, 0, "the separator %q is not supported", o.Separator)
	}
	at := o.ResumeAt
	if at != (Position{}) {
		if at.Offset < 0 || at.Line < 1 || at.Offset%2 == 1 && (enc == UTF16LE || enc == UTF16BE) {
			return nil, errorf(CodeResume, 0, "the position to go on from is not one of this file")
		}
		if err := skipTo(r, at.Offset); err != nil {
			return nil, err
		}
	}
	reader := &Reader{
		dec: decoder{src: r, enc: enc, started: at.Offset > 0}, sep: byte(o.Separator), lim: o.Limits.withDefaults(),
		offset: at.Offset, line: max(at.Line, 1),
	}
	if at.Offset == 0 {
		reader.skipSeparatorLine()
	}
	return reader, nil
}

func skipTo(r io.Reader, offset int64) error {
	beyond := errorf(CodeResume, 0, "the file ends before the position to go on from")
	if s, ok := r.(io.Seeker); ok {
		size, err := s.Seek(0, io.SeekEnd)
		if err == nil {
			if size < offset {
				return beyond
			}
			if _, err = s.Seek(offset, io.SeekStart); err == nil {
				return nil
			}
		}
		return fmt.Errorf("tabular: seek: %w", err)
	}
	if n, err := io.CopyN(io.Discard, r, offset); err != nil {
		if errors.Is(err, io.EOF) && n < offset {
			return beyond
		}
		return fmt.Errorf("tabular: read: %w", err)
	}
	return nil
}

// skipSeparatorLine passes over "sep=;", which some systems write for spreadsheets.
func (r *Reader) skipSeparatorLine() {
	for len(r.buf) < 7 && !r.ended {
		r.fill()
	}
	r.offset = int64(r.dec.bom)
	if n := separatorLine(r.buf); n > 0 {
		r.consume(n, 1)
	}
}

// separatorLine gives the length of a line "sep=x" that text begins with, 0 when it does not.
func separatorLine(text []byte) int {
	if len(text) < 6 || !bytes.EqualFold(text[:4], []byte("sep=")) || text[4] == '\r' || text[4] == '\n' {
		return 0
	}
	switch {
	case text[5] == '\r' && len(text) > 6 && text[6] == '\n':
		return 7
	case text[5] == '\r' || text[5] == '\n':
		return 6
	}
	return 0
}

func (r *Reader) consume(n, lines int) {
	r.offset += r.dec.originalLength(r.buf[r.start : r.start+n])
	r.start += n
	r.line += lines
}

// fill gets more text behind what is there.
func (r *Reader) fill() {
	if r.start > 0 {
		r.buf = r.buf[:copy(r.buf, r.buf[r.start:])]
		r.start = 0
	}
	var err error
	r.buf, err = r.dec.more(r.buf)
	if err != nil {
		r.ended = true
		r.err = err
	}
}

// Next gives the next row, see Source.
func (r *Reader) Next() (Row, error) {
	for {
		row, found, err := r.next()
		if err != nil {
			r.ended, r.err, r.start = true, err, len(r.buf)
			return Row{}, err
		}
		if found {
			return row, nil
		}
	}
}

// next gives the next record, or found = false for a blank one.
func (r *Reader) next() (row Row, found bool, err error) {
	var n int
	for {
		if r.start == len(r.buf) && r.ended {
			return Row{}, false, r.atLine(r.err, r.line)
		}
		whole := r.ended && errors.Is(r.err, io.EOF)
		n, err = r.scan(r.buf[r.start:], whole)
		if err != nil {
			return Row{}, false, err
		}
		if n > 0 {
			break
		}
		if len(r.buf)-r.start > r.lim.RecordBytes {
			return Row{}, false, errorf(CodeRecordTooLong, r.line, "a record is longer than %d bytes", r.lim.RecordBytes)
		}
		if r.ended {
			if whole {
				return Row{}, false, errorf(CodeOpenQuote, r.line, "a quoted cell that begins in this record is never closed")
			}
			return Row{}, false, r.atLine(r.err, r.line+countLines(r.buf[r.start:]))
		}
		r.fill()
	}
	if n > r.lim.RecordBytes+2 {
		return Row{}, false, errorf(CodeRecordTooLong, r.line, "a record is longer than %d bytes", r.lim.RecordBytes)
	}
	record := r.buf[r.start : r.start+n]
	row.Line = r.line
	found = !r.blank(record)
	if found {
		row.Cells, err = r.cells(string(record))
		if err != nil {
			return Row{}, false, err
		}
		found = !allBlank(row.Cells)
	}
	r.consume(n, countLines(record))
	row.Offset, row.NextLine = r.offset, r.line
	return row, found, nil
}

// atLine puts the line into an error that does not know it.
func (r *Reader) atLine(err error, line int) error {
	var e *Error
	if errors.As(err, &e) && e.Line == 0 {
		return &Error{Code: e.Code, Message: e.Message, Line: line}
	}
	return err
}

// scan finds the fields of the record that b begins with and its length with the line end; 0 when b does not hold all
// of it yet.
func (r *Reader) scan(b []byte, whole bool) (int, error) {
	r.fields = r.fields[:0]
	i := 0
	for {
		if len(r.fields) >= r.lim.Columns {
			return 0, errorf(CodeTooManyCols, r.line, "more than %d columns", r.lim.Columns)
		}
		var f field
		at := i // where the part without quotes begins
		if i < len(b) && b[i] == '"' {
			end, escaped := closingQuote(b, i+1)
			if end < 0 || end == len(b)-1 && !whole {
				return 0, nil
			}
			f.from, f.to, f.escaped, at = i+1, end, escaped, end+1
		}
		end := at
		for end < len(b) && b[end] != r.sep && b[end] != '\n' && b[end] != '\r' {
			end++
		}
		if end == len(b) && !whole {
			return 0, nil
		}
		if at > i {
			f.tailFrom, f.tailTo = at, end
		} else {
			f.from, f.to = at, end
		}
		r.fields = append(r.fields, f)
		switch {
		case end == len(b):
			return end, nil
		case b[end] == r.sep:
			i = end + 1
			if i == len(b) && !whole {
				return 0, nil
			}
			continue
		case b[end] == '\r' && end+1 == len(b) && !whole:
			return 0, nil
		case b[end] == '\r' && end+1 < len(b) && b[end+1] == '\n':
			return end + 2, nil
		default:
			return end + 1, nil
		}
	}
}

// closingQuote finds the quote that ends a cell whose text begins at from, -1 when it is not there.
func closingQuote(b []byte, from int) (at int, escaped bool) {
	for i := from; ; i += 2 {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1, escaped
		}
		i += n
		if i+1 >= len(b) || b[i+1] != '"' {
			return i, escaped
		}
		escaped = true
	}
}

func (r *Reader) cells(record string) ([]string, error) {
	cells := make([]string, len(r.fields))
	for i, f := range r.fields {
		s := record[f.from:f.to]
		if f.escaped {
			s = strings.ReplaceAll(s, `""`, `"`)
		}
		if f.tailTo > f.tailFrom {
			s += record[f.tailFrom:f.tailTo]
		}
		if len(s) > r.lim.CellBytes {
			return nil, errorf(CodeCellTooLong, r.line, "column %d is longer than %d bytes", i+1, r.lim.CellBytes)
		}
		cells[i] = s
	}
	return cells, nil
}

// blank is a quick look for rows of nothing but separators and white space.
func (r *Reader) blank(record []byte) bool {
	for _, c := range record {
		if c != r.sep && c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

func allBlank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// countLines counts line ends: LF, CR LF and CR are one each.
func countLines(b []byte) int {
	n := bytes.Count(b, []byte{'\n'})
	for i := bytes.IndexByte(b, '\r'); i >= 0; {
		if i+1 >= len(b) || b[i+1] != '\n' {
			n++
		}
		next := bytes.IndexByte(b[i+1:], '\r')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return n
}

// Progress tells how many bytes of how many were read; the total is known when Open opened the file.
func (r *Reader) Progress() (done, total int64) { return r.offset, r.total }

// Close closes the file that Open opened; it does nothing after OpenCSV.
func (r *Reader) Close() error {
	if r.closer == nil {
		return nil
	}
	if err := r.closer.Close(); err != nil {
		return fmt.Errorf("tabular: close: %w", err)
	}
	return nil
}
