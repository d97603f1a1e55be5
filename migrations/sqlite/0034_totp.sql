-- +goose Up

-- One-time passwords of an app (RFC 6238).
CREATE TABLE identity_totp (
    identity_id INTEGER PRIMARY KEY REFERENCES identities (id),
    sealed      BLOB NOT NULL, -- the key
    confirmed   INTEGER NOT NULL, -- 1: it has been tried, and is asked for from then on
    last_step   INTEGER NOT NULL, -- of the newest code that was used: none works twice
    created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE identity_recovery_codes (
    identity_id INTEGER NOT NULL REFERENCES identities (id),
    digest      BLOB NOT NULL,
    used_at     INTEGER NOT NULL, -- 0: not yet
    PRIMARY KEY (identity_id, digest)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE identity_recovery_codes;
DROP TABLE identity_totp;
