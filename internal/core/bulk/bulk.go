package bulk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
	"tandem/internal/kit/list"
)

// The kinds of jobs.
const (
	KindUpdate = "bulk_update"
	KindUndo   = "bulk_update_undo"
	KindDelete = "bulk_delete"
)

// Limits of a request.
const (
	MaxIDs     = 100_000 // customers named one by one
	maxChanges = 60
	maxComment = 500 // characters
	toldIDs    = 20  // wrong IDs told at once
)

// Choice is which customers a request means, as the API spells it: IDs, or Filter and Q. Neither is a mistake, not
// everything: everything is the filter {"and":[]}.
type Choice struct {
	IDs      []string // cus_...
	ByIDs    bool     // IDs were given, maybe none
	Filter   string   // JSON
	Q        string
	Filtered bool // a filter was given, maybe an empty one
}

// Request is a bulk update or delete.
type Request struct {
	Choice  Choice
	Changes []customer.Asked // of an update
	Comment string           // why, for the audit
}

// scope is a choice that was understood.
type scope struct {
	IDs    []int64 `json:"ids,omitempty"` // in order; nil: everything filtered
	Filter string  `json:"filter,omitempty"`
	Q      string  `json:"q,omitempty"`
	Last   int64   `json:"last,omitempty"` // customers with a greater ID were made later and are not meant
}

func (sc *scope) query() list.Query { return list.Query{Q: sc.Q, Filter: sc.Filter} }

// payload is what a job keeps of its request.
type payload struct {
	Scope   scope             `json:"scope"`
	Changes []customer.Change `json:"changes,omitempty"`
	Comment string            `json:"comment,omitempty"`
	Of      int64             `json:"of,omitempty"` // of an undo: the update
}

// Options are what the service needs.
type Options struct {
	DB        *db.DB
	Clock     clock.Clock
	Customers *customer.Service
	Jobs      *job.Service
	Audit     *audit.Log
}

// Service is the use cases. Safe for concurrent use.
type Service struct{ o Options }

// New gives the service and registers its jobs: call it before the jobs start.
func New(o Options) *Service {
	s := &Service{o}
	o.Jobs.Handle(KindUpdate, s.runUpdate)
	o.Jobs.Handle(KindUndo, s.runUndo)
	o.Jobs.Handle(KindDelete, s.runDelete)
	o.Jobs.HandleUndo(KindUpdate, KindUndo, s.prepareUndo)
	o.Jobs.OnEnd(KindDelete, func(ctx context.Context, tx *db.Tx, j job.Job) error {
		if _, err := tx.ExecContext(ctx, sqlDropLater, j.ID); err != nil {
			return fmt.Errorf("end a bulk delete: %w", err)
		}
		return nil
	})
	return s
}

// require tells whether the caller may make these changes; closing is deleting.
func require(ctx context.Context, changes []customer.Change) error {
	needs := []access.Permission{access.CustomerBulk, access.CustomerUpdate}
	if slices.ContainsFunc(changes, func(c customer.Change) bool {
		return c.Field == "status" && strings.EqualFold(strings.TrimSpace(c.Value), string(customer.StatusClosed))
	}) {
		needs = append(needs, access.CustomerDelete)
	}
	return requireAll(ctx, needs)
}

func requireAll(ctx context.Context, needs []access.Permission) error {
	for _, p := range needs {
		if err := access.Require(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

var needsDelete = []access.Permission{access.CustomerBulk, access.CustomerDelete}

// choose understands a choice, and adds to wrong what is not right about it.
func (s *Service) choose(ctx context.Context, c Choice, wrong *errs.Fields) (scope, error) {
	switch filtered := c.Filtered || c.Q != ""; {
	case c.ByIDs && filtered:
		wrong.Add("ids", "with_filter", "Give ids, or filter and q, not both.")
	case c.ByIDs:
		return scope{IDs: readIDs(c.IDs, wrong)}, nil
	case !filtered:
		wrong.Add("ids", "required", `Say which customers are meant: ids, or filter and q. The filter {"and":[]} means everything.`)
	}
	sc := scope{Filter: c.Filter, Q: c.Q}
	asked := sc.query()
	asked.Masked = access.Masked(ctx)
	if _, err := s.o.Customers.ListTable().Parse(asked); err != nil {
		e, ok := errs.As(err)
		if !ok {
			return scope{}, err
		}
		for _, f := range e.Fields {
			wrong.Add(f.Field, f.Code, "%s", f.Message)
		}
	}
	var err error
	sc.Last, err = s.o.Customers.LastID(ctx, s.o.DB.Read())
	return sc, err
}

func readIDs(texts []string, wrong *errs.Fields) []int64 {
	switch {
	case len(texts) == 0:
		wrong.Add("ids", "required", "Name at least one customer.")
	case len(texts) > MaxIDs:
		wrong.Add("ids", "too_many", "Name at most %d customers; a filter may match any number.", MaxIDs)
		return nil
	}
	ids, bad := make([]int64, 0, len(texts)), 0
	for i, text := range texts {
		n, err := id.Parse(customer.Prefix, text)
		if err != nil {
			if bad++; bad <= toldIDs {
				wrong.Add(fmt.Sprintf("ids[%d]", i), "bad_id", "The IDs of customers begin with %s_.", customer.Prefix)
			}
			continue
		}
		ids = append(ids, n)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func checkComment(comment string, wrong *errs.Fields) string {
	comment = strings.TrimSpace(comment)
	if utf8.RuneCountInString(comment) > maxComment {
		wrong.Add("comment", "too_long", "A comment may have at most %d characters.", maxComment)
	}
	return comment
}

// count is how many customers a scope means now.
func (s *Service) count(ctx context.Context, sc *scope) (int64, error) {
	if sc.IDs != nil {
		return int64(len(sc.IDs)), nil
	}
	return s.o.Customers.Count(ctx, sc.query())
}

// next is up to limit customers of the scope behind one, in order of ID.
func (s *Service) next(ctx context.Context, sc *scope, after int64, limit int) ([]int64, error) {
	if sc.IDs != nil {
		at, found := slices.BinarySearch(sc.IDs, after)
		if found {
			at++
		}
		return sc.IDs[at:min(at+limit, len(sc.IDs))], nil
	}
	ids, err := s.o.Customers.Matching(ctx, sc.query(), after, limit)
	if err != nil {
		return nil, err
	}
	end, found := slices.BinarySearch(ids, sc.Last)
	if found {
		end++
	}
	return ids[:end], nil
}

// enqueue makes the job of a request, with its audit entry; also is done in its transaction.
func (s *Service) enqueue(ctx context.Context, spec job.Spec, p payload, also func(tx *db.Tx, j job.Job) error) (job.Job, error) {
	ctx = commented(ctx, p.Comment)
	spec.Payload = p
	var j job.Job
	err := s.o.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if j, err = s.o.Jobs.Enqueue(ctx, tx, spec); err != nil {
			return err
		}
		if err := also(tx, j); err != nil {
			return err
		}
		changes, err := told(p)
		if err != nil {
			return err
		}
		return s.o.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionRun, Table: "jobs", RowID: j.ID, RowName: j.Label, Message: j.Label, Changes: changes})
	})
	return j, err
}

// told is what the audit says of a request.
func told(p payload) ([]audit.Change, error) {
	var out []audit.Change
	if p.Scope.IDs != nil {
		out = append(out, audit.Change{Field: "customers", New: len(p.Scope.IDs)})
	} else {
		out = append(out, audit.Change{Field: "filter", New: orNil(p.Scope.Filter)}, audit.Change{Field: "q", New: orNil(p.Scope.Q)})
	}
	if p.Changes != nil {
		text, err := json.Marshal(p.Changes)
		if err != nil {
			return nil, fmt.Errorf("tell a bulk update: %w", err)
		}
		out = append(out, audit.Change{Field: "changes", New: string(text)})
	}
	return out, nil
}

func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// commented puts the comment of a request into the audit entries of its rows.
func commented(ctx context.Context, comment string) context.Context {
	if comment == "" {
		return ctx
	}
	call := access.From(ctx)
	call.Comment = comment
	return access.With(ctx, call)
}

func people(n int64) string {
	if n == 1 {
		return "1 customer"
	}
	return fmt.Sprintf("%d customers", n)
}
