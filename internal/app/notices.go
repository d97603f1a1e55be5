package app

import (
	"context"

	"tandem/internal/core/access"
	"tandem/internal/core/importer"
	"tandem/internal/core/notice"
	"tandem/internal/core/notify"
	"tandem/internal/core/schedule"
	"tandem/internal/kit/db"
	"tandem/internal/kit/job"
)

// jobEnded publishes the end of a job, and tells who began it when it failed or brought an import to its end.
func (a *App) jobEnded(ctx context.Context, tx *db.Tx, j job.Job) error {
	if err := a.Events.JobEnded(ctx, tx, j); err != nil {
		return err
	}
	n := notice.Notice{Person: j.Owner, Table: "jobs", RowID: j.ID, Name: j.Label}
	switch {
	case j.State == job.StateFailed:
		n.Code, n.Detail = notice.JobFailed, j.Error
	case j.State != job.StateDone:
		return nil
	case j.Kind == importer.KindRun:
		n.Code = notice.ImportDone
	case j.Failed > 0 && j.Kind != importer.KindCheck: // a check is looked at anyway
		n.Code = notice.JobErrors
	default:
		return nil
	}
	return a.Notices.Add(ctx, tx, n)
}

// mailGivenUp tells who had a mail written that nobody will get it.
func (a *App) mailGivenUp(ctx context.Context, tx *db.Tx, m notify.GivenUp) error {
	return a.Notices.Add(ctx, tx, notice.Notice{Person: m.Author, Code: notice.EmailFailed, Table: notify.Table, RowID: m.ID, Name: m.Subject, Detail: m.To + ": " + m.Why})
}

// delayedTrouble tells who asked for a delayed save that it conflicts or failed.
func (a *App) delayedTrouble(ctx context.Context, tx *db.Tx, c schedule.Change) error {
	code := notice.DelayedConflicted
	if c.State == schedule.StateFailed {
		code = notice.DelayedFailed
	}
	person := access.Principal{Kind: c.Requester.Kind, ID: c.Requester.ID}.Key()
	return a.Notices.Add(ctx, tx, notice.Notice{Person: person, Code: code, Table: schedule.Table, RowID: c.ID, Name: c.RowName, Detail: c.Reason})
}
