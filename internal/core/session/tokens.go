package session

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"tandem/internal/core/access"
	"tandem/internal/core/staff"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// tokenLister declares the list of tokens. There are few: it needs no indexes.
func tokenLister(d *db.DB) *list.Engine {
	date := func(name, label, column string, shown bool) list.Field {
		key := fmt.Sprintf("CASE WHEN t.%s = 0 THEN CAST(%d AS BIGINT) ELSE t.%s END", column, int64(list.NoNumber), column)
		return list.Field{Name: name, Label: label, Type: list.TypeDate, Key: key, Sortable: true, Filter: true, Visible: shown, Width: 170}
	}
	return list.NewEngine(d, slog.Default(), &list.Table{Name: "api_tokens", From: "api_tokens t", ID: "t.id", Default: "-created_at", Unindexed: true, Keywords: []string{"name", "hint"},
		Base: func(*list.Node) (string, bool) { return "t.revoked_at = 0", true },
		Fields: []list.Field{
			{Name: "name", Label: "Name", Type: list.TypeText, Key: "t.name_key", Sortable: true, Filter: true, Visible: true, Width: 240},
			{Name: "role", Label: "Role", Type: list.TypeChoice, Key: "t.role", Sortable: true, Filter: true, Visible: true, Width: 160},
			{Name: "hint", Label: "Ends with", Type: list.TypeText, Key: "lower(t.hint)", Filter: true, Visible: true, Width: 110},
			{Name: "created_by", Label: "Created by", Type: list.TypeRef, Prefix: staff.Prefix, Key: "t.created_by", Filter: true, Width: 170},
			{Name: "reseller", Label: "Sees customers of", Type: list.TypeRef, Prefix: "cus", Key: "t.reseller_id", Filter: true, Width: 190},
			date("created_at", "Created", "created_at", true), date("expires_at", "Expires", "expires_at", true), date("last_used_at", "Last used", "last_used_at", true),
		}}, nil)
}

// TokenTable is the declaration of the list of tokens.
func (s *Service) TokenTable() *list.Table { return s.tokens.Table() }

// Tokens is one page of the tokens that were not revoked.
func (s *Service) Tokens(ctx context.Context, q list.Query) ([]Token, list.Page, error) {
	if err := access.Require(ctx, access.TokenRead); err != nil {
		return nil, list.Page{}, err
	}
	return list.Rows(ctx, s.tokens, q, tokenColumns, func(scan list.Scan) (Token, error) {
		var r tokenRow
		if err := scan(&r.ID, &r.Name, &r.Role, &r.Scopes, &r.Hint, &r.CreatedBy, &r.CreatedAt, &r.ExpiresAt, &r.RevokedAt, &r.LastUsedAt, &r.Reseller, &r.Above); err != nil {
			return Token{}, err
		}
		return r.token()
	})
}

// TokensHaving tells which tokens have a role, for whoever would remove it.
func TokensHaving(ctx context.Context, q db.Q, key access.Role) ([]errs.Blocker, error) {
	var rows []tokenRow
	if err := q.SelectContext(ctx, &rows, sqlTokensOf, string(key)); err != nil {
		return nil, fmt.Errorf("look for tokens with a role: %w", err)
	}
	out := make([]errs.Blocker, len(rows))
	for i, r := range rows {
		out[i] = errs.Blocker{Type: "token", ID: id.Format(TokenPrefix, r.ID), Name: r.Name}
	}
	return out, nil
}

// TokensKeptTo tells which tokens are kept to the subtrees of resellers, for whoever would close them.
func TokensKeptTo(ctx context.Context, q db.Q, resellers []int64) (map[int64][]errs.Blocker, error) {
	var rows []tokenRow
	if err := q.SelectContext(ctx, &rows, sqlTokensKept); err != nil {
		return nil, fmt.Errorf("look for tokens of resellers: %w", err)
	}
	out := map[int64][]errs.Blocker{}
	for _, r := range rows {
		if slices.Contains(resellers, r.Reseller) {
			out[r.Reseller] = append(out[r.Reseller], errs.Blocker{Type: "token", ID: id.Format(TokenPrefix, r.ID), Name: r.Name})
		}
	}
	return out, nil
}
