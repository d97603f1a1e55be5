-- +goose Up
CREATE TABLE sign_up_settings (
    id          BIGINT PRIMARY KEY,
    reseller_id BIGINT NOT NULL, -- 0: the operator
    open        BIGINT NOT NULL,
    template_id BIGINT NOT NULL, -- the customer that new ones are made like; 0: none
    approval    BIGINT NOT NULL, -- new customers wait for it
    terms_url   TEXT COLLATE "C" NOT NULL,
    updated_at  BIGINT NOT NULL,
    version     BIGINT NOT NULL
);
CREATE UNIQUE INDEX sign_up_settings_reseller ON sign_up_settings (reseller_id);
CREATE INDEX sign_up_settings_template ON sign_up_settings (template_id);

-- Who has asked for an account and has not proved yet that the address is theirs.
CREATE TABLE sign_ups (
    id            BIGINT PRIMARY KEY,
    digest        BYTEA NOT NULL, -- SHA-256 of what the link brings
    reseller_id   BIGINT NOT NULL, -- 0: the operator's
    email         TEXT COLLATE "C" NOT NULL,
    email_key     TEXT COLLATE "C" NOT NULL,
    name          TEXT COLLATE "C" NOT NULL,
    company       TEXT COLLATE "C" NOT NULL,
    telephone     TEXT COLLATE "C" NOT NULL,
    language      TEXT COLLATE "C" NOT NULL,
    country       TEXT COLLATE "C" NOT NULL,
    terms_url     TEXT COLLATE "C" NOT NULL, -- what was accepted; empty: nothing had to be
    password_hash TEXT COLLATE "C" NOT NULL,
    expires_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX sign_ups_digest ON sign_ups (digest);
CREATE INDEX sign_ups_email ON sign_ups (email_key);
CREATE INDEX sign_ups_expires ON sign_ups (expires_at);

-- How often somebody has come since a time, by what they are counted under.
CREATE TABLE sign_up_tries (
    counter TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    since   BIGINT NOT NULL,
    tries   BIGINT NOT NULL
);
CREATE INDEX sign_up_tries_since ON sign_up_tries (since);

-- +goose Down
DROP TABLE sign_up_tries;
DROP TABLE sign_ups;
DROP TABLE sign_up_settings;
