package app_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/app"
	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/core/notice"
	"tandem/internal/core/staff"
	"tandem/internal/kit/db"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

func TestTroubleIsTold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newLater(t, c)
		people, err := l.app.Users(app.CommandLine(context.Background()))
		if err != nil || len(people) == 0 {
			t.Fatal(err)
		}
		ann, err := id.Parse("stf", people[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		as := access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff, ID: ann, Name: "Ann", Permissions: access.AllPermissions()}})
		some, _, err := l.app.Customers.List(as, list.Query{Limit: 1})
		if err != nil || len(some) == 0 {
			t.Fatal(err)
		}
		one := id.Format(customer.Prefix, some[0].ID)
		if got := l.asStaff("PATCH", "/customers/"+one, `{"city":"Bergen"}`, "Tandem-Apply-At", "+1h"); got.StatusCode != 202 {
			t.Fatalf("%d", got.StatusCode)
		}
		l.do(200, "PATCH", "/customers/"+one, `{"city":"Oslo"}`)
		l.clock.Advance(2 * time.Hour)
		if _, err := l.app.Scheduled.ApplyDue(context.Background()); err != nil {
			t.Fatal(err)
		}
		told, _, err := l.app.Notices.List(as, list.Query{})
		if err != nil || len(told) != 1 || told[0].Code != "delayed_conflicted" || told[0].Name == "" || !strings.Contains(told[0].Detail, "city") {
			t.Fatalf("%+v, %v", told, err)
		}
		if got := l.asStaff("POST", "/notices/read", `{"up_to":"`+id.Format("ntc", told[0].ID)+`"}`); got.StatusCode != 200 {
			t.Errorf("%d", got.StatusCode)
		}
		if n, err := l.app.Notices.Unread(as); err != nil || n != 0 {
			t.Errorf("%d, %v", n, err)
		}
		got, _ := l.do(200, "GET", "/notices", "")
		if len(got["items"].([]any)) != 0 {
			t.Errorf("a token has notices: %v", got)
		}
	})
}

func TestListsThatAreTakenAwayAreNoted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newLater(t, c)
		lists := []string{"groups", "staff", "jobs", "imports", "emails", "suppressions", "scheduled-changes", "api-tokens"}
		for _, name := range lists {
			l.do(200, "GET", "/"+name, "", "Accept", "text/csv")
		}
		got, _ := l.do(200, "GET", `/audit-entries?filter={"field":"message","op":"eq","value":"list%20exported"}`, "")
		if n := len(got["items"].([]any)); n != len(lists) {
			t.Errorf("%d of %d are noted: %v", n, len(lists), got)
		}
	})
}

// window is a console's stream of events.
type window struct{ in *bufio.Scanner }

// hears waits for an event of notices.
func (w window) hears(t *testing.T) {
	t.Helper()
	for w.in.Scan() {
		if strings.HasPrefix(w.in.Text(), "data: ") && strings.Contains(w.in.Text(), `"notices"`) {
			return
		}
	}
	t.Fatal("the stream ended")
}

// TestWhatIsReadIsToldToItsPersonAlone: the other windows of who reads a notice hear of it, and nobody else.
func TestWhatIsReadIsToldToItsPersonAlone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newLater(t, c)
		system := app.CommandLine(t.Context())
		open := func(name string) (context.Context, window, window) {
			t.Helper()
			s, err := l.app.Staff.Create(system, staff.Input{Name: name, Email: name + "@example.com", Role: access.RoleAdmin})
			if err != nil {
				t.Fatal(err)
			}
			one := func() window {
				started, err := l.app.Sessions.Start(system, s.ID)
				if err != nil {
					t.Fatal(err)
				}
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.url+"/events", nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Cookie", "tandem_session="+started.Token)
				res, err := http.DefaultClient.Do(r)
				if err != nil || res.StatusCode != 200 {
					t.Fatal(res, err)
				}
				t.Cleanup(func() { _ = res.Body.Close() })
				return window{bufio.NewScanner(res.Body)}
			}
			return access.With(t.Context(), access.Call{Principal: access.Principal{Kind: access.KindStaff, ID: s.ID, Name: name, Permissions: access.AllPermissions()}}), one(), one()
		}
		ann, annHere, annThere := open("cleo")
		bea, beaHere, _ := open("bea")
		add := func(who context.Context) {
			t.Helper()
			err := l.app.DB.Write(system, func(tx *db.Tx) error {
				return l.app.Notices.Add(system, tx, notice.Notice{Person: access.From(who).Principal.Key(), Code: notice.JobFailed, Table: "jobs", RowID: 7, Name: "Import"})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		add(ann)
		annHere.hears(t)
		annThere.hears(t)
		if err := l.app.Notices.ReadAll(ann, 0); err != nil {
			t.Fatal(err)
		}
		annHere.hears(t)
		annThere.hears(t)
		add(bea) // the first that she hears of
		beaHere.hears(t)
		l.clock.Advance(time.Second)
		if err := l.app.Notices.ReadAll(bea, 0); err != nil {
			t.Fatal(err)
		}
		beaHere.hears(t)
		told, err := l.app.Notices.Recent(system, l.clock.Now().Add(-time.Minute))
		if err != nil || len(told) != 4 {
			t.Errorf("%+v, %v", told, err)
		}
	})
}
