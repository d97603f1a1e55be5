-- +goose Up
CREATE TABLE webhooks (
    id              BIGINT PRIMARY KEY,
    url             TEXT COLLATE "C" NOT NULL,
    url_key         TEXT COLLATE "C" NOT NULL,
    description     TEXT COLLATE "C" NOT NULL,
    description_key TEXT COLLATE "C" NOT NULL,
    events          TEXT COLLATE "C" NOT NULL, -- JSON: the patterns
    filter          TEXT COLLATE "C" NOT NULL, -- of customers, for customer.*; empty: all
    state           TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'paused', 'disabled', 'removed')),
    reason          TEXT COLLATE "C" NOT NULL, -- why it was disabled: failures, gone
    secret          BYTEA  NOT NULL, -- sealed
    old_secret      BYTEA  NOT NULL, -- sealed; signs beside the new one until
    old_until       BIGINT NOT NULL,
    failing_since   BIGINT NOT NULL, -- 0: the last delivery went well
    made_by         BIGINT NOT NULL, -- staff user; 0: none
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    version         BIGINT NOT NULL
);

CREATE TABLE webhook_events (
    id       BIGINT PRIMARY KEY, -- the event's
    type     TEXT COLLATE "C" NOT NULL,
    resource TEXT COLLATE "C" NOT NULL,
    row_id   BIGINT NOT NULL,
    row_ref  TEXT COLLATE "C" NOT NULL, -- as the API spells it
    at       BIGINT NOT NULL,
    body     TEXT COLLATE "C" NOT NULL -- the same bytes at every attempt
);
CREATE INDEX webhook_events_at ON webhook_events (at);

CREATE TABLE webhook_deliveries (
    id          BIGINT PRIMARY KEY,
    webhook_id  BIGINT NOT NULL,
    event_id    BIGINT NOT NULL,
    type        TEXT COLLATE "C" NOT NULL,
    resource    TEXT COLLATE "C" NOT NULL,
    row_id      BIGINT NOT NULL,
    line        BIGINT NOT NULL, -- place of the event in the outbox: of one row, the earlier goes first
    row_ref     TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'sending', 'delivered', 'failed')),
    tries       BIGINT NOT NULL, -- since it was made or sent again
    attempts    BIGINT NOT NULL, -- in all
    next_at     BIGINT NOT NULL, -- while sending: when another node may take it over
    status      BIGINT NOT NULL, -- of the last answer; 0: none
    last_error  TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX webhook_deliveries_event ON webhook_deliveries (event_id, webhook_id);
CREATE INDEX webhook_deliveries_due     ON webhook_deliveries (webhook_id, next_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX webhook_deliveries_row     ON webhook_deliveries (webhook_id, row_id) WHERE state IN ('waiting', 'sending');
CREATE INDEX webhook_deliveries_list    ON webhook_deliveries (webhook_id, created_at, id);
CREATE INDEX webhook_deliveries_created ON webhook_deliveries (created_at, id);
CREATE INDEX webhook_deliveries_failed  ON webhook_deliveries (webhook_id, finished_at) WHERE state = 'failed';

CREATE TABLE webhook_attempts (
    delivery_id      BIGINT NOT NULL,
    n                BIGINT NOT NULL,
    at               BIGINT NOT NULL,
    duration         BIGINT NOT NULL, -- microseconds
    status           BIGINT NOT NULL, -- 0: no answer
    error            TEXT COLLATE "C" NOT NULL,
    request_headers  TEXT COLLATE "C" NOT NULL, -- JSON
    response_headers TEXT COLLATE "C" NOT NULL, -- JSON
    response_body    BYTEA  NOT NULL,
    cut              BIGINT NOT NULL, -- 1: the answer was longer than what is kept
    PRIMARY KEY (delivery_id, n)
);

-- +goose Down
DROP TABLE webhook_attempts;
DROP TABLE webhook_deliveries;
DROP TABLE webhook_events;
DROP TABLE webhooks;
