-- +goose Up

-- Who vouches for staff: OpenID Connect issuers.
CREATE TABLE oidc_providers (
    id            BIGINT PRIMARY KEY,
    name          TEXT COLLATE "C" NOT NULL,
    issuer        TEXT COLLATE "C" NOT NULL,
    client_id     TEXT COLLATE "C" NOT NULL,
    secret        BYTEA   NOT NULL, -- sealed
    data          TEXT COLLATE "C" NOT NULL, -- JSON: scopes, claims, domains, roles by group
    enabled       BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    version       BIGINT NOT NULL
);

-- Whom a provider means by a subject. It never becomes somebody else.
CREATE TABLE oidc_links (
    id           BIGINT PRIMARY KEY,
    provider_id  BIGINT NOT NULL REFERENCES oidc_providers (id),
    issuer       TEXT COLLATE "C" NOT NULL,
    subject      TEXT COLLATE "C" NOT NULL,
    staff_id     BIGINT NOT NULL,
    email        TEXT COLLATE "C" NOT NULL, -- as it was when they were linked
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX oidc_links_subject_unique ON oidc_links (issuer, subject);
CREATE UNIQUE INDEX oidc_links_staff_unique ON oidc_links (staff_id, provider_id);
CREATE INDEX oidc_links_provider ON oidc_links (provider_id);

-- Through which provider a session was begun, 0: none; and whether it asked for a second factor.
ALTER TABLE sessions ADD COLUMN provider_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN proved BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE sessions DROP COLUMN proved;
ALTER TABLE sessions DROP COLUMN provider_id;
DROP TABLE oidc_links;
DROP TABLE oidc_providers;
