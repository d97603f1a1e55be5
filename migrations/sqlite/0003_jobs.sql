-- +goose Up
CREATE TABLE jobs (
    id              INTEGER PRIMARY KEY,
    kind            TEXT    NOT NULL,
    label           TEXT    NOT NULL,
    label_key       TEXT    NOT NULL, -- folded
    state           TEXT    NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    payload         TEXT    NOT NULL,
    checkpoint      TEXT    NOT NULL DEFAULT '',
    caller          BLOB    NOT NULL,
    owner           TEXT    NOT NULL,
    owner_name      TEXT    NOT NULL,
    owner_name_key  TEXT    NOT NULL, -- folded
    done            INTEGER NOT NULL DEFAULT 0,
    total           INTEGER NOT NULL DEFAULT 0,
    failed          INTEGER NOT NULL DEFAULT 0,
    result          TEXT    NOT NULL DEFAULT '',
    error_code      TEXT    NOT NULL DEFAULT '',
    error           TEXT    NOT NULL DEFAULT '',
    file_id         INTEGER NOT NULL DEFAULT 0,
    file_once       INTEGER NOT NULL DEFAULT 0,
    file_taken_at   INTEGER NOT NULL DEFAULT 0,
    undo_of         INTEGER NOT NULL DEFAULT 0,
    faults          INTEGER NOT NULL DEFAULT 0, -- faults of ours since the last progress
    takeovers       INTEGER NOT NULL DEFAULT 0, -- dead workers since the last progress
    lease           INTEGER NOT NULL DEFAULT 0, -- who holds it: a number drawn at each claim
    holder          TEXT    NOT NULL DEFAULT '', -- the process that holds it
    due_at          INTEGER,                    -- when a worker may take it; NULL once it has ended
    cancel_asked_at INTEGER NOT NULL DEFAULT 0,
    created_at      INTEGER NOT NULL,
    started_at      INTEGER NOT NULL DEFAULT 0,
    finished_at     INTEGER NOT NULL DEFAULT 0,
    updated_at      INTEGER NOT NULL,
    version         INTEGER NOT NULL DEFAULT 1,
    CHECK ((due_at IS NULL) = (state IN ('done', 'failed', 'cancelled')))
) STRICT;
CREATE INDEX jobs_due ON jobs (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX jobs_updated ON jobs (updated_at);
CREATE INDEX jobs_created ON jobs (created_at, id);
CREATE INDEX jobs_owner ON jobs (owner, created_at, id);
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at > 0;
CREATE UNIQUE INDEX jobs_undo ON jobs (undo_of) WHERE undo_of > 0 AND state IN ('queued', 'running', 'done');

CREATE TABLE job_rows (
    job_id  INTEGER NOT NULL REFERENCES jobs (id),
    n       INTEGER NOT NULL,
    line    INTEGER NOT NULL,
    row_id  TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    outcome TEXT    NOT NULL,
    code    TEXT    NOT NULL,
    field   TEXT    NOT NULL,
    message TEXT    NOT NULL,
    cells   TEXT    NOT NULL, -- JSON array of texts; '' = none
    PRIMARY KEY (job_id, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_rows_outcome ON job_rows (job_id, outcome, n);
CREATE INDEX job_rows_problem ON job_rows (job_id, n) WHERE code <> '';

-- +goose Down
DROP TABLE job_rows;
DROP TABLE jobs;
