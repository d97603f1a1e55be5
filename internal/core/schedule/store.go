package schedule

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"tandem/internal/core/access"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
)

const (
	sqlColumns = `
		c.id, c.resource, c.row_id, c.row_name, c.op, c.patch, c.options, c.base, c.outcome, c.row_version, c.caller,
		c.requester_kind, c.requester_id, c.requester_name, c.comment, c.apply_at, COALESCE(c.due_at, 0) AS due_at, c.pair_id, c.pair_role,
		c.state, c.reason_code, c.reason, c.result_row, c.applied_at, c.applied_by, c.faults, c.created_at, c.updated_at, c.version, c.customer_id, c.own, c.requester_root`

	sqlGet  = `SELECT ` + sqlColumns + ` FROM scheduled_changes c WHERE c.id = $1`
	sqlDue  = `SELECT id FROM scheduled_changes WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2`
	sqlSave = `
		UPDATE scheduled_changes
		   SET base = $1, row_version = $2, comment = $3, apply_at = $4, due_at = NULLIF($5, CAST(0 AS BIGINT)), state = $6, reason_code = $7, reason = $8,
		       result_row = $9, applied_at = $10, applied_by = $11, faults = $12, updated_at = $13, ended_at = $14, version = version + 1
		 WHERE id = $15`
	// A save that makes a customer is about none before it is applied.
	sqlAbout = `
		SELECT s.id, CASE s.resource WHEN 'customers' THEN CASE WHEN s.row_id > 0 THEN s.row_id ELSE s.result_row END
		                             ELSE COALESCE(c.customer_id, 0) END AS customer_id
		  FROM scheduled_changes s LEFT JOIN contacts c ON s.resource = 'contacts' AND c.id = CASE WHEN s.row_id > 0 THEN s.row_id ELSE s.result_row END
		 WHERE s.id IN (%s)`
	sqlPostpone = `UPDATE scheduled_changes SET due_at = $1, faults = faults + 1 WHERE id = $2 AND due_at IS NOT NULL AND faults = $3`
	sqlMine     = `c.own = 1 AND c.requester_kind = ? AND c.requester_id = ?`
	sqlPlace    = `c.customer_id IN (SELECT customer_id FROM customer_ancestors WHERE ancestor_id = ?) AND c.requester_root IN (SELECT customer_id FROM customer_ancestors WHERE ancestor_id = ?)`
	sqlPurge    = `DELETE FROM scheduled_changes WHERE ended_at > 0 AND ended_at < $1`
)

var insertColumns = []string{"id", "resource", "row_id", "row_name", "row_name_key", "op", "patch", "options", "base", "outcome", "row_version",
	"caller", "requester_kind", "requester_id", "requester_name", "requester_name_key", "comment", "apply_at", "due_at", "pair_id", "pair_role",
	"state", "reason_code", "reason", "result_row", "applied_at", "applied_by", "faults", "created_at", "updated_at", "ended_at", "version",
	"customer_id", "own", "requester_root"}

type record struct {
	ID            int64  `db:"id"`
	Resource      string `db:"resource"`
	RowID         int64  `db:"row_id"`
	RowName       string `db:"row_name"`
	Op            string `db:"op"`
	Patch         string `db:"patch"`
	Options       string `db:"options"`
	Base          string `db:"base"`
	Outcome       string `db:"outcome"`
	RowVersion    int64  `db:"row_version"`
	Caller        string `db:"caller"`
	RequesterKind string `db:"requester_kind"`
	RequesterID   int64  `db:"requester_id"`
	RequesterName string `db:"requester_name"`
	Comment       string `db:"comment"`
	ApplyAt       int64  `db:"apply_at"`
	DueAt         int64  `db:"due_at"`
	PairID        int64  `db:"pair_id"`
	PairRole      string `db:"pair_role"`
	State         string `db:"state"`
	ReasonCode    string `db:"reason_code"`
	Reason        string `db:"reason"`
	ResultRow     int64  `db:"result_row"`
	AppliedAt     int64  `db:"applied_at"`
	AppliedBy     string `db:"applied_by"`
	Faults        int64  `db:"faults"`
	CreatedAt     int64  `db:"created_at"`
	UpdatedAt     int64  `db:"updated_at"`
	Version       int64  `db:"version"`
	CustomerID    int64  `db:"customer_id"`
	Own           bool   `db:"own"`
	RequesterRoot int64  `db:"requester_root"`
}

// fields is where a row's columns go, in the order of sqlColumns.
func (r *record) fields() []any {
	return []any{&r.ID, &r.Resource, &r.RowID, &r.RowName, &r.Op, &r.Patch, &r.Options, &r.Base, &r.Outcome, &r.RowVersion, &r.Caller,
		&r.RequesterKind, &r.RequesterID, &r.RequesterName, &r.Comment, &r.ApplyAt, &r.DueAt, &r.PairID, &r.PairRole,
		&r.State, &r.ReasonCode, &r.Reason, &r.ResultRow, &r.AppliedAt, &r.AppliedBy, &r.Faults, &r.CreatedAt, &r.UpdatedAt, &r.Version, &r.CustomerID, &r.Own, &r.RequesterRoot}
}

func (r *record) change() (Change, error) {
	c := Change{ID: r.ID, Resource: r.Resource, Row: r.RowID, RowName: r.RowName, Op: Op(r.Op), Patch: json.RawMessage(r.Patch), RowVersion: r.RowVersion,
		Requester: Requester{access.Kind(r.RequesterKind), r.RequesterID, r.RequesterName, r.RequesterRoot}, Comment: r.Comment, ApplyAt: clock.Time(r.ApplyAt),
		Pair: r.PairID, Role: Role(r.PairRole), State: State(r.State), ReasonCode: r.ReasonCode, Reason: r.Reason, Result: r.ResultRow,
		AppliedBy: r.AppliedBy, CreatedAt: clock.Time(r.CreatedAt), UpdatedAt: clock.Time(r.UpdatedAt), Version: r.Version,
		Customer: r.CustomerID, Own: r.Own, caller: []byte(r.Caller), faults: r.Faults, due: r.DueAt}
	if r.AppliedAt > 0 {
		c.AppliedAt = clock.Time(r.AppliedAt)
	}
	err := errors.Join(json.Unmarshal([]byte(r.Options), &c.Options), json.Unmarshal([]byte(r.Base), &c.Base), json.Unmarshal([]byte(r.Outcome), &c.Outcome))
	if err != nil {
		return c, fmt.Errorf("read a delayed save: %w", err)
	}
	return c, nil
}

// one reads a delayed save; a missing one is not found.
func one(ctx context.Context, q db.Q, changeID int64, lock string) (Change, error) {
	var r record
	err := q.GetContext(ctx, &r, sqlGet+lock, changeID)
	if errors.Is(err, sql.ErrNoRows) {
		return Change{}, errs.NotFound("delayed save")
	}
	if err != nil {
		return Change{}, fmt.Errorf("read a delayed save: %w", err)
	}
	return r.change()
}

func insert(ctx context.Context, tx *db.Tx, changes ...Change) error {
	rows := make([][]any, len(changes))
	for i, c := range changes {
		options, base, outcome, err := texts(c)
		if err != nil {
			return err
		}
		var due any
		if c.due > 0 {
			due = c.due
		}
		own := int64(0)
		if c.Own {
			own = 1
		}
		rows[i] = []any{c.ID, c.Resource, c.Row, c.RowName, fold.Key(c.RowName), string(c.Op), string(c.Patch), options, base, outcome, c.RowVersion,
			string(c.caller), string(c.Requester.Kind), c.Requester.ID, c.Requester.Name, fold.Key(c.Requester.Name), c.Comment,
			clock.Micros(c.ApplyAt), due, c.Pair, string(c.Role), string(c.State), "", "", int64(0), int64(0), "", int64(0),
			clock.Micros(c.CreatedAt), clock.Micros(c.UpdatedAt), int64(0), int64(1), c.Customer, own, c.Requester.Root}
	}
	return tx.Bulk(ctx, Table, insertColumns, rows)
}

func texts(c Change) (options, base, outcome string, err error) {
	if c.Options == nil {
		c.Options = map[string]string{}
	}
	a, errA := json.Marshal(c.Options)
	b, errB := json.Marshal(c.Base)
	o, errO := json.Marshal(c.Outcome)
	if err := errors.Join(errA, errB, errO); err != nil {
		return "", "", "", fmt.Errorf("write a delayed save: %w", err)
	}
	return string(a), string(b), string(o), nil
}

// save writes what may change of a delayed save that the transaction holds.
func save(ctx context.Context, tx *db.Tx, c *Change) error {
	_, base, _, err := texts(*c)
	if err != nil {
		return err
	}
	var applied, ended int64
	if !c.AppliedAt.IsZero() {
		applied = clock.Micros(c.AppliedAt)
	}
	if c.State.Ended() {
		ended = clock.Micros(c.UpdatedAt)
	}
	_, err = tx.ExecContext(ctx, sqlSave, base, c.RowVersion, c.Comment, clock.Micros(c.ApplyAt), c.due, string(c.State), c.ReasonCode, c.Reason,
		c.Result, applied, c.AppliedBy, c.faults, clock.Micros(c.UpdatedAt), ended, c.ID)
	if err != nil {
		return fmt.Errorf("change a delayed save: %w", err)
	}
	c.Version++
	return nil
}
