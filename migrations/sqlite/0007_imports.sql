-- +goose Up
CREATE TABLE imports (
    id         INTEGER PRIMARY KEY,
    target     TEXT    NOT NULL,
    file_id    INTEGER NOT NULL, -- 0 once every row is in or told
    file_name  TEXT    NOT NULL,
    size       INTEGER NOT NULL,
    state      TEXT    NOT NULL,
    setup      TEXT    NOT NULL, -- JSON: how the file is read, what its columns mean, what to do
    progress   TEXT    NOT NULL, -- JSON: how far the run has come, and what became of the rows
    checked    TEXT    NOT NULL, -- JSON: what the last dry run found; '' = none
    check_job  INTEGER NOT NULL DEFAULT 0,
    run_job    INTEGER NOT NULL DEFAULT 0,
    undo_job   INTEGER NOT NULL DEFAULT 0,
    owner      TEXT    NOT NULL,
    owner_name TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX imports_run_job ON imports (run_job);
CREATE INDEX imports_check_job ON imports (check_job);

-- What became of each row: of every row in the run, of wrong and doubtful ones in the dry run.
CREATE TABLE import_rows (
    import_id INTEGER NOT NULL REFERENCES imports (id),
    phase     INTEGER NOT NULL, -- 0 dry run, 1 run
    line      INTEGER NOT NULL,
    outcome   TEXT    NOT NULL,
    row_id    INTEGER NOT NULL, -- the customer; 0 = none
    version   INTEGER NOT NULL, -- of the customer, as this row left it
    print_a   INTEGER NOT NULL, -- fingerprint; 0 = not imported
    print_b   INTEGER NOT NULL,
    problems  TEXT    NOT NULL, -- JSON: what is wrong; '' = nothing
    cells     TEXT    NOT NULL, -- JSON: the original cells of a wrong or doubtful row
    former    TEXT    NOT NULL, -- JSON: the changes that take an update back
    kept      TEXT    NOT NULL, -- JSON: values that wait for a later wing
    PRIMARY KEY (import_id, phase, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_rows_outcome ON import_rows (import_id, phase, outcome, line);
CREATE INDEX import_rows_row ON import_rows (row_id) WHERE row_id > 0;
CREATE INDEX import_rows_print ON import_rows (print_a) WHERE print_a <> 0;

-- Cells that a person corrected, before the row goes in.
CREATE TABLE import_fixes (
    import_id  INTEGER NOT NULL REFERENCES imports (id),
    line       INTEGER NOT NULL,
    cells      TEXT    NOT NULL, -- JSON: text by number of the column
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (import_id, line)
) STRICT, WITHOUT ROWID;

-- Hashes of keys that a dry run has met, beyond those it holds in memory.
CREATE TABLE import_keys (
    import_id INTEGER NOT NULL REFERENCES imports (id),
    key       INTEGER NOT NULL,
    line      INTEGER NOT NULL,
    PRIMARY KEY (import_id, key)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE import_keys;
DROP TABLE import_fixes;
DROP TABLE import_rows;
DROP TABLE imports;
