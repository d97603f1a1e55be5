package notify

import (
	"context"
	"fmt"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
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
	return &list.Table{Name: "emails", From: "emails e", ID: "e.id", Default: "-created_at", Unindexed: true, Keywords: []string{"subject", "to"}, Fields: []list.Field{
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

// ListTable is the declaration of the list of mails.
func (s *Service) ListTable() *list.Table { return s.engine.Table() }

// List is one page of mails, without their bodies.
func (s *Service) List(ctx context.Context, q list.Query) ([]Email, list.Page, error) {
	if err := access.Require(ctx, access.EmailRead); err != nil {
		return nil, list.Page{}, err
	}
	if textsHidden(ctx) {
		q.Scope = &list.Scope{SQL: "e.channel <> ?", Args: []any{string(ChannelSMS)}}
	}
	return list.Rows(ctx, s.engine, q, shownColumns, func(scan list.Scan) (Email, error) { return scanned(scan) })
}
