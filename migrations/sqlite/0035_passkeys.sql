-- +goose Up

-- Keys that live in a device or a password manager (WebAuthn).
CREATE TABLE identity_passkeys (
    id            INTEGER PRIMARY KEY,
    identity_id   INTEGER NOT NULL REFERENCES identities (id),
    credential_id BLOB NOT NULL,
    name          TEXT NOT NULL,
    credential    TEXT NOT NULL, -- the public part, as JSON
    created_at    INTEGER NOT NULL,
    last_used_at  INTEGER NOT NULL  -- 0: never
) STRICT;
CREATE UNIQUE INDEX identity_passkeys_credential ON identity_passkeys (credential_id);
CREATE INDEX identity_passkeys_identity ON identity_passkeys (identity_id);

-- What was asked of a device, until it answers: once, and soon.
CREATE TABLE identity_ceremonies (
    digest      BLOB PRIMARY KEY, -- of the ticket that the answer has to bring
    purpose     TEXT NOT NULL,
    identity_id INTEGER NOT NULL, -- 0: not known yet
    data        TEXT NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_ceremonies_expires ON identity_ceremonies (expires_at);

-- +goose Down
DROP TABLE identity_ceremonies;
DROP TABLE identity_passkeys;
