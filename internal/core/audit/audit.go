package audit

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"tandem/internal/core/access"
	"tandem/internal/core/once"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/id"
)

// Action is what was done to a row.
type Action string

// The actions. A change has the verb of its HTTP request as well.
const (
	ActionCreate Action = "create"
	ActionUpdate Action = "update"
	ActionDelete Action = "delete"
	ActionLogin  Action = "login"
	ActionExport Action = "export"
	ActionRun    Action = "run"    // a job began
	ActionErase  Action = "erase"  // personal values went for good
	ActionReveal Action = "reveal" // a secret was shown, which happens once
)

// Change is one field with its value before and after; nil is "none". A secret is told by Secret().
type Change struct {
	Field string `json:"field"`
	Old   any    `json:"old"`
	New   any    `json:"new"`
}

// Secret notes that a secret field changed, without its values.
func Secret(field string) Change { return Change{Field: field, Old: nil, New: "changed"} }

// Entry is what a use case tells about its change.
type Entry struct {
	Action  Action
	Table   string
	RowID   int64  // 0 when it is about no single row
	RowName string // what people call the row
	Message string // a sentence
	Changes []Change
	// Customer is the customer that it is about, when the row does not say it (Log.About); 0: that one, or the place of who acts.
	Customer int64
}

// Shown is an entry that a secret of a row was shown to who acts, which happens once. what names the secret.
func Shown(table string, rowID int64, rowName, what string) Entry {
	return Entry{Action: ActionReveal, Table: table, RowID: rowID, RowName: rowName, Message: "Secret shown", Changes: []Change{{Field: "secret", New: what}}}
}

// Log writes entries. Safe for concurrent use.
type Log struct {
	clock  clock.Clock
	ids    *id.Source
	follow []func(ctx context.Context, tx *db.Tx, written []Recorded) error
	about  map[string]Customers
}

// Customers tells which customer each row of a table is about; rows about none are left out.
type Customers func(ctx context.Context, q db.Q, rows []int64) (map[int64]int64, error)

// About has the customers of a table's rows looked up when one of them is written about. Call it while the program is put
// together.
func (l *Log) About(table string, fn Customers) { l.about[table] = fn }

// Recorded is an entry that was written, under its ID.
type Recorded struct {
	ID int64
	Entry
}

// Follow has fn called in the transaction of every change, behind its entries. Call it while the program is put together.
func (l *Log) Follow(fn func(ctx context.Context, tx *db.Tx, written []Recorded) error) {
	l.follow = append(l.follow, fn)
}

// NewLog gives a log.
func NewLog(c clock.Clock, ids *id.Source) *Log {
	return &Log{clock: c, ids: ids, about: map[string]Customers{}}
}

// Record writes the entries into the transaction of the change they tell of, in the name of the context's call, and
// claims the call's idempotency key for it. Every mutating use case calls it once.
func (l *Log) Record(ctx context.Context, tx *db.Tx, entries ...Entry) error {
	now := l.clock.Now()
	if err := once.Claim(ctx, tx, now, made(entries)); err != nil {
		return err
	}
	call := access.From(ctx)
	at := clock.Micros(now)
	about, err := l.customers(ctx, tx, entries)
	if err != nil {
		return err
	}
	rows := make([][]any, len(entries))
	for i, e := range entries {
		row, err := l.row(call, at, e, about[i])
		if err != nil {
			return err
		}
		rows[i] = row
	}
	if len(rows) == 1 {
		if _, err := tx.ExecContext(ctx, sqlInsert, rows[0]...); err != nil {
			return fmt.Errorf("write the audit entry: %w", err)
		}
	} else if err := tx.Bulk(ctx, "audit_entries", columns, rows); err != nil {
		return err
	}
	return l.tell(ctx, tx, entries, rows)
}

// tell hands the entries to who follows.
func (l *Log) tell(ctx context.Context, tx *db.Tx, entries []Entry, rows [][]any) error {
	if len(l.follow) == 0 || len(entries) == 0 {
		return nil
	}
	written := make([]Recorded, len(entries))
	for i, e := range entries {
		entryID, _ := rows[i][0].(int64)
		written[i] = Recorded{entryID, e}
	}
	for _, fn := range l.follow {
		if err := fn(ctx, tx, written); err != nil {
			return err
		}
	}
	return nil
}

// made is the row that the entries begin with, when they say that it was made.
func made(entries []Entry) once.Place {
	if len(entries) == 0 || entries[0].Action != ActionCreate && entries[0].Action != ActionRun {
		return once.Place{}
	}
	return once.Place{Table: entries[0].Table, Row: entries[0].RowID}
}

// customers is which customer each entry is about.
func (l *Log) customers(ctx context.Context, tx *db.Tx, entries []Entry) ([]int64, error) {
	out, rows := make([]int64, len(entries)), map[string][]int64{}
	for i, e := range entries {
		switch out[i] = e.Customer; {
		case out[i] != 0:
		case e.Table == customersTable:
			out[i] = e.RowID
		case e.RowID != 0 && l.about[e.Table] != nil:
			rows[e.Table] = append(rows[e.Table], e.RowID)
		}
	}
	known := map[string]map[int64]int64{}
	for table, ids := range rows {
		found, err := l.about[table](ctx, tx, ids)
		if err != nil {
			return nil, fmt.Errorf("look whom an audit entry is about: %w", err)
		}
		known[table] = found
	}
	p := access.From(ctx).Principal
	for i, e := range entries {
		if out[i] == 0 {
			out[i] = cmp.Or(known[e.Table][e.RowID], p.Customer, p.Root)
		}
	}
	return out, nil
}

// customersTable is the table whose rows are customers.
const customersTable = "customers"

func (l *Log) row(call access.Call, at int64, e Entry, customerID int64) ([]any, error) {
	changes := []byte("[]")
	if len(e.Changes) > 0 {
		var err error
		if changes, err = json.Marshal(e.Changes); err != nil {
			return nil, fmt.Errorf("write the audit entry: %w", err)
		}
	}
	p := call.Actor()
	content := contentDigest(e.RowName, e.Message, call.Comment, string(changes))
	return []any{
		l.ids.Next(), at, string(p.Kind), p.ID, p.Name, call.OnBehalfOf, call.IP, call.Verb, string(e.Action),
		e.Table, e.RowID, e.RowName, e.Message, call.Comment, call.RequestID, string(changes), content, fold.Key(p.Name), fold.Key(e.RowName), customerID,
	}, nil
}

// contentDigest covers what is said of the change; the chain covers the digest.
func contentDigest(parts ...string) []byte {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:", len(p))
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}
