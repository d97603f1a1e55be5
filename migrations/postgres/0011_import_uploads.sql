-- +goose Up

-- Files that are stored whole and are no import's yet. A process that dies between the two leaves a row, and a purge
-- removes the file by its age.
CREATE TABLE import_uploads (
    file_id    BIGINT PRIMARY KEY,
    created_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE import_uploads;
