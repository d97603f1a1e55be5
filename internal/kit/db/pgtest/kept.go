package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// keptSettings make a server that nobody else reaches, with the memory that its guide advises: a quarter of an ordinary
// machine's. All else is as PostgreSQL comes: commits are durable and autovacuum runs.
const keptSettings = `
shared_buffers = 2GB
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
timezone = 'UTC'
`

// keptSupervisor is supervisor for a cluster whose data stay.
const keptSupervisor = `
trap '' INT TERM
( "$1/postgres" -D "$2/data" -k "$2" >"$2/log" 2>&1; : >"$2/exited" ) &
cat >/dev/null
until [ -e "$2/exited" ] || "$1/pg_ctl" -D "$2/data" -m fast -s stop >/dev/null 2>&1; do sleep 0.1; done
wait
`

// StartKept starts the cluster in the folder, made when it is not there, and waits until it answers. It is for
// benchmarks: its settings are PostgreSQL's own, durable commits included, and its databases are there the next time.
// It ends with Stop or with this process. The path of the folder may have 80 bytes, because a unix socket stands in it,
// and the user that runs the server must be able to reach it.
func StartKept(ctx context.Context, folder string) (*Cluster, error) {
	programs, err := FindBinaries()
	if err != nil {
		return nil, err
	}
	owner, err := clusterAccount()
	if err != nil {
		return nil, err
	}
	if len(folder) > 80 {
		return nil, fmt.Errorf("the folder %s is too long for a unix socket", folder)
	}
	if err := makeKept(programs, folder, owner); err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(folder, "exited")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("start PostgreSQL in %s: %w", folder, err)
	}
	shell := owner.command("/bin/sh", "-c", keptSupervisor, "tandem-pg", programs, folder)
	pipe, err := shell.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL in %s: %w", folder, err)
	}
	if err := shell.Start(); err != nil {
		return nil, fmt.Errorf("start PostgreSQL in %s: %w", folder, err)
	}
	gone, failure := make(chan struct{}), error(nil)
	go func() {
		failure = shell.Wait()
		close(gone)
	}()
	address := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/postgres",
		RawQuery: url.Values{"host": {folder}, "sslmode": {"disable"}}.Encode()}
	cluster := &Cluster{URL: address.String(), folder: folder, pipe: pipe, wait: func() error { <-gone; return failure }}
	if err := cluster.awaitReady(ctx); err != nil {
		return nil, errors.Join(err, cluster.Stop())
	}
	return cluster, nil
}

func makeKept(programs, folder string, owner account) error {
	data := filepath.Join(folder, "data")
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err == nil {
		return nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make the folder of PostgreSQL: %w", err)
	}
	if owner.credential != nil {
		if err := os.Chown(folder, owner.uid, owner.gid); err != nil {
			return fmt.Errorf("give PostgreSQL its folder: %w", err)
		}
	}
	args := []string{"-D", data, "-U", superuser, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"}
	if out, err := owner.command(filepath.Join(programs, "initdb"), args...).CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	return appendFile(filepath.Join(data, "postgresql.conf"), keptSettings)
}
