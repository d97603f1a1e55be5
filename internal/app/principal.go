package app

import (
	"context"
	"encoding/json"
	"fmt"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/job"
)

// requester is who asked for a job, as it is kept with the job. What they may do is asked again when it runs.
type requester struct {
	Kind       access.Kind `json:"kind"`
	ID         int64       `json:"id"`
	Name       string      `json:"name"`
	OnBehalfOf string      `json:"on_behalf_of,omitempty"`
	RequestID  string      `json:"request_id,omitempty"`
	IP         string      `json:"ip,omitempty"`
	Comment    string      `json:"comment,omitempty"`
}

func (a *App) savePrincipal(ctx context.Context) ([]byte, error) {
	c := access.From(ctx)
	if c.Principal.Kind == access.KindAnonymous {
		return nil, errs.New(errs.KindUnauthorized, "not_signed_in", "Sign in first.")
	}
	return json.Marshal(requester{Kind: c.Principal.Kind, ID: c.Principal.ID, Name: c.Principal.Name, OnBehalfOf: c.OnBehalfOf,
		RequestID: c.RequestID, IP: c.IP, Comment: c.Comment})
}

func (a *App) restorePrincipal(ctx context.Context, saved []byte) (context.Context, error) {
	var r requester
	if err := json.Unmarshal(saved, &r); err != nil {
		return nil, fmt.Errorf("read who asked for a job: %w", err)
	}
	p, err := a.Sessions.Resume(ctx, r.Kind, r.ID, r.Name)
	if err != nil {
		return nil, err
	}
	return access.With(ctx, access.Call{Principal: p, OnBehalfOf: r.OnBehalfOf, RequestID: r.RequestID, IP: r.IP, Verb: "JOB", Comment: r.Comment}), nil
}

// actor is who asks about jobs: everybody sees their own, who manages jobs sees all.
func actor(ctx context.Context) job.Actor {
	p := access.From(ctx).Principal
	if p.Kind == access.KindAnonymous || !p.May(access.JobRead) {
		return job.Actor{}
	}
	all := p.May(access.JobManage)
	return job.Actor{Key: p.Key(), Name: p.Name, ReadAll: all, ManageAll: all}
}

func (a *App) noteJob(ctx context.Context, tx *db.Tx, message string, j job.Job) error {
	e := audit.Entry{Action: audit.ActionUpdate, Table: "jobs", RowID: j.ID, RowName: j.Label, Message: message}
	if message == job.NoteTaken { // a file that is had once holds secrets
		e.Action = audit.ActionReveal
	}
	return a.Log.Record(ctx, tx, e)
}
