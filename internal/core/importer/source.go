package importer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"tandem/internal/kit/errs"
	"tandem/internal/kit/tabular"
)

const (
	batchBytes = 4 << 20 // of cells, in one batch
	retryRows  = 500     // wrong rows read at once
)

// open opens the import's file at a position.
func (s *Service) open(ctx context.Context, m *Import, at tabular.Position) (tabular.Source, func(), error) {
	if m.FileID == 0 {
		return nil, nil, fileGone(m)
	}
	if m.Kind == tabular.XLSX {
		path, cleanup, err := s.o.Files.Spool(ctx, m.FileID, "")
		if err != nil {
			return nil, nil, err
		}
		src, err := tabular.OpenXLSX(path, m.Sheet, tabular.Options{ResumeAt: at})
		if err != nil {
			cleanup()
			return nil, nil, err
		}
		return src, func() { _ = src.Close(); cleanup() }, nil // only read
	}
	r, err := s.o.Files.Open(ctx, m.FileID)
	if err != nil {
		return nil, nil, err
	}
	f := m.format()
	src, err := tabular.OpenCSV(r, tabular.Options{Encoding: f.Encoding, Separator: f.Separator, ResumeAt: at})
	if err != nil {
		return nil, nil, err
	}
	return src, func() { _ = r.Close() }, nil // only read
}

// fileGone tells why a file cannot be read any more.
func fileGone(m *Import) error {
	if m.progress.Finished {
		return errs.New(errs.KindConflict, "file_gone", "The file was removed when all its rows were in or told.")
	}
	return errs.New(errs.KindConflict, "file_gone", "The file was removed, since nobody went on with this import for long. Upload it again: rows that are in are known.")
}

// readColumns reads the names of the columns and some values of each.
func (s *Service) readColumns(ctx context.Context, m *Import) error {
	if m.Kind == tabular.XLSX && len(m.Sheets) == 0 {
		path, cleanup, err := s.o.Files.Spool(ctx, m.FileID, "")
		if err != nil {
			return err
		}
		defer cleanup()
		if m.Sheets, err = tabular.SheetNames(path, tabular.Limits{}); err != nil {
			return err
		}
	}
	rows, err := s.firstRows(ctx, m, m.SkipRows+sampleRows+1)
	if err != nil {
		return err
	}
	if len(rows) <= m.SkipRows {
		return &tabular.Error{Code: tabular.CodeEmpty, Message: "there are no rows in it"}
	}
	rows = rows[m.SkipRows:]
	var header []string
	if m.HasHeader {
		header, rows = rows[0].Cells, rows[1:]
	}
	width := len(header)
	for _, r := range rows {
		if !m.HasHeader {
			width = max(width, len(r.Cells))
		}
	}
	m.Columns = make([]FileColumn, width)
	for i := range m.Columns {
		c := FileColumn{Index: i, Name: fmt.Sprintf("Column %d", i+1), Sample: []string{}}
		if i < len(header) && strings.TrimSpace(header[i]) != "" {
			c.Name = cutLetters(strings.Join(strings.Fields(tabular.Restore(header[i])), " "), 200)
		}
		m.Columns[i] = c
	}
	m.Neutralised = m.Kind == tabular.CSV && isErrorFile(m.Columns)
	if m.Kind == tabular.CSV && !m.Neutralised {
		m.sample(rows)
		m.Neutralised = isOurs(&m.setup, ownColumns(s.o.Customers.ListTable().Fields))
	}
	m.sample(rows)
	return nil
}

// findTable looks for a title above the table of a new file.
func (s *Service) findTable(ctx context.Context, m *Import) error {
	rows, err := s.firstRows(ctx, m, sampleRows+1)
	if err != nil {
		return err
	}
	cells := make([][]string, len(rows))
	for i, r := range rows {
		cells[i] = r.Cells
	}
	if m.SkipRows = tabular.TitleRows(cells); m.SkipRows > 0 {
		m.HasHeader = true
	}
	return nil
}

// sample shows some values of each column, but none of a secret one.
func (m *Import) sample(rows []tabular.Row) {
	for i := range m.Columns {
		c := &m.Columns[i]
		c.Sample = []string{}
		if isSecret(c.Name) {
			continue
		}
		for _, r := range rows {
			if len(c.Sample) == sampleShown {
				break
			}
			if i < len(r.Cells) {
				c.Sample = append(c.Sample, cutLetters(strings.TrimSpace(m.restored(r.Cells[i])), sampleLetters))
			}
		}
	}
}

func (m *Import) restored(cell string) string {
	if m.Neutralised {
		return tabular.Restore(cell)
	}
	return cell
}

func cutLetters(s string, most int) string {
	if utf8.RuneCountInString(s) > most {
		return string([]rune(s)[:most])
	}
	return s
}

func (s *Service) firstRows(ctx context.Context, m *Import, most int) ([]tabular.Row, error) {
	src, closing, err := s.open(ctx, m, tabular.Position{})
	if err != nil {
		return nil, err
	}
	defer closing()
	var rows []tabular.Row
	for len(rows) < most {
		row, err := src.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// batch is rows that are handled together, and how far the reading is after them.
type batch struct {
	rows     []*candidate
	after    tabular.Position
	line     int64
	finished bool // nothing comes after it
	retry    bool // rows that were wrong before; the place in the file stays
	read     int64
	total    int64 // bytes, or what else the source counts; 0 = not known
}

// feed gives the rows of an import in batches: first those that were wrong, then the rest of the file. It runs in a
// goroutine of its own, so that reading and checking go on while the batch before is written. The caller stops it by
// ending ctx.
type feed struct {
	s     *Service
	m     *Import
	plan  *plan
	fixed bool
	out   chan batch
	err   error // why it ended, to be read when out is closed
}

func (s *Service) feed(ctx context.Context, m *Import, p *plan, at checkpoint) (*feed, error) {
	own := *m // the run moves its import on while the feed reads
	m = &own
	f := &feed{s: s, m: m, plan: p, out: make(chan batch, 1)}
	if err := s.o.DB.Read().GetContext(ctx, &f.fixed, sqlAnyFixes, m.ID); err != nil {
		return nil, fmt.Errorf("look for corrections: %w", err)
	}
	go func() {
		defer close(f.out)
		f.err = f.retries(ctx, at)
		if f.err == nil && !m.progress.Finished {
			f.err = f.file(ctx)
		}
	}()
	return f, nil
}

// retries feeds the rows that a run found wrong before.
func (f *feed) retries(ctx context.Context, at checkpoint) error {
	for after := at.RetryAfter; after < at.RetryUntil; {
		var found []rowRecord
		if err := f.s.o.DB.Read().SelectContext(ctx, &found, sqlWrongUntil, f.m.ID, after, at.RetryUntil, retryRows); err != nil {
			return fmt.Errorf("read wrong rows: %w", err)
		}
		if len(found) == 0 {
			return nil
		}
		b := batch{retry: true, line: found[len(found)-1].Line}
		for _, r := range found {
			cells, err := r.cells()
			if err != nil {
				return fmt.Errorf("read wrong rows: %w", err)
			}
			before, err := r.problems()
			if err != nil {
				return fmt.Errorf("read wrong rows: %w", err)
			}
			b.rows = append(b.rows, &candidate{line: r.Line, cells: cells, before: before, retry: true})
		}
		if err := f.send(ctx, b); err != nil {
			return err
		}
		after = b.line
	}
	return nil
}

// file feeds the rows after the position that was reached.
func (f *feed) file(ctx context.Context) error {
	at := f.m.progress.Position
	src, closing, err := f.s.open(ctx, f.m, at)
	if err != nil {
		return err
	}
	defer closing()
	above := 0
	if at == (tabular.Position{}) {
		above = f.m.above()
	}
	b := batch{after: at, line: f.m.progress.Line}
	size := 0
	for {
		row, err := src.Next()
		if errors.Is(err, io.EOF) {
			b.finished = true
			return f.sendRead(ctx, b, src)
		}
		if err != nil {
			if len(b.rows) > 0 { // what can be read goes in
				err = errors.Join(f.sendRead(ctx, b, src), err)
			}
			return err
		}
		b.after, b.line = row.End(), int64(row.Line)
		if above > 0 {
			above--
			continue
		}
		for i, cell := range row.Cells {
			size += len(cell)
			row.Cells[i] = f.m.restored(cell)
		}
		b.rows = append(b.rows, &candidate{line: int64(row.Line), cells: row.Cells, end: row.End()})
		if len(b.rows) == f.s.o.Batch || size > batchBytes {
			if err := f.sendRead(ctx, b, src); err != nil {
				return err
			}
			b = batch{after: b.after, line: b.line}
			size = 0
		}
	}
}

func (f *feed) sendRead(ctx context.Context, b batch, src tabular.Source) error {
	b.read, b.total = src.Progress()
	if b.total == 0 && f.m.Kind == tabular.CSV {
		b.total = f.m.Size
	}
	return f.send(ctx, b)
}

// send corrects and converts the rows, and hands them over.
func (f *feed) send(ctx context.Context, b batch) error {
	if f.fixed && len(b.rows) > 0 {
		corrections, err := fixes(ctx, f.s.o.DB.Read(), f.m.ID, b.rows[0].line, b.rows[len(b.rows)-1].line)
		if err != nil {
			return err
		}
		for _, c := range b.rows {
			c.correct(corrections[c.line])
		}
	}
	if err := f.s.convert(ctx, f.plan, b.rows); err != nil {
		return err
	}
	select {
	case f.out <- b:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// correct puts a person's corrections over the cells.
func (c *candidate) correct(cells map[int]string) {
	for i, text := range cells {
		for len(c.cells) <= i {
			c.cells = append(c.cells, "")
		}
		c.cells[i] = text
		c.fixed = true
	}
}

// stored is the cells as they may be kept: without secrets.
func (p *plan) stored(cells []string) (string, error) {
	out := make([]string, len(cells))
	for i, cell := range cells {
		if !p.secret[i] {
			out[i] = cell
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return "", fmt.Errorf("keep a row's cells: %w", err)
	}
	return string(b), nil
}
