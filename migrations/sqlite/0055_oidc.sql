-- +goose Up

-- Who vouches for staff: OpenID Connect issuers.
CREATE TABLE oidc_providers (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL,
    issuer        TEXT    NOT NULL,
    client_id     TEXT    NOT NULL,
    secret        BLOB    NOT NULL, -- sealed
    data          TEXT    NOT NULL, -- JSON: scopes, claims, domains, roles by group
    enabled       INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    version       INTEGER NOT NULL
) STRICT;

-- Whom a provider means by a subject. It never becomes somebody else.
CREATE TABLE oidc_links (
    id           INTEGER PRIMARY KEY,
    provider_id  INTEGER NOT NULL REFERENCES oidc_providers (id),
    issuer       TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    staff_id     INTEGER NOT NULL,
    email        TEXT    NOT NULL, -- as it was when they were linked
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX oidc_links_subject_unique ON oidc_links (issuer, subject);
CREATE UNIQUE INDEX oidc_links_staff_unique ON oidc_links (staff_id, provider_id);
CREATE INDEX oidc_links_provider ON oidc_links (provider_id);

-- Through which provider a session was begun, 0: none; and whether it asked for a second factor.
ALTER TABLE sessions ADD COLUMN provider_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN proved INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE sessions DROP COLUMN proved;
ALTER TABLE sessions DROP COLUMN provider_id;
DROP TABLE oidc_links;
DROP TABLE oidc_providers;
