package dbtest

import (
	"context"
	"database/sql/driver"
	"io"
	"net"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"tandem/internal/kit/db"
)

// Kind is how a call to the database fails.
type Kind int

const (
	// Lost: the connection is gone before the call had an effect, and stays gone.
	Lost Kind = iota
	// Full: the database refuses the call, since its disk is full.
	Full
	// Unheard: the call has its effect, then the connection is gone. Only commits fail so; other calls pass.
	Unheard
)

// Faults makes the n-th call to the driver fail: to connect, begin, prepare, run, read the first row, copy and commit are calls.
// Rolling back and closing always work, as far as the connection is there. Safe for concurrent use.
type Faults struct {
	mu    sync.Mutex
	left  int
	kind  Kind
	calls int
	fired bool
	what  string
}

// Arm makes the n-th call from now on fail, the first being 1; 0 makes none fail. Calls are counted anew.
func (f *Faults) Arm(n int, kind Kind) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left, f.kind, f.calls, f.fired, f.what = n, kind, 0, false, ""
}

// Fired tells whether the call that was to fail came, and what it was.
func (f *Faults) Fired() (bool, string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fired, f.what
}

// hit counts a call and tells whether it fails now.
func (f *Faults) hit(what string, commit bool) (Kind, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left == 0 || (f.kind == Unheard && !commit) {
		return 0, false
	}
	f.calls++
	if f.calls != f.left {
		return 0, false
	}
	f.left, f.fired, f.what = 0, true, what
	return f.kind, true
}

func lost() error { return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET} }

func full() error {
	return &pgconn.PgError{Severity: "ERROR", Code: "53100", Message: "no space left on device"}
}

// EachFaulty runs fn as a parallel subtest on an empty database of each kind whose calls can be made to fail.
func EachFaulty(t *testing.T, fn func(t *testing.T, d *db.DB, f *Faults)) {
	t.Helper()
	for name, config := range map[string]func() db.Config{
		"sqlite": func() db.Config { return db.Config{Path: SQLite(t).Path(), Readers: 4} }, "postgres": func() db.Config { return db.Config{URL: PostgresURL(t), Readers: 4, Writers: 8} },
	} {
		c := config()
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &Faults{}
			c.Between = func(inner driver.Connector) driver.Connector { return faultySource{inner, f} }
			fn(t, open(t, c), f)
		})
	}
}

type faultySource struct {
	inner driver.Connector
	f     *Faults
}

// Connect opens a connection.
func (s faultySource) Connect(ctx context.Context) (driver.Conn, error) {
	if kind, now := s.f.hit("connect", false); now && kind != Full {
		return nil, lost()
	}
	c, err := s.inner.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &faultyConn{inner: c, f: s.f, open: map[io.Closer]bool{}}, nil
}

// Driver is the driver below.
func (s faultySource) Driver() driver.Driver { return s.inner.Driver() }

// faultyConn is a connection whose calls may fail. A connection is used by one goroutine at a time.
type faultyConn struct {
	inner driver.Conn
	f     *Faults
	gone  bool
	tx    driver.Tx
	open  map[io.Closer]bool // rows being read, and statements
}

// call counts a call; its error is how it fails.
func (c *faultyConn) call(what string) error {
	if c.gone {
		return lost()
	}
	kind, now := c.f.hit(what, false)
	switch {
	case !now:
		return nil
	case kind == Full:
		return full()
	}
	c.lose()
	return lost()
}

// lose closes the connection below, which takes back what was not committed.
func (c *faultyConn) lose() {
	c.gone = true
	for it := range c.open {
		if _, ok := it.(driver.Rows); ok {
			_ = it.Close() // nobody is there to hear any of this
		}
	}
	for it := range c.open {
		if _, ok := it.(driver.Stmt); ok {
			_ = it.Close()
		}
	}
	if c.tx != nil {
		_ = c.tx.Rollback()
	}
	_ = c.inner.Close()
}

// Within gives the connection below, for a copy.
func (c *faultyConn) Within() (any, error) { return c.inner, c.call("copy") }

// Prepare prepares a statement.
func (c *faultyConn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext prepares a statement.
func (c *faultyConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if err := c.call("prepare " + query); err != nil {
		return nil, err
	}
	s, err := c.inner.(driver.ConnPrepareContext).PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	c.open[s] = true
	return &faultyStmt{s, c, query}, nil
}

// Close closes the connection.
func (c *faultyConn) Close() error {
	if c.gone {
		return nil
	}
	return c.inner.Close()
}

// Begin begins a transaction.
func (c *faultyConn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx begins a transaction.
func (c *faultyConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	if err := c.call("begin"); err != nil {
		return nil, err
	}
	tx, err := c.inner.(driver.ConnBeginTx).BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	c.tx = tx
	return &faultyTx{tx, c}, nil
}

// ExecContext runs a statement.
func (c *faultyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.call(query); err != nil {
		return nil, err
	}
	return c.inner.(driver.ExecerContext).ExecContext(ctx, query, args)
}

// QueryContext runs a query.
func (c *faultyConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.call(query); err != nil {
		return nil, err
	}
	rows, err := c.inner.(driver.QueryerContext).QueryContext(ctx, query, args)
	if err != nil {
		return nil, err
	}
	c.open[rows] = true
	return &faultyRows{Rows: rows, conn: c, query: query}, nil
}

// CheckNamedValue lets the driver below decide.
func (c *faultyConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.inner.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// ResetSession is called before the connection is used again.
func (c *faultyConn) ResetSession(ctx context.Context) error {
	if c.gone {
		return driver.ErrBadConn
	}
	if r, ok := c.inner.(driver.SessionResetter); ok {
		return r.ResetSession(ctx)
	}
	return nil
}

// IsValid tells whether the connection may be used again.
func (c *faultyConn) IsValid() bool { return !c.gone }

type faultyTx struct {
	inner driver.Tx
	conn  *faultyConn
}

// Commit commits.
func (t *faultyTx) Commit() error {
	if t.conn.gone {
		return lost()
	}
	kind, now := t.conn.f.hit("commit", true)
	t.conn.tx = nil
	if !now {
		return t.inner.Commit()
	}
	switch kind {
	case Unheard:
		if err := t.inner.Commit(); err != nil {
			return err
		}
	case Full:
		_ = t.inner.Rollback() // what a database does that cannot commit
		return full()
	default:
		t.conn.tx = t.inner
	}
	t.conn.lose()
	return lost()
}

// Rollback takes back.
func (t *faultyTx) Rollback() error {
	if t.conn.gone {
		return lost()
	}
	t.conn.tx = nil
	return t.inner.Rollback()
}

type faultyStmt struct {
	driver.Stmt
	conn  *faultyConn
	query string
}

// Close gives the statement back.
func (s *faultyStmt) Close() error {
	if s.conn.gone {
		return nil
	}
	delete(s.conn.open, s.Stmt)
	return s.Stmt.Close()
}

// ExecContext runs the statement.
func (s *faultyStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.conn.call(s.query); err != nil {
		return nil, err
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

// QueryContext runs the statement.
func (s *faultyStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.conn.call(s.query); err != nil {
		return nil, err
	}
	rows, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.conn.open[rows] = true
	return &faultyRows{Rows: rows, conn: s.conn, query: s.query}, nil
}

type faultyRows struct {
	driver.Rows
	conn  *faultyConn
	query string
	begun bool
}

// Next reads a row.
func (r *faultyRows) Next(dest []driver.Value) error {
	if !r.begun {
		r.begun = true
		if err := r.conn.call("first row of " + r.query); err != nil {
			return err
		}
	}
	if r.conn.gone {
		return io.ErrUnexpectedEOF
	}
	return r.Rows.Next(dest)
}

// Close ends the reading.
func (r *faultyRows) Close() error {
	if r.conn.gone {
		return nil
	}
	delete(r.conn.open, r.Rows)
	return r.Rows.Close()
}
