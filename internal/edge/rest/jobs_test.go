package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/file"
	"tandem/internal/core/view"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
)

// office is a server with jobs, files, views and events.
type office struct {
	*harness
	jobs   *job.Service
	files  *file.Service
	events *rest.Events

	identities revocable
	mu         sync.Mutex
	changes    []rest.Change
}

func newOffice(t *testing.T, d *db.DB) *office {
	t.Helper()
	o := &office{}
	c := clock.System{}
	ids := id.NewSource(c)
	log := audit.NewLog(c, ids)
	o.files = file.New(file.Options{DB: d, Clock: c, IDs: ids, Dir: filepath.Join(t.TempDir(), "spool")})
	o.jobs = job.New(job.Options{
		DB: d, Clock: c, IDs: ids, Poll: 5 * time.Millisecond,
		Save: func(ctx context.Context) ([]byte, error) { return json.Marshal(access.From(ctx).Principal) },
		Restore: func(ctx context.Context, b []byte) (context.Context, error) {
			call := access.Call{Verb: "JOB"}
			err := json.Unmarshal(b, &call.Principal)
			return access.With(ctx, call), err
		},
		Actor: func(ctx context.Context) job.Actor {
			p := access.From(ctx).Principal
			if p.Kind == access.KindAnonymous {
				return job.Actor{}
			}
			return job.Actor{Key: p.Key(), Name: p.Name, ReadAll: p.May(access.JobRead), ManageAll: p.May(access.JobManage)}
		},
		Note: func(ctx context.Context, tx *db.Tx, message string, j job.Job) error {
			return log.Record(ctx, tx, audit.Entry{Action: audit.ActionUpdate, Table: "jobs", RowID: j.ID, RowName: j.Label, Message: message})
		},
		Drop: o.files.Remove,
	})
	o.events = rest.NewEvents(rest.EventOptions{
		Jobs: o.jobs, Clock: c, Log: slog.New(slog.DiscardHandler), Poll: 5 * time.Millisecond, Heartbeat: 20 * time.Millisecond, Changes: o.changed,
	})
	views := view.New(view.Options{DB: d, Clock: c, IDs: ids, Audit: log})
	views.Register(view.Target{Name: "jobs", Read: access.JobRead, Validate: func(ctx context.Context, v view.Content) error {
		return view.ForList(o.jobs.Lister())(ctx, v)
	}})
	o.harness = newHarnessWith(t, d, func(c *rest.Config) { c.Identities = &o.identities }, rest.Jobs(o.jobs, o.files), rest.Views(views), rest.Preferences(views), o.events.Module())
	t.Cleanup(o.events.Close) // before the server, which waits for open streams
	return o
}

// revocable is roleTokens of which one can be revoked.
type revocable struct {
	roleTokens
	gone atomic.Value
}

func (r *revocable) revoke(role string) { r.gone.Store(role) }

// Token is a staff user of the role.
func (r *revocable) Token(ctx context.Context, token string) (access.Principal, error) {
	if r.gone.Load() == token {
		token = ""
	}
	return r.roleTokens.Token(ctx, token)
}

// as is the context of the harness's user of a role.
func as(role string) context.Context {
	p, _ := roleTokens{}.Token(context.Background(), role)
	return access.With(context.Background(), access.Call{Principal: p})
}

func (o *office) enqueue(role string, spec job.Spec) job.Job {
	o.t.Helper()
	var j job.Job
	err := o.DB.Write(as(role), func(tx *db.Tx) (err error) {
		j, err = o.jobs.Enqueue(as(role), tx, spec)
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return j
}

func (o *office) run(role string, spec job.Spec) job.Job {
	o.t.Helper()
	j := o.enqueue(role, spec)
	if err := o.jobs.RunHere(as(role), j.ID, nil); err != nil {
		o.t.Fatal(err)
	}
	return j
}

// tokens is a job whose result can be had once; change is one that fails in some rows.
func (o *office) handlers() {
	o.jobs.Handle("tokens", func(ctx context.Context, run *job.Run) error {
		return o.DB.Write(ctx, func(tx *db.Tx) error {
			n, err := o.files.Begin(ctx, tx, "tøkens.csv")
			if err != nil {
				return err
			}
			for _, part := range []string{"customer,token\n", "ACME,secret\n"} {
				if _, err := o.files.Append(ctx, tx, n, []byte(part)); err != nil {
					return err
				}
			}
			if _, err := o.files.Seal(ctx, tx, n); err != nil {
				return err
			}
			if err := run.SetFile(ctx, tx, n, true); err != nil {
				return err
			}
			return run.Save(ctx, tx, nil, job.Progress{Done: 1})
		})
	})
	o.jobs.Handle("change", func(ctx context.Context, run *job.Run) error {
		return o.DB.Write(ctx, func(tx *db.Tx) error {
			rows := []job.Row{
				{Line: 1, RowID: "cus_1", Name: "ACME", Outcome: "updated"},
				{Line: 2, RowID: "cus_2", Name: "=1+1", Outcome: "failed", Code: "duplicate", Field: "email", Message: "Taken.", Cells: []string{"=2+2", "b"}},
			}
			if err := run.AddRows(ctx, tx, rows); err != nil {
				return err
			}
			return run.Save(ctx, tx, nil, job.Progress{Done: 2, Failed: 1})
		})
	})
	o.jobs.Handle("undo_change", func(context.Context, *job.Run) error { return nil })
	o.jobs.HandleUndo("change", "undo_change", nil)
}

func TestJobRoutes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		o.handlers()
		j := o.run("manager", job.Spec{Kind: "change", Label: "Change of all", Total: 2})
		path := "/api/v1/jobs/" + j.PublicID()

		body := o.do("manager", "GET", path, nil).want(200).object()
		for name, want := range map[string]any{"state": "done", "done": 2.0, "failed": 1.0, "can_undo": true, "result_file": false, "label": "Change of all"} {
			if body[name] != want {
				t.Errorf("%s is %v, want %v", name, body[name], want)
			}
		}
		list := o.do("read_only", "GET", "/api/v1/jobs?limit=20&sort=-created_at&filter="+`{"field":"state","op":"eq","value":"done"}`, nil).want(200).object()
		if items, _ := list["items"].([]any); len(items) != 1 || list["total"] != 1.0 {
			t.Errorf("the list is %v", list)
		}
		o.do("admin", "GET", "/api/v1/jobs?sort=nonsense", nil).problem(422, "invalid")
		o.do("admin", "GET", "/api/v1/jobs/fields", nil).want(200)
		if text := string(o.do("admin", "GET", "/api/v1/jobs", nil, "Accept", "text/csv").want(200).Body); !strings.Contains(text, "Change of all") {
			t.Errorf("the list as CSV is %q", text)
		}

		page := o.do("manager", "GET", path+"/rows?limit=1", nil).want(200).object()
		next := o.do("manager", "GET", path+"/rows?outcome=failed&cursor="+fmt.Sprint(page["next_cursor"]), nil).want(200).object()
		if items, _ := next["items"].([]any); len(items) != 1 || next["next_cursor"] != nil {
			t.Errorf("the second page is %v", next)
		}
		o.do("manager", "GET", path+"/rows?cursor=x", nil).problem(422, "invalid")
		csv := o.do("manager", "GET", path+"/errors", nil).want(200)
		want := "\ufeffline,field,code,message,id,name,column 1,column 2\n2,email,duplicate,Taken.,cus_2,'=1+1,'=2+2,b\n"
		if string(csv.Body) != want || !strings.HasPrefix(csv.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("errors are %q, want %q", csv.Body, want)
		}

		o.do("read_only", "POST", path+"/undo", nil).problem(403, "forbidden")
		undo := o.do("manager", "POST", path+"/undo", nil, "Idempotency-Key", "once").want(202)
		again := o.do("manager", "POST", path+"/undo", nil, "Idempotency-Key", "once").want(202)
		if string(undo.Body) != string(again.Body) || undo.object()["undo_of"] != j.PublicID() || undo.Header.Get("Location") == "" {
			t.Errorf("undone with %s, then %s", undo.Body, again.Body)
		}
		o.do("manager", "POST", path+"/undo", nil).problem(409, "cannot_undo")
		o.do("manager", "DELETE", path, nil).problem(409, "job_finished")
		queued := "/api/v1/jobs/" + fmt.Sprint(undo.object()["id"])
		o.do("read_only", "DELETE", queued, nil).problem(403, "forbidden")
		if got := o.do("manager", "DELETE", queued, nil).want(202).object(); got["state"] != "cancelled" {
			t.Errorf("cancelled: %v", got)
		}
		for _, gone := range []string{"/api/v1/jobs/job_0000000000001", "/api/v1/jobs/x", "/api/v1/jobs/x/errors", "/api/v1/jobs/x/result", path + "/result"} {
			o.do("manager", "GET", gone, nil).problem(404, "not_found")
		}
		o.do("", "GET", path, nil).problem(401, "not_signed_in")
	})
}

func TestResultCanBeDownloadedOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		o.handlers()
		j := o.run("manager", job.Spec{Kind: "tokens", Label: "Mass create"})
		path := "/api/v1/jobs/" + j.PublicID() + "/result"
		o.do("read_only", "GET", path, nil).problem(403, "forbidden")
		o.do("manager", "HEAD", path, nil).want(200)
		o.do("manager", "GET", path, nil, "Sec-Fetch-Site", "cross-site").problem(403, "cross_origin")
		var got, refused atomic.Int32
		var callers sync.WaitGroup
		for range 6 {
			callers.Add(1)
			go func() {
				defer callers.Done()
				a := o.do("manager", "GET", path, nil)
				switch {
				case a.Status == http.StatusOK && string(a.Body) == "customer,token\nACME,secret\n":
					got.Add(1)
				case a.Status == http.StatusConflict:
					refused.Add(1)
				default:
					t.Errorf("%d: %s", a.Status, a.Body)
				}
			}()
		}
		callers.Wait()
		if got.Load() != 1 || refused.Load() != 5 {
			t.Errorf("%d got it, %d were refused", got.Load(), refused.Load())
		}
		o.do("manager", "GET", path, nil).problem(409, "already_downloaded")
		var chunks int
		if err := d.Read().GetContext(context.Background(), &chunks, `SELECT COUNT(*) FROM file_chunks`); err != nil || chunks != 0 {
			t.Errorf("%d chunks are left, %v", chunks, err)
		}
	})
}

func TestResultCanBeReadInParts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		o.jobs.Handle("export", func(ctx context.Context, run *job.Run) error {
			f, err := o.files.Create(ctx, "all.csv", strings.NewReader("0123456789"), file.Limits{})
			if err != nil {
				return err
			}
			return d.Write(ctx, func(tx *db.Tx) error { return run.SetFile(ctx, tx, f.ID, false) })
		})
		j := o.run("manager", job.Spec{Kind: "export"})
		path := "/api/v1/jobs/" + j.PublicID() + "/result"
		for range 2 {
			if got := o.do("manager", "GET", path, nil).want(200); string(got.Body) != "0123456789" || got.Header.Get("Content-Type") != "text/csv; charset=utf-8" {
				t.Errorf("got %q as %s", got.Body, got.Header.Get("Content-Type"))
			}
		}
		if got := o.do("manager", "GET", path, nil, "Range", "bytes=3-5").want(206); string(got.Body) != "345" {
			t.Errorf("a part is %q", got.Body)
		}
	})
}
