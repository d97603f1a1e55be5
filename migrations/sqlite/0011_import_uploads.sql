-- +goose Up

-- Files that are stored whole and are no import's yet. A process that dies between the two leaves a row, and a purge
-- removes the file by its age.
CREATE TABLE import_uploads (
    file_id    INTEGER PRIMARY KEY,
    created_at INTEGER NOT NULL
) STRICT;

-- +goose Down
DROP TABLE import_uploads;
