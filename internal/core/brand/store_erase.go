package brand

const (
	sqlIDOf = `SELECT id FROM brands WHERE reseller_id = $1`

	sqlTelling      = `(name <> '' OR color <> '' OR domain <> '' OR support_email <> '' OR support_phone <> '' OR website <> '' OR imprint_url <> '' OR privacy_url <> '')`
	sqlCountTelling = `SELECT COUNT(*) FROM brands b WHERE id IN (%s) AND (` + sqlTelling + ` OR EXISTS (SELECT 1 FROM brand_logos l WHERE l.brand_id = b.id))`
	sqlEmpty        = `
		UPDATE brands SET name = '', color = '', domain = '', support_email = '', support_phone = '', website = '', imprint_url = '', privacy_url = '',
		       updated_at = $1, version = version + 1
		 WHERE id IN (%s) AND ` + sqlTelling
	sqlDropLogos = `DELETE FROM brand_logos WHERE brand_id IN (%s)`
)
