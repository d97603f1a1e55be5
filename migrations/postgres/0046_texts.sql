-- +goose Up
-- Texts to telephones go through the same queue as mails.
ALTER TABLE emails ADD COLUMN channel TEXT COLLATE "C" NOT NULL DEFAULT 'email' CHECK (channel IN ('email', 'sms'));
DROP INDEX emails_due;
CREATE INDEX emails_due ON emails (channel, next_attempt_at) WHERE state IN ('queued', 'sending');

-- One row: where texts are handed over.
CREATE TABLE sms_gateway (
    id         BIGINT  PRIMARY KEY CHECK (id = 1),
    url        TEXT COLLATE "C" NOT NULL,
    enabled    BIGINT  NOT NULL CHECK (enabled IN (0, 1)),
    secret     BYTEA   NOT NULL, -- sealed
    updated_at BIGINT  NOT NULL,
    version    BIGINT  NOT NULL
);

-- +goose Down
DROP TABLE sms_gateway;
DROP INDEX emails_due;
ALTER TABLE emails DROP COLUMN channel;
CREATE INDEX emails_due ON emails (next_attempt_at) WHERE state IN ('queued', 'sending');
