-- +goose Up

-- The bulk updates whose former values are kept.
CREATE TABLE bulk_runs (
    job_id     BIGINT PRIMARY KEY,
    created_at BIGINT NOT NULL
);

-- What a bulk update replaced: the changes that bring it back, and the version it left behind.
CREATE TABLE bulk_rows (
    job_id      BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    former      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (job_id, customer_id)
);

-- Resellers that a bulk delete leaves for the end, when what they own is closed.
CREATE TABLE bulk_later (
    job_id      BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    PRIMARY KEY (job_id, customer_id)
);

-- Result files of mass creates, which hold secrets, and when each is removed if nobody took it.
CREATE TABLE mass_create_results (
    file_id    BIGINT PRIMARY KEY,
    job_id     BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX mass_create_results_expires ON mass_create_results (expires_at);

-- +goose Down
DROP TABLE mass_create_results;
DROP TABLE bulk_later;
DROP TABLE bulk_rows;
DROP TABLE bulk_runs;
