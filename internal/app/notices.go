package app

import (
	"context"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/core/importer"
	"tandem/internal/core/notice"
	"tandem/internal/core/notify"
	"tandem/internal/core/schedule"
	"tandem/internal/core/staff"
	"tandem/internal/core/webhook"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
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
	detail := m.Why
	if strings.Contains(m.To, "@") { // numbers are not everybody's to see
		detail = m.To + ": " + m.Why
	}
	return a.Notices.Add(ctx, tx, notice.Notice{Person: m.Author, Code: notice.EmailFailed, Table: notify.Table, RowID: m.ID, Name: m.Subject, Detail: detail})
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

// webhookMasks is what is hidden from who made a webhook.
func (a *App) webhookMasks(ctx context.Context, w *webhook.Webhook) ([]access.Mask, error) {
	switch {
	case w.MadeBy != 0:
		return a.Staff.MasksOf(ctx, w.MadeBy)
	case w.MadeByToken != 0:
		return a.Sessions.MasksOf(ctx, w.MadeByToken)
	}
	return nil, nil
}

// webhookDisabled tells who made a webhook that it was disabled, here and by mail.
func (a *App) webhookDisabled(ctx context.Context, tx *db.Tx, w webhook.Webhook) error {
	if w.MadeBy == 0 {
		return nil
	}
	name := w.Description
	if name == "" {
		name = w.URL
	}
	person := access.Principal{Kind: access.KindStaff, ID: w.MadeBy}.Key()
	if err := a.Notices.Add(ctx, tx, notice.Notice{Person: person, Code: notice.WebhookDisabled, Table: webhook.Table, RowID: w.ID, Name: name, Detail: w.URL}); err != nil {
		return err
	}
	who, err := a.Staff.Get(ctx, w.MadeBy)
	if err == nil && who.Status == staff.StatusActive {
		_, err = a.Mail.Send(ctx, tx, notify.Message{Key: notify.KeyWebhookDisabled, To: who.Email, StaffID: who.ID, Vars: map[string]string{
			"name": who.Name, "webhook": name, "url": w.URL, "page": a.Config.PublicURL + "/settings/webhooks/" + id.Format(webhook.Prefix, w.ID)}})
	}
	if _, refused := errs.As(err); refused { // they are gone, or their address is none: the webhook is disabled all the same
		a.Config.Log.Warn("nobody could be written to about a webhook that was disabled", "webhook", id.Format(webhook.Prefix, w.ID), "error", err)
		return nil
	}
	return err
}

// signUpWaits tells everybody who may approve a new customer that it waits.
func (a *App) signUpWaits(ctx context.Context, tx *db.Tx, made customer.Created, name string) error {
	people, err := a.Staff.All(ctx)
	if err != nil {
		return err
	}
	for _, p := range people {
		if p.Status != staff.StatusActive {
			continue
		}
		who, err := a.Staff.Account(ctx, p.ID)
		if err != nil {
			return err
		}
		principal := who.Principal()
		if !principal.May(access.CustomerUpdate) {
			continue
		}
		seen, err := customer.Visible(access.With(ctx, access.Call{Principal: principal}), tx, []int64{made.ID})
		if err != nil {
			return err
		}
		if len(seen) == 0 {
			continue
		}
		if err := a.Notices.Add(ctx, tx, notice.Notice{Person: principal.Key(), Code: notice.SignUpWaits, Table: customer.Table, RowID: made.ID, Name: name + " (" + made.CustomerID + ")"}); err != nil {
			return err
		}
	}
	return nil
}
