package archive

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"tandem/internal/kit/db"
)

// batchRows is how many rows go in at once.
const batchRows = 500

// maxLine bounds one line: a row of the largest column, a piece of a file, has well under a megabyte.
const maxLine = 16 << 20

// ErrBroken says that a file is no backup, was cut or was changed.
var ErrBroken = errors.New("this is not a whole backup of Tandem")

// ErrNotEmpty says that a database is not an empty one.
var ErrNotEmpty = errors.New("a backup is read into an empty database only")

func broken(why string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrBroken, fmt.Sprintf(why, args...))
}

// Inspect reads a whole file without a database, and tells what it is. Everything but the meaning of the rows is
// checked: the lines, their number, the sum over them.
func Inspect(r io.Reader) (Head, Summary, error) {
	return walk(r, func(tableLine) error { return nil }, func(*table, []any) error { return nil })
}

// walk reads a file: table is called at each table's beginning, row for each row.
func walk(r io.Reader, begin func(tableLine) error, row func(*table, []any) error) (head Head, sum Summary, err error) {
	zip, err := gzip.NewReader(r)
	if err != nil {
		return head, sum, broken("it is not compressed as one")
	}
	lines := &lineReader{r: bufio.NewReaderSize(zip, 1<<20)}
	h := sha256.New()
	text, err := lines.next()
	if err != nil {
		return head, sum, err
	}
	if json.Unmarshal(text, &head) != nil || head.Format != format {
		return head, sum, broken("it begins with something else")
	}
	h.Write(text)
	var t *table
	for {
		if text, err = lines.next(); err != nil {
			return head, sum, err
		}
		if text[0] == '[' {
			if err := readRow(t, text, row); err != nil {
				return head, sum, err
			}
			sum.Rows++
			h.Write(text)
			continue
		}
		var end endLine
		if json.Unmarshal(text, &end) == nil && end.End {
			sum.SHA256 = hex.EncodeToString(h.Sum(nil))
			if end.Summary != sum {
				return head, sum, broken("the sum at its end is another")
			}
			return head, sum, lines.finished()
		}
		if t, err = readTable(text, begin); err != nil {
			return head, sum, err
		}
		sum.Tables++
		h.Write(text)
	}
}

func readTable(text []byte, begin func(tableLine) error) (*table, error) {
	var line tableLine
	if json.Unmarshal(text, &line) != nil || line.Table == "" {
		return nil, broken("a line is neither a table nor a row")
	}
	t := &table{name: line.Table}
	for _, c := range line.Columns {
		t.columns = append(t.columns, column{Name: c[0], Kind: c[1]})
	}
	return t, begin(line)
}

func readRow(t *table, text []byte, row func(*table, []any) error) error {
	var raw []json.RawMessage
	if t == nil || json.Unmarshal(text, &raw) != nil || len(raw) != len(t.columns) {
		return broken("a row does not fit its table")
	}
	values := make([]any, len(raw))
	for i, v := range raw {
		var err error
		if values[i], err = decode(t.columns[i].Kind, v); err != nil {
			return broken("a value does not fit the column %s of %s", t.columns[i].Name, t.name)
		}
	}
	return row(t, values)
}

func decode(kind string, raw json.RawMessage) (any, error) {
	if string(raw) == "null" {
		return nil, nil
	}
	switch kind {
	case "int":
		var n int64
		err := json.Unmarshal(raw, &n)
		return n, err
	case "text":
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	case "bytes":
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return nil, err
		}
		return base64.StdEncoding.DecodeString(s)
	}
	return nil, errors.New("unknown kind")
}

// lineReader gives one line after the other, each with its end.
type lineReader struct{ r *bufio.Reader }

func (l *lineReader) next() ([]byte, error) {
	var whole []byte
	for {
		piece, err := l.r.ReadSlice('\n')
		whole = append(whole, piece...)
		switch {
		case err == nil && len(whole) > 1:
			return whole, nil
		case errors.Is(err, bufio.ErrBufferFull) && len(whole) < maxLine:
			continue
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, broken("a line is too long")
		case err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			return nil, broken("it ends early")
		}
		return nil, broken("%v", err)
	}
}

// finished tells whether nothing follows, which also checks the sum of the compression.
func (l *lineReader) finished() error {
	if rest, err := io.ReadAll(io.LimitReader(l.r, 1)); err != nil || len(rest) > 0 {
		return broken("something follows its end")
	}
	return nil
}

// Read puts a file that Inspect has found whole into a database of the same version of the tables, in one
// transaction. last runs at its end.
func Read(ctx context.Context, d *db.DB, r io.Reader, o Options, last func(ctx context.Context, tx *db.Tx) error) (Summary, error) {
	var sum Summary
	err := d.Load(ctx, func(tx *db.Tx) error {
		l := &loader{ctx: ctx, tx: tx, o: o}
		err := requireEmpty(ctx, tx, o.Empty)
		if err != nil {
			return err
		}
		if _, sum, err = walk(r, l.begin, l.row); err != nil {
			return err
		}
		if err := l.end(); err != nil {
			return err
		}
		return last(ctx, tx)
	})
	return sum, err
}

type loader struct {
	ctx   context.Context
	tx    *db.Tx
	o     Options
	table tableLine
	names []string
	flags []bool // columns that are booleans here
	rows  [][]any
}

// begin ends the table before and makes the next one ready.
func (l *loader) begin(t tableLine) error {
	if err := l.end(); err != nil {
		return err
	}
	here, err := tables(l.ctx, l.tx, l.tx.Dialect(), l.o)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(here, func(x table) bool { return x.name == t.Table })
	if i < 0 {
		return broken("there is no table %s", t.Table)
	}
	l.table, l.names, l.flags = t, nil, nil
	for _, c := range t.Columns {
		at := slices.IndexFunc(here[i].columns, func(x column) bool { return x.Name == c[0] && x.Kind == c[1] })
		if at < 0 {
			return broken("the table %s has no column %s", t.Table, c[0])
		}
		l.names = append(l.names, c[0])
		l.flags = append(l.flags, here[i].columns[at].Type == "boolean")
	}
	return clearSeeds(l.ctx, l.tx, t.Table)
}

func (l *loader) row(_ *table, values []any) error {
	for i, v := range values {
		if n, ok := v.(int64); ok && l.flags[i] {
			values[i] = n != 0
		}
	}
	l.rows = append(l.rows, values)
	if len(l.rows) < batchRows {
		return nil
	}
	return l.flush()
}

func (l *loader) flush() error {
	err := l.tx.Bulk(l.ctx, l.table.Table, l.names, l.rows)
	l.rows = l.rows[:0]
	return err
}

func (l *loader) end() error {
	if l.table.Table == "" {
		return nil
	}
	if err := l.flush(); err != nil {
		return err
	}
	if after := l.o.After[l.table.Table]; after != nil {
		return after(l.ctx, l.tx)
	}
	return nil
}
