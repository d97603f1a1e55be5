-- +goose Up
ALTER TABLE contacts ADD COLUMN language TEXT COLLATE "C" NOT NULL DEFAULT ''; -- of the portal and of mails; empty: the customer's

-- +goose Down
ALTER TABLE contacts DROP COLUMN language;
