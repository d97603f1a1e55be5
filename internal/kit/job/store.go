package job

import (
	"encoding/json"
	"time"

	"tandem/internal/kit/clock"
)

const sqlShown = `
	jobs.id, jobs.kind, jobs.label, jobs.state, jobs.done, jobs.total, jobs.failed, jobs.result, jobs.error_code,
	jobs.error, jobs.owner, jobs.owner_name, jobs.file_id, jobs.file_once, jobs.file_taken_at, jobs.undo_of,
	jobs.cancel_asked_at, jobs.created_at, jobs.started_at, jobs.finished_at, jobs.updated_at, jobs.version,
	EXISTS (SELECT 1 FROM jobs AS u WHERE u.undo_of = jobs.id AND u.undo_of > 0
	           AND u.state IN ('queued', 'running', 'done')) AS undone`

const sqlInsert = `
	INSERT INTO jobs (id, kind, label, label_key, state, payload, caller, owner, owner_name, owner_name_key, total, undo_of,
	       due_at, created_at, updated_at)
	VALUES ($1, $2, $3, $4, 'queued', $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)`

const sqlGet = `SELECT ` + sqlShown + ` FROM jobs WHERE id = $1`

const sqlPayload = `SELECT payload FROM jobs WHERE id = $1`

const sqlRecent = `SELECT ` + sqlShown + ` FROM jobs WHERE updated_at >= $1 ORDER BY updated_at LIMIT $2`

const sqlDue = `SELECT id FROM jobs WHERE due_at <= $1 AND kind IN (%s) LIMIT 1`

// A queued job is due when it may begin (again); a running one when its lease ends.
const sqlClaimSet = `
	UPDATE jobs
	   SET state = 'running', lease = $1, holder = $2, due_at = $3,
	       takeovers = takeovers + CASE WHEN state = 'running' THEN 1 ELSE 0 END,
	       started_at = CASE WHEN started_at = 0 THEN $4 ELSE started_at END,
	       updated_at = $4, version = version + 1`

const sqlClaimNext = sqlClaimSet + `
	 WHERE id = (SELECT id FROM jobs WHERE due_at <= $4 AND kind IN (%s) ORDER BY due_at, id LIMIT 1%s)
	RETURNING ` + sqlHeld

// $6 lets a job begin before it is due.
const sqlClaimOne = sqlClaimSet + `
	 WHERE id = (SELECT id FROM jobs WHERE id = $5 AND (due_at <= $4 OR ($6 AND state = 'queued'))%s)
	RETURNING ` + sqlHeld

const sqlHeld = sqlShown + `, jobs.payload, jobs.checkpoint, jobs.caller, jobs.faults, jobs.takeovers`

const sqlHolders = `SELECT DISTINCT holder FROM jobs WHERE due_at > $1 AND state = 'running'`

const sqlFree = `UPDATE jobs SET due_at = $1 WHERE due_at > $1 AND state = 'running' AND holder = $2`

const sqlRenew = `
	UPDATE jobs SET due_at = $1 WHERE id = $2 AND lease = $3 AND state = 'running' RETURNING cancel_asked_at`

const sqlSave = `
	UPDATE jobs
	   SET checkpoint = $1, done = $2, total = $3, failed = $4, faults = 0, takeovers = 0,
	       due_at = $5, updated_at = $6, version = version + 1
	 WHERE id = $7 AND lease = $8 AND state = 'running' AND cancel_asked_at = 0`

const sqlReport = `
	UPDATE jobs SET done = $1, total = $2, failed = $3, updated_at = $4, version = version + 1
	 WHERE id = $5 AND lease = $6 AND state = 'running' AND cancel_asked_at = 0`

const sqlSetResult = `
	UPDATE jobs SET result = $1, updated_at = $2, version = version + 1
	 WHERE id = $3 AND lease = $4 AND state = 'running' AND cancel_asked_at = 0`

const sqlSetFile = `
	UPDATE jobs SET file_id = $1, file_once = $2, updated_at = $3, version = version + 1
	 WHERE id = $4 AND lease = $5 AND state = 'running' AND cancel_asked_at = 0`

const sqlWhyNot = `SELECT cancel_asked_at FROM jobs WHERE id = $1 AND lease = $2 AND state = 'running'`

const sqlEnd = `
	UPDATE jobs
	   SET state = $1, error_code = $2, error = $3, due_at = NULL, lease = 0, holder = '', finished_at = $4,
	       updated_at = $4, version = version + 1
	 WHERE id = $5 AND lease = $6 AND state = 'running'
	RETURNING ` + sqlShown

const sqlRelease = `
	UPDATE jobs
	   SET state = 'queued', lease = 0, holder = '', due_at = $1, faults = faults + $2, updated_at = $3, version = version + 1
	 WHERE id = $4 AND lease = $5 AND state = 'running'`

const sqlCancelQueued = `
	UPDATE jobs
	   SET state = 'cancelled', cancel_asked_at = $1, due_at = NULL, finished_at = $1, updated_at = $1, version = version + 1
	 WHERE id = $2 AND state = 'queued'
	RETURNING ` + sqlShown

const sqlCancelRunning = `
	UPDATE jobs SET cancel_asked_at = $1, updated_at = $1, version = version + 1
	 WHERE id = $2 AND state = 'running' AND cancel_asked_at = 0
	RETURNING ` + sqlShown

const sqlTake = `
	UPDATE jobs SET file_taken_at = $1, file_id = 0, updated_at = $1, version = version + 1
	 WHERE id = $2 AND file_id = $3 AND file_id > 0 AND file_once AND file_taken_at = 0`

// Of a file that expired, the time is kept below zero.
const sqlExpire = `
	UPDATE jobs SET file_taken_at = $1, file_id = 0, updated_at = $2, version = version + 1 WHERE id = $3 AND file_id = $4`

const sqlMaxRow = `SELECT COALESCE(MAX(n), 0) FROM job_rows WHERE job_id = $1`

var rowColumns = []string{"job_id", "n", "line", "row_id", "name", "outcome", "code", "field", "message", "cells"}

const sqlRowColumns = `SELECT n, line, row_id, name, outcome, code, field, message, cells FROM job_rows`

const sqlRows = sqlRowColumns + ` WHERE job_id = $1 AND n > $2 ORDER BY n LIMIT $3`

const sqlRowsOf = sqlRowColumns + ` WHERE job_id = $1 AND n > $2 AND outcome = $4 ORDER BY n LIMIT $3`

const sqlProblems = sqlRowColumns + ` WHERE job_id = $1 AND n > $2 AND code <> '' ORDER BY n LIMIT $3`

const sqlOld = `SELECT id, file_id FROM jobs WHERE finished_at > 0 AND finished_at < $1 ORDER BY finished_at LIMIT $2`

const sqlDropRows = `
	DELETE FROM job_rows WHERE job_id = $1 AND n IN (SELECT n FROM job_rows WHERE job_id = $1 ORDER BY n LIMIT $2)`

const sqlDropJob = `DELETE FROM jobs WHERE id = $1`

// record is what people see of a row of jobs.
type record struct {
	ID          int64  `db:"id"`
	Kind        string `db:"kind"`
	Label       string `db:"label"`
	State       string `db:"state"`
	Done        int64  `db:"done"`
	Total       int64  `db:"total"`
	Failed      int64  `db:"failed"`
	Result      string `db:"result"`
	ErrorCode   string `db:"error_code"`
	Error       string `db:"error"`
	Owner       string `db:"owner"`
	OwnerName   string `db:"owner_name"`
	FileID      int64  `db:"file_id"`
	FileOnce    bool   `db:"file_once"`
	FileTakenAt int64  `db:"file_taken_at"`
	UndoOf      int64  `db:"undo_of"`
	CancelAsked int64  `db:"cancel_asked_at"`
	CreatedAt   int64  `db:"created_at"`
	StartedAt   int64  `db:"started_at"`
	FinishedAt  int64  `db:"finished_at"`
	UpdatedAt   int64  `db:"updated_at"`
	Version     int64  `db:"version"`
	Undone      bool   `db:"undone"`
}

// fields are where the columns of sqlShown go, in its order.
func (r *record) fields() []any {
	return []any{
		&r.ID, &r.Kind, &r.Label, &r.State, &r.Done, &r.Total, &r.Failed, &r.Result, &r.ErrorCode,
		&r.Error, &r.Owner, &r.OwnerName, &r.FileID, &r.FileOnce, &r.FileTakenAt, &r.UndoOf,
		&r.CancelAsked, &r.CreatedAt, &r.StartedAt, &r.FinishedAt, &r.UpdatedAt, &r.Version, &r.Undone,
	}
}

// held is what a worker gets of the row it claimed.
type held struct {
	record
	Lease      int64  `db:"-"`
	Payload    string `db:"payload"`
	Checkpoint string `db:"checkpoint"`
	Caller     []byte `db:"caller"`
	Faults     int    `db:"faults"`
	Takeovers  int    `db:"takeovers"`
}

func (r record) job(undoable bool) Job {
	j := Job{
		ID: r.ID, Kind: r.Kind, Label: r.Label, State: State(r.State), Done: r.Done, Total: r.Total, Failed: r.Failed,
		ErrorCode: r.ErrorCode, Error: r.Error, Owner: r.Owner, OwnerName: r.OwnerName,
		FileID: r.FileID, FileOnce: r.FileOnce, FileTaken: r.FileTakenAt > 0, Expired: r.FileTakenAt < 0, UndoOf: r.UndoOf,
		Cancelling: r.CancelAsked > 0 && State(r.State) == StateRunning,
		CreatedAt:  moment(r.CreatedAt), StartedAt: moment(r.StartedAt), FinishedAt: moment(r.FinishedAt),
		UpdatedAt: moment(r.UpdatedAt), Version: r.Version,
	}
	if r.Result != "" {
		j.Result = json.RawMessage(r.Result)
	}
	j.CanUndo = undoable && j.State.Ended() && r.Done > 0 && !r.Undone
	return j
}

func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return clock.Time(micros)
}

type rowRecord struct {
	N       int64  `db:"n"`
	Line    int64  `db:"line"`
	RowID   string `db:"row_id"`
	Name    string `db:"name"`
	Outcome string `db:"outcome"`
	Code    string `db:"code"`
	Field   string `db:"field"`
	Message string `db:"message"`
	Cells   string `db:"cells"`
}
