-- +goose Up
CREATE TABLE views (
    id         INTEGER PRIMARY KEY,
    owner      TEXT    NOT NULL, -- key of a principal
    owner_name TEXT    NOT NULL,
    target     TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    name_key   TEXT    NOT NULL,
    filter     TEXT    NOT NULL, -- JSON; '' = none
    q          TEXT    NOT NULL,
    sort       TEXT    NOT NULL,
    columns    TEXT    NOT NULL, -- JSON
    shared     INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX views_name ON views (owner, target, name_key);
CREATE INDEX views_shared ON views (target) WHERE shared;

CREATE TABLE view_marks (
    principal  TEXT    NOT NULL,
    view_id    INTEGER NOT NULL REFERENCES views (id) ON DELETE CASCADE,
    target     TEXT    NOT NULL,
    pinned     INTEGER NOT NULL,
    is_default INTEGER NOT NULL,
    PRIMARY KEY (principal, view_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX view_marks_default ON view_marks (principal, target) WHERE is_default;
CREATE INDEX view_marks_view ON view_marks (view_id);

CREATE TABLE preferences (
    principal  TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    value      TEXT    NOT NULL, -- JSON
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (principal, key)
) STRICT;

-- +goose Down
DROP TABLE preferences;
DROP TABLE view_marks;
DROP TABLE views;
