package pgtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx" for the administration pool
)

// URLVariable names the environment variable that holds the administration
// URL of an already running test cluster.
const URLVariable = "TANDEM_TEST_PG_URL"

// server is what one test process knows of its cluster.
type server struct {
	url   string
	admin *sql.DB
	own   *Cluster // nil when another process started it
}

// shared starts or finds the process's cluster, once. The result must stay
// reachable: it holds the pipe that keeps the supervisor waiting.
var shared = sync.OnceValues(func() (*server, error) {
	found := &server{url: os.Getenv(URLVariable)}
	if found.url == "" {
		cluster, err := Start(context.Background())
		if err != nil {
			return nil, err
		}
		found.own, found.url = cluster, cluster.URL
	}
	admin, err := sql.Open("pgx", found.url)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", URLVariable, err)
	}
	// Copies of a template are bound by the disk; more at once only queue in the server.
	admin.SetMaxOpenConns(4)
	if err := admin.Ping(); err != nil {
		return nil, fmt.Errorf("connect to the test PostgreSQL of %s: %w", URLVariable, err)
	}
	found.admin = admin
	return found, nil
})

func mustShare(tb testing.TB) *server {
	tb.Helper()
	found, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	return found
}

// URL returns the URL of the administration database, as a superuser, and
// starts the cluster when this is the process's first use of it. Tests create
// their own databases with Database and leave this one alone.
func URL(tb testing.TB) string {
	tb.Helper()
	return mustShare(tb).url
}

// Database creates a fresh database and returns its URL. The database is a
// copy of template, or empty when template is "". It is dropped, with whatever
// is still connected to it, when the test ends.
func Database(tb testing.TB, template string) string {
	tb.Helper()
	found := mustShare(tb)
	if template == "" {
		template = "template0"
	}
	name := "t_" + uniqueSuffix()
	create := fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", quote(name), quote(template))
	if _, err := found.admin.Exec(create); err != nil {
		tb.Fatalf("create a test database from %s: %v", template, err)
	}
	tb.Cleanup(func() {
		if _, err := found.admin.Exec("DROP DATABASE " + quote(name) + " WITH (FORCE)"); err != nil {
			tb.Errorf("drop the test database %s: %v", name, err)
		}
	})
	return withDatabase(tb, found.url, name)
}

// Template makes sure that the cluster has a template database of this name
// and returns the name, for use with Database. Only the first caller among all
// processes that share the cluster runs fill, with the URL of an empty
// database; fill must close its connections. The name must say what is in it:
// put a hash of the migrations into it.
func Template(tb testing.TB, name string, fill func(url string) error) string {
	tb.Helper()
	found := mustShare(tb)
	if err := found.template(tb, name, fill); err != nil {
		tb.Fatalf("make the template database %s: %v", name, err)
	}
	return name
}

func (s *server) template(tb testing.TB, name string, fill func(url string) error) error {
	ctx := context.Background()
	session, err := s.admin.Conn(ctx) // an advisory lock belongs to its session
	if err != nil {
		return err
	}
	defer session.Close()
	if _, err := session.ExecContext(ctx, "SELECT pg_advisory_lock(hashtext($1))", name); err != nil {
		return err
	}
	defer func() { _, _ = session.ExecContext(ctx, "SELECT pg_advisory_unlock(hashtext($1))", name) }()

	var there bool
	if err := session.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil || there {
		return err
	}
	// Filled under another name, so that a fill that dies half way leaves nothing that looks ready.
	draft := "draft_" + uniqueSuffix()
	if _, err := session.ExecContext(ctx, "CREATE DATABASE "+quote(draft)+" TEMPLATE template0"); err != nil {
		return err
	}
	if err := fill(withDatabase(tb, s.url, draft)); err != nil {
		_, _ = session.ExecContext(ctx, "DROP DATABASE "+quote(draft)+" WITH (FORCE)")
		return fmt.Errorf("fill: %w", err)
	}
	for _, statement := range []string{
		"ALTER DATABASE " + quote(draft) + " WITH IS_TEMPLATE true ALLOW_CONNECTIONS false",
		"ALTER DATABASE " + quote(draft) + " RENAME TO " + quote(name),
	} {
		if _, err := session.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// uniqueSuffix tells databases of different tests, processes and machines apart.
func uniqueSuffix() string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails, by its documentation
	return hex.EncodeToString(random[:])
}

func withDatabase(tb testing.TB, base, name string) string {
	tb.Helper()
	address, err := url.Parse(base)
	if err != nil {
		tb.Fatalf("%s is not a URL: %v", URLVariable, err)
	}
	address.Path = "/" + name
	return address.String()
}
