-- +goose Up
CREATE TABLE email_attachments (
    email_id     BIGINT  NOT NULL,
    position     BIGINT  NOT NULL, -- from 0
    name         TEXT COLLATE "C" NOT NULL,
    content_type TEXT COLLATE "C" NOT NULL,
    size         BIGINT  NOT NULL, -- bytes
    file_id      BIGINT  NOT NULL, -- of core/file; a mail that is sent again has the same
    PRIMARY KEY (email_id, position)
);
CREATE INDEX email_attachments_file ON email_attachments (file_id);

-- +goose Down
DROP TABLE email_attachments;
