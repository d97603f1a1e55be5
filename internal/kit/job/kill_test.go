package job_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
)

const (
	killRows = 2000
	kills    = 12
)

// TestKilledProcess kills the process at work with signal 9, again and again: what it told is kept, nothing is done twice.
func TestKilledProcess(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) db.Config{
		"sqlite":   func(t *testing.T) db.Config { return db.Config{Path: dbtest.SQLite(t).Path()} },
		"postgres": func(t *testing.T) db.Config { return db.Config{URL: dbtest.PostgresURL(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			killed(t, open(t))
		})
	}
}

func killed(t *testing.T, c db.Config) {
	d, err := db.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	proof(t, d)
	n := newNode(t, d, clock.System{})
	j := n.enqueue(t, as("ann"), job.Spec{Kind: "prove", Total: killRows})
	dir := filepath.Join(t.TempDir(), "workers")
	told := int64(0)
	for kill := range kills + 1 {
		last := kill == kills
		told = max(told, workUntilKilled(t, c, dir, 1+(kill*7)%11, last))
		j = n.get(t, j.ID)
		if lines, different := effects(t, d); int64(lines) != j.Done || lines != different || j.Done < told {
			t.Fatalf("after kill %d there are %d effects, %d different; the job says %d, the process told %d", kill, lines, different, j.Done, told)
		}
	}
	if j.State != job.StateDone || j.Done != killRows {
		t.Errorf("ended as %+v", j)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 0 {
		t.Errorf("signs of life are left: %v, %v", left, err)
	}
}

// workUntilKilled runs a process that works on the job and kills it after so many batches, or lets it finish. It gives
// the last row that the process told as done.
func workUntilKilled(t *testing.T, c db.Config, dir string, batches int, finish bool) (told int64) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestHelperProcess$")
	child.Env = append(os.Environ(), "JOB_TEST_PATH="+c.Path, "JOB_TEST_URL="+c.URL, "JOB_TEST_DIR="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(out)
	for in.Scan() {
		if _, err := fmt.Sscanf(in.Text(), "told %d", &told); err != nil {
			continue
		}
		if batches--; batches == 0 && !finish {
			_ = child.Process.Kill()
		}
	}
	if err := child.Wait(); finish && err != nil {
		t.Fatalf("the last process failed: %v", err)
	}
	return told
}

// TestHelperProcess is the process that is killed; run by itself it does nothing.
func TestHelperProcess(t *testing.T) {
	dir := os.Getenv("JOB_TEST_DIR")
	if dir == "" {
		return
	}
	ctx := context.Background()
	d, err := db.Open(ctx, db.Config{Path: os.Getenv("JOB_TEST_PATH"), URL: os.Getenv("JOB_TEST_URL")})
	if err != nil {
		t.Fatal(err)
	}
	c := clock.System{}
	n := newNode(t, d, c, func(o *job.Options) { o.Dir, o.IDs = dir, id.NewSource(c) })
	ended := make(chan struct{})
	n.Handle("prove", n.batches(killRows, nil, func(_ context.Context, batch int64) error {
		fmt.Println("told", (batch+1)*10)
		return nil
	}))
	n.OnEnd("prove", func(_ context.Context, tx *db.Tx, j job.Job) error {
		if j.State != job.StateDone || !strings.HasPrefix(j.PublicID(), job.Prefix) {
			return errors.New("ended otherwise")
		}
		tx.AfterCommit(func() { close(ended) })
		return nil
	})
	if err := n.Start(ctx); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-dbtest.TooLate(t):
		t.Fatal("the job does not end")
	}
	n.stop(t)
}
