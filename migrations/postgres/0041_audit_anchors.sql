-- +goose Up
-- Entries that are older than the operator keeps them are retired: a signed anchor takes the place of the seals and
-- entries behind it. The database lets nothing go that no anchor stands for.
CREATE TABLE audit_anchors (
    seq       BIGINT PRIMARY KEY, -- of the last seal behind it
    at        BIGINT NOT NULL,
    last_id   BIGINT NOT NULL,    -- the last entry behind it
    entries   BIGINT NOT NULL,    -- behind it, altogether
    hash      BYTEA  NOT NULL,    -- of that seal
    signature BYTEA  NOT NULL
);
CREATE INDEX audit_seals_last ON audit_seals (last_id);

-- +goose StatementBegin
CREATE FUNCTION refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kept bigint;
BEGIN
    IF TG_TABLE_NAME = 'audit_entries' THEN
        SELECT COUNT(*) INTO kept FROM gone WHERE id > COALESCE((SELECT last_id FROM audit_anchors ORDER BY seq DESC LIMIT 1), 0);
    ELSE
        SELECT COUNT(*) INTO kept FROM gone WHERE seq >= COALESCE((SELECT seq FROM audit_anchors ORDER BY seq DESC LIMIT 1), 0);
    END IF;
    IF kept > 0 THEN
        RAISE EXCEPTION '% rows are never removed before they are retired', TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER audit_entries_append_only ON audit_entries;
DROP TRIGGER audit_seals_append_only ON audit_seals;
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR TRUNCATE ON audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_anchors_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_anchors
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entries_retired_only AFTER DELETE ON audit_entries REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER audit_seals_retired_only AFTER DELETE ON audit_seals REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();

-- +goose Down
DROP TRIGGER audit_entries_retired_only ON audit_entries;
DROP TRIGGER audit_seals_retired_only ON audit_seals;
DROP TRIGGER audit_entries_append_only ON audit_entries;
DROP TRIGGER audit_seals_append_only ON audit_seals;
DROP TABLE audit_anchors;
DROP FUNCTION refuse_removal();
DROP INDEX audit_seals_last;
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
