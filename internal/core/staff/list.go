package staff

import (
	"context"
	"fmt"
	"log/slog"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/db"
	"tandem/internal/kit/list"
)

// lister declares the list of staff. There are few: it needs no indexes.
func lister(d *db.DB) *list.Engine {
	text := func(name, label, key string, width int) list.Field {
		return list.Field{Name: name, Label: label, Type: list.TypeText, Key: key, Sortable: true, Filter: true, Visible: true, Editable: true, Width: width}
	}
	choice := func(name, label, key string, choices ...list.Choice) list.Field {
		return list.Field{Name: name, Label: label, Type: list.TypeChoice, Key: key, Sortable: true, Filter: true, Visible: true, Editable: true, Width: 160, Choices: choices}
	}
	date := func(name, label, key string, shown bool) list.Field {
		return list.Field{Name: name, Label: label, Type: list.TypeDate, Key: key, Sortable: true, Filter: true, Visible: shown, Width: 170}
	}
	return list.NewEngine(d, slog.Default(), &list.Table{Name: "staff", From: "staff s", ID: "s.id", Default: "name", Unindexed: true, Keywords: []string{"name", "email"},
		Base: func(*list.Node) (string, bool) { return "s.removed_at = 0", true },
		Fields: []list.Field{
			text("name", "Name", "s.name_key", 220), text("email", "E-mail", "s.email_key", 260),
			choice("role", "First role", "s.role"), // no choices: the operator's own roles are among them
			{Name: "roles", Label: "Roles", Type: list.TypeText, Key: "s.roles", Filter: true, Width: 200},
			{Name: "reseller", Label: "Sees customers of", Type: list.TypeRef, Prefix: "cus", Key: "s.reseller_id", Filter: true, Visible: true, Width: 190},
			choice("status", "Status", "s.status", list.Choice{Value: string(StatusActive), Label: "Active"}, list.Choice{Value: string(StatusDisabled), Label: "Disabled"}),
			date("last_seen_at", "Last seen", fmt.Sprintf("CASE WHEN s.last_seen_at = 0 THEN CAST(%d AS BIGINT) ELSE s.last_seen_at END", int64(list.NoNumber)), true),
			date("created_at", "Created", "s.created_at", false), date("updated_at", "Changed", "s.updated_at", false),
		}}, nil)
}

// About tells the audit which resellers' staff rows are.
func About() audit.Customers { return audit.By(sqlAbout) }

// ListTable is the declaration of the list.
func (s *Service) ListTable() *list.Table { return s.lister.Table() }

// List is one page of those who were not removed.
func (s *Service) List(ctx context.Context, q list.Query) ([]Staff, list.Page, error) {
	if err := access.Require(ctx, access.StaffRead); err != nil {
		return nil, list.Page{}, err
	}
	q.Scope = scope(ctx)
	people, page, err := list.Rows(ctx, s.lister, q, columns, func(scan list.Scan) (Staff, error) {
		var r row
		err := scan(&r.ID, &r.Name, &r.Email, &r.Roles, &r.Reseller, &r.Status, &r.Epoch, &r.LastSeenAt, &r.CreatedAt, &r.UpdatedAt, &r.Version, &r.Above)
		return r.account().Staff, err
	})
	if err != nil {
		return nil, page, err
	}
	return people, page, s.notePasswords(ctx, people)
}
