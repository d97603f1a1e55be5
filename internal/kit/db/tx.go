package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
)

// writeTries is how often a transaction that lost against another one (deadlock, serialization) is run. Each deadlock
// ends one of those that wait in a ring, so it is more than are likely to stand in one.
const writeTries = 10

// MaxWrite is how long one transaction may take, from its beginning to its commit: longer ones are rolled back. The
// audit's sealer counts on it. Long work is a job of many short transactions.
const MaxWrite = time.Minute

// Tx is one write transaction.
type Tx struct {
	*sqlx.Tx
	conn    *sqlx.Conn
	dialect Dialect
	after   []func()
}

// Dialect tells which database this is.
func (tx *Tx) Dialect() Dialect { return tx.dialect }

// AfterCommit registers what is to happen in this process once the transaction is on disk, such as waking a
// worker. What must not be lost belongs into the outbox instead.
func (tx *Tx) AfterCommit(fn func()) { tx.after = append(tx.after, fn) }

// Write runs fn in one transaction and commits it; an error of fn rolls everything back and is returned as it is.
// PostgreSQL may run fn again after a deadlock: fn must have no effect outside tx.
func (d *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	if d.within != nil {
		return fn(d.within)
	}
	for try := 1; ; try++ {
		err := d.writeWithin(ctx, MaxWrite, fn)
		if err == nil || try == writeTries || !lostRace(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(rand.N(time.Duration(try) * 10 * time.Millisecond)): // lest they meet again in step
		}
	}
}

// Queue makes writers that name the same thing run one after the other from here to the end of their transactions, also
// on several nodes. Call it before rows are locked: it is for work that would lock them in an order of its own.
func (tx *Tx) Queue(ctx context.Context, name string) error {
	if tx.dialect == SQLite { // which has one writer
		return nil
	}
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name); err != nil {
		return fmt.Errorf("queue for %s: %w", name, err)
	}
	return nil
}

func (d *DB) writeWithin(ctx context.Context, limit time.Duration, fn func(tx *Tx) error) error {
	conn, err := d.write.Connx(ctx)
	if err != nil {
		return fmt.Errorf("get a connection: %w", err)
	}
	defer func() { _ = conn.Close() }()
	if limit > 0 {
		limited, cancel := context.WithTimeoutCause(ctx, limit, errTooLong)
		defer cancel()
		ctx = limited
	}
	raw, err := conn.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	tx := &Tx{Tx: raw, conn: conn, dialect: d.dialect}
	if err := fn(tx); err != nil {
		if back := raw.Rollback(); back != nil && !errors.Is(back, sql.ErrTxDone) {
			return errors.Join(err, fmt.Errorf("roll back: %w", back))
		}
		return ended(ctx, err)
	}
	if err := raw.Commit(); err != nil {
		return fmt.Errorf("commit: %w", ended(ctx, err))
	}
	for _, after := range tx.after {
		after()
	}
	return nil
}

// ended tells why a transaction is over that the pool was quicker to roll back.
func ended(ctx context.Context, err error) error {
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

var errTooLong = fmt.Errorf("the transaction took longer than %s", MaxWrite)

// lostRace tells whether the same transaction may succeed when run again.
func lostRace(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// Bulk inserts many rows at once: COPY on PostgreSQL, one prepared statement on SQLite. Each row has one value per
// column; only int64, string, []byte, bool and nil may be given.
func (tx *Tx) Bulk(ctx context.Context, table string, columns []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	if tx.dialect == Postgres {
		return tx.copyFrom(ctx, table, columns, rows)
	}
	marks := strings.TrimSuffix(strings.Repeat("?,", len(columns)), ",")
	stmt, err := tx.PreparexContext(ctx, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(columns, ","), marks))
	if err != nil {
		return fmt.Errorf("bulk insert into %s: %w", table, err)
	}
	defer func() { _ = stmt.Close() }()
	for _, row := range rows {
		if _, err := stmt.ExecContext(ctx, row...); err != nil {
			return fmt.Errorf("bulk insert into %s: %w", table, err)
		}
	}
	return nil
}

func (tx *Tx) copyFrom(ctx context.Context, table string, columns []string, rows [][]any) error {
	err := tx.conn.Raw(func(driver any) error {
		if between, ok := driver.(interface{ Within() (any, error) }); ok { // see Config.Between
			var err error
			if driver, err = between.Within(); err != nil {
				return err
			}
		}
		pg, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("unexpected driver %T", driver)
		}
		_, err := pg.Conn().CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
		return err
	})
	if err != nil {
		return fmt.Errorf("bulk insert into %s: %w", table, err)
	}
	return nil
}
