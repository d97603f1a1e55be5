package webhook

import (
	"context"
	"fmt"

	"tandem/internal/core/access"
	"tandem/internal/core/event"
	"tandem/internal/kit/list"
)

// table declares the list of webhooks. There are few.
func table() *list.Table {
	text := func(name, label, key string, width int) list.Field {
		return list.Field{Name: name, Label: label, Type: list.TypeText, Key: key, Sortable: true, Filter: true, Visible: true, Width: width}
	}
	date := func(name, label, key string) list.Field {
		return list.Field{Name: name, Label: label, Type: list.TypeDate, Key: key, Sortable: true, Filter: true, Visible: true, Width: 170}
	}
	var states []list.Choice
	for _, s := range States() {
		states = append(states, list.Choice{Value: string(s), Label: string(s)})
	}
	failing := fmt.Sprintf("CASE WHEN w.failing_since = 0 THEN CAST(%d AS BIGINT) ELSE w.failing_since END", int64(list.NoNumber))
	return &list.Table{Name: Table, From: "webhooks w", ID: "w.id", Default: "-created_at", Unindexed: true, Keywords: []string{"url", "description"},
		Base: func(*list.Node) (string, bool) { return "w.state <> 'removed'", true },
		Fields: []list.Field{
			text("url", "Address", "w.url_key", 340), text("description", "Description", "w.description_key", 220),
			{Name: "state", Label: "State", Type: list.TypeChoice, Key: "w.state", Sortable: true, Filter: true, Visible: true, Width: 120, Choices: states},
			date("failing_since", "Failing since", failing), date("created_at", "Created", "w.created_at"),
		}}
}

// deliveryTable declares the list of deliveries of one webhook: by the time they were made, of a month at most.
func deliveryTable() *list.Table {
	choice := func(name, label, key string, width int, choices []list.Choice) list.Field {
		return list.Field{Name: name, Label: label, Type: list.TypeChoice, Key: key, Sortable: true, Filter: true, Visible: true, Width: width, Choices: choices}
	}
	number := func(name, label, key string, width int) list.Field {
		return list.Field{Name: name, Label: label, Type: list.TypeInt, Key: key, Sortable: true, Filter: true, Visible: true, Width: width, Right: true}
	}
	var states, types []list.Choice
	for _, s := range DeliveryStates() {
		states = append(states, list.Choice{Value: string(s), Label: string(s)})
	}
	for _, t := range event.Types() {
		types = append(types, list.Choice{Value: t.Name, Label: t.Name})
	}
	types = append(types, list.Choice{Value: event.Test, Label: event.Test})
	return &list.Table{Name: "webhook_deliveries", From: "webhook_deliveries d", ID: "d.id", Default: "-created_at", Unindexed: true, Fields: []list.Field{
		{Name: "created_at", Label: "Created", Type: list.TypeDate, Key: "d.created_at", Sortable: true, Filter: true, Visible: true, Width: 190},
		choice("type", "Event", "d.type", 190, types), choice("state", "State", "d.state", 130, states), number("status", "Answer", "d.status", 100),
		number("attempts", "Attempts", "d.attempts", 110),
		{Name: "row_id", Label: "Row", Type: list.TypeText, Key: "d.row_ref", Sortable: true, Filter: true, Visible: true, Width: 190},
	}}
}

// ListTable is the declaration of the list of webhooks.
func (s *Service) ListTable() *list.Table { return s.engine.Table() }

// DeliveryTable is the declaration of the list of deliveries.
func (s *Service) DeliveryTable() *list.Table { return s.sent.Table() }

// List is one page of webhooks.
func (s *Service) List(ctx context.Context, q list.Query) ([]Webhook, list.Page, error) {
	if err := access.Require(ctx, access.WebhookRead); err != nil {
		return nil, list.Page{}, err
	}
	return list.Rows(ctx, s.engine, q, columns, func(next list.Scan) (Webhook, error) {
		w, err := scanned(next)
		return s.masked(ctx, w), err
	})
}

// Deliveries is one page of the deliveries of a webhook.
func (s *Service) Deliveries(ctx context.Context, webhookID int64, q list.Query) ([]Delivery, list.Page, error) {
	if err := access.Require(ctx, access.WebhookRead); err != nil {
		return nil, list.Page{}, err
	}
	if _, err := get(ctx, s.DB.Read(), webhookID, ""); err != nil {
		return nil, list.Page{}, err
	}
	q.Scope = &list.Scope{SQL: "d.webhook_id = ?", Args: []any{webhookID}}
	return list.Rows(ctx, s.sent, q, deliveryColumns, scannedDelivery)
}
