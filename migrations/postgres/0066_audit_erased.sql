-- +goose Up
-- Which customer an entry is about, so that whoever sees a part of the customers sees their entries alone, and so that
-- the personal values of one of them can be erased. The chain covers an entry by its digests: that of an erased entry is
-- kept, with a signature over what was left.
DROP TRIGGER audit_entries_append_only ON audit_entries;
ALTER TABLE audit_entries ADD COLUMN customer_id BIGINT NOT NULL DEFAULT 0; -- 0: about none
ALTER TABLE audit_entries ADD COLUMN erased_at BIGINT NOT NULL DEFAULT 0; -- 0: it is as it was written
ALTER TABLE audit_entries ADD COLUMN erased_proof BYTEA NOT NULL DEFAULT ''; -- its former digest and the signature
UPDATE audit_entries SET customer_id = row_id WHERE table_name = 'customers';
UPDATE audit_entries SET customer_id = COALESCE((SELECT c.customer_id FROM contacts c WHERE c.id = audit_entries.row_id), 0) WHERE table_name = 'contacts';
UPDATE audit_entries SET customer_id = COALESCE((SELECT e.customer_id FROM emails e WHERE e.id = audit_entries.row_id), 0) WHERE table_name = 'emails';
UPDATE audit_entries SET customer_id = COALESCE((SELECT s.reseller_id FROM staff s WHERE s.id = audit_entries.row_id), 0) WHERE table_name = 'staff';
UPDATE audit_entries
   SET customer_id = COALESCE((SELECT CASE WHEN s.row_id > 0 THEN s.row_id ELSE s.result_row END FROM scheduled_changes s
                                WHERE s.id = audit_entries.row_id AND s.resource = 'customers'), 0)
 WHERE table_name = 'scheduled_changes';
CREATE INDEX audit_entries_customer ON audit_entries (customer_id, id);

-- +goose StatementBegin
CREATE FUNCTION refuse_all_but_erasing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.erased_at <= 0 OR length(NEW.erased_proof) < 32 OR (OLD.erased_at > 0 AND substr(OLD.erased_proof, 1, 32) <> substr(NEW.erased_proof, 1, 32))
       OR NEW.id <> OLD.id
       OR NEW.at <> OLD.at
       OR NEW.actor_kind <> OLD.actor_kind
       OR NEW.actor_id <> OLD.actor_id
       OR NEW.verb <> OLD.verb
       OR NEW.action <> OLD.action
       OR NEW.table_name <> OLD.table_name
       OR NEW.row_id <> OLD.row_id
       OR NEW.message <> OLD.message
       OR NEW.request_id <> OLD.request_id
       OR NEW.content_digest <> OLD.content_digest
       OR NEW.customer_id <> OLD.customer_id THEN
        RAISE EXCEPTION 'audit_entries rows are never changed, but erased';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_entries_erased_only BEFORE UPDATE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_all_but_erasing();
CREATE TRIGGER audit_entries_append_only BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TRIGGER audit_entries_append_only ON audit_entries;
DROP TRIGGER audit_entries_erased_only ON audit_entries;
DROP FUNCTION refuse_all_but_erasing();
DROP INDEX audit_entries_customer;
ALTER TABLE audit_entries DROP COLUMN erased_proof;
ALTER TABLE audit_entries DROP COLUMN erased_at;
ALTER TABLE audit_entries DROP COLUMN customer_id;
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
