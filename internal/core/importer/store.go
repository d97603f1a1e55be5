package importer

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

const (
	sqlColumns = `id, target, file_id, file_name, size, state, setup, progress, checked, check_job, run_job, undo_job, owner, owner_name, created_at, updated_at, version`

	sqlShown = `i.id, i.target, i.file_id, i.file_name, i.size, i.state, i.setup, i.progress, i.checked, i.check_job, i.run_job, i.undo_job, i.owner, i.owner_name, i.created_at, i.updated_at, i.version`

	sqlGet     = `SELECT ` + sqlColumns + ` FROM imports WHERE id = $1`
	sqlByRun   = `SELECT ` + sqlColumns + ` FROM imports WHERE run_job = $1`
	sqlByCheck = `SELECT ` + sqlColumns + ` FROM imports WHERE check_job = $1`

	sqlInsert = `
		INSERT INTO imports (id, target, file_id, file_name, file_name_key, size, state, setup, progress, checked, owner, owner_name, owner_name_key, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10, $11, $12, $13, $13)`
	sqlSetup = `
		UPDATE imports SET setup = $1, state = $2, checked = $3, progress = $4, updated_at = $5, version = version + 1 WHERE id = $6`
	sqlState = `
		UPDATE imports SET state = $1, check_job = $2, run_job = $3, undo_job = $4, file_id = $5, updated_at = $6, version = version + 1 WHERE id = $7`
	sqlProgress = `UPDATE imports SET progress = $1 WHERE id = $2`
	sqlCounts   = `UPDATE imports SET row_count = $1, created_count = $2, updated_count = $3, wrong_count = $4 WHERE id = $5`
	sqlChecked  = `UPDATE imports SET checked = $1 WHERE id = $2`
	sqlOldDraft = `SELECT id FROM imports WHERE file_id > 0 AND updated_at < $1 AND state IN ('draft', 'checked', 'failed', 'cancelled') LIMIT 100`

	sqlRowColumns = `SELECT line, outcome, row_id, version, problems, cells, former, kept FROM import_rows `
	sqlRows       = sqlRowColumns + `WHERE import_id = $1 AND phase = $2 AND line > $3 ORDER BY line LIMIT $4`
	sqlRowsOf     = sqlRowColumns + `WHERE import_id = $1 AND phase = $2 AND outcome = $5 AND line > $3 ORDER BY line LIMIT $4`
	sqlWrongUntil = sqlRowColumns + `WHERE import_id = $1 AND phase = 1 AND outcome = 'wrong' AND line > $2 AND line <= $3 ORDER BY line LIMIT $4`
	sqlUndoable   = sqlRowColumns + `WHERE import_id = $1 AND phase = 1 AND line < $2 AND outcome IN ('created', 'updated') ORDER BY line DESC LIMIT $3`
	sqlRow        = sqlRowColumns + `WHERE import_id = $1 AND phase = $2 AND line = $3`

	sqlDropRows = `
		DELETE FROM import_rows WHERE import_id = $1 AND phase = $2 AND line IN
		       (SELECT line FROM import_rows WHERE import_id = $1 AND phase = $2 ORDER BY line LIMIT $3)`
	sqlDropLines = `DELETE FROM import_rows WHERE import_id = $1 AND phase = 1 AND line IN (%s)`
	sqlEvaluated = `UPDATE import_rows SET outcome = $1, problems = $2 WHERE import_id = $3 AND phase = 0 AND line = $4`
	sqlUndone    = `UPDATE import_rows SET outcome = 'undone', problems = '', print_a = 0, print_b = 0 WHERE import_id = $1 AND phase = 1 AND line IN (%s)`
	sqlAsBefore  = `UPDATE import_rows SET version = $1 WHERE row_id IN (%s) AND row_id > 0 AND version = $2 AND import_id <> $3`
	sqlNotUndone = `UPDATE import_rows SET problems = $1 WHERE import_id = $2 AND phase = 1 AND line = $3`

	sqlTouched = `SELECT row_id, line FROM import_rows WHERE import_id = $1 AND row_id IN (%s) AND row_id > 0`
	sqlPrints  = `SELECT print_a, print_b, import_id, line, row_id FROM import_rows WHERE print_a IN (%s) AND print_a <> 0`
	sqlOthers  = `SELECT EXISTS (SELECT 1 FROM import_rows WHERE print_a <> 0 AND import_id <> $1)`

	sqlFix = `
		INSERT INTO import_fixes (import_id, line, cells, updated_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (import_id, line) DO UPDATE SET cells = excluded.cells, updated_at = excluded.updated_at`
	sqlFixes    = `SELECT line, cells FROM import_fixes WHERE import_id = $1 AND line >= $2 AND line <= $3`
	sqlAnyFixes = `SELECT EXISTS (SELECT 1 FROM import_fixes WHERE import_id = $1)`

	// One batch after the other, of all imports: what they know rows without a key by is not unique in the database.
	sqlTurn = `SELECT id FROM imports ORDER BY id LIMIT 1`

	sqlGroupsMade  = `SELECT group_id FROM import_groups WHERE import_id = $1 ORDER BY group_id LIMIT $2`
	sqlMadeAmong   = `SELECT group_id FROM import_groups WHERE import_id = $1 AND group_id IN (%s)`
	sqlForgetGroup = `DELETE FROM import_groups WHERE import_id = $1 AND group_id = $2`

	sqlUploaded   = `INSERT INTO import_uploads (file_id, created_at) VALUES ($1, $2)`
	sqlTaken      = `DELETE FROM import_uploads WHERE file_id = $1`
	sqlOldUploads = `SELECT file_id FROM import_uploads WHERE created_at < $1 ORDER BY file_id LIMIT 100`

	sqlKeys     = `SELECT key, line FROM import_keys WHERE import_id = $1 AND key IN (%s)`
	sqlDropKeys = `DELETE FROM import_keys WHERE import_id = $1`
)

var rowColumns = []string{"import_id", "phase", "line", "outcome", "row_id", "version", "print_a", "print_b", "problems", "cells", "former", "kept"}

// fields are where a row of sqlColumns goes, in its order.
func (r *record) fields() []any {
	return []any{&r.ID, &r.Target, &r.FileID, &r.FileName, &r.Size, &r.State, &r.Setup, &r.Progress, &r.Checked, &r.CheckJob, &r.RunJob, &r.UndoJob,
		&r.Owner, &r.OwnerName, &r.CreatedAt, &r.UpdatedAt, &r.Version}
}

type record struct {
	ID        int64  `db:"id"`
	Target    string `db:"target"`
	FileID    int64  `db:"file_id"`
	FileName  string `db:"file_name"`
	Size      int64  `db:"size"`
	State     string `db:"state"`
	Setup     string `db:"setup"`
	Progress  string `db:"progress"`
	Checked   string `db:"checked"`
	CheckJob  int64  `db:"check_job"`
	RunJob    int64  `db:"run_job"`
	UndoJob   int64  `db:"undo_job"`
	Owner     string `db:"owner"`
	OwnerName string `db:"owner_name"`
	CreatedAt int64  `db:"created_at"`
	UpdatedAt int64  `db:"updated_at"`
	Version   int64  `db:"version"`
}

func (r record) read() (*Import, error) {
	m := &Import{
		ID: r.ID, Target: r.Target, FileID: r.FileID, FileName: r.FileName, Size: r.Size, State: State(r.State), CheckJob: r.CheckJob,
		RunJob: r.RunJob, UndoJob: r.UndoJob, Owner: r.Owner, OwnerName: r.OwnerName,
		CreatedAt: clock.Time(r.CreatedAt), UpdatedAt: clock.Time(r.UpdatedAt), Version: r.Version,
	}
	err := errors.Join(json.Unmarshal([]byte(r.Setup), &m.setup), json.Unmarshal([]byte(r.Progress), &m.progress))
	if err == nil && r.Checked != "" {
		m.checked = &Summary{}
		err = json.Unmarshal([]byte(r.Checked), m.checked)
	}
	if err != nil {
		return nil, fmt.Errorf("read an import: %w", err)
	}
	return m, nil
}

func get(ctx context.Context, q db.Q, query string, id int64) (*Import, error) {
	var r record
	err := q.GetContext(ctx, &r, query, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errs.NotFound("import")
	}
	if err != nil {
		return nil, fmt.Errorf("read an import: %w", err)
	}
	return r.read()
}

// locked reads an import that the transaction will change.
func locked(ctx context.Context, tx *db.Tx, id int64) (*Import, error) {
	return visible(ctx, tx, sqlGet+tx.Dialect().ForUpdate(), id)
}

// visible reads an import that the caller may see; any other is not there.
func visible(ctx context.Context, q db.Q, query string, id int64) (*Import, error) {
	m, err := get(ctx, q, query, id)
	if err == nil && ownAlone(ctx) && m.Owner != access.From(ctx).Principal.Key() {
		err = errs.NotFound("import")
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// ownAlone tells whether the caller sees their own imports alone: who sees a part of the customers, or of their fields,
// would find the rest in the files of others.
func ownAlone(ctx context.Context) bool {
	p := access.From(ctx).Principal
	return p.HasPlace() || len(p.Masks) > 0
}

func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("keep an import: %w", err)
	}
	return string(b), nil
}

// saveSetup writes the setup, the state and what was found of an import.
func saveSetup(ctx context.Context, tx *db.Tx, m *Import, now int64) error {
	set, err := encode(m.setup)
	if err != nil {
		return err
	}
	checked := ""
	if m.checked != nil {
		if checked, err = encode(m.checked); err != nil {
			return err
		}
	}
	done, err := encode(m.progress)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, sqlSetup, set, string(m.State), checked, done, now, m.ID); err != nil {
		return fmt.Errorf("keep an import: %w", err)
	}
	return saveCounts(ctx, tx, m)
}

// saveCounts writes the figures of the report where the list of imports finds them.
func saveCounts(ctx context.Context, tx *db.Tx, m *Import) error {
	sum := m.Report()
	if _, err := tx.ExecContext(ctx, sqlCounts, m.Rows(), sum.Create, sum.Update, sum.Wrong, m.ID); err != nil {
		return fmt.Errorf("keep the figures of an import: %w", err)
	}
	return nil
}

// saveState writes the state and the jobs of an import.
func saveState(ctx context.Context, tx *db.Tx, m *Import, now int64) error {
	if _, err := tx.ExecContext(ctx, sqlState, string(m.State), m.CheckJob, m.RunJob, m.UndoJob, m.FileID, now, m.ID); err != nil {
		return fmt.Errorf("keep an import's state: %w", err)
	}
	return saveCounts(ctx, tx, m)
}

// saveProgress writes how far the import has come; m itself stays as it is until the transaction is through.
func saveProgress(ctx context.Context, tx *db.Tx, m *Import, p progress) error {
	text, err := encode(p)
	if err == nil {
		_, err = tx.ExecContext(ctx, sqlProgress, text, m.ID)
	}
	if err != nil {
		return fmt.Errorf("keep an import's progress: %w", err)
	}
	next := *m
	next.progress = p
	return saveCounts(ctx, tx, &next)
}

// saveChecked writes what a check found.
func saveChecked(ctx context.Context, tx *db.Tx, m *Import, found Summary) error {
	text, err := encode(found)
	if err == nil {
		_, err = tx.ExecContext(ctx, sqlChecked, text, m.ID)
	}
	if err != nil {
		return fmt.Errorf("keep what a check found: %w", err)
	}
	next := *m
	next.checked, next.State = &found, StateChecking
	return saveCounts(ctx, tx, &next)
}

// rowRecord is one row of import_rows.
type rowRecord struct {
	Line     int64  `db:"line"`
	Outcome  string `db:"outcome"`
	RowID    int64  `db:"row_id"`
	Version  int64  `db:"version"`
	Problems string `db:"problems"`
	Cells    string `db:"cells"`
	Former   string `db:"former"`
	Kept     string `db:"kept"`
}

func (r rowRecord) problems() (list []RowProblem, err error) {
	if r.Problems != "" {
		err = json.Unmarshal([]byte(r.Problems), &list)
	}
	return list, err
}

func (r rowRecord) cells() (cells []string, err error) {
	if r.Cells != "" {
		err = json.Unmarshal([]byte(r.Cells), &cells)
	}
	return cells, err
}

// numbers is our own numbers as SQL.
func numbers(list []int64) string {
	b := make([]byte, 0, 20*len(list)+1)
	b = append(b, '0')
	for _, n := range list {
		b = strconv.AppendInt(append(b, ','), n, 10)
	}
	return string(b)
}

// print is the fingerprint of a row: 128 bits of a hash, the first of which is never 0.
type print struct{ a, b int64 }

// origin is the row that was imported with a fingerprint.
type origin struct{ importID, line, rowID int64 }

// known looks up fingerprints of rows that were imported, of any import.
func known(ctx context.Context, q db.Q, prints []print) (map[print]origin, error) {
	out := map[print]origin{}
	if len(prints) == 0 {
		return out, nil
	}
	list := make([]int64, len(prints))
	for i, p := range prints {
		list[i] = p.a
	}
	rows, err := q.QueryContext(ctx, fmt.Sprintf(sqlPrints, numbers(list)))
	if err != nil {
		return nil, fmt.Errorf("look for rows imported before: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var p print
		var o origin
		if err := rows.Scan(&p.a, &p.b, &o.importID, &o.line, &o.rowID); err != nil {
			return nil, fmt.Errorf("look for rows imported before: %w", err)
		}
		if o.rowID >= out[p].rowID { // the newest: former ones may be closed
			out[p] = o
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look for rows imported before: %w", err)
	}
	return out, nil
}

// pairs reads rows of two numbers into a map.
func pairs(ctx context.Context, q db.Q, query string, args ...any) (map[int64]int64, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := map[int64]int64{}
	for rows.Next() {
		var k, v int64
		if err := rows.Scan(&k, &v); err != nil {
			return nil, err
		}
		out[k] = v
	}
	return out, rows.Err()
}

// turn waits until no other import is in the middle of a batch that has rows without a key. SQLite has one writer anyway.
func turn(ctx context.Context, tx *db.Tx, rows []*candidate) error {
	for _, c := range rows {
		if !c.keyless {
			continue
		}
		var first int64
		if err := tx.GetContext(ctx, &first, sqlTurn+tx.Dialect().ForUpdate()); err != nil {
			return fmt.Errorf("wait for other imports: %w", err)
		}
		return nil
	}
	return nil
}

// touched tells which customers rows of this import made or changed before, with the line of the row.
func touched(ctx context.Context, q db.Q, importID int64, ids []int64) (map[int64]int64, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	out, err := pairs(ctx, q, fmt.Sprintf(sqlTouched, numbers(ids)), importID)
	if err != nil {
		return nil, fmt.Errorf("look for what this import did: %w", err)
	}
	return out, nil
}

// fixes are the corrections of the rows from one line to another.
func fixes(ctx context.Context, q db.Q, importID, from, to int64) (map[int64]map[int]string, error) {
	var found []struct {
		Line  int64  `db:"line"`
		Cells string `db:"cells"`
	}
	if err := q.SelectContext(ctx, &found, sqlFixes, importID, from, to); err != nil {
		return nil, fmt.Errorf("read corrections: %w", err)
	}
	out := make(map[int64]map[int]string, len(found))
	for _, f := range found {
		cells := map[int]string{}
		if err := json.Unmarshal([]byte(f.Cells), &cells); err != nil {
			return nil, fmt.Errorf("read corrections: %w", err)
		}
		out[f.Line] = cells
	}
	return out, nil
}

// dropLines removes what was told of rows that are told anew.
func dropLines(ctx context.Context, tx *db.Tx, importID int64, lines []int64) error {
	if len(lines) == 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf(sqlDropLines, numbers(lines)), importID); err != nil {
		return fmt.Errorf("tell rows anew: %w", err)
	}
	return nil
}

// dropPhase removes all that was told of a phase, in small transactions.
func dropPhase(ctx context.Context, d *db.DB, importID, phase int64) error {
	const some = 5000
	for left := int64(some); left == some; {
		err := d.Write(ctx, func(tx *db.Tx) error {
			done, err := tx.ExecContext(ctx, sqlDropRows, importID, phase, some)
			if err != nil {
				return err
			}
			left, err = done.RowsAffected()
			return err
		})
		if err != nil {
			return fmt.Errorf("forget the last check: %w", err)
		}
	}
	return nil
}

// dropKeys forgets the keys that a dry run kept in the database.
func dropKeys(ctx context.Context, tx *db.Tx, importID int64) error {
	if _, err := tx.ExecContext(ctx, sqlDropKeys, importID); err != nil {
		return fmt.Errorf("forget the keys of a check: %w", err)
	}
	return nil
}

// place names a spot of the file for people.
func place(line int64) string { return "line " + strconv.FormatInt(line, 10) }

// cut shortens a text for a message.
func cut(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "..."
	}
	return strings.Join(strings.Fields(s), " ")
}
