-- +goose Up
CREATE TABLE email_attachments (
    email_id     INTEGER NOT NULL,
    position     INTEGER NOT NULL, -- from 0
    name         TEXT    NOT NULL,
    content_type TEXT    NOT NULL,
    size         INTEGER NOT NULL, -- bytes
    file_id      INTEGER NOT NULL, -- of core/file; a mail that is sent again has the same
    PRIMARY KEY (email_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX email_attachments_file ON email_attachments (file_id);

-- +goose Down
DROP TABLE email_attachments;
