package importer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/core/file"
	"tandem/internal/core/group"
	"tandem/internal/core/importer"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
	"tandem/internal/kit/list"
)

// house is one process of an installation with everything that imports need.
type house struct {
	*importer.Service
	db        *db.DB
	customers *customer.Service
	groups    *group.Service
	files     *file.Service
	jobs      *job.Service
}

func newHouse(t testing.TB, d *db.DB, change ...func(*importer.Options)) *house {
	t.Helper()
	h, err := build(t.Context(), d, t.TempDir(), change...)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func build(ctx context.Context, d *db.DB, dir string, change ...func(*importer.Options)) (*house, error) {
	c := clock.System{}
	ids := id.NewSource(c)
	log := audit.NewLog(c, ids)
	quiet := slog.New(slog.DiscardHandler)
	h := &house{db: d}
	var err error
	h.customers, err = customer.New(ctx, customer.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet,
		Defaults: func(context.Context) (customer.Defaults, error) {
			return customer.Defaults{Country: "NO", Currency: "EUR", Language: "en", Timezone: "Europe/Oslo", Retention: 30 * 24 * time.Hour}, nil
		}})
	if err != nil {
		return nil, err
	}
	h.groups = group.New(group.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet, Customers: h.customers,
		OwnTypes: func(context.Context) ([]string, error) { return nil, nil }})
	h.files = file.New(file.Options{DB: d, Clock: c, IDs: ids, Dir: filepath.Join(dir, "spool")})
	h.jobs = job.New(job.Options{DB: d, Clock: c, IDs: ids, Log: quiet,
		Save: func(ctx context.Context) ([]byte, error) { return json.Marshal(access.From(ctx)) },
		Restore: func(ctx context.Context, b []byte) (context.Context, error) {
			var call access.Call
			err := json.Unmarshal(b, &call)
			return access.With(ctx, call), err
		},
		Actor: func(ctx context.Context) job.Actor {
			p := access.From(ctx).Principal
			return job.Actor{Key: p.Key(), Name: p.Name, ReadAll: p.May(access.JobRead), ManageAll: p.May(access.JobManage)}
		},
		Workers: 1, Poll: 5 * time.Millisecond, Lease: time.Minute, Dir: filepath.Join(dir, "pulse")})
	o := importer.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet, Customers: h.customers, Groups: h.groups, Files: h.files, Jobs: h.jobs}
	for _, f := range change {
		f(&o)
	}
	h.Service = importer.New(o)
	return h, nil
}

// start lets the house work on jobs until the end of the test.
func (h *house) start(t testing.TB) *house {
	t.Helper()
	if err := h.jobs.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.stop(t) })
	return h
}

func (h *house) stop(t testing.TB) {
	t.Helper()
	if err := h.jobs.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

// boss is a context in which somebody who may do everything acts.
func boss() context.Context { return as(access.RoleAdmin) }

func as(role access.Role) context.Context {
	return access.With(context.Background(), access.Call{
		Principal: access.Principal{Kind: access.KindStaff, ID: 1, Name: "Tess Tester", Role: role, Permissions: role.Permissions()},
		IP:        "192.0.2.7", Verb: "POST", RequestID: "req-1",
	})
}

func sampleFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "testdata", "customers", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (h *house) upload(t testing.TB, name string, content []byte) *importer.Import {
	t.Helper()
	m, err := h.Upload(boss(), name, "", bytes.NewReader(content))
	if err != nil {
		t.Fatalf("upload %s: %v", name, err)
	}
	return m
}

func (h *house) change(t testing.TB, m *importer.Import, p importer.Patch) *importer.Import {
	t.Helper()
	m, err := h.Change(boss(), m.ID, m.Version, p)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (h *house) get(t testing.TB, n int64) *importer.Import {
	t.Helper()
	m, err := h.Get(boss(), n)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// check, run and undo begin the job and wait for its end.
func (h *house) check(t testing.TB, m *importer.Import) *importer.Import {
	t.Helper()
	return h.finish(t, m, h.Check)
}

func (h *house) run(t testing.TB, m *importer.Import) *importer.Import {
	t.Helper()
	return h.finish(t, m, h.Run)
}

func (h *house) undo(t testing.TB, m *importer.Import) *importer.Import {
	t.Helper()
	return h.finish(t, m, h.Undo)
}

func (h *house) finish(t testing.TB, m *importer.Import, begin func(context.Context, int64) (job.Job, error)) *importer.Import {
	t.Helper()
	j, err := begin(boss(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	h.await(t, j.ID)
	return h.get(t, m.ID)
}

func (h *house) await(t testing.TB, n int64) job.Job {
	t.Helper()
	deadline := dbtest.TooLate(t)
	tick := time.NewTicker(3 * time.Millisecond)
	defer tick.Stop()
	for {
		j, err := h.jobs.Get(boss(), n)
		if err != nil {
			t.Fatal(err)
		}
		if j.State.Ended() {
			return j
		}
		select {
		case <-deadline:
			t.Fatalf("the job does not end: %+v", j)
		case <-tick.C:
		}
	}
}

// count is how many open customers there are, by counting the rows.
func (h *house) count(t testing.TB) int64 {
	t.Helper()
	var n int64
	if err := h.db.Read().GetContext(t.Context(), &n, "SELECT COUNT(*) FROM customers WHERE closed = 0"); err != nil {
		t.Fatal(err)
	}
	return n
}

func (h *house) number(t testing.TB, query string, args ...any) int64 {
	t.Helper()
	var n int64
	if err := h.db.Read().GetContext(t.Context(), &n, query, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

// find is the one customer that matches a filter on a field.
func (h *house) find(t testing.TB, field, value string) *customer.Customer {
	t.Helper()
	filter, err := json.Marshal(map[string]any{"field": field, "op": "eq", "value": value})
	if err != nil {
		t.Fatal(err)
	}
	found, _, err := h.customers.List(boss(), list.Query{Filter: string(filter), Limit: 2})
	if err != nil || len(found) != 1 {
		t.Fatalf("%d customers have the %s %q: %v", len(found), field, value, err)
	}
	return found[0]
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	e, ok := errs.As(err)
	if !ok || e.Code != code {
		t.Errorf("error %v, want the code %s", err, code)
	}
}

func wantField(t testing.TB, err error, field, code string) {
	t.Helper()
	e, _ := errs.As(err)
	if e != nil {
		for _, f := range e.Fields {
			if f.Field == field && f.Code == code {
				return
			}
		}
	}
	t.Errorf("error %v, want %s at the field %s", err, code, field)
}
