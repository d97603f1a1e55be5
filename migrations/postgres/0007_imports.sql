-- +goose Up
CREATE TABLE imports (
    id         BIGINT  PRIMARY KEY,
    target     TEXT COLLATE "C" NOT NULL,
    file_id    BIGINT NOT NULL, -- 0 once every row is in or told
    file_name  TEXT COLLATE "C" NOT NULL,
    size       BIGINT NOT NULL,
    state      TEXT COLLATE "C" NOT NULL,
    setup      TEXT COLLATE "C" NOT NULL, -- JSON: how the file is read, what its columns mean, what to do
    progress   TEXT COLLATE "C" NOT NULL, -- JSON: how far the run has come, and what became of the rows
    checked    TEXT COLLATE "C" NOT NULL, -- JSON: what the last dry run found; '' = none
    check_job  BIGINT NOT NULL DEFAULT 0,
    run_job    BIGINT NOT NULL DEFAULT 0,
    undo_job   BIGINT NOT NULL DEFAULT 0,
    owner      TEXT COLLATE "C" NOT NULL,
    owner_name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version    BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX imports_run_job ON imports (run_job);
CREATE INDEX imports_check_job ON imports (check_job);

-- What became of each row: of every row in the run, of wrong and doubtful ones in the dry run.
CREATE TABLE import_rows (
    import_id BIGINT NOT NULL REFERENCES imports (id),
    phase     BIGINT NOT NULL, -- 0 dry run, 1 run
    line      BIGINT NOT NULL,
    outcome   TEXT COLLATE "C" NOT NULL,
    row_id    BIGINT NOT NULL, -- the customer; 0 = none
    version   BIGINT NOT NULL, -- of the customer, as this row left it
    print_a   BIGINT NOT NULL, -- fingerprint; 0 = not imported
    print_b   BIGINT NOT NULL,
    problems  TEXT COLLATE "C" NOT NULL, -- JSON: what is wrong; '' = nothing
    cells     TEXT COLLATE "C" NOT NULL, -- JSON: the original cells of a wrong or doubtful row
    former    TEXT COLLATE "C" NOT NULL, -- JSON: the changes that take an update back
    kept      TEXT COLLATE "C" NOT NULL, -- JSON: values that wait for a later wing
    PRIMARY KEY (import_id, phase, line)
);
CREATE INDEX import_rows_outcome ON import_rows (import_id, phase, outcome, line);
CREATE INDEX import_rows_row ON import_rows (row_id) WHERE row_id > 0;
CREATE INDEX import_rows_print ON import_rows (print_a) WHERE print_a <> 0;

-- Cells that a person corrected, before the row goes in.
CREATE TABLE import_fixes (
    import_id  BIGINT NOT NULL REFERENCES imports (id),
    line       BIGINT NOT NULL,
    cells      TEXT COLLATE "C" NOT NULL, -- JSON: text by number of the column
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (import_id, line)
);

-- Hashes of keys that a dry run has met, beyond those it holds in memory.
CREATE TABLE import_keys (
    import_id BIGINT NOT NULL REFERENCES imports (id),
    key       BIGINT NOT NULL,
    line      BIGINT NOT NULL,
    PRIMARY KEY (import_id, key)
);

-- +goose Down
DROP TABLE import_keys;
DROP TABLE import_fixes;
DROP TABLE import_rows;
DROP TABLE imports;
