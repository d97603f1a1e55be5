package brand

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tandem/internal/kit/db"
)

const (
	columns = `id, reseller_id, name, color, domain, support_email, support_phone, website, imprint_url, privacy_url, version`

	sqlGet      = `SELECT ` + columns + ` FROM brands WHERE reseller_id = $1`
	sqlByDomain = `SELECT ` + columns + ` FROM brands WHERE domain = $1`
	sqlSome     = `SELECT ` + columns + ` FROM brands WHERE reseller_id IN (%s)`
	// So that there is something to lock.
	sqlFirst = `
		INSERT INTO brands (id, reseller_id, name, color, domain, support_email, support_phone, website, imprint_url, privacy_url, updated_at, version)
		VALUES ($1, $2, '', '', '', '', '', '', '', '', $3, 1) ON CONFLICT (reseller_id) DO NOTHING`
	sqlUpdate = `
		UPDATE brands SET name = $1, color = $2, domain = $3, support_email = $4, support_phone = $5, website = $6, imprint_url = $7, privacy_url = $8,
		       updated_at = $9, version = $10
		 WHERE id = $11`

	sqlLogos   = `SELECT brand_id, scheme, digest, content_type, width, height FROM brand_logos WHERE brand_id IN (%s)`
	sqlPicture = `SELECT content_type, data FROM brand_logos WHERE digest = $1 LIMIT 1`
	sqlKeep    = `
		INSERT INTO brand_logos (brand_id, scheme, digest, content_type, width, height, data) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (brand_id, scheme) DO UPDATE SET digest = excluded.digest, content_type = excluded.content_type, width = excluded.width,
		                                             height = excluded.height, data = excluded.data`
	sqlDrop = `DELETE FROM brand_logos WHERE brand_id = $1 AND scheme = $2`
)

type row struct {
	ID           int64  `db:"id"`
	Reseller     int64  `db:"reseller_id"`
	Name         string `db:"name"`
	Color        string `db:"color"`
	Domain       string `db:"domain"`
	SupportEmail string `db:"support_email"`
	SupportPhone string `db:"support_phone"`
	Website      string `db:"website"`
	ImprintURL   string `db:"imprint_url"`
	PrivacyURL   string `db:"privacy_url"`
	Version      int64  `db:"version"`
}

func (r row) brand() Brand {
	return Brand{ID: r.ID, Reseller: r.Reseller, Version: r.Version, Logos: map[Scheme]Logo{}, Look: Look{Name: r.Name, Color: r.Color, Domain: r.Domain,
		SupportEmail: r.SupportEmail, SupportPhone: r.SupportPhone, Website: r.Website, ImprintURL: r.ImprintURL, PrivacyURL: r.PrivacyURL}}
}

type logoRow struct {
	Brand  int64  `db:"brand_id"`
	Scheme string `db:"scheme"`
	Digest string `db:"digest"`
	Type   string `db:"content_type"`
	Width  int    `db:"width"`
	Height int    `db:"height"`
}

// one is a brand by a statement that finds at most one; false when there is none.
func one(ctx context.Context, q db.Q, statement string, arg any) (Brand, bool, error) {
	var r row
	err := q.GetContext(ctx, &r, statement, arg)
	if errors.Is(err, sql.ErrNoRows) {
		return Brand{}, false, nil
	}
	if err != nil {
		return Brand{}, false, fmt.Errorf("read a brand: %w", err)
	}
	out := []Brand{r.brand()}
	return out[0], true, addLogos(ctx, q, out)
}

// some is the brands of these resellers, in no order; Operator counts as one.
func some(ctx context.Context, q db.Q, resellers []int64) ([]Brand, error) {
	var rows []row
	if err := q.SelectContext(ctx, &rows, fmt.Sprintf(sqlSome, db.IDList(resellers))); err != nil {
		return nil, fmt.Errorf("read brands: %w", err)
	}
	out := make([]Brand, len(rows))
	for i, r := range rows {
		out[i] = r.brand()
	}
	return out, addLogos(ctx, q, out)
}

func addLogos(ctx context.Context, q db.Q, brands []Brand) error {
	ids := make([]int64, len(brands))
	at := map[int64]int{}
	for i, b := range brands {
		ids[i], at[b.ID] = b.ID, i
	}
	var rows []logoRow
	if len(ids) == 0 {
		return nil
	}
	if err := q.SelectContext(ctx, &rows, fmt.Sprintf(sqlLogos, db.IDList(ids))); err != nil {
		return fmt.Errorf("read logos: %w", err)
	}
	for _, r := range rows {
		brands[at[r.Brand]].Logos[Scheme(r.Scheme)] = Logo{Digest: r.Digest, Type: r.Type, Width: r.Width, Height: r.Height}
	}
	return nil
}

// picture is the bytes of a logo.
func picture(ctx context.Context, q db.Q, digest string) (contentType string, data []byte, err error) {
	err = q.QueryRowContext(ctx, sqlPicture, digest).Scan(&contentType, &data)
	return contentType, data, err
}
