-- +goose Up
-- Saves that are applied later.
CREATE TABLE scheduled_changes (
    id                 BIGINT PRIMARY KEY,
    resource           TEXT COLLATE "C" NOT NULL,
    row_id             BIGINT  NOT NULL, -- 0 for a create
    row_name           TEXT COLLATE "C" NOT NULL,
    row_name_key       TEXT COLLATE "C" NOT NULL,
    op                 TEXT COLLATE "C" NOT NULL CHECK (op IN ('create', 'update', 'delete')),
    patch              TEXT COLLATE "C" NOT NULL, -- JSON: what changes alone, as the API takes it
    options            TEXT COLLATE "C" NOT NULL, -- JSON: parameters of the request
    base               TEXT COLLATE "C" NOT NULL, -- JSON: the fields as they were when it was asked
    outcome            TEXT COLLATE "C" NOT NULL, -- JSON: the fields as they will be
    row_version        BIGINT  NOT NULL,
    caller             TEXT COLLATE "C" NOT NULL, -- who asked, to act in their name
    requester_kind     TEXT COLLATE "C" NOT NULL,
    requester_id       BIGINT  NOT NULL,
    requester_name     TEXT COLLATE "C" NOT NULL,
    requester_name_key TEXT COLLATE "C" NOT NULL,
    comment            TEXT COLLATE "C" NOT NULL,
    apply_at           BIGINT  NOT NULL,
    due_at             BIGINT,           -- when it is (next) tried; NULL: it ended, conflicts, or waits for its pair
    pair_id            BIGINT  NOT NULL, -- the other of "this, and back again"; 0 = none
    pair_role          TEXT COLLATE "C" NOT NULL CHECK (pair_role IN ('', 'first', 'back')),
    state              TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'applied', 'conflicted', 'failed', 'cancelled')),
    reason_code        TEXT COLLATE "C" NOT NULL,
    reason             TEXT COLLATE "C" NOT NULL,
    result_row         BIGINT  NOT NULL, -- the row it made or changed; 0 = not yet
    applied_at         BIGINT  NOT NULL,
    applied_by         TEXT COLLATE "C" NOT NULL, -- the node, or the person who ran it
    faults             BIGINT  NOT NULL,
    created_at         BIGINT  NOT NULL,
    updated_at         BIGINT  NOT NULL,
    ended_at           BIGINT  NOT NULL,
    version            BIGINT  NOT NULL,
    CHECK (due_at IS NULL OR state = 'pending'),
    CHECK ((applied_at > 0) = (state = 'applied')),
    CHECK ((ended_at > 0) = (state IN ('applied', 'failed', 'cancelled')))
);
CREATE INDEX scheduled_changes_due ON scheduled_changes (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX scheduled_changes_row ON scheduled_changes (resource, row_id, id);
CREATE INDEX scheduled_changes_ended ON scheduled_changes (ended_at) WHERE ended_at > 0;

-- +goose Down
DROP TABLE scheduled_changes;
