package customer

const (
	sqlWithin = `SELECT customer_id FROM customer_ancestors WHERE ancestor_id = $1 AND customer_id IN (%s)`
	sqlWayUp  = `SELECT customer_id, ancestor_id FROM customer_ancestors WHERE customer_id IN (%s)`
	sqlHold   = `SELECT id FROM customers WHERE id IN (%s) ORDER BY id`
	// Whoever stands higher has fewer above.
	sqlAbove = `
		SELECT a.ancestor_id FROM customer_ancestors a JOIN customers k ON k.id = a.ancestor_id
		 WHERE a.customer_id = $1 AND k.closed = 0
		 ORDER BY (SELECT COUNT(*) FROM customer_ancestors d WHERE d.customer_id = a.ancestor_id) DESC`
	// Everybody below, and the customer itself when it is a reseller, loses who stood above.
	sqlUproot = `
		DELETE FROM customer_ancestors
		 WHERE customer_id IN (SELECT b.customer_id FROM customer_ancestors b WHERE b.ancestor_id = $1)
		   AND ancestor_id IN (SELECT a.ancestor_id FROM customer_ancestors a WHERE a.customer_id = $1 AND a.ancestor_id <> $1)`
	sqlUprootLeaf = `DELETE FROM customer_ancestors WHERE customer_id = $1 AND ancestor_id <> $1`
	sqlGraft      = `
		INSERT INTO customer_ancestors (customer_id, ancestor_id)
		SELECT b.customer_id, a.ancestor_id FROM customer_ancestors b CROSS JOIN customer_ancestors a WHERE b.ancestor_id = $1 AND a.customer_id = $2
		ON CONFLICT (ancestor_id, customer_id) DO NOTHING`
	sqlGraftLeaf = `
		INSERT INTO customer_ancestors (customer_id, ancestor_id)
		SELECT CAST($1 AS BIGINT), a.ancestor_id FROM customer_ancestors a WHERE a.customer_id = $2
		ON CONFLICT (ancestor_id, customer_id) DO NOTHING`
	// What the tree should hold and does not, and the other way round.
	sqlWrongTree = `
		WITH RECURSIVE up (customer_id, ancestor_id) AS (
		    SELECT id, id FROM customers WHERE kind = 'reseller'
		    UNION
		    SELECT id, reseller_id FROM customers WHERE reseller_id <> 0
		    UNION
		    SELECT up.customer_id, c.reseller_id FROM up JOIN customers c ON c.id = up.ancestor_id WHERE c.reseller_id <> 0
		)
		SELECT 'missing', CAST(COUNT(*) AS TEXT) FROM (SELECT customer_id, ancestor_id FROM up EXCEPT SELECT customer_id, ancestor_id FROM customer_ancestors) AS m HAVING COUNT(*) > 0
		UNION ALL
		SELECT 'too many', CAST(COUNT(*) AS TEXT) FROM (SELECT customer_id, ancestor_id FROM customer_ancestors EXCEPT SELECT customer_id, ancestor_id FROM up) AS m HAVING COUNT(*) > 0`
)
