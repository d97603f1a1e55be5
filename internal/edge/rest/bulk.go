package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"tandem/internal/core/access"
	"tandem/internal/core/bulk"
	"tandem/internal/core/customer"
	"tandem/internal/core/masscreate"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/job"
)

// AnyJSON is a value of any kind, as it was sent.
type AnyJSON json.RawMessage

// UnmarshalJSON keeps the text.
func (v *AnyJSON) UnmarshalJSON(b []byte) error {
	*v = append((*v)[:0], b...)
	return nil
}

// Schema takes everything.
func (AnyJSON) Schema(huma.Registry) *huma.Schema { return &huma.Schema{} }

// given tells whether there is a value, and not null.
func (v AnyJSON) given() bool { return len(v) > 0 && string(v) != "null" }

// ChoiceBody says which customers are meant: ids, or filter and q.
type ChoiceBody struct {
	IDs    *[]string `json:"ids,omitempty" doc:"up to 100,000, cus_..."`
	Filter AnyJSON   `json:"filter,omitempty" doc:"as in a list, {\"and\":[]} for everything"`
	Q      string    `json:"q,omitempty" doc:"as in a list"`
}

func (b ChoiceBody) choice() bulk.Choice {
	c := bulk.Choice{Q: b.Q, Filtered: b.Filter.given()}
	if b.IDs != nil {
		c.IDs, c.ByIDs = *b.IDs, true
	}
	if c.Filtered {
		c.Filter = string(b.Filter)
		var text string
		if json.Unmarshal(b.Filter, &text) == nil { // as it stands in a query
			c.Filter = text
		}
	}
	return c
}

// BulkChangeBody is one change. What is not named stays.
type BulkChangeBody struct {
	Field string  `json:"field"`
	Op    string  `json:"op,omitempty" doc:"set, increase, decrease, clear, add or remove; bulk_ops of the field says which it knows"`
	Value AnyJSON `json:"value,omitempty" doc:"a text or number; IDs for groups and reseller"`
}

// asked is the change as the use case takes it: scalars as their texts.
func (b BulkChangeBody) asked() customer.Asked {
	a := customer.Asked{Field: b.Field, Op: b.Op}
	if !b.Value.given() {
		return a
	}
	var list []json.RawMessage
	if json.Unmarshal(b.Value, &list) != nil {
		list = []json.RawMessage{json.RawMessage(b.Value)}
	}
	for _, v := range list {
		v = bytes.TrimSpace(v)
		var text string
		switch {
		case len(v) == 0 || v[0] == '{' || v[0] == '[' || string(v) == "null":
			a.Malformed = true
		case json.Unmarshal(v, &text) == nil:
			a.Values = append(a.Values, text)
		default:
			a.Values = append(a.Values, string(v))
		}
	}
	return a
}

// BulkUpdateBody is a change of many customers.
type BulkUpdateBody struct {
	ChoiceBody
	Changes []BulkChangeBody `json:"changes"`
	Comment string           `json:"comment,omitempty" doc:"why, for the audit"`
	DryRun  bool             `json:"dry_run,omitempty" doc:"tell what would happen, change nothing"`
}

// BulkDeleteBody closes many customers.
type BulkDeleteBody struct {
	ChoiceBody
	Comment string `json:"comment,omitempty" doc:"why, for the audit and as the status reason"`
	DryRun  bool   `json:"dry_run,omitempty" doc:"tell what would happen, change nothing"`
}

// MembersBody puts customers into a group, or takes them out.
type MembersBody struct {
	ChoiceBody
	Op      string `json:"op" doc:"add or remove"`
	Comment string `json:"comment,omitempty" doc:"why, for the audit"`
	DryRun  bool   `json:"dry_run,omitempty" doc:"tell what would happen, change nothing"`
}

// MassCreateBody makes many customers.
type MassCreateBody struct {
	Count       int             `json:"count" doc:"1 to 1,000,000"`
	Prefix      string          `json:"prefix" doc:"letters and digits that every number begins with"`
	Length      int             `json:"length" doc:"of the whole number"`
	Defaults    CustomerPatch   `json:"defaults,omitzero" doc:"the same for all; the name is the number when left out"`
	Opening     MassOpeningBody `json:"opening,omitzero" doc:"kept with each customer, and not applied until there is a ledger"`
	SetupTokens bool            `json:"setup_tokens,omitempty" doc:"give each a one-time token, told in the result only"`
	DryRun      bool            `json:"dry_run,omitempty" doc:"tell how many numbers are free, make nothing"`
}

// MassOpeningBody is opening values.
type MassOpeningBody struct {
	Balance    *CellText `json:"balance,omitempty" doc:"decimal text"`
	DebitLimit *CellText `json:"debit_limit,omitempty" doc:"decimal text"`
}

func textOf(c *CellText) string {
	if c == nil || *c == "null" {
		return ""
	}
	return string(*c)
}

// JobOr is a job, or what a dry run tells.
type JobOr[T any] struct {
	Dry *T
	Job *JobBody
}

// MarshalJSON prints the one that is there.
func (b JobOr[T]) MarshalJSON() ([]byte, error) {
	if b.Dry != nil {
		return json.Marshal(b.Dry)
	}
	return json.Marshal(b.Job)
}

// Schema is either.
func (JobOr[T]) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{huma.SchemaFromType(r, reflect.TypeFor[T]()), huma.SchemaFromType(r, reflect.TypeFor[JobBody]())}}
}

// BulkAnswer is 202 with a job, or 200 with what a dry run tells.
type BulkAnswer[T any] struct {
	Status   int
	Location string `header:"Location" doc:"Where the job is."`
	Body     JobOr[T]
}

func dryRun[T any](told *T, err error) (*BulkAnswer[T], error) {
	if err != nil {
		return nil, err
	}
	return &BulkAnswer[T]{Status: http.StatusOK, Body: JobOr[T]{Dry: told}}, nil
}

func begun[T any](j job.Job, err error) (*BulkAnswer[T], error) {
	if err != nil {
		return nil, err
	}
	a := accepted(j)
	return &BulkAnswer[T]{Status: http.StatusAccepted, Location: a.Location, Body: JobOr[T]{Job: &a.Body}}, nil
}

// madeJob is for routes whose answer is the job that they began.
var madeJob = &Made{"jobs", job.Prefix, "/jobs"}

const bulkBytes = 4 << 20 // 100,000 IDs and a filter

// Bulk is the routes that change, close, group and make many customers.
func Bulk(s *bulk.Service, m *masscreate.Service, customers *customer.Service) Module {
	return func(api *API) {
		api.Code("only_n_left", "422. The numbers of that form do not suffice; the field count says how many are left.")
		const dry = " With dry_run, 200 tells what would happen; figures of more than 100,000 customers are in proportion to those tried, and is_exact says so."
		Register(api, Route{Method: http.MethodPost, Path: "/customers/bulk-update", ID: "bulk-update-customers", Summary: "Change many customers", Tag: customerTag,
			Needs: access.CustomerBulk, Status: http.StatusAccepted, Made: madeJob, MaxBody: bulkBytes, Doc: "One job; each row has its result; it can be undone." + dry},
			func(ctx context.Context, in *struct{ Body BulkUpdateBody }) (*BulkAnswer[bulk.Preview], error) {
				r := bulk.Request{Choice: in.Body.choice(), Comment: in.Body.Comment}
				for _, c := range in.Body.Changes {
					r.Changes = append(r.Changes, c.asked())
				}
				if in.Body.DryRun {
					return dryRun(s.PreviewUpdate(ctx, r))
				}
				if err := api.Explained(ctx, r.Comment); err != nil {
					return nil, err
				}
				return begun[bulk.Preview](s.Update(ctx, r))
			})
		Register(api, Route{Method: http.MethodPost, Path: "/customers/bulk-delete", ID: "bulk-delete-customers", Summary: "Close many customers", Tag: customerTag,
			Needs: access.CustomerBulk, Status: http.StatusAccepted, Made: madeJob, MaxBody: bulkBytes, Doc: "One job, which closes what nothing blocks and lists the rest. Needs customer.delete as well." + dry},
			func(ctx context.Context, in *struct{ Body BulkDeleteBody }) (*BulkAnswer[bulk.Preview], error) {
				r := bulk.Request{Choice: in.Body.choice(), Comment: in.Body.Comment}
				if in.Body.DryRun {
					return dryRun(s.PreviewDelete(ctx, r))
				}
				if err := api.Explained(ctx, r.Comment); err != nil {
					return nil, err
				}
				return begun[bulk.Preview](s.Delete(ctx, r))
			})
		Register(api, Route{Method: http.MethodPost, Path: "/groups/{id}/members", ID: "change-group-members", Summary: "Put customers into a group, or take them out", Tag: groupTag,
			Needs: access.CustomerBulk, Status: http.StatusAccepted, Made: madeJob, MaxBody: bulkBytes, Doc: "One job, as a bulk update of the field groups." + dry},
			func(ctx context.Context, in *struct {
				GroupPath
				Body MembersBody
			}) (*BulkAnswer[bulk.Preview], error) {
				r := bulk.MembersRequest{Group: in.ID, Op: in.Body.Op, Choice: in.Body.choice(), Comment: in.Body.Comment}
				if in.Body.DryRun {
					return dryRun(s.PreviewMembers(ctx, r))
				}
				if err := api.Explained(ctx, r.Comment); err != nil {
					return nil, err
				}
				return begun[bulk.Preview](s.Members(ctx, r))
			})
		massCreate(api, m, customers)
	}
}

func massCreate(api *API, m *masscreate.Service, customers *customer.Service) {
	Register(api, Route{Method: http.MethodPost, Path: "/customers/bulk-create", ID: "bulk-create-customers", Summary: "Make many customers with numbers of their own", Tag: customerTag,
		Needs: access.CustomerBulk, Status: http.StatusAccepted, Made: madeJob, Doc: "One job; its result is a CSV file that can be downloaded once, within a day. Needs customer.create as well. With dry_run, 200 tells how many numbers are free."},
		func(ctx context.Context, in *struct{ Body MassCreateBody }) (*BulkAnswer[masscreate.Free], error) {
			b := in.Body
			d, unread := b.Defaults.draft(customers)
			r := masscreate.Request{Count: b.Count, Prefix: b.Prefix, Length: b.Length, Defaults: d, SetupTokens: b.SetupTokens,
				Opening: masscreate.Opening{Balance: textOf(b.Opening.Balance), DebitLimit: textOf(b.Opening.DebitLimit)}}
			if unread != nil {
				_, err := m.Free(ctx, r)
				return nil, together(below("defaults", unread), err)
			}
			if b.DryRun {
				free, err := m.Free(ctx, r)
				return dryRun(&free, err)
			}
			if err := api.Explained(ctx, ""); err != nil {
				return nil, err
			}
			return begun[masscreate.Free](m.Create(ctx, r))
		})
}

// below names the wrong fields of a part of a request by their place in the whole.
func below(part string, err error) error {
	e, ok := errs.As(err)
	if !ok {
		return err
	}
	told := *e
	told.Fields = make([]errs.Field, len(e.Fields))
	for i, f := range e.Fields {
		f.Field = part + "." + f.Field
		told.Fields[i] = f
	}
	return &told
}

// together tells the wrong fields of two refusals at once; another refusal than of fields comes first.
func together(one, more error) error {
	if more == nil {
		return one
	}
	a, ok := errs.As(one)
	b, also := errs.As(more)
	if !ok || !also || b.Kind != errs.KindInvalid {
		return more
	}
	var wrong errs.Fields
	for _, f := range append(slices.Clone(a.Fields), b.Fields...) {
		wrong.Add(f.Field, f.Code, "%s", f.Message)
	}
	return wrong.Err()
}
