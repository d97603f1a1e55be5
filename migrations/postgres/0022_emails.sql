-- +goose Up
CREATE TABLE emails (
    id               BIGINT  PRIMARY KEY,
    template_key     TEXT COLLATE "C" NOT NULL,
    template_version BIGINT  NOT NULL, -- 0: as shipped
    language         TEXT COLLATE "C" NOT NULL,
    to_address       TEXT COLLATE "C" NOT NULL,
    to_key           TEXT COLLATE "C" NOT NULL,
    subject          TEXT COLLATE "C" NOT NULL,
    subject_key      TEXT COLLATE "C" NOT NULL,
    body_text        TEXT COLLATE "C" NOT NULL, -- secrets stand as a mark
    body_html        TEXT COLLATE "C" NOT NULL,
    sealed           BYTEA   NOT NULL, -- the bodies with their secrets, until it is sent
    state            TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'suppressed', 'cancelled')),
    attempts         BIGINT  NOT NULL,
    next_attempt_at  BIGINT  NOT NULL, -- while sending: when another worker may take it over
    give_up_at       BIGINT  NOT NULL, -- what it says is of no use any more
    last_error       TEXT COLLATE "C" NOT NULL,
    message_id       TEXT COLLATE "C" NOT NULL,
    customer_id      BIGINT  NOT NULL, -- 0: none
    staff_id         BIGINT  NOT NULL, -- 0: none
    resend_of        BIGINT  NOT NULL, -- 0: none
    created_at       BIGINT  NOT NULL,
    sent_at          BIGINT  NOT NULL
);
CREATE INDEX emails_due      ON emails (next_attempt_at) WHERE state IN ('queued', 'sending');
CREATE INDEX emails_created  ON emails (created_at, id);
CREATE INDEX emails_customer ON emails (customer_id, created_at) WHERE customer_id <> 0;

CREATE TABLE email_templates (
    key         TEXT COLLATE "C" NOT NULL,
    language    TEXT COLLATE "C" NOT NULL,
    version     BIGINT  NOT NULL,
    template_id BIGINT  NOT NULL, -- the same for all versions
    shipped     BIGINT  NOT NULL, -- 1: from this version on it is as shipped again
    subject     TEXT COLLATE "C" NOT NULL,
    body_text   TEXT COLLATE "C" NOT NULL,
    body_html   TEXT COLLATE "C" NOT NULL,
    saved_at    BIGINT  NOT NULL,
    saved_by    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (key, language, version)
);

CREATE TABLE email_suppressions (
    id          BIGINT  PRIMARY KEY,
    address     TEXT COLLATE "C" NOT NULL,
    address_key TEXT COLLATE "C" NOT NULL,
    reason      TEXT COLLATE "C" NOT NULL CHECK (reason IN ('bounced', 'manual')),
    detail      TEXT COLLATE "C" NOT NULL,
    email_id    BIGINT  NOT NULL, -- the mail that came back; 0: none
    created_at  BIGINT  NOT NULL
);
CREATE UNIQUE INDEX email_suppressions_address ON email_suppressions (address_key);

-- +goose Down
DROP TABLE email_suppressions;
DROP TABLE email_templates;
DROP TABLE emails;
