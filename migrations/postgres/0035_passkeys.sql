-- +goose Up

-- Keys that live in a device or a password manager (WebAuthn).
CREATE TABLE identity_passkeys (
    id            BIGINT PRIMARY KEY,
    identity_id   BIGINT NOT NULL REFERENCES identities (id),
    credential_id BYTEA NOT NULL,
    name          TEXT COLLATE "C" NOT NULL,
    credential    TEXT COLLATE "C" NOT NULL, -- the public part, as JSON
    created_at    BIGINT NOT NULL,
    last_used_at  BIGINT NOT NULL  -- 0: never
);
CREATE UNIQUE INDEX identity_passkeys_credential ON identity_passkeys (credential_id);
CREATE INDEX identity_passkeys_identity ON identity_passkeys (identity_id);

-- What was asked of a device, until it answers: once, and soon.
CREATE TABLE identity_ceremonies (
    digest      BYTEA PRIMARY KEY, -- of the ticket that the answer has to bring
    purpose     TEXT COLLATE "C" NOT NULL,
    identity_id BIGINT NOT NULL, -- 0: not known yet
    data        TEXT COLLATE "C" NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX identity_ceremonies_expires ON identity_ceremonies (expires_at);

-- +goose Down
DROP TABLE identity_ceremonies;
DROP TABLE identity_passkeys;
