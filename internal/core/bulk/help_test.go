package bulk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/bulk"
	"tandem/internal/core/customer"
	"tandem/internal/core/customfield"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
)

// rig is everything a bulk change needs, on an empty database.
type rig struct {
	*bulk.Service
	d         *db.DB
	clock     *clock.Manual
	ids       *id.Source
	log       *audit.Log
	customers *customer.Service
	jobs      *job.Service
}

func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := &rig{d: d, clock: clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))}
		r.ids = id.NewSource(r.clock)
		r.log = audit.NewLog(r.clock, r.ids)
		r.node(t)
		fn(t, r)
	})
}

// node puts another process on the database: its own services, the same clock.
func (r *rig) node(t testing.TB) {
	t.Helper()
	var err error
	r.customers, err = customer.New(t.Context(), customer.Options{
		DB: r.d, Clock: r.clock, IDs: r.ids, Audit: r.log, Log: slog.New(slog.DiscardHandler),
		Defaults: func(context.Context) (customer.Defaults, error) {
			return customer.Defaults{Country: "NO", Currency: "EUR", Language: "en", Timezone: "Europe/Oslo", Retention: 30 * 24 * time.Hour}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.jobs = job.New(job.Options{
		DB: r.d, Clock: r.clock, IDs: r.ids, Log: slog.New(slog.DiscardHandler), Poll: 2 * time.Millisecond,
		Actor: func(ctx context.Context) job.Actor {
			p := access.From(ctx).Principal
			return job.Actor{Key: p.Key(), Name: p.Name, ReadAll: p.May(access.JobRead), ManageAll: p.May(access.JobManage)}
		},
		Save: func(ctx context.Context) ([]byte, error) { return json.Marshal(access.From(ctx).Principal) },
		Restore: func(ctx context.Context, saved []byte) (context.Context, error) {
			call := access.Call{Verb: "JOB"}
			err := json.Unmarshal(saved, &call.Principal)
			return access.With(ctx, call), err
		},
	})
	r.Service = bulk.New(bulk.Options{DB: r.d, Clock: r.clock, Customers: r.customers, Jobs: r.jobs, Audit: r.log})
}

// as is a context in which somebody with the role acts.
func as(t testing.TB, role access.Role) context.Context {
	t.Helper()
	return access.With(t.Context(), access.Call{
		Principal: access.Principal{Kind: access.KindStaff, ID: 1, Name: "Tess Tester", Role: role, Permissions: role.Permissions()}, Verb: "POST",
	})
}

// field defines a custom field and lets the lists know.
func (r *rig) field(t testing.TB, in customfield.Input) {
	t.Helper()
	s := customfield.New(r.d, r.clock, r.ids, r.log, func() {})
	if _, err := s.Create(as(t, access.RoleAdmin), in); err != nil {
		t.Fatal(err)
	}
	if err := r.customers.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// fill makes n customers, each changed by edit, and gives their IDs.
func (r *rig) fill(t testing.TB, n int, edit func(i int, d *customer.Draft)) []int64 {
	t.Helper()
	ctx := as(t, access.RoleAdmin)
	numbers, err := r.customers.Reserve(ctx, n)
	if err != nil {
		t.Fatal(err)
	}
	drafts := make([]*customer.Draft, n)
	for i := range drafts {
		d := &customer.Draft{Name: fmt.Sprintf("Customer %d", i)}
		if edit != nil {
			edit(i, d)
		}
		wrong, err := r.customers.Prepare(ctx, d)
		if err != nil || wrong.Err() != nil {
			t.Fatal(err, wrong.Err())
		}
		drafts[i] = d
	}
	var ids []int64
	err = r.d.Write(ctx, func(tx *db.Tx) error {
		made, err := r.customers.InsertMany(ctx, tx, drafts, numbers, "made")
		for _, m := range made {
			ids = append(ids, m.ID)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// load reads customers whatever they are.
func (r *rig) load(t testing.TB, ids ...int64) []*customer.Customer {
	t.Helper()
	found, err := r.customers.Load(t.Context(), r.d.Read(), ids)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// run runs an accepted job to its end.
func (r *rig) run(t testing.TB, j job.Job, err error) job.Job {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.jobs.RunHere(as(t, access.RoleAdmin), j.ID, nil); err != nil {
		t.Fatalf("run %s: %v", j.Label, err)
	}
	j, err = r.jobs.Get(as(t, access.RoleAdmin), j.ID)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func (r *rig) rows(t testing.TB, j job.Job) []job.PlacedRow {
	t.Helper()
	var all []job.PlacedRow
	for after := int64(0); ; {
		rows, more, err := r.jobs.Rows(as(t, access.RoleAdmin), j.ID, job.RowQuery{After: after, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rows...)
		if !more {
			return all
		}
		after = rows[len(rows)-1].Place
	}
}

func result(t testing.TB, j job.Job) bulk.Tally {
	t.Helper()
	var got bulk.Tally
	if err := json.Unmarshal(j.Result, &got); err != nil {
		t.Fatalf("result %q: %v", j.Result, err)
	}
	return got
}

// number is a figure of the database.
func (r *rig) number(t testing.TB, query string, args ...any) int64 {
	t.Helper()
	var n int64
	if err := r.d.Read().GetContext(t.Context(), &n, query, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

func chosen(ids ...int64) bulk.Choice {
	c := bulk.Choice{ByIDs: true}
	for _, n := range ids {
		c.IDs = append(c.IDs, id.Format(customer.Prefix, n))
	}
	return c
}

var everybody = bulk.Choice{Filtered: true, Filter: `{"and":[]}`}

func change(field, op string, values ...string) customer.Asked {
	return customer.Asked{Field: field, Op: op, Values: values}
}

func update(c bulk.Choice, changes ...customer.Asked) bulk.Request {
	return bulk.Request{Choice: c, Changes: changes}
}

// codes is the wrong fields of a refusal with their codes.
func codes(t testing.TB, err error) map[string]string {
	t.Helper()
	e, ok := errs.As(err)
	if !ok {
		t.Fatalf("got %v, want a refusal", err)
	}
	out := map[string]string{}
	for _, f := range e.Fields {
		out[f.Field] = f.Code
	}
	if len(out) == 0 {
		out["*"] = e.Code
	}
	return out
}

// expire makes the others think that the worker of a job is dead.
func (r *rig) expire(t testing.TB, jobID int64) {
	t.Helper()
	err := r.d.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec("UPDATE jobs SET due_at = 0 WHERE id = $1 AND state = 'running'", jobID)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// revoke takes every permission from the principal of a job.
func (r *rig) revoke(t testing.TB, jobID int64) {
	t.Helper()
	err := r.d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec("UPDATE jobs SET caller = $1 WHERE id = $2", []byte(`{"Kind":"token","ID":9}`), jobID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// group makes a group.
func (r *rig) group(t testing.TB, name string) int64 {
	t.Helper()
	n := r.ids.Next()
	err := r.d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec("INSERT INTO groups (id, name, name_key, type, description, description_key, created_at, updated_at, version) VALUES ($1, $2, $2, 'client', '', '', 0, 0, 1)", n, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// interrupted runs a job until it got a step further, then stops the process; true when the job has ended.
func (r *rig) interrupted(t testing.TB, jobID int64) bool {
	t.Helper()
	ctx, stop := context.WithCancel(as(t, access.RoleAdmin))
	defer stop()
	seen := int64(-1)
	err := r.jobs.RunHere(ctx, jobID, func(j job.Job) {
		if seen >= 0 && j.Done > seen {
			stop()
		}
		seen = j.Done
	})
	if err != nil && ctx.Err() == nil {
		t.Fatal(err)
	}
	return err == nil
}
