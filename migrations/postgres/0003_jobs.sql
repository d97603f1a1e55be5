-- +goose Up
CREATE TABLE jobs (
    id              BIGINT  PRIMARY KEY,
    kind            TEXT COLLATE "C" NOT NULL,
    label           TEXT COLLATE "C" NOT NULL,
    label_key       TEXT COLLATE "C" NOT NULL, -- folded
    state           TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    payload         TEXT COLLATE "C" NOT NULL,
    checkpoint      TEXT COLLATE "C" NOT NULL DEFAULT '',
    caller          BYTEA   NOT NULL,
    owner           TEXT COLLATE "C" NOT NULL,
    owner_name      TEXT COLLATE "C" NOT NULL,
    owner_name_key  TEXT COLLATE "C" NOT NULL, -- folded
    done            BIGINT  NOT NULL DEFAULT 0,
    total           BIGINT  NOT NULL DEFAULT 0,
    failed          BIGINT  NOT NULL DEFAULT 0,
    result          TEXT COLLATE "C" NOT NULL DEFAULT '',
    error_code      TEXT COLLATE "C" NOT NULL DEFAULT '',
    error           TEXT COLLATE "C" NOT NULL DEFAULT '',
    file_id         BIGINT  NOT NULL DEFAULT 0,
    file_once       BOOLEAN NOT NULL DEFAULT FALSE,
    file_taken_at   BIGINT  NOT NULL DEFAULT 0,
    undo_of         BIGINT  NOT NULL DEFAULT 0,
    faults          BIGINT  NOT NULL DEFAULT 0, -- faults of ours since the last progress
    takeovers       BIGINT  NOT NULL DEFAULT 0, -- dead workers since the last progress
    lease           BIGINT  NOT NULL DEFAULT 0, -- who holds it: a number drawn at each claim
    holder          TEXT COLLATE "C" NOT NULL DEFAULT '', -- the process that holds it
    due_at          BIGINT,                     -- when a worker may take it; NULL once it has ended
    cancel_asked_at BIGINT  NOT NULL DEFAULT 0,
    created_at      BIGINT  NOT NULL,
    started_at      BIGINT  NOT NULL DEFAULT 0,
    finished_at     BIGINT  NOT NULL DEFAULT 0,
    updated_at      BIGINT  NOT NULL,
    version         BIGINT  NOT NULL DEFAULT 1,
    CHECK ((due_at IS NULL) = (state IN ('done', 'failed', 'cancelled')))
);
CREATE INDEX jobs_due ON jobs (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX jobs_updated ON jobs (updated_at);
CREATE INDEX jobs_created ON jobs (created_at, id);
CREATE INDEX jobs_owner ON jobs (owner, created_at, id);
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at > 0;
CREATE UNIQUE INDEX jobs_undo ON jobs (undo_of) WHERE undo_of > 0 AND state IN ('queued', 'running', 'done');

CREATE TABLE job_rows (
    job_id  BIGINT  NOT NULL REFERENCES jobs (id),
    n       BIGINT  NOT NULL,
    line    BIGINT  NOT NULL,
    row_id  TEXT COLLATE "C" NOT NULL,
    name    TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    code    TEXT COLLATE "C" NOT NULL,
    field   TEXT COLLATE "C" NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    cells   TEXT COLLATE "C" NOT NULL, -- JSON array of texts; '' = none
    PRIMARY KEY (job_id, n)
);
CREATE INDEX job_rows_outcome ON job_rows (job_id, outcome, n);
CREATE INDEX job_rows_problem ON job_rows (job_id, n) WHERE code <> '';

-- +goose Down
DROP TABLE job_rows;
DROP TABLE jobs;
