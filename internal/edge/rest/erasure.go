package rest

import (
	"context"
	"net/http"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/erasure"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
)

// ErasureBody is what would be erased, and what was.
type ErasureBody struct {
	Ready   bool           `json:"ready" doc:"false: the customer has to be closed first"`
	Confirm string         `json:"confirm" doc:"what has to be sent as confirm"`
	Counts  []ErasureCount `json:"counts" doc:"rows that say something personal, by what keeps them; none when all is erased"`
	Last    *ErasureAsked  `json:"last,omitempty" doc:"the erasing that was asked for"`
}

// ErasureCount is how many rows of a kind say something personal.
type ErasureCount struct {
	Kind string `json:"kind"`
	Rows int64  `json:"rows"`
}

// ErasureAsked is an erasing that was asked for.
type ErasureAsked struct {
	By     string     `json:"by"`
	At     time.Time  `json:"at"`
	Reason string     `json:"reason"`
	Job    string     `json:"job"`
	DoneAt *time.Time `json:"done_at,omitempty"`
}

// ErasedBody is what everybody who sees a record is told of its erasing.
type ErasedBody struct {
	By     string     `json:"by"`
	At     time.Time  `json:"at" doc:"when it was asked for"`
	DoneAt *time.Time `json:"done_at,omitempty" doc:"left out: it goes on"`
}

// Erased finds the erasing of a customer, contactID being 0, or of a contact alone; nil when there is none. Where nothing is
// ever erased, it is nil itself.
type Erased func(ctx context.Context, customerID, contactID int64) (*erasure.Erasure, error)

// of is the erasing of a record that the caller has read. A contact goes with its customer, too.
func (find Erased) of(ctx context.Context, customerID, contactID int64) (*ErasedBody, error) {
	if find == nil {
		return nil, nil
	}
	e, err := find(ctx, customerID, contactID)
	if err == nil && e == nil && contactID != 0 {
		e, err = find(ctx, customerID, 0)
	}
	if err != nil || e == nil {
		return nil, err
	}
	return &ErasedBody{By: e.AskedBy, At: e.AskedAt, DoneAt: timeOrNil(e.DoneAt)}, nil
}

// ErasureInput is what it takes to erase.
type ErasureInput struct {
	Confirm string `json:"confirm" maxLength:"200" doc:"the customer's short ID, or the contact's name, to show that it is meant"`
	Reason  string `json:"reason" maxLength:"2000" doc:"why; it is kept, so leave the person's data out of it"`
}

func erasureBody(p erasure.Preview) ErasureBody {
	b := ErasureBody{Ready: p.Ready, Confirm: p.Confirm, Counts: []ErasureCount{}}
	for _, c := range p.Counts {
		b.Counts = append(b.Counts, ErasureCount{c.Kind, c.N})
	}
	if e := p.Last; e != nil {
		b.Last = &ErasureAsked{By: e.AskedBy, At: e.AskedAt, Reason: e.Reason, Job: id.Format(job.Prefix, e.Job), DoneAt: timeOrNil(e.DoneAt)}
	}
	return b
}

// Erasures is the routes by which personal data is erased.
func Erasures(s *erasure.Service, customers *customer.Service) Module {
	const gone = "Everything goes that says something of the person: fields, notes, e-mails, old and new values in the audit, lines of imports, messages to webhooks. " +
		"IDs, dates and the proof of the audit stay. It cannot be taken back; backups from before hold what they held."
	ofCustomer := func(ctx context.Context, text string) (int64, int64, error) {
		n, err := customers.Resolve(ctx, text)
		return n, 0, err
	}
	ofContact := func(_ context.Context, text string) (int64, int64, error) {
		n, err := pathID(contact.Prefix, "contact", text)
		return 0, n, err
	}
	return func(api *API) {
		api.Code("not_closed", "409. The customer has to be closed before it is erased.")
		for _, of := range []struct {
			path, name, what, tag string
			find                  func(ctx context.Context, text string) (customerID, contactID int64, err error)
		}{
			{"/customers/{id}/erasure", "customer", "a closed customer and its contacts", customerTag, ofCustomer},
			{"/contacts/{id}/erasure", "contact", "a contact", contactTag, ofContact},
		} {
			Register(api, Route{Method: http.MethodGet, Path: of.path, ID: "preview-" + of.name + "-erasure", Summary: "What would be erased of " + of.what, Tag: of.tag, Needs: access.CustomerErase},
				func(ctx context.Context, in *struct{ CustomerPath }) (*Answer[ErasureBody], error) {
					customerID, contactID, err := of.find(ctx, in.ID)
					if err != nil {
						return nil, err
					}
					p, err := s.Preview(ctx, customerID, contactID)
					if err != nil {
						return nil, err
					}
					return &Answer[ErasureBody]{Body: erasureBody(p)}, nil
				})
			Register(api, Route{Method: http.MethodPost, Path: of.path, ID: "erase-" + of.name, Summary: "Erase the personal data of " + of.what, Tag: of.tag, Needs: access.CustomerErase,
				Status: http.StatusAccepted, Made: madeJob, Doc: gone},
				func(ctx context.Context, in *struct {
					CustomerPath
					Body ErasureInput
				}) (*Accepted, error) {
					customerID, contactID, err := of.find(ctx, in.ID)
					if err != nil {
						return nil, err
					}
					j, err := s.Ask(ctx, customerID, contactID, in.Body.Confirm, in.Body.Reason)
					if err != nil {
						return nil, err
					}
					return accepted(j), nil
				})
		}
	}
}
