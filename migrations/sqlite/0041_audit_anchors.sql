-- +goose Up
-- Entries that are older than the operator keeps them are retired: a signed anchor takes the place of the seals and
-- entries behind it. The database lets nothing go that no anchor stands for.
CREATE TABLE audit_anchors (
    seq       INTEGER PRIMARY KEY, -- of the last seal behind it
    at        INTEGER NOT NULL,
    last_id   INTEGER NOT NULL,    -- the last entry behind it
    entries   INTEGER NOT NULL,    -- behind it, altogether
    hash      BLOB    NOT NULL,    -- of that seal
    signature BLOB    NOT NULL
) STRICT;
CREATE INDEX audit_seals_last ON audit_seals (last_id);

DROP TRIGGER audit_entries_no_delete;
DROP TRIGGER audit_seals_no_delete;
-- +goose StatementBegin
CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries
WHEN OLD.id > COALESCE((SELECT last_id FROM audit_anchors ORDER BY seq DESC LIMIT 1), 0)
BEGIN SELECT RAISE(ABORT, 'audit entries are never removed before they are retired'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_seals_no_delete BEFORE DELETE ON audit_seals
WHEN OLD.seq >= COALESCE((SELECT seq FROM audit_anchors ORDER BY seq DESC LIMIT 1), 0)
BEGIN SELECT RAISE(ABORT, 'audit seals are never removed before they are retired'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_anchors_no_update BEFORE UPDATE ON audit_anchors
BEGIN SELECT RAISE(ABORT, 'audit anchors are never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_anchors_no_delete BEFORE DELETE ON audit_anchors
BEGIN SELECT RAISE(ABORT, 'audit anchors are never removed'); END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER audit_seals_no_delete;
DROP TRIGGER audit_entries_no_delete;
DROP TABLE audit_anchors;
DROP INDEX audit_seals_last;
-- +goose StatementBegin
CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are never removed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_seals_no_delete BEFORE DELETE ON audit_seals
BEGIN SELECT RAISE(ABORT, 'audit seals are never removed'); END;
-- +goose StatementEnd
