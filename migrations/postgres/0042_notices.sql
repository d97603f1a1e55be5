-- +goose Up
-- What happened that concerns one person, until they have looked.
CREATE TABLE notices (
    id         BIGINT PRIMARY KEY,
    person     TEXT COLLATE "C" NOT NULL, -- key of the principal, such as staff:17
    at         BIGINT NOT NULL,
    code       TEXT COLLATE "C" NOT NULL,
    table_name TEXT COLLATE "C" NOT NULL, -- of the record that it is about
    row_id     BIGINT NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    name_key   TEXT COLLATE "C" NOT NULL,
    detail     TEXT COLLATE "C" NOT NULL,
    read_at    BIGINT NOT NULL DEFAULT 0 -- 0: not yet
);
CREATE INDEX notices_person ON notices (person, id);
CREATE INDEX notices_unread ON notices (person) WHERE read_at = 0;
CREATE INDEX notices_at     ON notices (at);

-- Who had a mail written, so that they hear when it is given up; empty: nobody who can be told.
ALTER TABLE emails ADD COLUMN author TEXT COLLATE "C" NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE emails DROP COLUMN author;
DROP TABLE notices;
