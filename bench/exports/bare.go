package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"tandem/internal/kit/db"
	"tandem/internal/kit/list"
)

// bare streams one SELECT of the same rows and columns, in the same order.
type bare struct {
	q        db.Q
	postgres bool
}

var columns = []string{"customer_id", "name", "kind", "billing_type", "status", "reference", "company", "first_name", "last_name", "email", "telephone", "city", "country", "party",
	"description", "status_reason", "currency", "address_1", "address_2", "province", "postal_code", "timezone", "language", "tax_number", "external_id"}

func (b *bare) statement() string {
	groups := "SELECT group_concat(g.name, '; ')"
	if b.postgres {
		groups = "SELECT string_agg(g.name, '; ')"
	}
	return "SELECT c." + strings.Join(columns, ", c.") + ", c.created_at, c.updated_at, COALESCE((SELECT r.name FROM customers r WHERE r.id = c.reseller_id), ''), COALESCE((" + groups +
		" FROM group_members m JOIN groups g ON g.id = m.group_id WHERE m.customer_id = c.id), ''), c.cf_2, c.cf_3, c.cf_1, c.cf_4 FROM customers c WHERE c.closed = 0 ORDER BY c.created_at DESC, c.id DESC"
}

type sink interface {
	row(cells []string) error
	close() error
}

type csvSink struct{ *csv.Writer }

func (s csvSink) row(cells []string) error { return s.Write(cells) }
func (s csvSink) close() error             { s.Flush(); return s.Error() }

type sheetSink struct {
	w     io.Writer
	file  *excelize.File
	sheet *excelize.StreamWriter
	n     int
}

func (s *sheetSink) row(cells []string) error {
	s.n++
	values := make([]any, len(cells))
	for i, c := range cells {
		values[i] = c
	}
	return s.sheet.SetRow("A"+strconv.Itoa(s.n), values)
}

func (s *sheetSink) close() error {
	if err := s.sheet.Flush(); err != nil {
		return err
	}
	if err := s.file.Write(s.w); err != nil {
		return err
	}
	return s.file.Close()
}

func (b *bare) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var out sink = csvSink{csv.NewWriter(w)}
	if r.URL.Query().Get("format") == "xlsx" {
		file := excelize.NewFile()
		sheet, err := file.NewStreamWriter("Sheet1")
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		out = &sheetSink{w: w, file: file, sheet: sheet}
	}
	if err := b.rows(r, out); err != nil {
		panic(http.ErrAbortHandler)
	}
}

func (b *bare) rows(r *http.Request, out sink) error {
	rows, err := b.q.QueryContext(r.Context(), b.statement())
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	if err := out.row(names); err != nil {
		return err
	}
	cells, dest := make([]string, len(names)), make([]any, len(names))
	for i := range dest {
		dest[i] = &cells[i]
	}
	var created, updated, limit, since int64
	n := len(columns)
	dest[n], dest[n+1], dest[n+4], dest[n+5] = &created, &updated, &limit, &since
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		cells[n], cells[n+1] = time.UnixMicro(created).UTC().Format(time.RFC3339), time.UnixMicro(updated).UTC().Format(time.RFC3339)
		cells[n+4], cells[n+5] = "", ""
		if limit != list.NoNumber {
			cells[n+4] = strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%06d", limit/1e6, limit%1e6), "0"), ".")
		}
		if since != list.NoNumber {
			cells[n+5] = time.Unix(since*86400, 0).UTC().Format("2006-01-02")
		}
		if err := out.row(cells); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return out.close()
}
