package notify

import (
	"context"
	"fmt"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/kit/list"
)

// table declares the list of mails. It is walked from its newest end; filters on other fields read what is kept, a year.
func table() *list.Table {
	text := func(name, label, key string, width int) list.Field {
		return list.Field{Name: name, Label: label, Type: list.TypeText, Key: key, Sortable: true, Filter: true, Visible: true, Width: width}
	}
	date := func(name, label, key string) list.Field {
		return list.Field{Name: name, Label: label, Type: list.TypeDate, Key: key, Sortable: true, Filter: true, Visible: true, Width: 170}
	}
	choice := func(name, label, key string, width int, choices []list.Choice) list.Field {
		return list.Field{Name: name, Label: label, Type: list.TypeChoice, Key: key, Sortable: true, Filter: true, Visible: true, Width: width, Choices: choices}
	}
	labels := map[string]string{KeyStaffInvitation: "Invitation of staff", KeyStaffPasswordReset: "New password for staff",
		KeyStaffPasswordChanged: "Password of staff changed", KeyCustomerMessage: "Message to a customer"}
	var states, keys []list.Choice
	ways := []list.Choice{{Value: string(ChannelEmail), Label: "E-mail"}, {Value: string(ChannelSMS), Label: "SMS"}}
	for _, s := range States() {
		states = append(states, list.Choice{Value: string(s), Label: string(s)})
	}
	for _, k := range Kinds() {
		keys = append(keys, list.Choice{Value: k.Key, Label: labels[k.Key]})
	}
	sent := fmt.Sprintf("CASE WHEN e.sent_at = 0 THEN CAST(%d AS BIGINT) ELSE e.sent_at END", int64(list.NoNumber))
	return &list.Table{Name: "emails", From: "emails e", ID: "e.id", Default: "-created_at", Unindexed: true, Keywords: []string{"subject", "to"}, Scopes: []list.Field{
		{Name: customer.ScopeWithin, Type: list.TypeMultiRef, Members: &list.Members{Table: "customer_ancestors", Row: "customer_id", Ref: "ancestor_id", Of: "e.customer_id", List: sqlWithin}},
		{Name: customer.ScopeSelf, Type: list.TypeRef, Key: "e.customer_id", Sortable: true},
	}, Fields: []list.Field{
		date("created_at", "Created", "e.created_at"), text("subject", "Subject", "e.subject_key", 320), text("to", "To", "e.to_key", 240),
		choice("channel", "Way", "e.channel", 100, ways), choice("state", "State", "e.state", 120, states), date("sent_at", "Sent", sent), choice("template", "Message", "e.template_key", 200, keys),
		{Name: "attempts", Label: "Attempts", Type: list.TypeInt, Key: "e.attempts", Sortable: true, Filter: true, Width: 100, Right: true},
		{Name: "customer", Label: "Customer", Type: list.TypeRef, Prefix: "cus", Key: "e.customer_id", Filter: true, Width: 170},
		{Name: "staff", Label: "Staff user", Type: list.TypeRef, Prefix: "stf", Key: "e.staff_id", Filter: true, Width: 170},
	}}
}

// About tells the audit which customers mails are to.
func About() audit.Customers { return audit.By(sqlAbout) }

// textsHidden tells whether texts are hidden from the caller: they go to numbers that are.
func textsHidden(ctx context.Context) bool { return access.Hidden(ctx, "mobile") }

// scopeOf is what the caller's place, and what is hidden from them, put on the list.
func scopeOf(ctx context.Context) *list.Scope {
	place := customer.ScopeOf(ctx)
	switch {
	case !textsHidden(ctx):
		return place
	case place == nil:
		return &list.Scope{SQL: sqlNoTexts, Args: []any{string(ChannelSMS)}}
	case place.Field == customer.ScopeWithin:
		return &list.Scope{SQL: sqlNoTextsWithin, Args: []any{string(ChannelSMS), place.Keys[0]}}
	}
	return &list.Scope{SQL: sqlNoTextsOf, Args: []any{string(ChannelSMS), place.Keys[0]}}
}

// ListTable is the declaration of the list of mails.
func (s *Service) ListTable() *list.Table { return s.engine.Table() }

// List is one page of mails, without their bodies.
func (s *Service) List(ctx context.Context, q list.Query) ([]Email, list.Page, error) {
	if err := access.Require(ctx, access.EmailRead); err != nil {
		return nil, list.Page{}, err
	}
	q.Scope = scopeOf(ctx)
	return list.Rows(ctx, s.engine, q, shownColumns, func(scan list.Scan) (Email, error) { return scanned(scan) })
}
