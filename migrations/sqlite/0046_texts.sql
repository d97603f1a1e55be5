-- +goose Up
-- Texts to telephones go through the same queue as mails.
ALTER TABLE emails ADD COLUMN channel TEXT    NOT NULL DEFAULT 'email' CHECK (channel IN ('email', 'sms'));
DROP INDEX emails_due;
CREATE INDEX emails_due ON emails (channel, next_attempt_at) WHERE state IN ('queued', 'sending');

-- One row: where texts are handed over.
CREATE TABLE sms_gateway (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    url        TEXT    NOT NULL,
    enabled    INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    secret     BLOB    NOT NULL, -- sealed
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL
) STRICT;

-- +goose Down
DROP TABLE sms_gateway;
DROP INDEX emails_due;
ALTER TABLE emails DROP COLUMN channel;
CREATE INDEX emails_due ON emails (next_attempt_at) WHERE state IN ('queued', 'sending');
