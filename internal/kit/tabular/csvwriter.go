package tabular

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// CSVOptions say how to write. Zero: comma, no byte order mark, LF, formulas made harmless.
type CSVOptions struct {
	Separator   rune
	BOM         bool // for spreadsheets, which take a file without it for one in the local encoding
	CRLF        bool
	KeepFormula bool // do not Neutralise: only for files that no spreadsheet will open
}

// CSVWriter writes CSV in UTF-8, see Writer. Zero bytes and what is not UTF-8 become U+FFFD. A cell is quoted when it must
// be. Rows are buffered up to 64 KiB.
type CSVWriter struct {
	w     *bufio.Writer
	o     CSVOptions
	sep   byte
	begun bool
	err   error
}

// NewCSVWriter writes to w. A separator that is no single ASCII character is taken for a comma.
func NewCSVWriter(w io.Writer, o CSVOptions) *CSVWriter {
	sep := byte(',')
	if o.Separator > 0 && o.Separator < 0x80 && o.Separator != '"' && o.Separator != '\n' && o.Separator != '\r' {
		sep = byte(o.Separator)
	}
	return &CSVWriter{w: bufio.NewWriterSize(w, chunk), o: o, sep: sep}
}

// Write writes a row. After an error it gives the same error again.
func (c *CSVWriter) Write(cells []string) error {
	if !c.begun {
		c.begun = true
		if c.o.BOM {
			c.text("\ufeff")
		}
	}
	for i, cell := range cells {
		if i > 0 {
			c.char(c.sep)
		}
		c.cell(cell)
	}
	if c.o.CRLF {
		c.char('\r')
	}
	c.char('\n')
	return c.err
}

func (c *CSVWriter) cell(s string) {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
	if !c.o.KeepFormula {
		s = Neutralise(s)
	}
	if !c.mustQuote(s) {
		c.text(s)
		return
	}
	c.char('"')
	c.text(strings.ReplaceAll(s, `"`, `""`))
	c.char('"')
}

// mustQuote: also for blanks at the ends, which some readers trim, and for what a reader takes for a byte order mark or a
// line that names the separator.
func (c *CSVWriter) mustQuote(s string) bool {
	if s == "" {
		return false
	}
	for i := 0; i < len(s); i++ {
		if b := s[i]; b == c.sep || b == '"' || b == '\n' || b == '\r' {
			return true
		}
	}
	return s[0] == ' ' || s[len(s)-1] == ' ' || strings.HasPrefix(s, "\ufeff") || len(s) == 4 && strings.EqualFold(s, "sep=") ||
		len(s) == 5 && strings.EqualFold(s[:4], "sep=")
}

func (c *CSVWriter) text(s string) {
	if c.err == nil {
		if _, err := c.w.WriteString(s); err != nil {
			c.err = fmt.Errorf("tabular: write: %w", err)
		}
	}
}

func (c *CSVWriter) char(b byte) {
	if c.err == nil {
		if err := c.w.WriteByte(b); err != nil {
			c.err = fmt.Errorf("tabular: write: %w", err)
		}
	}
}

// Flush hands what is buffered to the underlying writer, so that a slow list shows up early.
func (c *CSVWriter) Flush() error {
	if c.err == nil {
		if err := c.w.Flush(); err != nil {
			c.err = fmt.Errorf("tabular: write: %w", err)
		}
	}
	return c.err
}

// Close flushes.
func (c *CSVWriter) Close() error { return c.Flush() }
