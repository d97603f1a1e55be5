-- +goose Up
-- The event stream tells a person's other windows what was read a moment ago.
CREATE INDEX notices_read ON notices (read_at) WHERE read_at > 0;

-- +goose Down
DROP INDEX notices_read;
