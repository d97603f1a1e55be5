-- +goose Up
CREATE TABLE audit_entries (
    id             INTEGER PRIMARY KEY,
    at             INTEGER NOT NULL,
    actor_kind     TEXT    NOT NULL,
    actor_id       INTEGER NOT NULL,
    actor_name     TEXT    NOT NULL,
    on_behalf_of   TEXT    NOT NULL,
    ip             TEXT    NOT NULL,
    verb           TEXT    NOT NULL,
    action         TEXT    NOT NULL,
    table_name     TEXT    NOT NULL,
    row_id         INTEGER NOT NULL,
    row_name       TEXT    NOT NULL,
    message        TEXT    NOT NULL,
    comment        TEXT    NOT NULL,
    request_id     TEXT    NOT NULL,
    changes        TEXT    NOT NULL,
    content_digest BLOB    NOT NULL,
    actor_key      TEXT    NOT NULL,
    row_key        TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_entries_at     ON audit_entries (at, id);
CREATE INDEX audit_entries_row    ON audit_entries (row_id, id);
CREATE INDEX audit_entries_actor  ON audit_entries (actor_key, id);
CREATE INDEX audit_entries_ip     ON audit_entries (ip, id);
CREATE INDEX audit_entries_action ON audit_entries (action, id);

CREATE TABLE audit_seals (
    seq      INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    first_id INTEGER NOT NULL,
    last_id  INTEGER NOT NULL,
    entries  INTEGER NOT NULL,
    total    INTEGER NOT NULL,
    previous BLOB    NOT NULL,
    hash     BLOB    NOT NULL
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are never removed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_seals_no_update BEFORE UPDATE ON audit_seals
BEGIN SELECT RAISE(ABORT, 'audit seals are never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_seals_no_delete BEFORE DELETE ON audit_seals
BEGIN SELECT RAISE(ABORT, 'audit seals are never removed'); END;
-- +goose StatementEnd

CREATE TABLE idempotency_keys (
    principal    TEXT    NOT NULL,
    key          TEXT    NOT NULL,
    request_hash BLOB    NOT NULL,
    request_id   TEXT    NOT NULL,
    status       INTEGER NOT NULL DEFAULT 0,
    headers      TEXT    NOT NULL DEFAULT '',
    body         BLOB    NOT NULL DEFAULT x'',
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- +goose Down
DROP TABLE idempotency_keys;
DROP TABLE audit_seals;
DROP TABLE audit_entries;
