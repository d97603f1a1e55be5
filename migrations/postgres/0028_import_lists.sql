-- +goose Up

-- What the list of imports is searched, filtered and sorted by. Names that are there already are folded roughly.
ALTER TABLE imports ADD COLUMN file_name_key TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN owner_name_key TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN row_count BIGINT NOT NULL DEFAULT 0; -- 0 = not known
ALTER TABLE imports ADD COLUMN created_count BIGINT NOT NULL DEFAULT 0; -- of the run, or before there was one of the check
ALTER TABLE imports ADD COLUMN updated_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN wrong_count BIGINT NOT NULL DEFAULT 0;
UPDATE imports SET file_name_key = lower(file_name), owner_name_key = lower(owner_name);
UPDATE imports
   SET row_count = COALESCE((progress::json -> 'summary' ->> 'rows')::BIGINT, 0),
       created_count = COALESCE((progress::json -> 'summary' ->> 'create')::BIGINT, 0),
       updated_count = COALESCE((progress::json -> 'summary' ->> 'update')::BIGINT, 0),
       wrong_count = COALESCE((progress::json -> 'summary' ->> 'wrong')::BIGINT, 0);
UPDATE imports
   SET row_count = COALESCE((checked::json ->> 'rows')::BIGINT, 0),
       created_count = COALESCE((checked::json ->> 'create')::BIGINT, 0),
       updated_count = COALESCE((checked::json ->> 'update')::BIGINT, 0),
       wrong_count = COALESCE((checked::json ->> 'wrong')::BIGINT, 0)
 WHERE checked <> '' AND (state = 'checked' OR COALESCE((progress::json ->> 'begun')::BOOLEAN, FALSE) = FALSE);

-- +goose Down
ALTER TABLE imports DROP COLUMN wrong_count;
ALTER TABLE imports DROP COLUMN updated_count;
ALTER TABLE imports DROP COLUMN created_count;
ALTER TABLE imports DROP COLUMN row_count;
ALTER TABLE imports DROP COLUMN owner_name_key;
ALTER TABLE imports DROP COLUMN file_name_key;
