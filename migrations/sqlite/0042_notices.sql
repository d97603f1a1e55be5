-- +goose Up
-- What happened that concerns one person, until they have looked.
CREATE TABLE notices (
    id         INTEGER PRIMARY KEY,
    person     TEXT    NOT NULL, -- key of the principal, such as staff:17
    at         INTEGER NOT NULL,
    code       TEXT    NOT NULL,
    table_name TEXT    NOT NULL, -- of the record that it is about
    row_id     INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    name_key   TEXT    NOT NULL,
    detail     TEXT    NOT NULL,
    read_at    INTEGER NOT NULL DEFAULT 0 -- 0: not yet
) STRICT;
CREATE INDEX notices_person ON notices (person, id);
CREATE INDEX notices_unread ON notices (person) WHERE read_at = 0;
CREATE INDEX notices_at     ON notices (at);

-- Who had a mail written, so that they hear when it is given up; empty: nobody who can be told.
ALTER TABLE emails ADD COLUMN author TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE emails DROP COLUMN author;
DROP TABLE notices;
