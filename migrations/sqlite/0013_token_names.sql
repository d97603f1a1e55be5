-- +goose Up

-- The folded name, by which tokens are found and sorted. Those that are there already are folded roughly.
ALTER TABLE api_tokens ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
UPDATE api_tokens SET name_key = lower(name);

-- +goose Down
ALTER TABLE api_tokens DROP COLUMN name_key;
