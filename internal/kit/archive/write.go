package archive

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"

	"tandem/internal/kit/db"
)

// format names the form of the file.
const format = "tandem backup 1"

// Options says what is special about some tables.
type Options struct {
	Skip  []string // made anew after reading
	First []string // read before all others
	Empty []string // must have no rows when reading begins: then nothing was ever done here
	// After runs when a table has been read, such as to make the columns that its rows name.
	After map[string]func(ctx context.Context, tx *db.Tx) error
}

// Head tells what a file is.
type Head struct {
	Format    string `json:"format"`
	Version   int64  `json:"version"` // of the tables: the newest migration
	Program   string `json:"program"`
	CreatedAt string `json:"created_at"`
}

// Summary is what was written or read.
type Summary struct {
	Tables int    `json:"tables"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"` // of the lines
}

// tableLine begins a table.
type tableLine struct {
	Table   string      `json:"table"`
	Columns [][2]string `json:"columns"`
}

// endLine ends the file.
type endLine struct {
	End bool `json:"end"`
	Summary
}

// Write writes every table, as it was at one moment, while others go on writing.
func Write(ctx context.Context, d *db.DB, w io.Writer, head Head, o Options) (Summary, error) {
	head.Format = format
	zip, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return Summary{}, fmt.Errorf("write the backup: %w", err)
	}
	out := &writer{buffer: bufio.NewWriterSize(zip, 1<<20), hash: sha256.New()}
	err = d.Snapshot(ctx, func(q db.Q) error {
		list, err := tables(ctx, q, d.Dialect(), o)
		if err != nil {
			return err
		}
		if err := out.line(head); err != nil {
			return err
		}
		for _, t := range list {
			if err := out.table(ctx, q, t); err != nil {
				return fmt.Errorf("back up the table %s: %w", t.name, err)
			}
		}
		return nil
	})
	if err != nil {
		return Summary{}, err
	}
	out.summary.SHA256 = hex.EncodeToString(out.hash.Sum(nil))
	err = out.line(endLine{End: true, Summary: out.summary})
	return out.summary, errors.Join(err, out.buffer.Flush(), zip.Close())
}

type writer struct {
	buffer  *bufio.Writer
	hash    hash.Hash
	summary Summary
}

func (w *writer) line(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	text = append(text, '\n')
	w.hash.Write(text)
	if _, err := w.buffer.Write(text); err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	return nil
}

func (w *writer) table(ctx context.Context, q db.Q, t table) error {
	head := tableLine{Table: t.name}
	for _, c := range t.columns {
		head.Columns = append(head.Columns, [2]string{c.Name, c.Kind})
	}
	if err := w.line(head); err != nil {
		return err
	}
	w.summary.Tables++
	rows, err := q.QueryContext(ctx, t.selectAll())
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	dest, values := t.scanTo()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		if err := w.line(values()); err != nil {
			return err
		}
		w.summary.Rows++
	}
	return rows.Err()
}

// scanTo gives where a row is scanned to, and its values as they stand in the file.
func (t table) scanTo() (dest []any, values func() []any) {
	dest, out := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i, c := range t.columns {
		switch c.Kind {
		case "int":
			dest[i] = new(sql.NullInt64)
		case "text":
			dest[i] = new(sql.NullString)
		default:
			dest[i] = new(sql.Null[[]byte]) // which tells none from an empty one
		}
	}
	return dest, func() []any {
		for i := range dest {
			switch v := dest[i].(type) {
			case *sql.NullInt64:
				out[i] = orNull(v.Valid, v.Int64)
			case *sql.NullString:
				out[i] = orNull(v.Valid, v.String)
			case *sql.Null[[]byte]:
				out[i] = orNull(v.Valid, append([]byte{}, v.V...)) // in base64
			}
		}
		return out
	}
}

func orNull(valid bool, v any) any {
	if !valid {
		return nil
	}
	return v
}
