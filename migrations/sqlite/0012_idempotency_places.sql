-- +goose Up

-- What the request made, so that its answer can be made anew when it was lost; '' and 0 when it made no single thing.
ALTER TABLE idempotency_keys ADD COLUMN made_table TEXT NOT NULL DEFAULT '';
ALTER TABLE idempotency_keys ADD COLUMN made_row INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE idempotency_keys DROP COLUMN made_row;
ALTER TABLE idempotency_keys DROP COLUMN made_table;
