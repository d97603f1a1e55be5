-- +goose Up

-- Every reseller above a customer; a reseller stands above itself, so that its own record is of its subtree.
CREATE TABLE customer_ancestors (
    customer_id BIGINT NOT NULL REFERENCES customers (id),
    ancestor_id BIGINT NOT NULL REFERENCES customers (id),
    PRIMARY KEY (ancestor_id, customer_id)
);
CREATE INDEX customer_ancestors_customer ON customer_ancestors (customer_id, ancestor_id);
INSERT INTO customer_ancestors (customer_id, ancestor_id)
WITH RECURSIVE up (customer_id, ancestor_id) AS (
    SELECT id, reseller_id FROM customers WHERE reseller_id <> 0
    UNION
    SELECT up.customer_id, c.reseller_id FROM up JOIN customers c ON c.id = up.ancestor_id WHERE c.reseller_id <> 0
)
SELECT customer_id, ancestor_id FROM up
UNION
SELECT id, id FROM customers WHERE kind = 'reseller';

-- The reseller whose subtree a person or machine sees; 0: everything.
ALTER TABLE staff ADD COLUMN reseller_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE api_tokens ADD COLUMN reseller_id BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE api_tokens DROP COLUMN reseller_id;
ALTER TABLE staff DROP COLUMN reseller_id;
DROP TABLE customer_ancestors;
