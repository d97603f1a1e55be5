package app_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/internal/app"
	"tandem/internal/core/brand"
	"tandem/internal/core/customer"
	"tandem/internal/core/customfield"
	"tandem/internal/core/group"
	"tandem/internal/kit/archive"
	"tandem/internal/kit/check"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/list"
	"tandem/internal/kit/secret"
)

// kinds gives a configuration of each kind of database, empty and migrated.
var kinds = map[string]func(t *testing.T) app.Config{
	"sqlite": func(t *testing.T) app.Config {
		c := config(t, "")
		dbtest.SQLiteFile(t, filepath.Join(c.Data, "tandem.db"))
		return c
	},
	"postgres": func(t *testing.T) app.Config { return config(t, dbtest.PostgresURL(t)) },
}

func config(t *testing.T, url string) app.Config {
	return app.Config{Data: t.TempDir(), DatabaseURL: url, Hash: secret.Cost{MemoryKiB: 64, Time: 1}, Version: "test",
		AdminEmail: "ann@example.com", AdminPassword: "a long enough one"}
}

func each(t *testing.T, fn func(t *testing.T, c app.Config)) {
	t.Helper()
	for name, make := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fn(t, make(t))
		})
	}
}

func open(t *testing.T, c app.Config) *app.App {
	t.Helper()
	a, err := app.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func fill(t *testing.T, a *app.App, n int) {
	t.Helper()
	ctx := app.CommandLine(context.Background())
	if _, err := a.CustomFields.Create(ctx, customfield.Input{Key: "shoe", Label: "Shoe", Type: customfield.TypeText}); err != nil {
		t.Fatal(err)
	}
	g, err := a.Groups.Create(ctx, group.Input{Name: "Business", Type: group.TypeClient})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		_, err := a.Customers.Create(ctx, customer.Draft{Name: fmt.Sprintf("Øyvind <%d>", i), Email: fmt.Sprintf("c%d@example.com", i), Groups: []int64{g.ID}, Custom: map[string]string{"shoe": fmt.Sprint(40 + i)}})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// content is what a reader sees of customers and the audit.
func content(t *testing.T, a *app.App) string {
	t.Helper()
	ctx := app.CommandLine(context.Background())
	rows, page, err := a.Customers.List(ctx, list.Query{Limit: 1000, Sort: "name", Total: list.TotalExact})
	if err != nil {
		t.Fatal(err)
	}
	found, _, err := a.Customers.List(ctx, list.Query{Q: "vind <1"})
	if err != nil {
		t.Fatal(err)
	}
	entries, _, err := a.Audit.List(ctx, list.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d customers, %d found, %d entries\n", page.Total, len(found), len(entries))
	for _, c := range rows {
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(text, '\n'))
	}
	for _, e := range entries {
		fmt.Fprintf(&b, "%d %s %s %s\n", e.ID, e.Message, e.RowName, e.Raw)
	}
	return b.String()
}

func checked(t *testing.T, a *app.App) {
	t.Helper()
	err := check.All(context.Background(), a.DB, a.Checks(), func(r check.Result) {
		if !r.OK {
			t.Errorf("%s is broken: %v", r.Name, r.Broken)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		a := open(t, c)
		fill(t, a, 30)
		sign := logo(t, 40, 40)
		dressed, err := a.Brands.SetLogo(app.CommandLine(context.Background()), brand.Operator, 0, brand.Light, sign)
		if err != nil {
			t.Fatal(err)
		}
		want := content(t, a)
		path := filepath.Join(t.TempDir(), "x.backup")
		sum, err := app.Backup(context.Background(), c, path, false) // while a is open
		if err != nil || sum.Rows < 60 || sum.SHA256 == "" {
			t.Fatalf("%+v, %v", sum, err)
		}
		if _, err := app.Backup(context.Background(), c, path, false); err == nil {
			t.Error("an existing file was replaced")
		}
		if _, err := app.Backup(context.Background(), c, path, true); err != nil {
			t.Error(err)
		}
		if _, err := app.Restore(context.Background(), c, path); !errors.Is(err, archive.ErrNotEmpty) {
			t.Errorf("restored over an installation: %v", err)
		}
		if got := content(t, a); got != want {
			t.Error("the refused restore changed something")
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		for name, make := range kinds {
			to := make(t)
			to.AdminEmail, to.AdminPassword = "", ""
			if read, err := app.Restore(context.Background(), to, path); err != nil || read.Rows < 60 {
				t.Fatalf("into %s: %+v, %v", name, read, err)
			}
			b := open(t, to)
			if diff := cmp.Diff(want, content(t, b)); diff != "" {
				t.Errorf("into %s: %s", name, diff)
			}
			checked(t, b)
			if _, got, err := b.Brands.Picture(context.Background(), dressed.Logos[brand.Light].Digest); err != nil || !bytes.Equal(got, sign) {
				t.Errorf("into %s: the logo: %v", name, err)
			}
			ctx := app.CommandLine(context.Background())
			if _, err := b.Customers.Create(ctx, customer.Draft{Name: "One more", Custom: map[string]string{"shoe": "50"}}); err != nil {
				t.Errorf("into %s: %v", name, err)
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestBrokenBackupsAreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		a := open(t, c)
		fill(t, a, 3)
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "x.backup")
		if _, err := app.Backup(context.Background(), c, path, false); err != nil {
			t.Fatal(err)
		}
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.SplitAfter(unzip(t, whole), []byte("\n"))
		lines = lines[:len(lines)-1]
		flipped := slices.Clone(whole)
		flipped[len(flipped)/2] ^= 0x55
		for name, broken := range map[string][]byte{
			"empty": {}, "text": []byte("hello"), "cut": whole[:len(whole)-40], "half": whole[:len(whole)/2], "flipped": flipped, "longer": append(slices.Clone(whole), whole...),
			"no end": zip(lines[:len(lines)-1]), "no head": zip(lines[1:]), "a row less": zip(slices.Delete(slices.Clone(lines), len(lines)-2, len(lines)-1)),
			"a row changed": zip(replaced(lines, "Øyvind", "Eve")), "an unknown table": zip(replaced(lines, `{"table":"staff"`, `{"table":"pets"`)),
			"only a head": zip(lines[:1]), "long line": zip([][]byte{lines[0], bytes.Repeat([]byte("x"), 17<<20)}),
		} {
			at := filepath.Join(t.TempDir(), "broken")
			if err := os.WriteFile(at, broken, 0o600); err != nil {
				t.Fatal(err)
			}
			to := config(t, "")
			if _, err := app.Restore(context.Background(), to, at); !errors.Is(err, archive.ErrBroken) {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := os.Stat(filepath.Join(to.Data, "tandem.db")); err == nil {
				t.Errorf("%s: a database was begun", name)
			}
		}
	})
}

func unzip(t *testing.T, b []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func zip(lines [][]byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	for _, l := range lines {
		_, _ = w.Write(l)
	}
	_ = w.Close()
	return b.Bytes()
}

func replaced(lines [][]byte, old, new string) [][]byte {
	out := slices.Clone(lines)
	for i, l := range out {
		out[i] = bytes.ReplaceAll(l, []byte(old), []byte(new))
	}
	return out
}

func TestBackupUnderLoadIsOneMoment(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		a := open(t, c)
		ctx, stop := context.WithCancel(app.CommandLine(context.Background()))
		var acknowledged atomic.Int64
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := 0; ctx.Err() == nil; i++ {
				if _, err := a.Customers.Create(app.CommandLine(context.Background()), customer.Draft{Name: fmt.Sprintf("N%06d", i)}); err != nil {
					t.Error(err)
					return
				}
				acknowledged.Store(int64(i + 1))
			}
		}()
		for acknowledged.Load() < 20 {
			select {
			case <-done:
				t.FailNow()
			case <-time.After(5 * time.Millisecond):
			}
		}
		before := acknowledged.Load()
		path := filepath.Join(t.TempDir(), "x.backup")
		if _, err := app.Backup(context.Background(), c, path, false); err != nil {
			t.Fatal(err)
		}
		after := acknowledged.Load() + 1
		stop()
		<-done
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		to := config(t, "")
		to.AdminEmail, to.AdminPassword = "", ""
		if _, err := app.Restore(context.Background(), to, path); err != nil {
			t.Fatal(err)
		}
		b := open(t, to)
		rows, page, err := b.Customers.List(app.CommandLine(context.Background()), list.Query{Sort: "name", Limit: 1000})
		if err != nil || page.Total < before || page.Total > after {
			t.Fatalf("%d customers in the backup, %v; between %d and %d were acknowledged", page.Total, err, before, after)
		}
		for i, c := range rows { // a prefix of what was acknowledged
			if c.Name != fmt.Sprintf("N%06d", i) {
				t.Fatalf("customer %d is %s", i, c.Name)
			}
		}
		entries, _, err := b.Audit.List(app.CommandLine(context.Background()), list.Query{Filter: `{"field":"table","op":"eq","value":"customers"}`, Limit: 1000})
		if err != nil || len(entries) != min(int(page.Total), 1000) {
			t.Errorf("%d audit entries for %d customers, %v", len(entries), page.Total, err)
		}
		checked(t, b)
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestServingAndStopping(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		a := open(t, c)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- a.Serve(ctx, l, "") }()
		at := "http://" + l.Addr().String()
		res, err := http.Post(at+"/api/v1/session", "application/json", strings.NewReader(`{"email":"ann@example.com","password":"a long enough one"}`))
		if err != nil || res.StatusCode != 201 || len(res.Cookies()) != 1 {
			t.Fatalf("%+v, %v", res, err)
		}
		_ = res.Body.Close()
		r, _ := http.NewRequest("GET", at+"/api/v1/events", nil)
		r.AddCookie(res.Cookies()[0])
		stream, err := http.DefaultClient.Do(r)
		if err != nil || stream.StatusCode != 200 {
			t.Fatalf("%+v, %v", stream, err)
		}
		ready, err := http.Get(at + "/readyz")
		if err != nil || ready.StatusCode != 200 {
			t.Fatalf("%+v, %v", ready, err)
		}
		_ = ready.Body.Close()
		stop()
		if _, err := io.Copy(io.Discard, stream.Body); err != nil {
			t.Errorf("the stream was cut instead of ended: %v", err)
		}
		_ = stream.Body.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		again := open(t, c) // the admin is there already
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	})
}
