package masscreate_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/core/file"
	"tandem/internal/core/masscreate"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
	"tandem/internal/kit/secret"
)

type rig struct {
	*masscreate.Service
	d         *db.DB
	clock     *clock.Manual
	ids       *id.Source
	customers *customer.Service
	jobs      *job.Service
	files     *file.Service
}

func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		r := &rig{d: d, clock: c, ids: id.NewSource(c)}
		r.node(t)
		fn(t, r)
	})
}

// node puts another process on the database.
func (r *rig) node(t testing.TB) {
	t.Helper()
	log := audit.NewLog(r.clock, r.ids)
	var err error
	r.customers, err = customer.New(t.Context(), customer.Options{
		DB: r.d, Clock: r.clock, IDs: r.ids, Audit: log, Log: slog.New(slog.DiscardHandler),
		Defaults: func(context.Context) (customer.Defaults, error) {
			return customer.Defaults{Country: "NO", Currency: "EUR", Language: "en", Timezone: "Europe/Oslo"}, nil
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
	r.files = file.New(file.Options{DB: r.d, Clock: r.clock, IDs: r.ids, Dir: t.TempDir()})
	r.Service = masscreate.New(masscreate.Options{DB: r.d, Clock: r.clock, Customers: r.customers, Jobs: r.jobs, Files: r.files, Audit: log})
}

func as(t testing.TB, role access.Role) context.Context {
	t.Helper()
	return access.With(t.Context(), access.Call{
		Principal: access.Principal{Kind: access.KindStaff, ID: 1, Name: "Tess Tester", Role: role, Permissions: role.Permissions()}, Verb: "POST",
	})
}

func (r *rig) accept(t testing.TB, ask masscreate.Request) job.Job {
	t.Helper()
	j, err := r.Create(as(t, access.RoleAdmin), ask)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func (r *rig) run(t testing.TB, j job.Job) job.Job {
	t.Helper()
	if err := r.jobs.RunHere(as(t, access.RoleAdmin), j.ID, nil); err != nil {
		t.Fatal(err)
	}
	return r.get(t, j)
}

func (r *rig) get(t testing.TB, j job.Job) job.Job {
	t.Helper()
	j, err := r.jobs.Get(as(t, access.RoleAdmin), j.ID)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// result is the lines of the result file below its header.
func (r *rig) result(t testing.TB, j job.Job) (header []string, lines [][]string) {
	t.Helper()
	in, err := r.files.Open(t.Context(), j.FileID)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\ufeff"))).ReadAll()
	if err != nil || len(all) == 0 {
		t.Fatal(err, len(all))
	}
	return all[0], all[1:]
}

func (r *rig) number(t testing.TB, query string, args ...any) int64 {
	t.Helper()
	var n int64
	if err := r.d.Read().GetContext(t.Context(), &n, query, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

// fill takes the numbers from (inclusive) to (exclusive) of a form.
func (r *rig) fill(t testing.TB, form string, from, to int) {
	t.Helper()
	ctx := as(t, access.RoleAdmin)
	numbers, err := r.customers.Reserve(ctx, to-from)
	if err != nil {
		t.Fatal(err)
	}
	var drafts []*customer.Draft
	for i := from; i < to; i++ {
		n := fmt.Sprintf(form, i)
		d := &customer.Draft{Name: n, Reference: n}
		if wrong, err := r.customers.Prepare(ctx, d); err != nil || wrong.Err() != nil {
			t.Fatal(err, wrong.Err())
		}
		drafts = append(drafts, d)
	}
	const batch = 500 // a transaction must not take long
	for i := 0; i < len(drafts); i += batch {
		end := min(i+batch, len(drafts))
		err := r.d.Write(ctx, func(tx *db.Tx) error {
			_, err := r.customers.InsertMany(ctx, tx, drafts[i:end], numbers[i:end], "made")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func codes(t testing.TB, err error) map[string]string {
	t.Helper()
	e, ok := errs.As(err)
	if !ok {
		t.Fatalf("got %v, want a refusal", err)
	}
	out := map[string]string{"*": e.Code}
	for _, f := range e.Fields {
		out[f.Field] = f.Code
	}
	return out
}

func TestMakeManyWithTokensAndOpenings(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ask := masscreate.Request{Count: 1200, Prefix: "Ab7", Length: 9, SetupTokens: true, Opening: masscreate.Opening{Balance: "12.5", DebitLimit: "-3"},
			Defaults: customer.Draft{City: " Oslo ", Country: "norway", BillingType: customer.BillingPostpaid, Company: "=cmd|calc"}}
		free, err := r.Free(as(t, access.RoleManager), ask)
		if err != nil || free != (masscreate.Free{Free: 1_000_000, Count: 1200}) {
			t.Fatalf("free %+v, %v", free, err)
		}
		done := r.run(t, r.accept(t, ask))
		var told masscreate.Result
		if err := json.Unmarshal(done.Result, &told); err != nil {
			t.Fatal(err)
		}
		if done.Done != 1200 || done.CanUndo || told.Created != 1200 || len(told.Kept) != 2 || told.Kept[0].Field != "balance" || told.Kept[0].Rows != 1200 || told.Kept[0].Value != "12.500000" || told.Kept[1].Value != "-3.000000" || !strings.Contains(told.Kept[0].Message, "not applied") {
			t.Errorf("job %+v, result %+v", done, told)
		}
		header, lines := r.result(t, done)
		if strings.Join(header, ",") != "customer_id,reference,name,setup_token" || len(lines) != 1200 {
			t.Fatalf("%d lines under %v", len(lines), header)
		}
		seen := map[string]bool{}
		for _, l := range lines {
			if seen[l[1]] || seen[l[3]] || len(l[1]) != 9 || !strings.HasPrefix(l[1], "Ab7") || l[2] != l[1] || len(l[3]) != 26 {
				t.Fatalf("line %v", l)
			}
			seen[l[1]], seen[l[3]] = true, true
		}
		n, err := r.customers.Resolve(t.Context(), lines[7][0])
		if err != nil {
			t.Fatal(err)
		}
		c, err := r.customers.Get(as(t, access.RoleAdmin), n)
		if err != nil || c.Reference != lines[7][1] || c.City != "Oslo" || c.Country != "NO" || c.BillingType != customer.BillingPostpaid || c.Company != "=cmd|calc" {
			t.Errorf("made %+v, %v", c, err)
		}
		if r.number(t, "SELECT COUNT(*) FROM customer_setup_tokens WHERE hash = $1 AND customer_id = $2", secret.Digest(lines[7][3]), n) != 1 {
			t.Error("the token's digest is not kept")
		}
		if r.number(t, "SELECT COUNT(*) FROM customer_openings WHERE customer_id = $1 AND value IN ('12.500000', '-3.000000')", n) != 2 || r.number(t, "SELECT COUNT(*) FROM customer_openings") != 2400 {
			t.Error("opening values are not kept")
		}
		if r.number(t, "SELECT COUNT(*) FROM job_rows WHERE outcome = 'created'") != 1200 || r.number(t, "SELECT COUNT(*) FROM audit_entries WHERE action = 'create'") != 1200 {
			t.Error("rows or audit entries are missing")
		}
		r.noPlainToken(t, lines[7][3])
	})
}

// noPlainToken looks for a token in everything but the result file.
func (r *rig) noPlainToken(t testing.TB, token string) {
	t.Helper()
	for _, query := range []string{
		"SELECT COUNT(*) FROM jobs WHERE payload LIKE $1 OR checkpoint LIKE $1 OR result LIKE $1",
		"SELECT COUNT(*) FROM job_rows WHERE message LIKE $1 OR name LIKE $1 OR cells LIKE $1",
		"SELECT COUNT(*) FROM audit_entries WHERE changes LIKE $1 OR message LIKE $1",
	} {
		if r.number(t, query, "%"+token+"%") != 0 {
			t.Errorf("a token is found by %s", query)
		}
	}
}

func TestNearlyFullRange(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.fill(t, "7%04d", 0, 9990)
		r.fill(t, "7%05d", 0, 20) // another length
		r.fill(t, "7%03dx", 0, 20)
		admin := as(t, access.RoleAdmin)
		ask := masscreate.Request{Count: 11, Prefix: "7", Length: 5}
		_, err := r.Create(admin, ask)
		if diff := cmp.Diff(map[string]string{"*": "only_n_left", "count": "only_n_left"}, codes(t, err)); diff != "" {
			t.Error(diff)
		}
		if e, _ := errs.As(err); e.Fields[0].Message != "Only 10 left." {
			t.Errorf("message %q", e.Fields[0].Message)
		}
		ask.Count = 10
		done := r.run(t, r.accept(t, ask))
		if _, lines := r.result(t, done); len(lines) != 10 || r.number(t, "SELECT COUNT(DISTINCT reference_key) FROM customers WHERE reference_key >= '79990' AND reference_key <= '79999' AND LENGTH(reference_key) = 5") != 10 {
			t.Errorf("made %v", lines)
		}
		ask.Count = 1
		if free, err := r.Free(admin, ask); free.Free != 0 || codes(t, err)["*"] != "only_n_left" {
			t.Errorf("free %+v, %v", free, err)
		}
		// A closed customer gives its number back.
		n, err := r.customers.Find(admin, r.d.Read(), "reference", []string{"71234"})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.customers.Delete(admin, n["71234"], 0, ""); err != nil {
			t.Fatal(err)
		}
		done = r.run(t, r.accept(t, ask))
		if _, lines := r.result(t, done); len(lines) != 1 || lines[0][1] != "71234" {
			t.Errorf("made %v", lines)
		}
	})
}

func TestTwoAtOnceOnOnePrefix(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ask := masscreate.Request{Count: 5000, Prefix: "9", Length: 5}
		var wait sync.WaitGroup
		for range 2 {
			node := *r
			node.node(t)
			j := node.accept(t, ask)
			wait.Go(func() {
				if err := node.jobs.RunHere(as(t, access.RoleAdmin), j.ID, nil); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if n := r.number(t, "SELECT COUNT(DISTINCT reference_key) FROM customers"); n != 10_000 {
			t.Errorf("%d numbers, want 10000", n)
		}
		if n := r.number(t, "SELECT COUNT(*) FROM customers"); n != 10_000 {
			t.Errorf("%d customers, want 10000", n)
		}
	})
}

func TestOthersTakeTheRest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		late := r.accept(t, masscreate.Request{Count: 80, Prefix: "5", Length: 3, SetupTokens: true})
		r.run(t, r.accept(t, masscreate.Request{Count: 60, Prefix: "5", Length: 3}))
		err := r.jobs.RunHere(as(t, access.RoleAdmin), late.ID, nil)
		if codes(t, err)["*"] != "only_n_left" {
			t.Fatalf("got %v", err)
		}
		if _, lines := r.result(t, r.get(t, late)); len(lines) != 40 {
			t.Errorf("the result of the job that fell short has %d lines, want 40", len(lines))
		}
	})
}

func TestEachCustomerOnceWhoeverIsKilled(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		const n = 4000
		j := r.accept(t, masscreate.Request{Count: n, Prefix: "31", Length: 8, SetupTokens: true, Opening: masscreate.Opening{Balance: "1"}})
		other := *r
		other.node(t)
		var wait sync.WaitGroup
		for i, node := range []*rig{r, &other} {
			wait.Go(func() {
				turns := i
				err := node.jobs.RunHere(as(t, access.RoleAdmin), j.ID, func(job.Job) {
					if turns++; turns%2 == 0 { // this node is thought dead, and goes on
						wait.Go(func() { node.expire(t, j.ID) })
					}
				})
				if err != nil {
					t.Errorf("node %d: %v", i, err)
				}
			})
		}
		wait.Wait()
		_, lines := r.result(t, r.get(t, j))
		for what, query := range map[string]string{
			"customers": "SELECT COUNT(*) FROM customers", "numbers": "SELECT COUNT(DISTINCT reference_key) FROM customers", "tokens": "SELECT COUNT(*) FROM customer_setup_tokens",
			"openings": "SELECT COUNT(*) FROM customer_openings", "rows": "SELECT COUNT(*) FROM job_rows", "audit entries": "SELECT COUNT(*) FROM audit_entries WHERE action = 'create'",
		} {
			if got := r.number(t, query); got != n {
				t.Errorf("%d %s, want %d", got, what, n)
			}
		}
		if len(lines) != n {
			t.Fatalf("%d lines, want %d", len(lines), n)
		}
		for _, l := range lines {
			if r.number(t, "SELECT COUNT(*) FROM customer_setup_tokens WHERE hash = $1", secret.Digest(l[3])) != 1 {
				t.Fatalf("the token of %s is not kept", l[1])
			}
		}
	})
}

// expire makes the others think that the worker of a job is dead.
func (r *rig) expire(t testing.TB, jobID int64) {
	err := r.d.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec("UPDATE jobs SET due_at = 0 WHERE id = $1 AND state = 'running'", jobID)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestResultOfACancelledJobAndItsEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		admin := as(t, access.RoleAdmin)
		j := r.accept(t, masscreate.Request{Count: 20_000, Prefix: "4", Length: 9, SetupTokens: true})
		var wait sync.WaitGroup
		var once sync.Once
		err := r.jobs.RunHere(admin, j.ID, func(now job.Job) {
			if now.Done > 0 {
				once.Do(func() {
					wait.Go(func() {
						if _, err := r.jobs.Cancel(admin, j.ID); err != nil {
							t.Error(err)
						}
					})
				})
			}
		})
		wait.Wait()
		if err == nil {
			t.Fatal("the job was not cancelled")
		}
		j = r.get(t, j)
		if _, lines := r.result(t, j); int64(len(lines)) != r.number(t, "SELECT COUNT(*) FROM customers") || len(lines) == 0 {
			t.Errorf("%d lines", len(lines))
		}
		r.clock.Advance(masscreate.ResultKept - time.Second)
		if err := r.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := r.files.Stat(t.Context(), j.FileID); err != nil {
			t.Errorf("the result is gone before its time: %v", err)
		}
		r.clock.Advance(2 * time.Second)
		if err := r.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := r.files.Stat(t.Context(), j.FileID); err == nil || r.number(t, "SELECT COUNT(*) FROM mass_create_results") != 0 || r.number(t, "SELECT COUNT(*) FROM file_chunks") != 0 {
			t.Errorf("the result outlives its time: %v", err)
		}
		if now := r.get(t, j); now.FileID != 0 || !now.Expired || now.FileTaken || now.Version <= j.Version {
			t.Errorf("the job still names its file: %+v", now)
		}
		if _, err := r.jobs.Result(admin, j.ID); codes(t, err)["*"] != "result_expired" {
			t.Errorf("taking it too late: %v", err)
		}
		r.takenStaysTaken(t)
	})
}

// takenStaysTaken purges a result that was taken in time.
func (r *rig) takenStaysTaken(t testing.TB) {
	t.Helper()
	admin := as(t, access.RoleAdmin)
	j := r.run(t, r.accept(t, masscreate.Request{Count: 1, Prefix: "5", Length: 9}))
	if err := r.jobs.Take(admin, j.ID, func(ctx context.Context, tx *db.Tx, n int64) error { return r.files.Remove(ctx, tx, n) }); err != nil {
		t.Fatal(err)
	}
	r.clock.Advance(masscreate.ResultKept + time.Hour)
	if err := r.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now := r.get(t, j); now.FileID != 0 || !now.FileTaken || now.Expired {
		t.Errorf("a job whose file was taken: %+v", now)
	}
	if _, err := r.jobs.Result(admin, j.ID); codes(t, err)["*"] != "already_downloaded" {
		t.Errorf("taking it again: %v", err)
	}
}

func TestEveryWrongFieldOfAMassCreate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		admin := as(t, access.RoleAdmin)
		_, err := r.Create(admin, masscreate.Request{Count: 0, Prefix: "12", Length: 2, Opening: masscreate.Opening{Balance: "much", DebitLimit: "1e9"},
			Defaults: customer.Draft{Email: "a@b.example", Reference: "X", Country: "Narnia", Status: customer.StatusClosed, Groups: []int64{5}, Reseller: 6, Custom: map[string]string{"nope": "1"}}})
		want := map[string]string{"*": "invalid", "count": "out_of_range", "length": "too_short", "opening.balance": "bad_number", "opening.debit_limit": "bad_number",
			"defaults.email": "not_shared", "defaults.reference": "not_shared", "defaults.country": "bad_country", "defaults.status": "bad_status",
			"defaults.groups": "unknown_group", "defaults.reseller": "unknown_reseller", "defaults.custom.nope": "unknown_field"}
		if diff := cmp.Diff(want, codes(t, err)); diff != "" {
			t.Error(diff)
		}
		for name, c := range map[string]struct {
			ask   masscreate.Request
			field string
			code  string
		}{
			"hostile prefix": {masscreate.Request{Count: 1, Prefix: "1%' OR 1=1 --", Length: 20}, "prefix", "malformed"},
			"letters":        {masscreate.Request{Count: 1, Prefix: "ø", Length: 5}, "prefix", "malformed"},
			"no prefix":      {masscreate.Request{Count: 1, Length: 5}, "prefix", "malformed"},
			"too many":       {masscreate.Request{Count: 1_000_001, Prefix: "1", Length: 9}, "count", "out_of_range"},
			"negative":       {masscreate.Request{Count: -1, Prefix: "1", Length: -3}, "length", "out_of_range"},
			"too long":       {masscreate.Request{Count: 1, Prefix: "1", Length: 1 << 40}, "length", "out_of_range"},
			"many digits":    {masscreate.Request{Count: 1, Prefix: "1", Length: 32}, "length", "too_long"},
		} {
			if _, err := r.Free(admin, c.ask); codes(t, err)[c.field] != c.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, role := range []access.Role{access.RoleSupport, access.RoleReadOnly, ""} {
			ask := masscreate.Request{Count: 1, Prefix: "1", Length: 9}
			if _, err := r.Create(as(t, role), ask); codes(t, err)["*"] != "forbidden" {
				t.Errorf("%s may make: %v", role, err)
			}
			if _, err := r.Free(as(t, role), ask); codes(t, err)["*"] != "forbidden" {
				t.Errorf("%s may look: %v", role, err)
			}
		}
		if r.number(t, "SELECT COUNT(*) FROM jobs") != 0 {
			t.Error("refused requests became jobs")
		}
	})
}
