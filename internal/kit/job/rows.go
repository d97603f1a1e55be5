package job

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tandem/internal/kit/db"
)

const (
	eachRows  = 1000 // rows read at once by EachProblem
	purgeJobs = 100  // jobs looked at once by Purge
	purgeRows = 5000 // rows removed in one transaction
)

// RowQuery says which rows of a job to list. Zero values do not narrow.
type RowQuery struct {
	Outcome string
	After   int64 // the last place of the page before
	Limit   int   // 1 to 1,000; 0 = 50
}

// PlacedRow is a row and its place in the job's results.
type PlacedRow struct {
	Row
	Place int64
}

// Rows gives what became of rows of a job that the caller may see, in the order they were handled.
func (s *Service) Rows(ctx context.Context, n int64, q RowQuery) (rows []PlacedRow, more bool, err error) {
	if _, err := s.Get(ctx, n); err != nil {
		return nil, false, err
	}
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Limit = min(q.Limit, 1000)
	if q.Outcome == "" {
		rows, err = s.rows(ctx, sqlRows, n, q.After, q.Limit+1)
	} else {
		rows, err = s.rows(ctx, sqlRowsOf, n, q.After, q.Limit+1, q.Outcome)
	}
	if more = len(rows) > q.Limit; more {
		rows = rows[:q.Limit]
	}
	return rows, more, err
}

// Columns is the names of the cells of a job's rows: as its kind tells them, or as the job told them in its result, in
// "columns". None when nobody does.
func (s *Service) Columns(ctx context.Context, j Job) ([]string, error) {
	if kept, ok := s.kept[j.Kind]; ok {
		return kept.Columns(ctx, j)
	}
	var told struct {
		Columns []string `json:"columns"`
	}
	if len(j.Result) > 0 {
		_ = json.Unmarshal(j.Result, &told) // results of other shapes have no columns
	}
	return told.Columns, nil
}

// EachProblem calls fn for every row with a code, of a job that the caller may see. It reads in pages, so that neither
// memory nor a connection is held while fn writes to a slow reader.
func (s *Service) EachProblem(ctx context.Context, n int64, fn func(Row) error) error {
	j, err := s.Get(ctx, n)
	if err != nil {
		return err
	}
	if kept, ok := s.kept[j.Kind]; ok {
		return kept.Each(ctx, j, fn)
	}
	for after := int64(0); ; {
		rows, err := s.rows(ctx, sqlProblems, n, after, eachRows)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := fn(row.Row); err != nil {
				return err
			}
			after = row.Place
		}
		if len(rows) < eachRows {
			return nil
		}
	}
}

func (s *Service) rows(ctx context.Context, query string, args ...any) ([]PlacedRow, error) {
	var found []rowRecord
	if err := s.o.DB.Read().SelectContext(ctx, &found, query, args...); err != nil {
		return nil, fmt.Errorf("list the rows of a job: %w", err)
	}
	rows := make([]PlacedRow, len(found))
	for i, f := range found {
		rows[i] = PlacedRow{Place: f.N, Row: Row{
			Line: f.Line, RowID: f.RowID, Name: f.Name, Outcome: f.Outcome, Code: f.Code, Field: f.Field, Message: f.Message,
		}}
		if f.Cells == "" {
			continue
		}
		if err := json.Unmarshal([]byte(f.Cells), &rows[i].Cells); err != nil {
			return nil, fmt.Errorf("list the rows of a job: %w", err)
		}
	}
	return rows, nil
}

// Purge removes the jobs that ended longer than keep ago, with their rows and result files, in small transactions. It
// tells how many.
func (s *Service) Purge(ctx context.Context, keep time.Duration) (purged int, err error) {
	before := s.now() - keep.Microseconds()
	for {
		var old []struct {
			ID     int64 `db:"id"`
			FileID int64 `db:"file_id"`
		}
		if err := s.o.DB.Read().SelectContext(ctx, &old, sqlOld, before, purgeJobs); err != nil {
			return purged, fmt.Errorf("purge jobs: %w", err)
		}
		for _, j := range old {
			if err := s.purge(ctx, j.ID, j.FileID); err != nil {
				return purged, fmt.Errorf("purge jobs: %w", err)
			}
			purged++
		}
		if len(old) < purgeJobs {
			return purged, nil
		}
	}
}

func (s *Service) purge(ctx context.Context, n, fileID int64) error {
	for left := int64(purgeRows); left == purgeRows; {
		err := s.o.DB.Write(ctx, func(tx *db.Tx) error {
			done, err := tx.ExecContext(ctx, sqlDropRows, n, purgeRows)
			if err != nil {
				return err
			}
			left, err = done.RowsAffected()
			return err
		})
		if err != nil {
			return err
		}
	}
	return s.o.DB.Write(ctx, func(tx *db.Tx) error {
		if fileID > 0 && s.o.Drop != nil {
			if err := s.o.Drop(ctx, tx, fileID); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, sqlDropJob, n)
		return err
	})
}
