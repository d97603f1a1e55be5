package importer_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"tandem/internal/core/importer"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/job"
)

// The variables by which this test program is told to be a worker, for tests that kill one.
const (
	workerURL  = "TANDEM_TEST_WORKER_URL"
	workerPath = "TANDEM_TEST_WORKER_PATH"
	workerDir  = "TANDEM_TEST_WORKER_DIR"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(workerDir); dir != "" {
		fmt.Fprintln(os.Stderr, work(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// work is a process that does nothing but jobs, until it is killed.
func work(dir string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, db.Config{URL: os.Getenv(workerURL), Path: os.Getenv(workerPath), Readers: 4, Writers: 4})
	if err != nil {
		return err
	}
	h, err := build(ctx, d, dir, small)
	if err != nil {
		return err
	}
	if err := h.jobs.Start(ctx); err != nil {
		return err
	}
	fmt.Println("at work")
	select {}
}

func small(o *importer.Options) { o.Batch = 40 }

// bigFile has rows of which every hundredth is wrong, and every fiftieth has no key.
func bigFile(rows int) []byte {
	var b strings.Builder
	b.WriteString("Reference,First Name,Last Name,E-mail,Phone,City,Groups,Balance\n")
	for i := range rows {
		reference, email, balance := fmt.Sprintf("K%06d", i), fmt.Sprintf("k%d@example.org", i), fmt.Sprintf("%d.50", i)
		if i%50 == 7 {
			reference, email = "", ""
		}
		if i%100 == 3 {
			balance = "much"
		}
		fmt.Fprintf(&b, "%s,First %d,Last %d,%s,+47229%05d,Oslo,G%d,%s\n", reference, i, i, email, i, i%7, balance)
	}
	return []byte(b.String())
}

// wantWhole checks that every right row is in once, with its audit entry, opening value and search row.
func (h *house) wantWhole(t *testing.T, m *importer.Import, rows int64) {
	t.Helper()
	m = h.get(t, m.ID)
	good := rows - rows/100
	sum := m.Report()
	if m.State != importer.StateDone || sum.Rows != rows || sum.Create != good || sum.Wrong != rows/100 || sum.Errors["bad_money"] != rows/100 {
		t.Errorf("%s %s: %+v", m.State, m.Trouble(), sum)
	}
	for query, want := range map[string]int64{
		"SELECT COUNT(*) FROM customers":                                    good,
		"SELECT COUNT(DISTINCT name) FROM customers":                        good,
		"SELECT COUNT(DISTINCT customer_id) FROM customers":                 good,
		"SELECT COUNT(*) FROM audit_entries WHERE table_name = 'customers'": good,
		"SELECT COUNT(*) FROM customer_openings":                            good,
		"SELECT COUNT(*) FROM group_members":                                good,
		"SELECT CAST(SUM(n) AS BIGINT) FROM customer_totals":                good,
		"SELECT COUNT(*) FROM customer_search":                              good,
		"SELECT COUNT(*) FROM groups":                                       7,
		"SELECT COUNT(*) FROM import_rows WHERE phase = 1":                  rows,
		"SELECT COUNT(*) FROM import_rows WHERE phase = 1 AND row_id > 0":   good,
		"SELECT COUNT(DISTINCT row_id) FROM import_rows WHERE row_id > 0":   good,
	} {
		if got := h.number(t, query); got != want {
			t.Errorf("%s gives %d, want %d", query, got, want)
		}
	}
}

// kills is how often a worker is killed: more in the long run of make soak.
func kills() int {
	if soak {
		return 60
	}
	return 10
}

// soak tells that this is the long run of make soak.
var soak = os.Getenv("TANDEM_SOAK") == "1"

// A worker is killed again and again in the middle of an import, on each database; another goes on.
func TestKilledWorkers(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			var d *db.DB
			url, path := "", ""
			if kind == "postgres" {
				url = dbtest.PostgresURL(t)
				var err error
				if d, err = db.Open(t.Context(), db.Config{URL: url, Readers: 2, Writers: 2}); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = d.Close() })
			} else {
				d = dbtest.SQLite(t)
				path = d.Path()
			}
			kills := kills()
			rows := 200 * kills
			h := newHouse(t, d, small)
			m := h.upload(t, "k.csv", bigFile(rows))
			j, err := h.Run(boss(), m.ID)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			for kill := 1; kill <= kills; kill++ {
				worker := startWorker(t, url, path, dir)
				h.awaitRows(t, j.ID, int64(kill*rows/(kills+2)))
				kill9(t, worker)
				sum := h.get(t, m.ID).Report()
				if told, in := h.number(t, "SELECT COUNT(*) FROM import_rows"), h.count(t); told != sum.Rows || in != sum.Create {
					t.Fatalf("after kill %d: %d rows told, %d customers, and the import says %+v", kill, told, in, sum)
				}
			}
			worker := startWorker(t, url, path, dir)
			h.await(t, j.ID)
			kill9(t, worker)
			h.wantWhole(t, m, int64(rows))
		})
	}
}

func startWorker(t *testing.T, url, path, dir string) *exec.Cmd {
	t.Helper()
	worker := exec.Command(os.Args[0])
	worker.Env = append(os.Environ(), workerURL+"="+url, workerPath+"="+path, workerDir+"="+dir)
	worker.Stderr = os.Stderr
	out, err := worker.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = worker.Process.Kill() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("the worker says %q, %v", line, err)
	}
	return worker
}

func kill9(t *testing.T, worker *exec.Cmd) {
	t.Helper()
	if err := worker.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = worker.Wait() // it says that it was killed
}

// awaitRows waits until a job has handled so many rows, or has ended.
func (h *house) awaitRows(t *testing.T, n, rows int64) job.Job {
	t.Helper()
	deadline := dbtest.TooLate(t)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		j, err := h.jobs.Get(boss(), n)
		if err != nil {
			t.Fatal(err)
		}
		if j.Done >= rows || j.State.Ended() {
			return j
		}
		select {
		case <-deadline:
			t.Fatalf("the job does not come on: %+v", j)
		case <-tick.C:
		}
	}
}

// A process is stopped again and again while it imports; the next one goes on where it was.
func TestStoppedProcesses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const rows = 1500
		h := newHouse(t, d, small)
		m := h.upload(t, "k.csv", bigFile(rows))
		j, err := h.Run(boss(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		for stop := int64(1); stop <= 10; stop++ {
			p := newHouse(t, d, small)
			if err := p.jobs.Start(context.Background()); err != nil {
				t.Fatal(err)
			}
			h.awaitRows(t, j.ID, stop*rows/12)
			p.stop(t)
		}
		newHouse(t, d, small).start(t)
		h.await(t, j.ID)
		h.wantWhole(t, m, int64(rows))
	})
}

// A cancelled import keeps what is in, says so, and goes on when it is run again.
func TestCancel(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const rows = 3000
		h := newHouse(t, d, small).start(t)
		m := h.upload(t, "k.csv", bigFile(rows))
		j, err := h.Run(boss(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Check(boss(), m.ID)
		wantCode(t, err, "import_busy")
		_, err = h.Change(boss(), m.ID, 0, importer.Patch{Mode: ptr(importer.ModeUpsert)})
		wantCode(t, err, "import_busy")
		h.awaitRows(t, j.ID, 100)
		if _, err := h.Cancel(boss(), m.ID); err != nil {
			t.Fatal(err)
		}
		h.await(t, j.ID)
		m = h.get(t, m.ID)
		sum := m.Report()
		if m.State != importer.StateCancelled || sum.Rows == rows || sum.Create != h.count(t) {
			t.Errorf("%s: %+v, %d customers", m.State, sum, h.count(t))
		}
		_, err = h.Change(boss(), m.ID, 0, importer.Patch{HasHeader: ptr(false)})
		wantCode(t, err, "import_begun")
		h.run(t, m)
		h.wantWhole(t, m, int64(rows))
	})
}
