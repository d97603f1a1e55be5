-- +goose Up
-- Personal data that was erased: of whom, by whom, when and why. It stays, and says nothing of the person.
CREATE TABLE erasures (
    id          BIGINT PRIMARY KEY,
    customer_id BIGINT NOT NULL,
    contact_id  BIGINT NOT NULL, -- 0: the customer with all of its contacts
    name        TEXT COLLATE "C" NOT NULL, -- what stands for the name since
    reason      TEXT COLLATE "C" NOT NULL,
    asked_by    TEXT COLLATE "C" NOT NULL, -- name of who asked
    asked_at    BIGINT NOT NULL,
    job_id      BIGINT NOT NULL,
    done_at     BIGINT NOT NULL -- 0: not yet
);
CREATE UNIQUE INDEX erasures_of ON erasures (customer_id, contact_id);
CREATE INDEX erasures_job ON erasures (job_id);
ALTER TABLE customers ADD COLUMN erased_at BIGINT NOT NULL DEFAULT 0; -- 0: never

-- +goose Down
ALTER TABLE customers DROP COLUMN erased_at;
DROP TABLE erasures;
