-- +goose Up
CREATE TABLE sign_up_settings (
    id          INTEGER PRIMARY KEY,
    reseller_id INTEGER NOT NULL, -- 0: the operator
    open        INTEGER NOT NULL,
    template_id INTEGER NOT NULL, -- the customer that new ones are made like; 0: none
    approval    INTEGER NOT NULL, -- new customers wait for it
    terms_url   TEXT    NOT NULL,
    updated_at  INTEGER NOT NULL,
    version     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX sign_up_settings_reseller ON sign_up_settings (reseller_id);
CREATE INDEX sign_up_settings_template ON sign_up_settings (template_id);

-- Who has asked for an account and has not proved yet that the address is theirs.
CREATE TABLE sign_ups (
    id            INTEGER PRIMARY KEY,
    digest        BLOB NOT NULL, -- SHA-256 of what the link brings
    reseller_id   INTEGER NOT NULL, -- 0: the operator's
    email         TEXT    NOT NULL,
    email_key     TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    company       TEXT    NOT NULL,
    telephone     TEXT    NOT NULL,
    language      TEXT    NOT NULL,
    country       TEXT    NOT NULL,
    terms_url     TEXT    NOT NULL, -- what was accepted; empty: nothing had to be
    password_hash TEXT    NOT NULL,
    expires_at    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX sign_ups_digest ON sign_ups (digest);
CREATE INDEX sign_ups_email ON sign_ups (email_key);
CREATE INDEX sign_ups_expires ON sign_ups (expires_at);

-- How often somebody has come since a time, by what they are counted under.
CREATE TABLE sign_up_tries (
    counter TEXT    NOT NULL PRIMARY KEY,
    since   INTEGER NOT NULL,
    tries   INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_up_tries_since ON sign_up_tries (since);

-- +goose Down
DROP TABLE sign_up_tries;
DROP TABLE sign_ups;
DROP TABLE sign_up_settings;
