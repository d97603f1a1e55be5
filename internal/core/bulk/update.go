package bulk

import (
	"context"
	"slices"

	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/job"
)

// readUpdate understands a bulk update, or tells everything that is wrong with it.
func (s *Service) readUpdate(ctx context.Context, r Request) (payload, error) {
	if err := require(ctx, nil); err != nil {
		return payload{}, err
	}
	var wrong errs.Fields
	p := payload{Comment: checkComment(r.Comment, &wrong)}
	var err error
	if p.Scope, err = s.choose(ctx, r.Choice, &wrong); err != nil {
		return payload{}, err
	}
	switch {
	case len(r.Changes) == 0:
		wrong.Add("changes", "required", "Say what is to change.")
	case len(r.Changes) > maxChanges:
		wrong.Add("changes", "too_many", "At most %d changes at once.", maxChanges)
	default:
		changes, more, err := s.o.Customers.ReadChanges(ctx, s.o.DB.Read(), r.Changes)
		if err != nil {
			return payload{}, err
		}
		for _, w := range more.List() {
			wrong.Add(w.Field, w.Code, "%s", w.Message)
		}
		p.Changes = changes
	}
	if err := wrong.Err(); err != nil {
		return payload{}, err
	}
	return p, require(ctx, p.Changes)
}

// Update accepts a bulk update as a job.
func (s *Service) Update(ctx context.Context, r Request) (job.Job, error) {
	p, err := s.readUpdate(ctx, r)
	if err != nil {
		return job.Job{}, err
	}
	return s.update(ctx, p, "Update of ")
}

func (s *Service) update(ctx context.Context, p payload, label string) (job.Job, error) {
	total, err := s.count(ctx, &p.Scope)
	if err != nil {
		return job.Job{}, err
	}
	spec := job.Spec{Kind: KindUpdate, Label: label + people(total), Total: total}
	return s.enqueue(ctx, spec, p, func(tx *db.Tx, j job.Job) error {
		_, err := tx.ExecContext(ctx, sqlInsertRun, j.ID, clock.Micros(s.o.Clock.Now()))
		return err
	})
}

// MembersRequest puts customers into a group, or takes them out.
type MembersRequest struct {
	Group   string // grp_...
	Op      string // add or remove
	Choice  Choice
	Comment string
}

func (s *Service) readMembers(ctx context.Context, r MembersRequest) (payload, string, error) {
	op, label := r.Op, "Add to group "
	if op == string(customer.OpRemove) {
		label = "Remove from group "
	} else if op != string(customer.OpAdd) {
		op = string(customer.OpAdd) // told below, with what else is wrong
	}
	p, err := s.readUpdate(ctx, Request{Choice: r.Choice, Comment: r.Comment, Changes: []customer.Asked{{Field: "groups", Op: op, Values: []string{r.Group}}}})
	e, refused := errs.As(err)
	if err != nil && (!refused || e.Kind != errs.KindInvalid) {
		return payload{}, "", err
	}
	var wrong errs.Fields
	if refused {
		for _, w := range e.Fields {
			if w.Field == "changes[0].value" {
				return payload{}, "", errs.NotFound("group")
			}
			wrong.Add(w.Field, w.Code, "%s", w.Message)
		}
	}
	if r.Op != op {
		wrong.Add("op", "unknown", "The op is add or remove.")
	}
	if err := wrong.Err(); err != nil {
		return payload{}, "", err
	}
	names, _, err := s.o.Customers.Names(ctx, s.o.DB.Read(), p.Changes[0].IDs, nil)
	return p, label + names[p.Changes[0].IDs[0]] + ": ", err
}

// Members accepts a change of a group's members as a job: a bulk update, which can be undone as well.
func (s *Service) Members(ctx context.Context, r MembersRequest) (job.Job, error) {
	p, label, err := s.readMembers(ctx, r)
	if err != nil {
		return job.Job{}, err
	}
	return s.update(ctx, p, label)
}

// PreviewMembers tells what Members would do.
func (s *Service) PreviewMembers(ctx context.Context, r MembersRequest) (*Preview, error) {
	p, _, err := s.readMembers(ctx, r)
	if err != nil {
		return nil, err
	}
	return s.previewUpdate(ctx, p)
}

func (s *Service) runUpdate(ctx context.Context, run *job.Run) error {
	var p payload
	if err := run.Payload(&p); err != nil {
		return err
	}
	if err := require(ctx, p.Changes); err != nil {
		return err
	}
	ctx = commented(ctx, p.Comment)
	var at mark
	if _, err := run.Checkpoint(&at); err != nil {
		return err
	}
	err := s.walk(ctx, run, &p.Scope, &at, func(tx *db.Tx, ids []int64, next *mark) ([]job.Row, error) {
		return s.updateSome(ctx, tx, run.ID(), ids, p.Changes, next)
	})
	if err != nil {
		return err
	}
	return s.finish(ctx, run, at)
}

// updateSome changes a batch of customers and keeps what it replaces.
func (s *Service) updateSome(ctx context.Context, tx *db.Tx, jobID int64, ids []int64, changes []customer.Change, next *mark) ([]job.Row, error) {
	if err := customer.HoldTree(ctx, tx, changes); err != nil {
		return nil, err
	}
	held, err := s.o.Customers.LoadLocked(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	tried, err := s.o.Customers.Try(ctx, tx, held, slices.Repeat([][]customer.Change{changes}, len(held)), false)
	if err != nil {
		return nil, err
	}
	if err := s.o.Customers.Write(ctx, tx, tried, "Customer changed in bulk", audit.ActionUpdate); err != nil {
		return nil, err
	}
	var rows []job.Row
	for _, n := range missing(ids, held) {
		rows = append(rows, next.gone(n))
	}
	var kept []former
	for i := range tried {
		o := &tried[i]
		rows = append(rows, next.tried(o))
		if o.Good() {
			kept = append(kept, former{o.After.ID, o.After.Version, customer.Undoing(o)})
		}
	}
	return rows, keepFormer(ctx, tx, jobID, kept)
}
