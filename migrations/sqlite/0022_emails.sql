-- +goose Up
CREATE TABLE emails (
    id               INTEGER PRIMARY KEY,
    template_key     TEXT    NOT NULL,
    template_version INTEGER NOT NULL, -- 0: as shipped
    language         TEXT    NOT NULL,
    to_address       TEXT    NOT NULL,
    to_key           TEXT    NOT NULL,
    subject          TEXT    NOT NULL,
    subject_key      TEXT    NOT NULL,
    body_text        TEXT    NOT NULL, -- secrets stand as a mark
    body_html        TEXT    NOT NULL,
    sealed           BLOB    NOT NULL, -- the bodies with their secrets, until it is sent
    state            TEXT    NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'suppressed', 'cancelled')),
    attempts         INTEGER NOT NULL,
    next_attempt_at  INTEGER NOT NULL, -- while sending: when another worker may take it over
    give_up_at       INTEGER NOT NULL, -- what it says is of no use any more
    last_error       TEXT    NOT NULL,
    message_id       TEXT    NOT NULL,
    customer_id      INTEGER NOT NULL, -- 0: none
    staff_id         INTEGER NOT NULL, -- 0: none
    resend_of        INTEGER NOT NULL, -- 0: none
    created_at       INTEGER NOT NULL,
    sent_at          INTEGER NOT NULL
) STRICT;
CREATE INDEX emails_due      ON emails (next_attempt_at) WHERE state IN ('queued', 'sending');
CREATE INDEX emails_created  ON emails (created_at, id);
CREATE INDEX emails_customer ON emails (customer_id, created_at) WHERE customer_id <> 0;

CREATE TABLE email_templates (
    key         TEXT    NOT NULL,
    language    TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    template_id INTEGER NOT NULL, -- the same for all versions
    shipped     INTEGER NOT NULL, -- 1: from this version on it is as shipped again
    subject     TEXT    NOT NULL,
    body_text   TEXT    NOT NULL,
    body_html   TEXT    NOT NULL,
    saved_at    INTEGER NOT NULL,
    saved_by    TEXT    NOT NULL,
    PRIMARY KEY (key, language, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE email_suppressions (
    id          INTEGER PRIMARY KEY,
    address     TEXT    NOT NULL,
    address_key TEXT    NOT NULL,
    reason      TEXT    NOT NULL CHECK (reason IN ('bounced', 'manual')),
    detail      TEXT    NOT NULL,
    email_id    INTEGER NOT NULL, -- the mail that came back; 0: none
    created_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX email_suppressions_address ON email_suppressions (address_key);

-- +goose Down
DROP TABLE email_suppressions;
DROP TABLE email_templates;
DROP TABLE emails;
