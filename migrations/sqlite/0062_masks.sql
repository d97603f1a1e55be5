-- +goose Up

-- What a role hides, parted by blanks. Those that ship hide nothing.
ALTER TABLE roles ADD COLUMN masks TEXT NOT NULL DEFAULT '';

-- The API token that made a webhook; 0: none. What is hidden from its maker is not told to a webhook.
ALTER TABLE webhooks ADD COLUMN made_by_token INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE webhooks DROP COLUMN made_by_token;
ALTER TABLE roles DROP COLUMN masks;
