package bulk

import (
	"context"
	"encoding/json"
	"fmt"

	"tandem/internal/core/customer"
	"tandem/internal/kit/db"
)

const (
	sqlInsertRun  = `INSERT INTO bulk_runs (job_id, created_at) VALUES ($1, $2)`
	sqlOldRuns    = `SELECT job_id FROM bulk_runs WHERE created_at < $1 ORDER BY job_id LIMIT 100`
	sqlDropRun    = `DELETE FROM bulk_runs WHERE job_id = $1`
	sqlFormer     = `SELECT customer_id, version, former FROM bulk_rows WHERE job_id = $1 AND customer_id > $2 ORDER BY customer_id LIMIT $3`
	sqlCount      = `SELECT COUNT(*) FROM bulk_rows WHERE job_id = $1`
	sqlDropFormer = `
		DELETE FROM bulk_rows WHERE job_id = $1 AND customer_id IN (
		       SELECT customer_id FROM bulk_rows WHERE job_id = $1 ORDER BY customer_id LIMIT 5000)`
	sqlLater     = `SELECT customer_id FROM bulk_later WHERE job_id = $1 ORDER BY customer_id`
	sqlDropLater = `DELETE FROM bulk_later WHERE job_id = $1`
	sqlLaterDone = `DELETE FROM bulk_later WHERE job_id = $1 AND customer_id = $2`
)

// former is what an update replaced on one customer.
type former struct {
	CustomerID int64
	Version    int64 // the one that the update left
	Changes    []customer.Change
}

func keepFormer(ctx context.Context, tx *db.Tx, jobID int64, list []former) error {
	rows := make([][]any, len(list))
	for i, f := range list {
		text, err := json.Marshal(f.Changes)
		if err != nil {
			return fmt.Errorf("keep former values: %w", err)
		}
		rows[i] = []any{jobID, f.CustomerID, f.Version, string(text)}
	}
	return tx.Bulk(ctx, "bulk_rows", []string{"job_id", "customer_id", "version", "former"}, rows)
}

func readFormer(ctx context.Context, q db.Q, jobID, after int64, limit int) ([]former, error) {
	var rows []struct {
		CustomerID int64  `db:"customer_id"`
		Version    int64  `db:"version"`
		Former     string `db:"former"`
	}
	if err := q.SelectContext(ctx, &rows, sqlFormer, jobID, after, limit); err != nil {
		return nil, fmt.Errorf("read former values: %w", err)
	}
	out := make([]former, len(rows))
	for i, r := range rows {
		out[i] = former{CustomerID: r.CustomerID, Version: r.Version}
		if err := json.Unmarshal([]byte(r.Former), &out[i].Changes); err != nil {
			return nil, fmt.Errorf("read former values: %w", err)
		}
	}
	return out, nil
}

func putOff(ctx context.Context, tx *db.Tx, jobID int64, ids []int64) error {
	rows := make([][]any, len(ids))
	for i, n := range ids {
		rows[i] = []any{jobID, n}
	}
	return tx.Bulk(ctx, "bulk_later", []string{"job_id", "customer_id"}, rows)
}

// Purge forgets what updates replaced that were accepted before a time, in microseconds: they cannot be undone any
// more. It works in small transactions.
func (s *Service) Purge(ctx context.Context, before int64) error {
	for {
		var old []int64
		if err := s.o.DB.Read().SelectContext(ctx, &old, sqlOldRuns, before); err != nil {
			return fmt.Errorf("purge bulk updates: %w", err)
		}
		if len(old) == 0 {
			return nil
		}
		for _, n := range old {
			if err := s.purge(ctx, n); err != nil {
				return fmt.Errorf("purge bulk updates: %w", err)
			}
		}
	}
}

func (s *Service) purge(ctx context.Context, jobID int64) error {
	for left := int64(1); left > 0; {
		err := s.o.DB.Write(ctx, func(tx *db.Tx) error {
			done, err := tx.ExecContext(ctx, sqlDropFormer, jobID)
			if err != nil {
				return err
			}
			if left, err = done.RowsAffected(); err != nil || left > 0 {
				return err
			}
			_, err = tx.ExecContext(ctx, sqlDropRun, jobID)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
