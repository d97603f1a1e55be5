-- +goose Up
CREATE TABLE files (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('open', 'sealed', 'removed')),
    size       INTEGER NOT NULL DEFAULT 0,
    hash_state BLOB    NOT NULL, -- of the SHA-256 so far; the digest itself once sealed
    owner      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX files_unsealed ON files (updated_at) WHERE state <> 'sealed';

CREATE TABLE file_chunks (
    file_id INTEGER NOT NULL REFERENCES files (id),
    start   INTEGER NOT NULL, -- place of the first byte in the file
    data    BLOB    NOT NULL,
    PRIMARY KEY (file_id, start)
) STRICT;

-- +goose Down
DROP TABLE file_chunks;
DROP TABLE files;
