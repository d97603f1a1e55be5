-- +goose Up
CREATE TABLE impersonations (
    id            BIGINT PRIMARY KEY,
    staff_id      BIGINT NOT NULL,
    staff_name    TEXT COLLATE "C" NOT NULL,
    staff_session BYTEA  NOT NULL, -- the digest of the session that it was asked for in, and ends with
    contact_id    BIGINT NOT NULL,
    contact_name  TEXT COLLATE "C" NOT NULL,
    customer_id   BIGINT NOT NULL,
    reason        TEXT COLLATE "C" NOT NULL,
    link          BYTEA  NOT NULL, -- the digest of the one-time link's token
    link_until    BIGINT NOT NULL,
    token         BYTEA,           -- the digest of the token in the portal's cookie; NULL until the link is used
    started_at    BIGINT NOT NULL, -- 0: the link was not used
    expires_at    BIGINT NOT NULL,
    ended_at      BIGINT NOT NULL, -- 0: it goes on
    ended_why     TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX impersonations_link ON impersonations (link);
CREATE UNIQUE INDEX impersonations_token ON impersonations (token) WHERE token IS NOT NULL;
CREATE INDEX impersonations_open ON impersonations (ended_at, id);

-- +goose Down
DROP TABLE impersonations;
