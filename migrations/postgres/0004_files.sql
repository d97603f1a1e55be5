-- +goose Up
CREATE TABLE files (
    id         BIGINT PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    state      TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'sealed', 'removed')),
    size       BIGINT NOT NULL DEFAULT 0,
    hash_state BYTEA  NOT NULL, -- of the SHA-256 so far; the digest itself once sealed
    owner      TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX files_unsealed ON files (updated_at) WHERE state <> 'sealed';

CREATE TABLE file_chunks (
    file_id BIGINT NOT NULL REFERENCES files (id),
    start   BIGINT NOT NULL, -- place of the first byte in the file
    data    BYTEA  NOT NULL,
    PRIMARY KEY (file_id, start)
);
ALTER TABLE file_chunks ALTER COLUMN data SET STORAGE EXTERNAL; -- files are read in pieces; to compress them costs more than it saves

-- +goose Down
DROP TABLE file_chunks;
DROP TABLE files;
