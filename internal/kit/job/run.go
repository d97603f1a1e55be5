package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"tandem/internal/kit/db"
)

// reportEvery is how often Report writes at most.
const reportEvery = 500 * time.Millisecond

// Run is one worker's hold on a job, as a Handler sees it. It is for the handler's goroutine.
type Run struct {
	s      *Service
	lease  int64
	cancel context.CancelCauseFunc
	shown  func(Job) // told after every progress; may be nil

	payload    string
	checkpoint string

	mu       sync.Mutex
	job      Job
	saved    bool // this run got somewhere
	reported time.Time
}

// ID is the job's number.
func (r *Run) ID() int64 { return r.Job().ID }

// Job is the job as this run left it last.
func (r *Run) Job() Job {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.job
}

// Payload reads what the job was enqueued with.
func (r *Run) Payload(v any) error {
	if err := json.Unmarshal([]byte(r.payload), v); err != nil {
		return fmt.Errorf("read the job's payload: %w", err)
	}
	return nil
}

// Checkpoint reads what the last Save kept, of this run or one before; found is false at the very beginning.
func (r *Run) Checkpoint(v any) (found bool, err error) {
	if r.checkpoint == "" {
		return false, nil
	}
	if err := json.Unmarshal([]byte(r.checkpoint), v); err != nil {
		return false, fmt.Errorf("read the job's checkpoint: %w", err)
	}
	return true, nil
}

// Save keeps the checkpoint and the progress in the handler's transaction. It returns ErrLost or ErrCancelled when this
// run may not go on: return it, so that the transaction rolls back. Call it last in the transaction. A nil checkpoint
// keeps the one there is.
func (r *Run) Save(ctx context.Context, tx *db.Tx, checkpoint any, p Progress) error {
	kept := r.checkpoint
	if checkpoint != nil {
		b, err := json.Marshal(checkpoint)
		if err != nil {
			return fmt.Errorf("save a job: %w", err)
		}
		kept = string(b)
	}
	p = r.whole(p)
	now := r.s.now()
	err := r.fenced(ctx, tx, sqlSave, kept, p.Done, p.Total, p.Failed, now+r.s.o.Lease.Microseconds(), now)
	if err != nil {
		return err
	}
	tx.AfterCommit(func() {
		r.checkpoint = kept
		r.mu.Lock()
		r.saved = true
		r.mu.Unlock()
		r.progressed(p)
	})
	return nil
}

// Report tells the progress in a transaction of its own, at most twice a second: the rest is dropped. Never call it
// inside a transaction.
func (r *Run) Report(ctx context.Context, p Progress) error {
	now := r.s.o.Clock.Now()
	r.mu.Lock()
	soon := !r.reported.IsZero() && now.Sub(r.reported) < reportEvery
	if !soon {
		r.reported = now
	}
	r.mu.Unlock()
	if soon {
		return nil
	}
	p = r.whole(p)
	err := r.s.o.DB.Write(ctx, func(tx *db.Tx) error {
		return r.fenced(ctx, tx, sqlReport, p.Done, p.Total, p.Failed, r.s.now())
	})
	if err == nil {
		r.progressed(p)
	}
	return err
}

// SetResult keeps what the job tells at its end, as JSON, in the handler's transaction. Fenced as Save is.
func (r *Run) SetResult(ctx context.Context, tx *db.Tx, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("set a job's result: %w", err)
	}
	if err := r.fenced(ctx, tx, sqlSetResult, string(b), r.s.now()); err != nil {
		return err
	}
	tx.AfterCommit(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.job.Result = b
	})
	return nil
}

// SetFile names the result file, in the handler's transaction. once: it may be taken one time only. Fenced as Save is.
func (r *Run) SetFile(ctx context.Context, tx *db.Tx, fileID int64, once bool) error {
	return r.fenced(ctx, tx, sqlSetFile, fileID, once, r.s.now())
}

// AddRows keeps what became of rows, in the handler's transaction. It is not fenced: the Save of the same transaction is.
func (r *Run) AddRows(ctx context.Context, tx *db.Tx, rows []Row) error {
	if len(rows) == 0 {
		return nil
	}
	var n int64
	if err := tx.GetContext(ctx, &n, sqlMaxRow, r.ID()); err != nil {
		return fmt.Errorf("add rows of a job: %w", err)
	}
	values := make([][]any, len(rows))
	for i, row := range rows {
		cells := ""
		if len(row.Cells) > 0 {
			b, err := json.Marshal(row.Cells)
			if err != nil {
				return fmt.Errorf("add rows of a job: %w", err)
			}
			cells = string(b)
		}
		n++
		values[i] = []any{r.ID(), n, row.Line, row.RowID, row.Name, row.Outcome, row.Code, row.Field, row.Message, cells}
	}
	return tx.Bulk(ctx, "job_rows", rowColumns, values)
}

// fenced runs a change of the job that this run must hold. The query's last two placeholders are the job and the lease.
func (r *Run) fenced(ctx context.Context, tx *db.Tx, query string, args ...any) error {
	n := r.ID()
	done, err := tx.ExecContext(ctx, query, append(args, n, r.lease)...)
	if err != nil {
		return fmt.Errorf("save a job: %w", err)
	}
	if rows, err := done.RowsAffected(); err != nil || rows > 0 {
		return err
	}
	var asked int64
	cause := ErrLost
	if err := tx.GetContext(ctx, &asked, sqlWhyNot, n, r.lease); err == nil && asked > 0 {
		cause = ErrCancelled
	}
	r.cancel(cause)
	return cause
}

// whole fills in the total that is known.
func (r *Run) whole(p Progress) Progress {
	if p.Total == 0 {
		p.Total = r.Job().Total
	}
	return p
}

func (r *Run) hasSaved() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.saved
}

func (r *Run) progressed(p Progress) {
	r.mu.Lock()
	r.job.Done, r.job.Total, r.job.Failed = p.Done, p.Total, p.Failed
	j := r.job
	r.mu.Unlock()
	if r.shown != nil {
		r.shown(j)
	}
}

// beat renews the lease until ctx ends. A lease that cannot be renewed ends the run.
func (r *Run) beat(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		held, asked, err := r.renew(ctx)
		switch {
		case err != nil: // the database is away: the handler will meet it too
			if !errors.Is(err, context.Canceled) {
				r.s.o.Log.Warn("a job's lease could not be renewed", "job", r.Job().PublicID(), "error", err)
			}
		case !held:
			r.cancel(ErrLost)
		case asked:
			r.cancel(ErrCancelled)
		}
	}
}
