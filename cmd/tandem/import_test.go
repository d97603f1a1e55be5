package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/internal/app"
	"tandem/internal/kit/db"
)

func TestImportCustomers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		file := filepath.Join("..", "..", "testdata", "customers", "paragon-customers.tsv")
		errorFile := filepath.Join(t.TempDir(), "errors.csv")
		run := func(want int, args ...string) (r app.ImportReport) {
			t.Helper()
			code, out, errOut := h.run("", append([]string{"import", "customers", "--json"}, args...)...)
			if code != want {
				t.Fatalf("%v: exit %d, want %d: %s %s", args, code, want, out, errOut)
			}
			if strings.Count(out, "\n") != 1 || json.Unmarshal([]byte(out), &r) != nil {
				t.Fatalf("%v: %q is not one line of JSON", args, out)
			}
			return r
		}
		if r := run(3, file, "--dry-run"); r.State != "checked" || r.Summary.Create != 1178 || r.Summary.Wrong != 22 || r.Preset != "paragon" {
			t.Errorf("checked: %+v", r)
		}
		if r := run(3, file, "--errors", errorFile); r.State != "done" || r.Summary.Create != 1178 || r.Errors != errorFile || len(r.Wrong) != 10 {
			t.Errorf("imported: %+v", r)
		}
		if text, err := os.ReadFile(errorFile); err != nil || strings.Count(string(text), "\n") != 23 {
			t.Errorf("the error file: %v", err)
		}
		if r := run(3, file); r.Summary.Create != 0 || r.Summary.Skip != 1178 {
			t.Errorf("again: %+v", r)
		}
		plain := filepath.Join(t.TempDir(), "plain.csv")
		if err := os.WriteFile(plain, []byte("Who,Where\nAnn,Oslo\nBob,Bergen\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, errOut := h.run("", "import", "customers", plain, "--map", "who=name;2=city", "--set", "billing_type=postpaid", "--yes")
		if code != 0 || !strings.Contains(out, "2 rows: 2 created") {
			t.Errorf("exit %d: %s %s", code, out, errOut)
		}
		if code, _, errOut = h.run("", "import", "customers", plain, "--map", "nobody=name"); code != 2 || !strings.Contains(errOut, "nobody") {
			t.Errorf("exit %d: %s", code, errOut)
		}
		for _, args := range [][]string{{filepath.Join(t.TempDir(), "none.csv")}, {t.TempDir()}, {plain, "--separator", "::"}} {
			if code, _, errOut := h.run("", append([]string{"import", "customers"}, args...)...); code != 1 || errOut == "" {
				t.Errorf("%v: exit %d: %s", args, code, errOut)
			}
		}
	})
}

// A file that grows while it is read is refused, and so is one that shrinks.
func TestFilesThatMove(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(path string) error{
		"grows": func(path string) error {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err == nil {
				_, err = f.WriteString("Cy\n")
				_ = f.Close()
			}
			return err
		},
		"shrinks": func(path string) error { return os.Truncate(path, 5) },
		"changes": func(path string) error { return os.Chtimes(path, time.Unix(1, 0), time.Unix(1, 0)) },
	} {
		path := filepath.Join(t.TempDir(), "a.csv")
		if err := os.WriteFile(path, []byte("Name\nAnn\nBob\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := app.OpenSteady(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Read(make([]byte, 6)); err != nil {
			t.Fatal(err)
		}
		if err := change(path); err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = f.Read(make([]byte, 1000))
		}
		if !app.IsRefusal(err) {
			t.Errorf("a file that %s: %v", name, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// The command is killed in the middle; given again, it makes nothing twice and loses nothing.
func TestKilledImport(t *testing.T) {
	if os.Getenv("TANDEM_TEST_COMMAND") != "" {
		os.Exit(run(t.Context(), strings.Split(os.Getenv("TANDEM_TEST_COMMAND"), "\n"), streams{os.Stdin, os.Stdout, os.Stderr}))
	}
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		const rows = 6_000
		file := filepath.Join(t.TempDir(), "k.csv")
		var text strings.Builder
		text.WriteString("Name,City,E-mail\n")
		for i := range rows {
			mail := fmt.Sprintf("k%d@example.org", i)
			if i%3 == 0 {
				mail = ""
			}
			fmt.Fprintf(&text, "Name %d,Oslo,%s\n", i, mail)
		}
		if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		h.want("migrate")
		count := h.counter(t)
		for range 3 {
			before := count()
			command := exec.Command(os.Args[0], "-test.run", "^TestKilledImport$")
			command.Env = append(os.Environ(), "TANDEM_TEST_COMMAND="+strings.Join(append([]string{"import", "customers", file}, h.args...), "\n"))
			command.Stderr = os.Stderr
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- command.Wait() }()
			tick := time.NewTicker(5 * time.Millisecond)
			for count() == before {
				select {
				case err := <-ended:
					t.Fatalf("the command ended before it imported a row: %v", err)
				case <-tick.C:
				}
			}
			tick.Stop()
			_ = command.Process.Kill() // it may have ended by itself
			<-ended
		}
		h.want("import", "customers", file)
		if n := count(); n != rows {
			t.Errorf("%d customers, want %d", n, rows)
		}
		h.want("check")
	})
}

// counter counts the customers in the installation's database.
func (h *house) counter(t *testing.T) func() int {
	t.Helper()
	c := db.Config{Path: filepath.Join(h.args[1], "tandem.db"), Readers: 1, Writers: 1}
	if len(h.args) > 3 {
		c.URL = h.args[3]
	}
	d, err := db.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return func() (n int) {
		if err := d.Read().GetContext(t.Context(), &n, "SELECT COUNT(*) FROM customers"); err != nil {
			t.Fatal(err)
		}
		return n
	}
}
