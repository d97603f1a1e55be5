-- +goose Up
CREATE TABLE views (
    id         BIGINT  PRIMARY KEY,
    owner      TEXT COLLATE "C" NOT NULL, -- key of a principal
    owner_name TEXT COLLATE "C" NOT NULL,
    target     TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    name_key   TEXT COLLATE "C" NOT NULL,
    filter     TEXT COLLATE "C" NOT NULL, -- JSON; '' = none
    q          TEXT COLLATE "C" NOT NULL,
    sort       TEXT COLLATE "C" NOT NULL,
    columns    TEXT COLLATE "C" NOT NULL, -- JSON
    shared     BOOLEAN NOT NULL,
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL,
    version    BIGINT  NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX views_name ON views (owner, target, name_key);
CREATE INDEX views_shared ON views (target) WHERE shared;

CREATE TABLE view_marks (
    principal  TEXT COLLATE "C" NOT NULL,
    view_id    BIGINT  NOT NULL REFERENCES views (id) ON DELETE CASCADE,
    target     TEXT COLLATE "C" NOT NULL,
    pinned     BOOLEAN NOT NULL,
    is_default BOOLEAN NOT NULL,
    PRIMARY KEY (principal, view_id)
);
CREATE UNIQUE INDEX view_marks_default ON view_marks (principal, target) WHERE is_default;
CREATE INDEX view_marks_view ON view_marks (view_id);

CREATE TABLE preferences (
    principal  TEXT COLLATE "C" NOT NULL,
    key        TEXT COLLATE "C" NOT NULL,
    value      TEXT COLLATE "C" NOT NULL, -- JSON
    updated_at BIGINT  NOT NULL,
    PRIMARY KEY (principal, key)
);

-- +goose Down
DROP TABLE preferences;
DROP TABLE view_marks;
DROP TABLE views;
