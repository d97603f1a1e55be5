-- +goose Up
CREATE TABLE webhooks (
    id              INTEGER PRIMARY KEY,
    url             TEXT NOT NULL,
    url_key         TEXT NOT NULL,
    description     TEXT NOT NULL,
    description_key TEXT NOT NULL,
    events          TEXT NOT NULL, -- JSON: the patterns
    filter          TEXT NOT NULL, -- of customers, for customer.*; empty: all
    state           TEXT NOT NULL CHECK (state IN ('active', 'paused', 'disabled', 'removed')),
    reason          TEXT NOT NULL, -- why it was disabled: failures, gone
    secret          BLOB  NOT NULL, -- sealed
    old_secret      BLOB  NOT NULL, -- sealed; signs beside the new one until
    old_until       INTEGER NOT NULL,
    failing_since   INTEGER NOT NULL, -- 0: the last delivery went well
    made_by         INTEGER NOT NULL, -- staff user; 0: none
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    version         INTEGER NOT NULL
) STRICT;

CREATE TABLE webhook_events (
    id       INTEGER PRIMARY KEY, -- the event's
    type     TEXT NOT NULL,
    resource TEXT NOT NULL,
    row_id   INTEGER NOT NULL,
    row_ref  TEXT NOT NULL, -- as the API spells it
    at       INTEGER NOT NULL,
    body     TEXT NOT NULL -- the same bytes at every attempt
) STRICT;
CREATE INDEX webhook_events_at ON webhook_events (at);

CREATE TABLE webhook_deliveries (
    id          INTEGER PRIMARY KEY,
    webhook_id  INTEGER NOT NULL,
    event_id    INTEGER NOT NULL,
    type        TEXT NOT NULL,
    resource    TEXT NOT NULL,
    row_id      INTEGER NOT NULL,
    line        INTEGER NOT NULL, -- place of the event in the outbox: of one row, the earlier goes first
    row_ref     TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'delivered', 'failed')),
    tries       INTEGER NOT NULL, -- since it was made or sent again
    attempts    INTEGER NOT NULL, -- in all
    next_at     INTEGER NOT NULL, -- while sending: when another node may take it over
    status      INTEGER NOT NULL, -- of the last answer; 0: none
    last_error  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    finished_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX webhook_deliveries_event ON webhook_deliveries (event_id, webhook_id);
CREATE INDEX webhook_deliveries_due     ON webhook_deliveries (webhook_id, next_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX webhook_deliveries_row     ON webhook_deliveries (webhook_id, row_id) WHERE state IN ('waiting', 'sending');
CREATE INDEX webhook_deliveries_list    ON webhook_deliveries (webhook_id, created_at, id);
CREATE INDEX webhook_deliveries_created ON webhook_deliveries (created_at, id);
CREATE INDEX webhook_deliveries_failed  ON webhook_deliveries (webhook_id, finished_at) WHERE state = 'failed';

CREATE TABLE webhook_attempts (
    delivery_id      INTEGER NOT NULL,
    n                INTEGER NOT NULL,
    at               INTEGER NOT NULL,
    duration         INTEGER NOT NULL, -- microseconds
    status           INTEGER NOT NULL, -- 0: no answer
    error            TEXT NOT NULL,
    request_headers  TEXT NOT NULL, -- JSON
    response_headers TEXT NOT NULL, -- JSON
    response_body    BLOB  NOT NULL,
    cut              INTEGER NOT NULL, -- 1: the answer was longer than what is kept
    PRIMARY KEY (delivery_id, n)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE webhook_attempts;
DROP TABLE webhook_deliveries;
DROP TABLE webhook_events;
DROP TABLE webhooks;
