-- +goose Up
-- Whose part of the customers a delayed save is about, and who sees it.
ALTER TABLE scheduled_changes ADD COLUMN customer_id INTEGER NOT NULL DEFAULT 0; -- in whose subtree it stands; 0 = in nobody's
ALTER TABLE scheduled_changes ADD COLUMN own INTEGER NOT NULL DEFAULT 0 CHECK (own IN (0, 1)); -- 1 = shown to the requester alone
ALTER TABLE scheduled_changes ADD COLUMN requester_root INTEGER NOT NULL DEFAULT 0; -- the reseller whose customers the requester sees; 0 = all
UPDATE scheduled_changes SET customer_id = row_id WHERE resource = 'customers';

-- +goose Down
ALTER TABLE scheduled_changes DROP COLUMN requester_root;
ALTER TABLE scheduled_changes DROP COLUMN own;
ALTER TABLE scheduled_changes DROP COLUMN customer_id;
