-- +goose Up
-- The search tells keywords from other texts, and closed customers from the rest: it is made anew when Tandem starts.
TRUNCATE customer_search;

-- +goose Down
SELECT 1;
