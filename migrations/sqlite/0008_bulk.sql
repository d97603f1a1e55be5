-- +goose Up

-- The bulk updates whose former values are kept.
CREATE TABLE bulk_runs (
    job_id     INTEGER PRIMARY KEY,
    created_at INTEGER NOT NULL
) STRICT;

-- What a bulk update replaced: the changes that bring it back, and the version it left behind.
CREATE TABLE bulk_rows (
    job_id      INTEGER NOT NULL,
    customer_id INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    former      TEXT    NOT NULL,
    PRIMARY KEY (job_id, customer_id)
) STRICT, WITHOUT ROWID;

-- Resellers that a bulk delete leaves for the end, when what they own is closed.
CREATE TABLE bulk_later (
    job_id      INTEGER NOT NULL,
    customer_id INTEGER NOT NULL,
    PRIMARY KEY (job_id, customer_id)
) STRICT, WITHOUT ROWID;

-- Result files of mass creates, which hold secrets, and when each is removed if nobody took it.
CREATE TABLE mass_create_results (
    file_id    INTEGER PRIMARY KEY,
    job_id     INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX mass_create_results_expires ON mass_create_results (expires_at);

-- +goose Down
DROP TABLE mass_create_results;
DROP TABLE bulk_later;
DROP TABLE bulk_rows;
DROP TABLE bulk_runs;
