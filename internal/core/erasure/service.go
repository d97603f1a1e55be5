package erasure

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
)

// Kind is the kind of the job.
const Kind = "erasure"

const (
	maxReason = 200 // characters
	// passes is how often the erasers run when something is written while they do.
	passes = 5
)

// Options is what the service is made of.
type Options struct {
	DB        *db.DB
	Clock     clock.Clock
	IDs       *id.Source
	Audit     *audit.Log
	Log       *slog.Logger
	Jobs      *job.Service
	Directory Directory
}

// Service is the use cases of erasing. Safe for concurrent use.
type Service struct {
	Options
	erasers []Eraser
}

// New gives the service and registers its job: call it before the jobs start.
func New(o Options) *Service {
	s := &Service{Options: o}
	o.Jobs.Handle(Kind, s.run)
	return s
}

// Register adds erasers; they run in the order in which they were registered. Call it while the program is put together.
func (s *Service) Register(erasers ...Eraser) { s.erasers = append(s.erasers, erasers...) }

// Of is the erasure of a customer that was asked for, with its contacts; nil when there is none. contact is 0 for the
// customer. It asks for no permission beyond seeing the customer: the caller has read it.
func (s *Service) Of(ctx context.Context, customerID, contactID int64) (*Erasure, error) {
	return one(ctx, s.DB.Read(), sqlOf, customerID, contactID)
}

// find is whom is meant by the IDs of a customer, or of a contact.
func (s *Service) find(ctx context.Context, q db.Q, customerID, contactID int64) (Person, Erasure, error) {
	if contactID != 0 {
		p, err := s.Directory.Contact(ctx, q, contactID)
		return p, Erasure{Customer: p.Of, Contact: contactID, Name: p.Name}, err
	}
	p, err := s.Directory.Customer(ctx, q, customerID)
	return p, Erasure{Customer: customerID, Name: p.Name}, err
}

// Preview tells what would be erased of a customer, or of one contact.
func (s *Service) Preview(ctx context.Context, customerID, contactID int64) (Preview, error) {
	if err := access.Require(ctx, access.CustomerErase); err != nil {
		return Preview{}, err
	}
	var out Preview
	err := s.DB.Snapshot(ctx, func(q db.Q) error {
		p, e, err := s.find(ctx, q, customerID, contactID)
		if err != nil {
			return err
		}
		out = Preview{Confirm: p.Confirm, Ready: contactID != 0 || p.Closed}
		if out.Last, err = one(ctx, q, sqlOf, e.Customer, e.Contact); err != nil {
			return err
		}
		subject, err := s.Directory.Subject(ctx, q, e)
		if err != nil {
			return err
		}
		for _, eraser := range s.erasers {
			n, err := eraser.Left(ctx, q, subject)
			if err != nil {
				return fmt.Errorf("count what %s keep: %w", eraser.Name, err)
			}
			if n > 0 {
				out.Counts = append(out.Counts, Count{eraser.Name, n})
			}
		}
		return nil
	})
	return out, err
}

// Ask erases the personal data of a closed customer with all of its contacts, or of one contact, by a job. confirm is what
// the caller typed to show that they mean it.
func (s *Service) Ask(ctx context.Context, customerID, contactID int64, confirm, reason string) (job.Job, error) {
	if err := access.Require(ctx, access.CustomerErase); err != nil {
		return job.Job{}, err
	}
	reason = strings.Join(strings.Fields(reason), " ")
	var j job.Job
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		p, e, err := s.find(ctx, tx, customerID, contactID)
		if err != nil {
			return err
		}
		if err := check(p, contactID, confirm, reason); err != nil {
			return err
		}
		e.ID, e.Reason, e.AskedBy, e.AskedAt = s.IDs.Next(), reason, access.From(ctx).Principal.Name, s.Clock.Now()
		if err := s.Directory.Mark(ctx, tx, e); err != nil {
			return err
		}
		if j, err = s.Jobs.Enqueue(ctx, tx, job.Spec{Kind: Kind, Label: "Erase personal data: " + e.Name, Payload: payload{e.Customer, e.Contact}, Total: int64(len(s.erasers))}); err != nil {
			return err
		}
		if err := tx.GetContext(ctx, &e.ID, sqlInsert, e.ID, e.Customer, e.Contact, e.Name, e.Reason, e.AskedBy, clock.Micros(e.AskedAt), j.ID); err != nil {
			return fmt.Errorf("keep the erasure: %w", err)
		}
		return s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionRun, Table: Table, RowID: e.ID, RowName: e.Name, Customer: e.Customer,
			Message: "Erasing of personal data asked for", Changes: []audit.Change{{Field: "reason", New: reason}}})
	})
	return j, err
}

type payload struct {
	Customer int64 `json:"customer"`
	Contact  int64 `json:"contact"`
}

func check(p Person, contactID int64, confirm, reason string) error {
	var wrong errs.Fields
	if reason == "" {
		wrong.Add("reason", "required", "Say why: it is kept, and the personal data is not.")
	}
	if utf8.RuneCountInString(reason) > maxReason {
		wrong.Add("reason", "too_long", "It has at most %d characters.", maxReason)
	}
	if !strings.EqualFold(strings.TrimSpace(confirm), p.Confirm) {
		wrong.Add("confirm", "not_the_same", "Type %s to show that you mean it.", p.Confirm)
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	if contactID == 0 && !p.Closed {
		return errs.New(errs.KindConflict, "not_closed", "Close the customer first: only what is closed is erased.")
	}
	return nil
}

// run erases. What it does may be done again: there is nothing to go on from.
func (s *Service) run(ctx context.Context, run *job.Run) error {
	var p payload
	if err := run.Payload(&p); err != nil {
		return err
	}
	e, err := one(ctx, s.DB.Read(), sqlOf, p.Customer, p.Contact)
	if err != nil {
		return err
	}
	if e == nil {
		return errs.NotFound("erasure")
	}
	if e.DoneAt.IsZero() || e.Job == run.ID() {
		if err := s.erase(ctx, run, *e); err != nil {
			return err
		}
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.finish(ctx, tx, *e); err != nil {
			return err
		}
		return run.Save(ctx, tx, nil, job.Progress{Done: int64(len(s.erasers)), Total: int64(len(s.erasers))})
	})
	if err != nil {
		return err
	}
	return s.DB.Settle(ctx)
}

func (s *Service) finish(ctx context.Context, tx *db.Tx, e Erasure) error {
	now, err := one(ctx, tx, sqlGet+tx.Dialect().ForUpdate(), e.ID)
	if err != nil || now == nil || !now.DoneAt.IsZero() {
		return err
	}
	if _, err := tx.ExecContext(ctx, sqlFinish, clock.Micros(s.Clock.Now()), e.ID); err != nil {
		return fmt.Errorf("end the erasure: %w", err)
	}
	entry := audit.Entry{Action: audit.ActionErase, Table: "customers", RowID: e.Customer, RowName: e.Name, Customer: e.Customer, Message: "Personal data erased",
		Changes: []audit.Change{{Field: "reason", New: e.Reason}, {Field: "asked_by", New: e.AskedBy}}}
	if e.Contact != 0 {
		entry.Table, entry.RowID = "contacts", e.Contact
	}
	return s.Audit.Record(ctx, tx, entry)
}

// erase runs the erasers until none finds anything: while they run, somebody may write down yet what they read before.
func (s *Service) erase(ctx context.Context, run *job.Run, e Erasure) error {
	for pass := range passes {
		subject, err := s.Directory.Subject(ctx, s.DB.Read(), e)
		if err != nil {
			return err
		}
		for i, eraser := range s.erasers {
			if err := eraser.Erase(ctx, subject); err != nil {
				return fmt.Errorf("erase what %s keep: %w", eraser.Name, err)
			}
			if pass == 0 {
				if err := run.Report(ctx, job.Progress{Done: int64(i + 1)}); err != nil {
					return err
				}
			}
		}
		left, err := s.left(ctx, s.DB.Read(), e)
		if err != nil || len(left) == 0 {
			return err
		}
	}
	return fmt.Errorf("something of %s was written again and again while it was erased", e.Name)
}

func (s *Service) left(ctx context.Context, q db.Q, e Erasure) ([]Count, error) {
	subject, err := s.Directory.Subject(ctx, q, e)
	if err != nil {
		return nil, err
	}
	var out []Count
	for _, eraser := range s.erasers {
		n, err := eraser.Left(ctx, q, subject)
		if err != nil {
			return nil, fmt.Errorf("look what %s keep: %w", eraser.Name, err)
		}
		if n > 0 {
			out = append(out, Count{eraser.Name, n})
		}
	}
	return out, nil
}

// Check proves that what was erased, the newest thousand, is gone.
func (s *Service) Check(ctx context.Context, q db.Q) (broken []string, err error) {
	var rows []row
	if err := q.SelectContext(ctx, &rows, sqlDone); err != nil {
		return nil, fmt.Errorf("read the erasures: %w", err)
	}
	ctx = access.With(ctx, access.Call{Principal: access.System("check")})
	for i := range rows {
		e := rows[i].erasure()
		left, err := s.left(ctx, q, e)
		if err != nil {
			return nil, err
		}
		for _, c := range left {
			broken = append(broken, fmt.Sprintf("%s was erased, but %s hold something still (%d): ask for it again", e.Name, c.Kind, c.N))
		}
	}
	return broken, nil
}
