-- +goose Up

-- One-time passwords of an app (RFC 6238).
CREATE TABLE identity_totp (
    identity_id BIGINT PRIMARY KEY REFERENCES identities (id),
    sealed      BYTEA NOT NULL, -- the key
    confirmed   BIGINT NOT NULL, -- 1: it has been tried, and is asked for from then on
    last_step   BIGINT NOT NULL, -- of the newest code that was used: none works twice
    created_at  BIGINT NOT NULL
);

CREATE TABLE identity_recovery_codes (
    identity_id BIGINT NOT NULL REFERENCES identities (id),
    digest      BYTEA NOT NULL,
    used_at     BIGINT NOT NULL, -- 0: not yet
    PRIMARY KEY (identity_id, digest)
);

-- +goose Down
DROP TABLE identity_recovery_codes;
DROP TABLE identity_totp;
