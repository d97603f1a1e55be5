package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	superuser    = "tandem"
	startTimeout = 2 * time.Minute // a loaded machine needs seconds; this only ends a hopeless wait
)

// settings of the server. Durability is off because the data is thrown away;
// autovacuum is off so that query plans depend only on the ANALYZE a test runs.
const settings = `
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 300
shared_buffers = 128MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
checkpoint_timeout = 1h
autovacuum = off
jit = off
timezone = 'UTC'
log_min_messages = warning
`

// supervisor keeps the server until its standard input ends, which happens
// when the process that started it stops or dies in any way.
// Arguments: folder of the programs, folder of the cluster.
const supervisor = `
trap '' INT TERM
( "$1/postgres" -D "$2/data" -k "$2" >"$2/log" 2>&1; : >"$2/exited" ) &
cat >/dev/null
until [ -e "$2/exited" ] || "$1/pg_ctl" -D "$2/data" -m immediate -s stop >/dev/null 2>&1; do sleep 0.1; done
wait
rm -rf "$2"
`

// Cluster is a running throw-away PostgreSQL.
type Cluster struct {
	// URL of the administration database, as the superuser.
	URL string

	folder string
	pipe   io.Closer    // closing it tells the supervisor to stop
	wait   func() error // returns when the supervisor is gone
}

// Start creates a cluster in a new temporary folder and waits until it
// answers. The cluster ends with Stop or with this process. It returns
// ErrMissing when PostgreSQL is not installed.
func Start(ctx context.Context) (*Cluster, error) {
	programs, err := FindBinaries()
	if err != nil {
		return nil, err
	}
	owner, err := clusterAccount()
	if err != nil {
		return nil, err
	}
	folder, err := newFolder(owner)
	if err != nil {
		return nil, err
	}
	if err := initialise(programs, folder, owner); err != nil {
		_ = os.RemoveAll(folder)
		return nil, err
	}
	cluster, err := supervise(programs, folder, owner)
	if err != nil {
		_ = os.RemoveAll(folder)
		return nil, err
	}
	if err := cluster.awaitReady(ctx); err != nil {
		return nil, errors.Join(err, cluster.Stop())
	}
	return cluster, nil
}

// Stop ends the server at once and removes its folder. It is safe to call twice.
func (c *Cluster) Stop() error {
	_ = c.pipe.Close()
	if err := c.wait(); err != nil {
		return fmt.Errorf("stop the test PostgreSQL in %s: %w", c.folder, err)
	}
	return nil
}

// newFolder makes the cluster's folder, owned by the account. A unix socket's
// path may have about 100 bytes, so that a long TMPDIR is passed over for /tmp.
func newFolder(owner account) (string, error) {
	parent := os.TempDir()
	if len(parent) > 60 {
		parent = "/tmp"
	}
	folder, err := os.MkdirTemp(parent, "tandem-pg-")
	if err != nil {
		return "", fmt.Errorf("make the folder of the test PostgreSQL: %w", err)
	}
	if owner.credential != nil {
		if err := os.Chown(folder, owner.uid, owner.gid); err != nil {
			return "", fmt.Errorf("give the test PostgreSQL its folder: %w", err)
		}
	}
	return folder, nil
}

// initialise runs initdb. Not every build knows every locale, so it tries
// from the most life-like to the plainest.
func initialise(programs, folder string, owner account) error {
	data := filepath.Join(folder, "data")
	var failure error
	for _, locale := range [][]string{
		{"--locale-provider=icu", "--icu-locale=en", "--locale=C.UTF-8"},
		{"--locale=C.UTF-8"},
		{"--locale=C"},
	} {
		args := append([]string{"-D", data, "-U", superuser, "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"}, locale...)
		out, err := owner.command(filepath.Join(programs, "initdb"), args...).CombinedOutput()
		if err != nil {
			failure = fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
			continue
		}
		return appendFile(filepath.Join(data, "postgresql.conf"), settings)
	}
	return failure
}

func appendFile(name, text string) error {
	file, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("configure the test PostgreSQL: %w", err)
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

// supervise starts the server below the supervising shell.
func supervise(programs, folder string, owner account) (*Cluster, error) {
	shell := owner.command("/bin/sh", "-c", supervisor, "tandem-pg", programs, folder)
	pipe, err := shell.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start the test PostgreSQL: %w", err)
	}
	if err := shell.Start(); err != nil {
		return nil, fmt.Errorf("start the test PostgreSQL: %w", err)
	}
	gone, failure := make(chan struct{}), error(nil)
	go func() {
		failure = shell.Wait()
		close(gone)
	}()
	address := url.URL{
		Scheme: "postgres", User: url.User(superuser), Path: "/postgres",
		RawQuery: url.Values{"host": {folder}, "sslmode": {"disable"}}.Encode(),
	}
	return &Cluster{
		URL: address.String(), folder: folder, pipe: pipe,
		wait: func() error { <-gone; return failure },
	}, nil
}

// awaitReady returns when the server answers, or says why it does not.
func (c *Cluster) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		connection, err := pgx.Connect(ctx, c.URL)
		if err == nil {
			return connection.Close(ctx)
		}
		if _, exited := os.Stat(filepath.Join(c.folder, "exited")); exited == nil || ctx.Err() != nil {
			log, _ := os.ReadFile(filepath.Join(c.folder, "log"))
			return fmt.Errorf("the test PostgreSQL did not start: %w; its log ends: %s", err, bytes.TrimSpace(log[max(0, len(log)-2000):]))
		}
		select {
		case <-ctx.Done():
		case <-again.C:
		}
	}
}
