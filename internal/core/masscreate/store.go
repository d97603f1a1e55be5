package masscreate

import (
	"context"
	"fmt"

	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
)

const (
	sqlKeepResult = `INSERT INTO mass_create_results (file_id, job_id, expires_at) VALUES ($1, $2, $3)`
	sqlExpired    = `SELECT file_id, job_id FROM mass_create_results WHERE expires_at < $1 ORDER BY expires_at LIMIT 100`
	sqlDropResult = `DELETE FROM mass_create_results WHERE file_id = $1`
)

// Purge removes the result files that nobody took in time.
func (s *Service) Purge(ctx context.Context) error {
	for {
		var old []struct {
			File int64 `db:"file_id"`
			Job  int64 `db:"job_id"`
		}
		if err := s.o.DB.Read().SelectContext(ctx, &old, sqlExpired, clock.Micros(s.o.Clock.Now())); err != nil {
			return fmt.Errorf("purge results of mass creates: %w", err)
		}
		if len(old) == 0 {
			return nil
		}
		for _, r := range old {
			err := s.o.DB.Write(ctx, func(tx *db.Tx) error {
				if err := s.o.Jobs.Expire(ctx, tx, r.Job, r.File); err != nil {
					return err
				}
				if err := s.o.Files.Remove(ctx, tx, r.File); err != nil {
					return err
				}
				_, err := tx.ExecContext(ctx, sqlDropResult, r.File)
				return err
			})
			if err != nil {
				return fmt.Errorf("purge results of mass creates: %w", err)
			}
		}
	}
}
