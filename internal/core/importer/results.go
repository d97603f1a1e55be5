package importer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/job"
	"tandem/internal/kit/tabular"
)

const (
	eachRows   = 500
	maxFixCell = 64 << 10
)

// Row is what became of a row, or would.
type Row struct {
	Line       int64
	Outcome    Outcome
	Problems   []RowProblem
	Cells      []string // with corrections; nil unless wrong or doubtful
	Fixed      bool     // a person corrected it
	CustomerID int64    // 0 = none
	Name       string
}

// RowQuery says which rows to list.
type RowQuery struct {
	Outcome Outcome // "" = all
	After   int64   // the last line of the page before
	Limit   int     // 1 to 1,000; 0 = 50
}

// Rows lists rows of an import by line: of the last check, or of the runs once there was one. A check tells only wrong
// and doubtful rows.
func (s *Service) Rows(ctx context.Context, importID int64, q RowQuery) (rows []Row, more bool, err error) {
	m, err := s.Get(ctx, importID)
	if err != nil {
		return nil, false, err
	}
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Limit = min(q.Limit, 1000)
	var found []rowRecord
	if q.Outcome == "" {
		err = s.o.DB.Read().SelectContext(ctx, &found, sqlRows, m.ID, m.phase(), q.After, q.Limit+1)
	} else {
		err = s.o.DB.Read().SelectContext(ctx, &found, sqlRowsOf, m.ID, m.phase(), q.After, q.Limit+1, string(q.Outcome))
	}
	if err != nil {
		return nil, false, fmt.Errorf("list rows of an import: %w", err)
	}
	if more = len(found) > q.Limit; more {
		found = found[:q.Limit]
	}
	rows, err = s.readRows(ctx, m, found)
	return rows, more, err
}

func (s *Service) readRows(ctx context.Context, m *Import, found []rowRecord) ([]Row, error) {
	if len(found) == 0 {
		return nil, nil
	}
	corrections, err := fixes(ctx, s.o.DB.Read(), m.ID, found[0].Line, found[len(found)-1].Line)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, f := range found {
		if f.RowID != 0 {
			ids = append(ids, f.RowID)
		}
	}
	customers, err := s.o.Customers.Load(ctx, s.o.DB.Read(), ids)
	if err != nil {
		return nil, err
	}
	names := map[int64]string{}
	for _, c := range customers {
		names[c.ID] = c.Name
	}
	rows := make([]Row, len(found))
	for i, f := range found {
		c := &candidate{}
		problems, err := f.problems()
		if err == nil {
			c.cells, err = f.cells()
		}
		if err != nil {
			return nil, fmt.Errorf("list rows of an import: %w", err)
		}
		if c.cells != nil {
			c.correct(corrections[f.Line])
		}
		rows[i] = Row{Line: f.Line, Outcome: Outcome(f.Outcome), Problems: problems, Cells: c.cells, Fixed: c.fixed, CustomerID: f.RowID, Name: names[f.RowID]}
	}
	return rows, nil
}

// Fix corrects cells of a wrong or doubtful row, and tells what is still wrong with it. The next check or run takes the
// corrected cells; those of earlier corrections stay.
func (s *Service) Fix(ctx context.Context, importID, line int64, cells map[int]string) (Row, error) {
	if err := access.Require(ctx, access.CustomerImport); err != nil {
		return Row{}, err
	}
	m, err := visible(ctx, s.o.DB.Read(), sqlGet, importID)
	if err != nil {
		return Row{}, err
	}
	if err := checkFix(m, cells); err != nil {
		return Row{}, err
	}
	phase := m.phase()
	var r rowRecord
	err = s.o.DB.Read().GetContext(ctx, &r, sqlRow, m.ID, phase, line)
	fixable := r.Cells != "" && Outcome(r.Outcome) != OutcomeCreated && Outcome(r.Outcome) != OutcomeUpdated
	if errors.Is(err, sql.ErrNoRows) || err == nil && !fixable {
		return Row{}, errs.NotFound("row that can be corrected")
	}
	if err != nil {
		return Row{}, fmt.Errorf("correct a row: %w", err)
	}
	corrections, err := fixes(ctx, s.o.DB.Read(), m.ID, line, line)
	if err != nil {
		return Row{}, err
	}
	all := corrections[line]
	if all == nil {
		all = map[int]string{}
	}
	for i, text := range cells {
		all[i] = text
	}
	base := &candidate{}
	if base.cells, err = r.cells(); err != nil {
		return Row{}, fmt.Errorf("correct a row: %w", err)
	}
	base.correct(all)
	c, err := s.evaluate(ctx, m, line, base.cells)
	if err != nil {
		return Row{}, err
	}
	return s.keepFix(ctx, m, r, c, all)
}

func checkFix(m *Import, cells map[int]string) error {
	switch {
	case m.State.busy():
		return busy()
	case m.State == StateUndone:
		return errs.New(errs.KindConflict, "import_undone", "This import was taken back. Upload the file again.")
	}
	var wrong errs.Fields
	if len(cells) == 0 {
		wrong.Add("cells", "empty", "Give at least one cell, by the number of its column.")
	}
	for i, text := range cells {
		at := fmt.Sprintf("cells.%d", i)
		switch {
		case i < 0 || i >= len(m.Columns):
			wrong.Add(at, "unknown_column", "The file has %d columns, counted from 0.", len(m.Columns))
		case isSecret(m.Columns[i].Name):
			wrong.Add(at, "secret_column", "Secrets are never stored.")
		case len(text) > maxFixCell:
			wrong.Add(at, "too_long", "A cell has at most %d bytes.", maxFixCell)
		}
	}
	return wrong.Err()
}

// keepFix stores the corrections of a row; after a check, also what it would be now.
func (s *Service) keepFix(ctx context.Context, m *Import, r rowRecord, c *candidate, all map[int]string) (Row, error) {
	text, err := encode(all)
	if err != nil {
		return Row{}, err
	}
	row := Row{Line: r.Line, Outcome: c.outcome, Problems: c.problems, Cells: c.cells, Fixed: true}
	if row.Outcome != OutcomeWrong {
		row.Outcome = OutcomeReady
	}
	err = s.o.DB.Write(ctx, func(tx *db.Tx) error {
		now, err := locked(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if now.State.busy() {
			return busy()
		}
		if _, err := tx.ExecContext(ctx, sqlFix, m.ID, r.Line, text, s.now()); err != nil {
			return fmt.Errorf("correct a row: %w", err)
		}
		if now.phase() == phaseCheck && now.checked != nil {
			if err := evaluated(ctx, tx, now, r, row); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, now, "update", fmt.Sprintf("Line %d corrected before import", r.Line), nil)
	})
	row.Cells = masked(m, row.Cells)
	return row, err
}

func masked(m *Import, cells []string) []string {
	out := slices.Clone(cells)
	for i := range out {
		if i < len(m.Columns) && isSecret(m.Columns[i].Name) {
			out[i] = ""
		}
	}
	return out
}

// evaluated moves a corrected row in what a check found.
func evaluated(ctx context.Context, tx *db.Tx, m *Import, r rowRecord, row Row) error {
	before, err := r.problems()
	if err != nil {
		return fmt.Errorf("correct a row: %w", err)
	}
	sum := m.checked.clone()
	if Outcome(r.Outcome) == OutcomeWrong {
		sum.Wrong--
		for _, code := range codes(before) {
			if sum.Errors[code]--; sum.Errors[code] <= 0 {
				delete(sum.Errors, code)
			}
		}
		if row.Outcome != OutcomeWrong {
			sum.Create++ // or changed: a check after corrections tells
			if m.Mode == ModeUpdate {
				sum.Create, sum.Update = sum.Create-1, sum.Update+1
			}
		}
	} else if row.Outcome == OutcomeWrong {
		return nil
	}
	if row.Outcome == OutcomeWrong {
		sum.Wrong++
		for _, code := range codes(row.Problems) {
			sum.Errors[code]++
		}
	}
	problems := ""
	if len(row.Problems) > 0 {
		if problems, err = encode(row.Problems); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, sqlEvaluated, string(row.Outcome), problems, m.ID, r.Line); err != nil {
		return fmt.Errorf("correct a row: %w", err)
	}
	return saveChecked(ctx, tx, m, sum)
}

// ofJob is the import that a job is about; nothing when another job has taken its place.
func (s *Service) ofJob(ctx context.Context, j job.Job) (*Import, error) {
	if err := access.Require(ctx, access.CustomerImport); err != nil {
		return nil, err
	}
	query := sqlByRun
	if j.Kind == KindCheck {
		query = sqlByCheck
	}
	m, err := get(ctx, s.o.DB.Read(), query, j.ID)
	if errs.IsKind(err, errs.KindNotFound) {
		return nil, nil
	}
	return m, err
}

func (s *Service) jobColumns(ctx context.Context, j job.Job) ([]string, error) {
	m, err := s.ofJob(ctx, j)
	if m == nil || err != nil {
		return nil, err
	}
	names := make([]string, len(m.Columns))
	for i, c := range m.Columns {
		names[i] = c.Name
	}
	return names, nil
}

// eachJobProblem tells the wrong rows of a check or a run: each wrong field once.
func (s *Service) eachJobProblem(ctx context.Context, j job.Job, fn func(job.Row) error) error {
	m, err := s.ofJob(ctx, j)
	if m == nil || err != nil {
		return err
	}
	phase := phaseRun
	if j.Kind == KindCheck {
		phase = phaseCheck
	}
	return s.eachWrong(ctx, m, phase, func(r Row) error {
		for _, p := range r.Problems {
			row := job.Row{Line: r.Line, Name: r.Name, Outcome: string(r.Outcome), Code: p.Code, Field: p.Field, Message: p.Message, Cells: r.Cells}
			if err := fn(row); err != nil {
				return err
			}
		}
		return nil
	})
}

// eachWrong reads the wrong rows in pages, so that neither memory nor a connection is held while fn writes to a slow
// reader.
func (s *Service) eachWrong(ctx context.Context, m *Import, phase int64, fn func(Row) error) error {
	for after := int64(0); ; {
		var found []rowRecord
		if err := s.o.DB.Read().SelectContext(ctx, &found, sqlRowsOf, m.ID, phase, after, eachRows, string(OutcomeWrong)); err != nil {
			return fmt.Errorf("list wrong rows: %w", err)
		}
		rows, err := s.readRows(ctx, m, found)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := fn(r); err != nil {
				return err
			}
			after = r.Line
		}
		if len(found) < eachRows {
			return nil
		}
	}
}

// WriteErrors writes the wrong rows as a CSV that can be corrected and uploaded: line, field, reason, then the original
// columns. Cells that begin like a formula are made harmless, and are themselves again when the file comes back.
func (s *Service) WriteErrors(ctx context.Context, importID int64, w io.Writer) error {
	m, err := s.Get(ctx, importID)
	if err != nil {
		return err
	}
	out := tabular.NewCSVWriter(w, tabular.CSVOptions{BOM: true})
	header, skip := slices.Clone(errorColumns), 0
	if isErrorFile(m.Columns) {
		skip = len(errorColumns)
	}
	for _, c := range m.Columns[skip:] {
		header = append(header, c.Name)
	}
	if err := out.Write(header); err != nil {
		return err
	}
	err = s.eachWrong(ctx, m, m.phase(), func(r Row) error { return out.Write(errorRow(m, r, skip)) })
	if err != nil {
		return err
	}
	return out.Close()
}

func errorRow(m *Import, r Row, skip int) []string {
	var fields, reasons []string
	for _, p := range r.Problems {
		name := p.Field
		if p.Column >= 0 && p.Column < len(m.Columns) {
			name = m.Columns[p.Column].Name
		}
		if name != "" && !slices.Contains(fields, name) {
			fields = append(fields, name)
		}
		reasons = append(reasons, p.Message)
	}
	row := []string{lineText(r.Line), strings.Join(fields, "; "), strings.Join(reasons, " ")}
	cells := r.Cells
	for len(cells) < len(m.Columns) {
		cells = append(cells, "")
	}
	return append(row, cells[min(skip, len(cells)):]...)
}

// Sample is a small file that shows what can be imported.
func Sample(w io.Writer) error {
	out := tabular.NewCSVWriter(w, tabular.CSVOptions{BOM: true})
	for _, row := range [][]string{
		{"Reference number", "Company", "First name", "Last name", "E-mail", "Telephone", "Address line 1", "City", "Postal code", "Country", "Groups", "Description"},
		{"C-1001", "Fjord Hotels AS", "Ingrid", "Haugen", "ingrid@fjordhotels.example", "+47 22 99 54 94", "Storgata 1", "Oslo", "0155", "Norway", "Hotels; North", "Key account"},
		{"C-1002", "", "Mateo", "Quispe", "mateo@example.org", "+34 912 72 38 53", "Calle Mayor 7", "Madrid", "28013", "Spain", "Residential", ""},
	} {
		if err := out.Write(row); err != nil {
			return err
		}
	}
	return out.Close()
}
