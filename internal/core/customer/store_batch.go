package customer

const (
	sqlDropOpenings = `DELETE FROM customer_openings WHERE customer_id IN `

	sqlResellers = `
		SELECT id, name FROM customers
		 WHERE kind = 'reseller' AND closed = 0 AND (customer_id = $1 OR reference_key = $2 OR name_key = $2)
		 LIMIT 3`
)
