package rest

import (
	"context"
	"net/http"
	"time"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/core/event"
	"tandem/internal/core/schedule"
	"tandem/internal/core/webhook"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
	"tandem/internal/kit/outbox"
)

const webhookTag = "Webhooks"

// WebhookBody is a webhook, as it is read.
type WebhookBody struct {
	ID           string     `json:"id"`
	URL          string     `json:"url"`
	Description  string     `json:"description"`
	Events       []string   `json:"events"`
	Filter       string     `json:"filter" doc:"of customers, in the language of lists; empty: all"`
	Masked       bool       `json:"masked,omitempty" doc:"it filters by what is hidden from the caller, and the filter is left out"`
	State        string     `json:"state" doc:"active, paused or disabled"`
	Reason       string     `json:"disabled_reason,omitempty" doc:"failures: it failed for five days; gone: it answered 410"`
	FailingSince *time.Time `json:"failing_since" doc:"null: the last delivery went well"`
	OldSecret    *time.Time `json:"old_secret_until,omitempty" doc:"until when the secret before signs, too"`
	Waiting      *int64     `json:"waiting,omitempty" doc:"on a single webhook: deliveries that wait"`
	Failed       *int64     `json:"failed,omitempty" doc:"on a single webhook: deliveries that failed"`
	CreatedAt    time.Time  `json:"created_at"`
	UpdatedAt    time.Time  `json:"updated_at"`
	Version      int64      `json:"version"`
}

// NewWebhookBody is a webhook with the secret that is shown once.
type NewWebhookBody struct {
	WebhookBody
	Secret string `json:"secret,omitempty" doc:"whsec_...: what messages are signed with. It is not shown again."`
}

func webhookBody(w webhook.Webhook) WebhookBody {
	return WebhookBody{ID: id.Format(webhook.Prefix, w.ID), URL: w.URL, Description: w.Description, Events: w.Events, Filter: w.Filter, Masked: w.Masked, State: string(w.State),
		Reason: string(w.Reason), FailingSince: timeOrNil(w.FailingSince), OldSecret: timeOrNil(w.OldUntil), CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt, Version: w.Version}
}

// WebhookPatch is a webhook as it is written: a merge patch, in which a field that is left out stays.
type WebhookPatch struct {
	URL         Opt[string]   `json:"url,omitzero" doc:"https://..., of a public address"`
	Description Opt[string]   `json:"description,omitzero"`
	Events      Opt[[]string] `json:"events,omitzero" doc:"names of GET /events/types, customer.*, or *"`
	Filter      Opt[string]   `json:"filter,omitzero" doc:"JSON, as in lists of customers: events of customers that it does not let through are not told"`
	State       Opt[string]   `json:"state,omitzero" doc:"active or paused; while it is paused, events wait"`
}

func (p *WebhookPatch) over(in *webhook.Input) {
	set(&in.URL, p.URL)
	set(&in.Description, p.Description)
	set(&in.Events, p.Events)
	set(&in.Filter, p.Filter)
	if p.State.Set {
		in.State = webhook.State(p.State.Value)
	}
}

func set[T any](to *T, o Opt[T]) {
	if o.Set {
		*to = o.Value
	}
}

// WebhookPath is the path parameter of one webhook.
type WebhookPath struct {
	ID string `path:"id"`
}

func (p WebhookPath) parse() (int64, error) { return pathID(webhook.Prefix, "webhook", p.ID) }

// DeliveryBody is a delivery, as lists show it.
type DeliveryBody struct {
	ID         string     `json:"id"`
	Webhook    string     `json:"webhook"`
	Event      string     `json:"event" doc:"ID of the event, which is the webhook-id of the message"`
	Type       string     `json:"type"`
	Resource   string     `json:"resource"`
	RowID      string     `json:"row_id"`
	State      string     `json:"state" doc:"waiting, sending, delivered or failed"`
	Attempts   int64      `json:"attempts"`
	NextAt     *time.Time `json:"next_attempt_at"`
	Status     int64      `json:"status" doc:"of the last answer; 0: there was none"`
	LastError  string     `json:"last_error"`
	CreatedAt  time.Time  `json:"created_at"`
	FinishedAt *time.Time `json:"finished_at"`
}

func deliveryBody(d webhook.Delivery) DeliveryBody {
	return DeliveryBody{ID: id.Format(webhook.DeliveryPrefix, d.ID), Webhook: id.Format(webhook.Prefix, d.WebhookID), Event: id.Format(outbox.Prefix, d.EventID), Type: d.Type,
		Resource: d.Resource, RowID: d.RowRef, State: string(d.State), Attempts: d.Attempts, NextAt: timeOrNil(d.NextAt), Status: d.Status, LastError: d.LastError,
		CreatedAt: d.CreatedAt, FinishedAt: timeOrNil(d.FinishedAt)}
}

// AttemptBody is one attempt, with what was answered.
type AttemptBody struct {
	Number          int64             `json:"number"`
	At              time.Time         `json:"at"`
	Milliseconds    int64             `json:"milliseconds"`
	Status          int64             `json:"status" doc:"0: there was no answer"`
	Error           string            `json:"error"`
	RequestHeaders  map[string]string `json:"request_headers"`
	ResponseHeaders map[string]string `json:"response_headers"`
	ResponseBody    string            `json:"response_body" doc:"64 KiB at most; what is no UTF-8 is replaced"`
	Cut             bool              `json:"response_cut" doc:"the answer was longer"`
}

// WholeDeliveryBody is a delivery with what was sent and every attempt.
type WholeDeliveryBody struct {
	DeliveryBody
	Body string        `json:"body" doc:"What is sent, the same at every attempt; empty when it is not kept any more."`
	Log  []AttemptBody `json:"log" doc:"The last hundred attempts, the newest first."`
}

func wholeDeliveryBody(w webhook.Whole) WholeDeliveryBody {
	b := WholeDeliveryBody{DeliveryBody: deliveryBody(w.Delivery), Body: w.Body, Log: make([]AttemptBody, len(w.Attempts))}
	for i, a := range w.Attempts {
		text := []rune(string(a.ResponseBody))
		for n, r := range text {
			if r == 0 {
				text[n] = utf8.RuneError
			}
		}
		b.Log[i] = AttemptBody{a.N, a.At, a.Duration.Milliseconds(), a.Status, a.Error, a.RequestHeaders, a.ResponseHeaders, string(text), a.Cut}
	}
	return b
}

// DeliveryPath is the path parameter of one delivery.
type DeliveryPath struct {
	ID string `path:"id"`
}

func (p DeliveryPath) parse() (int64, error) {
	return pathID(webhook.DeliveryPrefix, "delivery", p.ID)
}

// EventTypeBody is one kind of event.
type EventTypeBody struct {
	Name     string `json:"name"`
	Resource string `json:"resource" doc:"the rows it tells of"`
	Needs    string `json:"needs" doc:"the permission that who is told must hold"`
}

// Webhooks is the routes of webhooks, their deliveries, and the catalogue of events.
func Webhooks(s *webhook.Service) Module {
	return func(api *API) {
		api.Code("too_many_webhooks", "409. There are as many webhooks as there may be.")
		api.Code("webhook_not_active", "409. The webhook is paused or disabled.")
		api.Code("delivery_waiting", "409. The delivery has not come to its end yet.")
		webhookReads(api, s)
		webhookWrites(api, s)
		webhookActions(api, s)
		deliveryRoutes(api, s)
		Register(api, Route{Method: http.MethodGet, Path: "/events/types", ID: "list-event-types", Summary: "The kinds of events there are", Tag: "Events", Needs: SignedIn},
			func(context.Context, *Nothing) (*Answer[AllBody[EventTypeBody]], error) {
				return allOf(event.Types(), func(t event.Type) EventTypeBody { return EventTypeBody{t.Name, t.Resource, string(t.Reads)} }), nil
			})
	}
}

func webhookReads(api *API, s *webhook.Service) {
	describedList(api, Route{Path: "/webhooks", ID: "list-webhooks", Summary: "List webhooks", Tag: webhookTag, Needs: access.WebhookRead}, s.ListTable, s.List, webhookBody)
	Register(api, Route{Method: http.MethodGet, Path: "/webhooks/{id}", ID: "get-webhook", Summary: "One webhook", Tag: webhookTag, Needs: access.WebhookRead},
		func(ctx context.Context, in *WebhookPath) (*Single[WebhookBody], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			w, err := s.Get(ctx, n)
			if err != nil {
				return nil, err
			}
			st, err := s.Status(ctx, n)
			if err != nil {
				return nil, err
			}
			b := webhookBody(w)
			b.Waiting, b.Failed = &st.Waiting, &st.Failed
			return &Single[WebhookBody]{ETag(w.Version), b}, nil
		})
}

func webhookWrites(api *API, s *webhook.Service) {
	Register(api, Route{Method: http.MethodPost, Path: "/webhooks", ID: "create-webhook", Summary: "Make a webhook; its secret is shown once", Tag: webhookTag, Needs: access.WebhookWrite,
		Status: http.StatusCreated, Made: &Made{webhook.Table, webhook.Prefix, "/webhooks"}, ShownOnce: []string{"secret"},
		Doc: "Who makes one holds the permissions of what it tells. Messages are signed after Standard Webhooks."},
		func(ctx context.Context, in *struct{ Body WebhookPatch }) (*Created[NewWebhookBody], error) {
			var input webhook.Input
			in.Body.over(&input)
			w, word, err := s.Create(ctx, input)
			if err != nil {
				return nil, err
			}
			b := NewWebhookBody{webhookBody(w), word}
			return &Created[NewWebhookBody]{base + "/webhooks/" + b.ID, ETag(w.Version), b}, nil
		})
	Register(api, Route{Method: http.MethodPatch, Path: "/webhooks/{id}", ID: "update-webhook", Summary: "Change a webhook", Tag: webhookTag, Needs: access.WebhookWrite,
		Delays: &Delays{Resource: "webhooks", Op: schedule.OpUpdate}},
		func(ctx context.Context, in *struct {
			WebhookPath
			MatchParam
			Body WebhookPatch
		}) (*Single[WebhookBody], error) {
			n, version, err := addressed(webhook.Prefix, "webhook", in.ID, in.MatchParam)
			if err != nil {
				return nil, err
			}
			w, err := s.Update(ctx, n, version, in.Body.over)
			if err != nil {
				return nil, current(err, webhookBody)
			}
			return &Single[WebhookBody]{ETag(w.Version), webhookBody(w)}, nil
		})
	Register(api, Route{Method: http.MethodDelete, Path: "/webhooks/{id}", ID: "delete-webhook", Summary: "Remove a webhook; what waits is not sent", Tag: webhookTag, Needs: access.WebhookWrite,
		Delays: &Delays{Resource: "webhooks", Op: schedule.OpDelete}},
		func(ctx context.Context, in *struct {
			WebhookPath
			MatchParam
		}) (*Nothing, error) {
			n, version, err := addressed(webhook.Prefix, "webhook", in.ID, in.MatchParam)
			if err != nil {
				return nil, err
			}
			return nil, current(s.Delete(ctx, n, version), webhookBody)
		})
}

func webhookActions(api *API, s *webhook.Service) {
	Register(api, Route{Method: http.MethodPost, Path: "/webhooks/{id}/secret", ID: "roll-webhook-secret", Summary: "Give it a new secret, shown once", Tag: webhookTag,
		Needs: access.WebhookWrite, ShownOnce: []string{"secret"}, Doc: "For a day both secrets sign, so that the receiver can be changed meanwhile."},
		func(ctx context.Context, in *WebhookPath) (*Single[NewWebhookBody], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			w, word, err := s.Roll(ctx, n)
			if err != nil {
				return nil, err
			}
			return &Single[NewWebhookBody]{ETag(w.Version), NewWebhookBody{webhookBody(w), word}}, nil
		})
	Register(api, Route{Method: http.MethodPost, Path: "/webhooks/{id}/test", ID: "test-webhook", Summary: "Send it an event of the type webhook.test", Tag: webhookTag, Needs: access.WebhookWrite},
		func(ctx context.Context, in *WebhookPath) (*Answer[DeliveryBody], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			d, err := s.Try(ctx, n)
			return &Answer[DeliveryBody]{deliveryBody(d)}, err
		})
	Register(api, Route{Method: http.MethodPost, Path: "/webhooks/{id}/resend", ID: "resend-failed-deliveries", Summary: "Send everything again that failed", Tag: webhookTag, Needs: access.WebhookWrite},
		func(ctx context.Context, in *struct {
			WebhookPath
			Body struct {
				Since Opt[time.Time] `json:"since,omitzero" doc:"that failed at this instant or later; left out: all that is kept"`
			}
		}) (*Answer[ResentBody], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			resent, err := s.ResendFailed(ctx, n, in.Body.Since.Value)
			return &Answer[ResentBody]{ResentBody{resent}}, err
		})
}

// ResentBody is how much is sent again.
type ResentBody struct {
	Count int64 `json:"count"`
}

func deliveryRoutes(api *API, s *webhook.Service) {
	Register(api, Route{Method: http.MethodGet, Path: "/webhooks/{id}/deliveries", ID: "list-deliveries", Summary: "List the deliveries of a webhook", Tag: webhookTag, Needs: access.WebhookRead,
		Doc: "Kept for 30 days."},
		func(ctx context.Context, in *struct {
			WebhookPath
			ListParams
		}) (*Answer[PageBody[DeliveryBody]], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			rows, page, err := s.Deliveries(ctx, n, in.Query())
			if err != nil {
				return nil, err
			}
			return pageOf(rows, page, deliveryBody), nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/deliveries/fields", ID: "list-delivery-fields", Summary: "Fields of deliveries", Tag: webhookTag, Needs: access.WebhookRead},
		func(context.Context, *Nothing) (*Answer[FieldsBody], error) {
			return &Answer[FieldsBody]{FieldsBody{list.Describe(s.DeliveryTable().Fields)}}, nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/deliveries/{id}", ID: "get-delivery", Summary: "One delivery with what was sent and answered", Tag: webhookTag, Needs: access.WebhookRead,
		Doc: "Needs the permission of what is told as well."},
		func(ctx context.Context, in *DeliveryPath) (*Answer[WholeDeliveryBody], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			w, err := s.Delivery(ctx, n)
			if err != nil {
				return nil, err
			}
			return &Answer[WholeDeliveryBody]{wholeDeliveryBody(w)}, nil
		})
	Register(api, Route{Method: http.MethodPost, Path: "/deliveries/{id}/resend", ID: "resend-delivery", Summary: "Send a delivery again, under the same webhook-id", Tag: webhookTag, Needs: access.WebhookWrite},
		func(ctx context.Context, in *DeliveryPath) (*Answer[DeliveryBody], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			d, err := s.Resend(ctx, n)
			return &Answer[DeliveryBody]{deliveryBody(d)}, err
		})
}
