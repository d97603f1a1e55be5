package job

import (
	"context"
	"fmt"

	"tandem/internal/kit/db"
)

const (
	// Rows are not found by what they are of: this reads all that is kept, which the purge bounds.
	sqlRowsNaming = ` FROM job_rows WHERE row_id IN (%s)`
	sqlRowsSaying = sqlRowsNaming + ` AND (name <> '' OR message <> '' OR cells <> '')`
	sqlJobsNaming = `SELECT DISTINCT job_id` + sqlRowsNaming + ` ORDER BY job_id`
	sqlCountRows  = `SELECT COUNT(*)` + sqlRowsSaying
	sqlRowsToHush = `SELECT job_id, n` + sqlRowsSaying + ` ORDER BY job_id, n LIMIT 500`
	sqlHushRow    = `UPDATE job_rows SET name = '', message = '', cells = '' WHERE job_id = $1 AND n = $2`

	sqlEndedOf    = ` FROM jobs WHERE id IN (%s) AND state IN ('done', 'failed', 'cancelled')`
	sqlCountAsked = `SELECT COUNT(*)` + sqlEndedOf + ` AND (kind IN (%s) AND payload <> '{}' OR file_id > 0)`
	sqlFilesOf    = `SELECT id, file_id` + sqlEndedOf + ` AND file_id > 0`
	sqlHushAsked  = `UPDATE jobs SET payload = '{}', checkpoint = '', caller = $1 WHERE id IN (%s) AND kind IN (%s) AND state IN ('done', 'failed', 'cancelled') AND payload <> '{}'`
	sqlNoFile     = `UPDATE jobs SET file_id = 0, file_taken_at = $1 WHERE id = $2 AND file_id = $3`
)

// Naming is the jobs that have a row of one of these, by their identifiers at the API. It asks for no permission, as the
// rest here: the caller has.
func Naming(ctx context.Context, q db.Q, refs []string) (out []int64, err error) {
	if len(refs) == 0 {
		return nil, nil
	}
	if err := q.SelectContext(ctx, &out, fmt.Sprintf(sqlJobsNaming, db.Placeholders(1, len(refs))), texts(refs)...); err != nil {
		return nil, fmt.Errorf("look for jobs: %w", err)
	}
	return out, nil
}

// ToHush is how many rows and jobs Hush would change.
func ToHush(ctx context.Context, q db.Q, refs []string, jobs []int64, kinds ...string) (int64, error) {
	var rows, asked int64
	if len(refs) > 0 {
		if err := q.GetContext(ctx, &rows, fmt.Sprintf(sqlCountRows, db.Placeholders(1, len(refs))), texts(refs)...); err != nil {
			return 0, fmt.Errorf("count the rows of jobs: %w", err)
		}
	}
	if err := q.GetContext(ctx, &asked, fmt.Sprintf(sqlCountAsked, db.IDList(jobs), db.Placeholders(1, len(kinds))), texts(kinds)...); err != nil {
		return 0, fmt.Errorf("count jobs: %w", err)
	}
	return rows + asked, nil
}

// Hush takes out of the rows of jobs what they say of these, and out of ended jobs of some kinds what was asked for. Result
// files of the jobs go.
func (s *Service) Hush(ctx context.Context, refs []string, jobs []int64, kinds ...string) error {
	for more := len(refs) > 0; more; {
		var some []struct {
			Job int64 `db:"job_id"`
			N   int64 `db:"n"`
		}
		if err := s.o.DB.Read().SelectContext(ctx, &some, fmt.Sprintf(sqlRowsToHush, db.Placeholders(1, len(refs))), texts(refs)...); err != nil {
			return fmt.Errorf("read the rows of jobs: %w", err)
		}
		more = len(some) > 0
		err := s.o.DB.Write(ctx, func(tx *db.Tx) error {
			for _, r := range some {
				if _, err := tx.ExecContext(ctx, sqlHushRow, r.Job, r.N); err != nil {
					return fmt.Errorf("hush the rows of a job: %w", err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return s.hushAsked(ctx, jobs, kinds)
}

func (s *Service) hushAsked(ctx context.Context, jobs []int64, kinds []string) error {
	return s.o.DB.Write(ctx, func(tx *db.Tx) error {
		var files []struct {
			Job  int64 `db:"id"`
			File int64 `db:"file_id"`
		}
		if err := tx.SelectContext(ctx, &files, fmt.Sprintf(sqlFilesOf, db.IDList(jobs))); err != nil {
			return fmt.Errorf("look for result files: %w", err)
		}
		for _, f := range files {
			if s.o.Drop != nil {
				if err := s.o.Drop(ctx, tx, f.File); err != nil {
					return err
				}
			}
			if _, err := tx.ExecContext(ctx, sqlNoFile, -s.now(), f.Job, f.File); err != nil {
				return fmt.Errorf("drop the result of a job: %w", err)
			}
		}
		args := append([]any{[]byte("{}")}, texts(kinds)...)
		if _, err := tx.ExecContext(ctx, fmt.Sprintf(sqlHushAsked, db.IDList(jobs), db.Placeholders(2, len(kinds))), args...); err != nil {
			return fmt.Errorf("hush jobs: %w", err)
		}
		return nil
	})
}

func texts(all []string) []any {
	out := make([]any, len(all))
	for i, t := range all {
		out[i] = t
	}
	return out
}
