-- +goose Up
-- The search tells keywords from other texts, and closed customers from the rest: it is made anew when Tandem starts.
TRUNCATE customer_search;
-- What is found is looked up here only for its ID: apart from the pieces, the rows of thousands of IDs stand on a few
-- pages instead of one each.
ALTER TABLE customer_search SET (toast_tuple_target = 128);
ALTER TABLE customer_search ALTER COLUMN pieces SET STORAGE EXTERNAL;

-- +goose Down
ALTER TABLE customer_search ALTER COLUMN pieces SET STORAGE EXTENDED;
ALTER TABLE customer_search RESET (toast_tuple_target);
