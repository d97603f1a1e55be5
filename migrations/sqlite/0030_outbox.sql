-- +goose Up
CREATE TABLE outbox_batches (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    position INTEGER NOT NULL, -- place in the order in which all readers read; 0: not taken in yet
    at       INTEGER NOT NULL,
    type     TEXT    NOT NULL, -- such as customer.updated
    resource TEXT    NOT NULL, -- the table of the rows
    items    BLOB    NOT NULL  -- 16 bytes an event: its ID and its row
) STRICT;
CREATE INDEX outbox_batches_new      ON outbox_batches (seq) WHERE position = 0;
CREATE UNIQUE INDEX outbox_batches_position ON outbox_batches (position) WHERE position > 0;

CREATE TABLE outbox_heads (
    name     TEXT    PRIMARY KEY, -- whose place it is
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE outbox_heads;
DROP TABLE outbox_batches;
