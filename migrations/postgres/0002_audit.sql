-- +goose Up
CREATE TABLE audit_entries (
    id             BIGINT PRIMARY KEY,
    at             BIGINT NOT NULL,
    actor_kind     TEXT COLLATE "C" NOT NULL,
    actor_id       BIGINT NOT NULL,
    actor_name     TEXT COLLATE "C" NOT NULL,
    on_behalf_of   TEXT COLLATE "C" NOT NULL,
    ip             TEXT COLLATE "C" NOT NULL,
    verb           TEXT COLLATE "C" NOT NULL,
    action         TEXT COLLATE "C" NOT NULL,
    table_name     TEXT COLLATE "C" NOT NULL,
    row_id         BIGINT NOT NULL,
    row_name       TEXT COLLATE "C" NOT NULL,
    message        TEXT COLLATE "C" NOT NULL,
    comment        TEXT COLLATE "C" NOT NULL,
    request_id     TEXT COLLATE "C" NOT NULL,
    changes        TEXT COLLATE "C" NOT NULL,
    content_digest BYTEA NOT NULL,
    actor_key      TEXT COLLATE "C" NOT NULL,
    row_key        TEXT COLLATE "C" NOT NULL
);
CREATE INDEX audit_entries_at     ON audit_entries (at, id);
CREATE INDEX audit_entries_row    ON audit_entries (row_id, id);
CREATE INDEX audit_entries_actor  ON audit_entries (actor_key, id);
CREATE INDEX audit_entries_ip     ON audit_entries (ip, id);
CREATE INDEX audit_entries_action ON audit_entries (action, id);

CREATE TABLE audit_seals (
    seq      BIGINT PRIMARY KEY,
    at       BIGINT NOT NULL,
    first_id BIGINT NOT NULL,
    last_id  BIGINT NOT NULL,
    entries  BIGINT NOT NULL,
    total    BIGINT NOT NULL,
    previous BYTEA  NOT NULL,
    hash     BYTEA  NOT NULL
);

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% rows are never changed or removed', TG_TABLE_NAME; END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE idempotency_keys (
    principal    TEXT COLLATE "C" NOT NULL,
    key          TEXT COLLATE "C" NOT NULL,
    request_hash BYTEA  NOT NULL,
    request_id   TEXT COLLATE "C" NOT NULL,
    status       BIGINT NOT NULL DEFAULT 0,
    headers      TEXT   NOT NULL DEFAULT '',
    body         BYTEA  NOT NULL DEFAULT '',
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (principal, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- +goose Down
DROP TABLE idempotency_keys;
DROP TABLE audit_seals;
DROP TABLE audit_entries;
DROP FUNCTION refuse_change();
