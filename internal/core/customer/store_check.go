package customer

const (
	sqlCountRows   = `SELECT COUNT(*) FROM customers`
	sqlCountSearch = `SELECT COUNT(*) FROM customer_search`
	sqlNumbers     = `SELECT customer_id FROM customers`
	sqlWrongClosed = `
		SELECT customer_id, status FROM customers
		 WHERE (closed = 1) <> (status = 'closed') OR (closed = 1) <> (closed_at <> 0)`
	sqlWrongTotals = `
		SELECT kind, 'the totals say ' || CAST(SUM(told) AS TEXT) || ', there are ' || CAST(SUM(there) AS TEXT)
		  FROM (SELECT kind, closed, n AS told, 0 AS there FROM customer_totals
		        UNION ALL
		        SELECT kind, closed, 0, COUNT(*) FROM customers GROUP BY kind, closed) AS both_sides
		 GROUP BY kind, closed HAVING SUM(told) <> SUM(there)`
)
