// Package db opens the one database of an installation, SQLite by default or PostgreSQL by URL, and runs one SQL
// text on both.
//
// Owns: connections, pragmas, transactions, bulk load, migrations, and the few words in which the two databases
// differ (Dialect). Does not own: tables; each belongs to the store.go of one package.
//
// Invariants: every pooled connection has the same settings, since they stand in the DSN and not in a statement run
// once; SQLite has one writer, and every write transaction begins IMMEDIATE; a commit that was answered is on disk
// (WAL with synchronous=FULL; PostgreSQL's default).
package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
)

// Config says which database to open.
type Config struct {
	URL     string // postgres://... ; empty means SQLite at Path
	Path    string // the SQLite file
	Readers int    // connections that read; 0 means 8
	Writers int    // PostgreSQL connections that write; 0 means 16
	// Between stands between the pools and the driver: for tests that make calls fail. nil: nothing stands there.
	Between func(driver.Connector) driver.Connector `json:"-"`
}

// connect makes a pool over the driver of that name.
func (c Config) connect(name, dsn string) (*sqlx.DB, error) {
	pool, err := sqlx.Open(name, dsn)
	if err != nil || c.Between == nil {
		return pool, err
	}
	made, ok := pool.Driver().(driver.DriverContext)
	if !ok {
		return sqlx.NewDb(sql.OpenDB(c.Between(namedSource{dsn, pool.Driver()})), name), pool.Close()
	}
	source, err := made.OpenConnector(dsn)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return sqlx.NewDb(sql.OpenDB(c.Between(source)), name), pool.Close()
}

// postgresSettings fit short questions to a database in memory or on a drive without arms: a plan is not compiled, and
// a page read by its address costs hardly more than the next one.
const postgresSettings = `SET jit = off; SET random_page_cost = 1.1`

// postgres makes a pool whose connections have the settings. They are not sent as start-up parameters, which poolers
// between refuse.
func (c Config) postgres(config *pgx.ConnConfig) *sqlx.DB {
	source := driver.Connector(stdlib.GetConnector(*config, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.PgConn().Exec(ctx, postgresSettings).ReadAll()
		return err
	})))
	if c.Between != nil {
		source = c.Between(source)
	}
	return sqlx.NewDb(sql.OpenDB(source), "pgx")
}

// namedSource is a connector of a driver that has none.
type namedSource struct {
	dsn    string
	driver driver.Driver
}

// Connect opens a connection.
func (s namedSource) Connect(context.Context) (driver.Conn, error) { return s.driver.Open(s.dsn) }

// Driver is the driver.
func (s namedSource) Driver() driver.Driver { return s.driver }

// DB is an open database. Safe for concurrent use.
type DB struct {
	dialect Dialect
	write   *sqlx.DB
	read    *sqlx.DB
	path    string
	within  *Tx // nil: a database of its own
}

// Q runs statements: the readers' pool, a snapshot or a transaction.
type Q interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	GetContext(ctx context.Context, dest any, query string, args ...any) error
	SelectContext(ctx context.Context, dest any, query string, args ...any) error
}

// Open connects and checks that the database answers. The caller closes it.
func Open(ctx context.Context, c Config) (*DB, error) {
	d, err := open(c)
	if err != nil {
		return nil, err
	}
	for _, pool := range []*sqlx.DB{d.write, d.read} {
		if err := pool.PingContext(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("open the database%s: %w", named(d.path), redact(err)), d.Close())
		}
	}
	return d, nil
}

func named(path string) string {
	if path == "" {
		return ""
	}
	return " " + path
}

func open(c Config) (*DB, error) {
	readers, writers := c.Readers, c.Writers
	if readers == 0 {
		readers = 8
	}
	if writers == 0 {
		writers = 16
	}
	if c.URL != "" {
		return openPostgres(c, readers, writers)
	}
	return openSQLite(c, readers)
}

func openPostgres(c Config, readers, writers int) (*DB, error) {
	address := c.URL
	if !strings.HasPrefix(address, "postgres://") && !strings.HasPrefix(address, "postgresql://") {
		return nil, errors.New("the database URL must begin with postgres://")
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", redact(err))
	}
	w, r := c.postgres(config), c.postgres(config)
	w.SetMaxOpenConns(writers)
	w.SetMaxIdleConns(writers)
	r.SetMaxOpenConns(readers)
	r.SetMaxIdleConns(readers)
	return &DB{dialect: Postgres, write: w, read: r}, nil
}

func openSQLite(c Config, readers int) (*DB, error) {
	path := c.Path
	if path == "" {
		return nil, errors.New("open SQLite: no file was named")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // SQLite would let others read it, and its log takes its rights
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	w, err := c.connect("sqlite", sqliteDSN(path, "cache_size(-98304)", "wal_autocheckpoint(4000)"))
	if err != nil {
		return nil, fmt.Errorf("open SQLite: %w", err)
	}
	r, err := c.connect("sqlite", sqliteDSN(path, "cache_size(-6144)", "query_only(1)"))
	if err != nil {
		return nil, fmt.Errorf("open SQLite: %w", err)
	}
	w.SetMaxOpenConns(1)
	w.SetMaxIdleConns(1)
	r.SetMaxOpenConns(readers)
	r.SetMaxIdleConns(readers)
	return &DB{dialect: SQLite, write: w, read: r, path: path}, nil
}

// busyTimeout is how long a statement waits for another process, in milliseconds.
const busyTimeout = "15000"

// sqliteDSN puts every setting where each new connection of the pool meets it.
func sqliteDSN(path string, more ...string) string {
	v := url.Values{}
	v.Set("_txlock", "immediate")
	for _, p := range append([]string{
		"busy_timeout(" + busyTimeout + ")", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		"temp_store(FILE)", "journal_size_limit(67108864)", "trusted_schema(0)", "secure_delete(FAST)",
	}, more...) {
		v.Add("_pragma", p)
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode()
}

// Close ends every connection.
func (d *DB) Close() error { return errors.Join(d.read.Close(), d.write.Close()) }

// Settle moves what SQLite's log holds into the file and empties it, so that what was overwritten stands in neither. While
// somebody reads long it does what it can, lest writers wait. On PostgreSQL there is nothing to do.
func (d *DB) Settle(ctx context.Context) error {
	if d.dialect != SQLite || d.within != nil {
		return nil
	}
	conn, err := d.write.Connx(ctx)
	if err != nil {
		return fmt.Errorf("get a connection: %w", err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(ctx, "PRAGMA busy_timeout = 250"); err != nil { // it keeps writers out while it waits for readers
		return fmt.Errorf("hurry: %w", err)
	}
	var busy, pages, moved int64
	err = conn.QueryRowxContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved)
	if _, back := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA busy_timeout = "+busyTimeout); back != nil {
		return errors.Join(err, fmt.Errorf("take the time again: %w", back))
	}
	if err != nil {
		return fmt.Errorf("empty the log: %w", err)
	}
	return nil
}

// Dialect tells which database this is.
func (d *DB) Dialect() Dialect { return d.dialect }

// Path is the SQLite file; empty on PostgreSQL.
func (d *DB) Path() string { return d.path }

// Read is the pool of readers, for statements outside a transaction. On SQLite it cannot write.
func (d *DB) Read() Q {
	if d.within != nil {
		return d.within
	}
	return d.read
}

// Snapshot runs fn on one unchanging view of the data, for answers made of several statements.
func (d *DB) Snapshot(ctx context.Context, fn func(Q) error) error {
	if d.within != nil {
		return fn(d.within)
	}
	tx, err := d.read.BeginTxx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: d.dialect.snapshot()})
	if err != nil {
		return fmt.Errorf("begin a snapshot: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return fn(tx)
}

// UniqueViolation gives the constraint or columns of the unique index that err ran into, such as
// "customers.email_key" or "customers_email_open"; empty when err is something else. Both databases name the
// index's table; look for the column's or index's name in it.
func UniqueViolation(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23505" {
		return pg.ConstraintName
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) && (lite.Code() == 2067 || lite.Code() == 1555) {
		_, columns, _ := strings.Cut(lite.Error(), "UNIQUE constraint failed: ")
		columns, _, _ = strings.Cut(columns, " (")
		return strings.TrimPrefix(columns, "index ")
	}
	return ""
}

// IsFull tells whether err says that the disk, or the space given to the database, is full.
func IsFull(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "53100"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == 13
}

// redact keeps the database's password out of errors: drivers like to print the URL.
func redact(err error) error {
	var parse *pgconn.ParseConfigError
	if errors.As(err, &parse) {
		return errors.New("the database URL cannot be read")
	}
	return err
}

// Analyze gives PostgreSQL's planner fresh figures of a table that has just grown or shrunk much; autovacuum would, a
// minute later. SQLite's plans do not depend on figures here.
func (d *DB) Analyze(ctx context.Context, tables ...string) error {
	if d.dialect != Postgres {
		return nil
	}
	if _, err := d.write.ExecContext(ctx, "ANALYZE "+strings.Join(tables, ", ")); err != nil {
		return fmt.Errorf("analyze: %w", err)
	}
	return nil
}
