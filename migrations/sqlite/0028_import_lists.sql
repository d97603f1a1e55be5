-- +goose Up

-- What the list of imports is searched, filtered and sorted by. Names that are there already are folded roughly.
ALTER TABLE imports ADD COLUMN file_name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN owner_name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN row_count INTEGER NOT NULL DEFAULT 0; -- 0 = not known
ALTER TABLE imports ADD COLUMN created_count INTEGER NOT NULL DEFAULT 0; -- of the run, or before there was one of the check
ALTER TABLE imports ADD COLUMN updated_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN wrong_count INTEGER NOT NULL DEFAULT 0;
UPDATE imports SET file_name_key = lower(file_name), owner_name_key = lower(owner_name);
UPDATE imports
   SET row_count = COALESCE(json_extract(progress, '$.summary.rows'), 0),
       created_count = COALESCE(json_extract(progress, '$.summary.create'), 0),
       updated_count = COALESCE(json_extract(progress, '$.summary.update'), 0),
       wrong_count = COALESCE(json_extract(progress, '$.summary.wrong'), 0);
UPDATE imports
   SET row_count = COALESCE(json_extract(checked, '$.rows'), 0),
       created_count = COALESCE(json_extract(checked, '$.create'), 0),
       updated_count = COALESCE(json_extract(checked, '$.update'), 0),
       wrong_count = COALESCE(json_extract(checked, '$.wrong'), 0)
 WHERE checked <> '' AND (state = 'checked' OR COALESCE(json_extract(progress, '$.begun'), 0) = 0);

-- +goose Down
ALTER TABLE imports DROP COLUMN wrong_count;
ALTER TABLE imports DROP COLUMN updated_count;
ALTER TABLE imports DROP COLUMN created_count;
ALTER TABLE imports DROP COLUMN row_count;
ALTER TABLE imports DROP COLUMN owner_name_key;
ALTER TABLE imports DROP COLUMN file_name_key;
