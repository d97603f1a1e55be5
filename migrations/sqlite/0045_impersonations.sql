-- +goose Up
CREATE TABLE impersonations (
    id            INTEGER PRIMARY KEY,
    staff_id      INTEGER NOT NULL,
    staff_name    TEXT    NOT NULL,
    staff_session BLOB    NOT NULL, -- the digest of the session that it was asked for in, and ends with
    contact_id    INTEGER NOT NULL,
    contact_name  TEXT    NOT NULL,
    customer_id   INTEGER NOT NULL,
    reason        TEXT    NOT NULL,
    link          BLOB    NOT NULL, -- the digest of the one-time link's token
    link_until    INTEGER NOT NULL,
    token         BLOB,             -- the digest of the token in the portal's cookie; NULL until the link is used
    started_at    INTEGER NOT NULL, -- 0: the link was not used
    expires_at    INTEGER NOT NULL,
    ended_at      INTEGER NOT NULL, -- 0: it goes on
    ended_why     TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX impersonations_link ON impersonations (link);
CREATE UNIQUE INDEX impersonations_token ON impersonations (token) WHERE token IS NOT NULL;
CREATE INDEX impersonations_open ON impersonations (ended_at, id);

-- +goose Down
DROP TABLE impersonations;
