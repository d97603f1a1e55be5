-- +goose Up
-- Personal data that was erased: of whom, by whom, when and why. It stays, and says nothing of the person.
CREATE TABLE erasures (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL,
    contact_id  INTEGER NOT NULL, -- 0: the customer with all of its contacts
    name        TEXT NOT NULL, -- what stands for the name since
    reason      TEXT NOT NULL,
    asked_by    TEXT NOT NULL, -- name of who asked
    asked_at    INTEGER NOT NULL,
    job_id      INTEGER NOT NULL,
    done_at     INTEGER NOT NULL -- 0: not yet
) STRICT;
CREATE UNIQUE INDEX erasures_of ON erasures (customer_id, contact_id);
CREATE INDEX erasures_job ON erasures (job_id);
ALTER TABLE customers ADD COLUMN erased_at INTEGER NOT NULL DEFAULT 0; -- 0: never

-- +goose Down
ALTER TABLE customers DROP COLUMN erased_at;
DROP TABLE erasures;
