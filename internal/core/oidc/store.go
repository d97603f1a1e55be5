package oidc

import (
	"context"
	"encoding/json"
	"fmt"

	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

const (
	sqlColumns = `SELECT id, name, issuer, client_id, data, enabled, created_at, updated_at, version FROM oidc_providers`
	sqlAll     = sqlColumns + ` ORDER BY name, id`
	sqlEnabled = sqlColumns + ` WHERE enabled = 1 ORDER BY name, id`
	sqlGet     = sqlColumns + ` WHERE id = $1`
	sqlSealed  = `SELECT secret FROM oidc_providers WHERE id = $1`
	sqlInsert  = `
		INSERT INTO oidc_providers (id, name, issuer, client_id, secret, data, enabled, created_at, updated_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 1)`
	sqlUpdate = `UPDATE oidc_providers SET name = $1, client_id = $2, data = $3, enabled = $4, updated_at = $5, version = version + 1 WHERE id = $6`
	sqlSecret = `UPDATE oidc_providers SET secret = $1 WHERE id = $2`
	sqlDelete = `DELETE FROM oidc_providers WHERE id = $1`

	sqlLinkColumns = `SELECT l.id, l.provider_id, p.name AS provider, l.subject, l.staff_id, l.email, l.created_at, l.last_used_at
		FROM oidc_links l JOIN oidc_providers p ON p.id = l.provider_id`
	sqlLinksOf    = sqlLinkColumns + ` WHERE l.staff_id = $1 ORDER BY l.created_at, l.id`
	sqlLinked     = sqlLinkColumns + ` WHERE l.issuer = $1 AND l.subject = $2`
	sqlLinkedWith = sqlLinkColumns + ` WHERE l.staff_id = $1 AND l.provider_id = $2`
	sqlInsertLink = `
		INSERT INTO oidc_links (id, provider_id, issuer, subject, staff_id, email, created_at, last_used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)`
	sqlUseLink   = `UPDATE oidc_links SET last_used_at = $1 WHERE id = $2`
	sqlDropLink  = `DELETE FROM oidc_links WHERE id = $1 AND staff_id = $2 RETURNING provider_id`
	sqlDropLinks = `DELETE FROM oidc_links WHERE provider_id = $1`
	sqlMoveLink  = `DELETE FROM oidc_links WHERE id = $1`
)

type row struct {
	ID        int64  `db:"id"`
	Name      string `db:"name"`
	Issuer    string `db:"issuer"`
	ClientID  string `db:"client_id"`
	Data      string `db:"data"`
	Enabled   int64  `db:"enabled"`
	CreatedAt int64  `db:"created_at"`
	UpdatedAt int64  `db:"updated_at"`
	Version   int64  `db:"version"`
}

func read(ctx context.Context, q db.Q, query string, args ...any) ([]Provider, error) {
	var rows []row
	if err := q.SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("read sign-in providers: %w", err)
	}
	out := make([]Provider, len(rows))
	for i, r := range rows {
		out[i] = defaults()
		if err := json.Unmarshal([]byte(r.Data), &out[i].Terms); err != nil {
			return nil, fmt.Errorf("read a sign-in provider: %w", err)
		}
		out[i].ID, out[i].Name, out[i].Issuer, out[i].ClientID, out[i].Enabled = r.ID, r.Name, r.Issuer, r.ClientID, r.Enabled == 1
		out[i].CreatedAt, out[i].UpdatedAt, out[i].Version = r.CreatedAt, r.UpdatedAt, r.Version
	}
	return out, nil
}

func one(ctx context.Context, q db.Q, lock string, providerID int64) (Provider, error) {
	found, err := read(ctx, q, sqlGet+lock, providerID)
	if err == nil && len(found) == 0 {
		err = errs.NotFound("sign-in provider")
	}
	if err != nil {
		return Provider{}, err
	}
	return found[0], nil
}

func (s *Service) insert(ctx context.Context, tx *db.Tx, p Provider, sealed []byte) error {
	data, err := json.Marshal(p.Terms)
	if err == nil {
		_, err = exec(ctx, tx, "add the provider", sqlInsert, p.ID, p.Name, p.Issuer, p.ClientID, sealed, string(data), db.Bit(p.Enabled), p.CreatedAt)
	}
	return err
}

func (s *Service) update(ctx context.Context, tx *db.Tx, p Provider) error {
	data, err := json.Marshal(p.Terms)
	if err == nil {
		_, err = exec(ctx, tx, "change the provider", sqlUpdate, p.Name, p.ClientID, string(data), db.Bit(p.Enabled), p.UpdatedAt, p.ID)
	}
	return err
}

// secretOf is the client secret of a provider.
func (s *Service) secretOf(ctx context.Context, providerID int64) (string, error) {
	var sealed []byte
	if err := s.DB.Read().GetContext(ctx, &sealed, sqlSealed, providerID); err != nil {
		return "", fmt.Errorf("read the provider's secret: %w", err)
	}
	word, err := s.Box.Open(purpose(providerID), sealed)
	if err != nil {
		return "", fmt.Errorf("read the provider's secret: %w", err)
	}
	return word, nil
}

// Link is a person of a provider's who is a staff user here.
type Link struct {
	ID         int64  `db:"id"`
	ProviderID int64  `db:"provider_id"`
	Provider   string `db:"provider"` // its name
	Subject    string `db:"subject"`
	StaffID    int64  `db:"staff_id"`
	Email      string `db:"email"`
	CreatedAt  int64  `db:"created_at"`
	LastUsedAt int64  `db:"last_used_at"`
}

func links(ctx context.Context, q db.Q, query string, args ...any) ([]Link, error) {
	var out []Link
	if err := q.SelectContext(ctx, &out, query, args...); err != nil {
		return nil, fmt.Errorf("read links to sign-in providers: %w", err)
	}
	return out, nil
}

func exec(ctx context.Context, tx *db.Tx, what, query string, args ...any) (int64, error) {
	result, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	return n, nil
}
