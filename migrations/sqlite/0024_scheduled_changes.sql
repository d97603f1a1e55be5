-- +goose Up
-- Saves that are applied later.
CREATE TABLE scheduled_changes (
    id                 INTEGER PRIMARY KEY,
    resource           TEXT    NOT NULL,
    row_id             INTEGER NOT NULL, -- 0 for a create
    row_name           TEXT    NOT NULL,
    row_name_key       TEXT    NOT NULL,
    op                 TEXT    NOT NULL CHECK (op IN ('create', 'update', 'delete')),
    patch              TEXT    NOT NULL, -- JSON: what changes alone, as the API takes it
    options            TEXT    NOT NULL, -- JSON: parameters of the request
    base               TEXT    NOT NULL, -- JSON: the fields as they were when it was asked
    outcome            TEXT    NOT NULL, -- JSON: the fields as they will be
    row_version        INTEGER NOT NULL,
    caller             TEXT    NOT NULL, -- who asked, to act in their name
    requester_kind     TEXT    NOT NULL,
    requester_id       INTEGER NOT NULL,
    requester_name     TEXT    NOT NULL,
    requester_name_key TEXT    NOT NULL,
    comment            TEXT    NOT NULL,
    apply_at           INTEGER NOT NULL,
    due_at             INTEGER,          -- when it is (next) tried; NULL: it ended, conflicts, or waits for its pair
    pair_id            INTEGER NOT NULL, -- the other of "this, and back again"; 0 = none
    pair_role          TEXT    NOT NULL CHECK (pair_role IN ('', 'first', 'back')),
    state              TEXT    NOT NULL CHECK (state IN ('pending', 'applied', 'conflicted', 'failed', 'cancelled')),
    reason_code        TEXT    NOT NULL,
    reason             TEXT    NOT NULL,
    result_row         INTEGER NOT NULL, -- the row it made or changed; 0 = not yet
    applied_at         INTEGER NOT NULL,
    applied_by         TEXT    NOT NULL, -- the node, or the person who ran it
    faults             INTEGER NOT NULL,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL,
    ended_at           INTEGER NOT NULL,
    version            INTEGER NOT NULL,
    CHECK (due_at IS NULL OR state = 'pending'),
    CHECK ((applied_at > 0) = (state = 'applied')),
    CHECK ((ended_at > 0) = (state IN ('applied', 'failed', 'cancelled')))
) STRICT;
CREATE INDEX scheduled_changes_due ON scheduled_changes (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX scheduled_changes_row ON scheduled_changes (resource, row_id, id);
CREATE INDEX scheduled_changes_ended ON scheduled_changes (ended_at) WHERE ended_at > 0;

-- +goose Down
DROP TABLE scheduled_changes;
