package pgtest_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/kit/db/pgtest"
)

// lonelyVariable makes this test binary start a cluster, print its URL and
// wait to be killed.
const lonelyVariable = "TANDEM_PGTEST_LONELY"

func TestMain(m *testing.M) {
	if os.Getenv(lonelyVariable) != "" {
		cluster, err := pgtest.Start(context.Background())
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(cluster.URL)
		select {}
	}
	os.Exit(m.Run())
}

func open(t *testing.T, address string) *sql.DB {
	t.Helper()
	pool, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}

func exec1(t *testing.T, pool *sql.DB, statement string) {
	t.Helper()
	if _, err := pool.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestServerIsNewEnough(t *testing.T) {
	t.Parallel()
	var version int
	if err := open(t, pgtest.URL(t)).QueryRow("SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		t.Fatal(err)
	}
	if version < pgtest.MinVersion*10000 {
		t.Fatalf("version %d", version)
	}
}

func TestTrigramExtensionIsThere(t *testing.T) {
	t.Parallel()
	exec1(t, open(t, pgtest.Database(t, "")), "CREATE EXTENSION pg_trgm")
}

func TestDatabasesAreApartAndDroppedWithTheirConnections(t *testing.T) {
	t.Parallel()
	var dropped string
	t.Run("inner", func(t *testing.T) {
		first, second := pgtest.Database(t, ""), pgtest.Database(t, "")
		exec1(t, open(t, first), "CREATE TABLE here (n BIGINT)")
		exec1(t, open(t, second), "CREATE TABLE here (n BIGINT)") // fails if it were the same database
		left, err := sql.Open("pgx", first)                       // left open on purpose
		if err != nil {
			t.Fatal(err)
		}
		if err := left.Ping(); err != nil {
			t.Fatal(err)
		}
		parsed, err := url.Parse(first)
		if err != nil {
			t.Fatal(err)
		}
		dropped = strings.TrimPrefix(parsed.Path, "/")
	})
	var there bool
	if err := open(t, pgtest.URL(t)).QueryRow("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", dropped).Scan(&there); err != nil {
		t.Fatal(err)
	}
	if there {
		t.Fatalf("%s is still there", dropped)
	}
}

func TestTemplateIsFilledOnceForAllWhoAsk(t *testing.T) {
	t.Parallel()
	const name = "pgtest_template_filled_once"
	var fills atomic.Int32
	fill := func(address string) error {
		fills.Add(1)
		pool, err := sql.Open("pgx", address)
		if err != nil {
			return err
		}
		_, err = pool.Exec("CREATE TABLE marked AS SELECT 42 AS n")
		return errors.Join(err, pool.Close())
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			copied := open(t, pgtest.Database(t, pgtest.Template(t, name, fill)))
			var n int
			if err := copied.QueryRow("SELECT n FROM marked").Scan(&n); err != nil || n != 42 {
				t.Errorf("copy of the template: %d, %v", n, err)
			}
		})
	}
	group.Wait()
	// 0 when another process of the same run was first.
	if fills.Load() > 1 {
		t.Fatalf("filled %d times", fills.Load())
	}
}

func TestTemplateThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	const name = "pgtest_template_failing"
	fake := &recorder{TB: t}
	done := make(chan struct{})
	go func() { // Fatalf ends the goroutine
		defer close(done)
		pgtest.Template(fake, name, func(string) error { return errors.New("broken migration") })
	}()
	<-done
	if !strings.Contains(fake.fatal, "broken migration") {
		t.Fatalf("message %q", fake.fatal)
	}
	var left int
	if err := open(t, pgtest.URL(t)).QueryRow("SELECT count(*) FROM pg_database WHERE datname = $1", name).Scan(&left); err != nil || left != 0 {
		t.Fatalf("%d left, %v", left, err)
	}
}

// recorder keeps a fatal message instead of failing the real test.
type recorder struct {
	testing.TB
	fatal string
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fatal = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestClusterEndsWithItsProcess(t *testing.T) {
	t.Parallel()
	lonely := exec.Command(os.Args[0])
	lonely.Env = append(os.Environ(), lonelyVariable+"=1")
	out, err := lonely.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := lonely.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	address, err := url.Parse(strings.TrimSpace(line))
	if err != nil || address.Query().Get("host") == "" {
		t.Fatalf("the process printed %q", line)
	}
	folder := address.Query().Get("host")
	if _, err := os.Stat(folder); err != nil {
		t.Fatal(err)
	}
	if err := lonely.Process.Kill(); err != nil { // SIGKILL: no chance to clean up
		t.Fatal(err)
	}
	_ = lonely.Wait()
	gone(t, folder)
}

// gone waits until a folder is removed.
func gone(t *testing.T, folder string) {
	t.Helper()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	limit := time.After(time.Minute)
	for {
		if _, err := os.Stat(folder); errors.Is(err, os.ErrNotExist) {
			return
		}
		select {
		case <-look.C:
		case <-limit:
			t.Fatalf("%s is still there", folder)
		}
	}
}

func TestStopRemovesTheFolderAndMayBeCalledTwice(t *testing.T) {
	t.Parallel()
	cluster, err := pgtest.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := cluster.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	address, err := url.Parse(cluster.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(address.Query().Get("host")); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("folder: %v", err)
	}
}

func TestStartThatIsGivenUpLeavesNoServer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if cluster, err := pgtest.Start(ctx); err == nil {
		_ = cluster.Stop()
		t.Fatal("started although its context had ended")
	}
}
