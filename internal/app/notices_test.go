package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"tandem/internal/app"
	"tandem/internal/core/access"
	"tandem/internal/core/customer"
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
