package notice_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/notice"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

func as(staffID int64) context.Context {
	return access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff, ID: staffID, Name: "Ann"}})
}

func TestEachPersonHasTheirOwn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		s := notice.New(notice.Options{DB: d, Clock: c, IDs: id.NewSource(c), Log: slog.New(slog.DiscardHandler)})
		add := func(person, name string) {
			t.Helper()
			c.Advance(time.Second)
			err := d.Write(context.Background(), func(tx *db.Tx) error {
				return s.Add(context.Background(), tx, notice.Notice{Person: person, Code: notice.JobFailed, Table: "jobs", RowID: 7, Name: name, Detail: strings.Repeat("x", 2000)})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for i := range 3 {
			add("staff:1", fmt.Sprintf("Import %d", i))
		}
		add("staff:2", "Another's")
		add("token:1", "A program's")
		add("system:0", "Nobody's")
		count := func(who context.Context, want int64) {
			t.Helper()
			if n, err := s.Unread(who); err != nil || n != want {
				t.Errorf("%d unread, %v; want %d", n, err, want)
			}
		}
		count(as(1), 3)
		count(as(2), 1)
		mine, page, err := s.List(as(1), list.Query{Total: list.TotalExact})
		if err != nil || len(mine) != 3 || page.Total != 3 || mine[0].Name != "Import 2" || mine[0].Read || len([]rune(mine[0].Detail)) != 1000 {
			t.Fatalf("%+v, %+v, %v", mine, page, err)
		}
		others := listed(t, s, as(2))
		if err := s.Read(as(1), []int64{mine[0].ID, others[0].ID, 5}); err != nil {
			t.Fatal(err)
		}
		count(as(1), 2)
		count(as(2), 1) // somebody else's stays
		wantTold(t, s, c.Now(), notice.Told{ID: -mine[0].ID, Person: "staff:1"})
		if err := s.ReadAll(as(1), mine[2].ID); err != nil {
			t.Fatal(err)
		}
		count(as(1), 1)
		unread, _, err := s.List(as(1), list.Query{Filter: `{"field":"read","op":"eq","value":"false"}`})
		if err != nil || len(unread) != 1 || unread[0].Name != "Import 1" {
			t.Errorf("%+v, %v", unread, err)
		}
		err = s.ReadAll(as(1), 0)
		if count(as(1), 0); err != nil {
			t.Fatal(err)
		}
		if told, err := s.Recent(context.Background(), c.Now().Add(-3*time.Second)); err != nil || len(told) != 3 || told[0].Person != "staff:2" {
			t.Errorf("%+v, %v", told, err)
		}
		for want, err := range map[errs.Kind]error{errs.KindInvalid: s.Read(as(1), make([]int64, 1001)), errs.KindUnauthorized: s.ReadAll(context.Background(), 0)} {
			if !errs.IsKind(err, want) {
				t.Errorf("%v", err)
			}
		}
		c.Advance(100 * 24 * time.Hour)
		add("staff:1", "New")
		if err := s.Purge(context.Background(), 90*24*time.Hour); err != nil {
			t.Fatal(err)
		}
		if left, _, err := s.List(as(1), list.Query{}); err != nil || len(left) != 1 {
			t.Errorf("%+v, %v", left, err)
		}
	})
}

// wantTold proves that one thing alone is told of an instant and after.
func wantTold(t *testing.T, s *notice.Service, since time.Time, want notice.Told) {
	t.Helper()
	if told, err := s.Recent(context.Background(), since); err != nil || len(told) != 1 || told[0] != want {
		t.Errorf("%+v, %v", told, err)
	}
}

// listed is the one notice of somebody.
func listed(t *testing.T, s *notice.Service, who context.Context) []notice.Notice {
	t.Helper()
	found, _, err := s.List(who, list.Query{})
	if err != nil || len(found) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	return found
}
