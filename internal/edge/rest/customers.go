package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/core/group"
	"tandem/internal/core/schedule"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// RefBody names another resource.
type RefBody struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// CustomerBody is a customer, as it is read.
type CustomerBody struct {
	ID           string            `json:"id"`
	CustomerID   string            `json:"customer_id"`
	Kind         string            `json:"kind"`
	Party        string            `json:"party"`
	Reference    string            `json:"reference"`
	Name         string            `json:"name"`
	FirstName    string            `json:"first_name"`
	LastName     string            `json:"last_name"`
	Company      string            `json:"company"`
	Description  string            `json:"description"`
	Status       string            `json:"status"`
	StatusReason string            `json:"status_reason"`
	StatusNext   []string          `json:"status_next,omitempty" doc:"What the status may become; on a single customer."`
	BillingType  string            `json:"billing_type"`
	Currency     string            `json:"currency"`
	Groups       []RefBody         `json:"groups"`
	Reseller     *RefBody          `json:"reseller"`
	Email        string            `json:"email"`
	Telephone    *string           `json:"telephone" doc:"null: hidden from the caller"`
	Address1     string            `json:"address_1"`
	Address2     string            `json:"address_2"`
	City         string            `json:"city"`
	Province     string            `json:"province"`
	PostalCode   string            `json:"postal_code"`
	Country      string            `json:"country"`
	Timezone     string            `json:"timezone"`
	Language     string            `json:"language"`
	TaxNumber    string            `json:"tax_number"`
	ExternalID   string            `json:"external_id"`
	Custom       map[string]string `json:"custom"`
	CreatedAt    time.Time         `json:"created_at"`
	UpdatedAt    time.Time         `json:"updated_at"`
	ClosedAt     *time.Time        `json:"closed_at,omitempty"`
	ErasedAt     *time.Time        `json:"erased_at,omitempty" doc:"when it was asked to erase its personal data: it stays as it is from then on"`
	Erased       *ErasedBody       `json:"erased,omitempty" doc:"on a single record: who asked to erase it, and whether it is done"`
	Version      int64             `json:"version"`
	Masked       []string          `json:"masked,omitempty" doc:"fields that are hidden from the caller"`
}

// unless is a value, or nil when its field is among those that are hidden from the caller.
func unless(masked []string, field, value string) *string {
	if slices.Contains(masked, field) {
		return nil
	}
	return &value
}

var noCustom = map[string]string{}

func customerBody(c *customer.Customer) CustomerBody {
	b := CustomerBody{
		ID: id.Format(customer.Prefix, c.ID), CustomerID: c.CustomerID, Kind: string(c.Kind), Party: string(c.Party), Reference: c.Reference,
		Name: c.Name, FirstName: c.FirstName, LastName: c.LastName, Company: c.Company, Description: c.Description, Status: string(c.Status),
		StatusReason: c.StatusReason, BillingType: string(c.BillingType), Currency: c.Currency, Groups: make([]RefBody, len(c.GroupRefs)),
		Email: c.Email, Telephone: unless(c.Masked, "telephone", c.Telephone), Address1: c.Address1, Address2: c.Address2, City: c.City, Province: c.Province,
		PostalCode: c.PostalCode, Country: c.Country, Timezone: c.Timezone, Language: c.Language, TaxNumber: c.TaxNumber,
		ExternalID: c.ExternalID, Custom: c.Custom, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, Version: c.Version, Masked: c.Masked,
	}
	if b.Custom == nil {
		b.Custom = noCustom
	}
	for i, g := range c.GroupRefs {
		b.Groups[i] = RefBody{id.Format(group.Prefix, g.ID), g.Name}
	}
	if c.Reseller != 0 {
		b.Reseller = &RefBody{id.Format(customer.Prefix, c.Reseller), c.ResellerName}
	}
	b.ErasedAt = timeOrNil(c.ErasedAt)
	if !c.ClosedAt.IsZero() {
		b.ClosedAt = &c.ClosedAt
	}
	return b
}

func oneCustomer(c *customer.Customer) CustomerBody {
	b := customerBody(c)
	for _, s := range c.Status.Transitions() {
		b.StatusNext = append(b.StatusNext, string(s))
	}
	return b
}

// CustomerPatch is a customer as it is written: a merge patch, in which a field that is left out stays and null clears.
type CustomerPatch struct {
	Kind         Opt[string]          `json:"kind,omitzero" doc:"customer, provider or reseller; given at creation"`
	Party        Opt[string]          `json:"party,omitzero" doc:"person or organization"`
	Reference    Opt[string]          `json:"reference,omitzero" doc:"the operator's own number, unique when set"`
	Name         Opt[string]          `json:"name,omitzero" doc:"left out, it is the company, or first and last name"`
	FirstName    Opt[string]          `json:"first_name,omitzero"`
	LastName     Opt[string]          `json:"last_name,omitzero"`
	Company      Opt[string]          `json:"company,omitzero"`
	Description  Opt[string]          `json:"description,omitzero"`
	Status       Opt[string]          `json:"status,omitzero" doc:"active, inactive, penalty, pending or closed, along the allowed transitions"`
	StatusReason Opt[string]          `json:"status_reason,omitzero"`
	BillingType  Opt[string]          `json:"billing_type,omitzero" doc:"prepaid or postpaid; given at creation"`
	Currency     Opt[string]          `json:"currency,omitzero" doc:"ISO 4217"`
	Groups       Opt[[]string]        `json:"groups,omitzero" doc:"IDs of groups"`
	Reseller     Opt[string]          `json:"reseller,omitzero" doc:"ID of the reseller that owns it"`
	Email        Opt[string]          `json:"email,omitzero" doc:"unique among customers that are not closed"`
	Telephone    Opt[string]          `json:"telephone,omitzero" doc:"E.164, or as it is dialled in the customer's country"`
	Address1     Opt[string]          `json:"address_1,omitzero"`
	Address2     Opt[string]          `json:"address_2,omitzero"`
	City         Opt[string]          `json:"city,omitzero"`
	Province     Opt[string]          `json:"province,omitzero"`
	PostalCode   Opt[string]          `json:"postal_code,omitzero"`
	Country      Opt[string]          `json:"country,omitzero" doc:"ISO 3166 alpha-2, or a name"`
	Timezone     Opt[string]          `json:"timezone,omitzero" doc:"IANA"`
	Language     Opt[string]          `json:"language,omitzero" doc:"BCP 47"`
	TaxNumber    Opt[string]          `json:"tax_number,omitzero"`
	ExternalID   Opt[string]          `json:"external_id,omitzero" doc:"the key in another system"`
	Custom       map[string]*CellText `json:"custom,omitempty" doc:"the operator's fields by key; null clears"`
}

// CellText is a text, or a number or truth value taken as its text.
type CellText string

// UnmarshalJSON takes any scalar.
func (c *CellText) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(c))
	}
	if len(b) > 0 && (b[0] == '{' || b[0] == '[') {
		return errors.New("a custom field holds a text, a number, true or false")
	}
	*c = CellText(b)
	return nil
}

// Schema takes anything here; UnmarshalJSON refuses what is no scalar. A null clears the field.
func (CellText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Description: "a text, a number, true or false; null clears"}
}

// texts lists the text fields of the patch by the name of the field.
func (p *CustomerPatch) texts() []struct {
	name string
	opt  Opt[string]
} {
	return []struct {
		name string
		opt  Opt[string]
	}{
		{"kind", p.Kind}, {"party", p.Party}, {"reference", p.Reference}, {"name", p.Name}, {"first_name", p.FirstName}, {"last_name", p.LastName},
		{"company", p.Company}, {"description", p.Description}, {"status", p.Status}, {"status_reason", p.StatusReason}, {"billing_type", p.BillingType},
		{"currency", p.Currency}, {"email", p.Email}, {"telephone", p.Telephone}, {"address_1", p.Address1}, {"address_2", p.Address2}, {"city", p.City},
		{"province", p.Province}, {"postal_code", p.PostalCode}, {"country", p.Country}, {"timezone", p.Timezone}, {"language", p.Language},
		{"tax_number", p.TaxNumber}, {"external_id", p.ExternalID},
	}
}

// changes is the patch as the use case takes it.
func (p *CustomerPatch) changes() ([]customer.Change, error) {
	var out []customer.Change
	var wrong errs.Fields
	for _, t := range p.texts() {
		switch {
		case t.opt.Null:
			out = append(out, customer.Change{Field: t.name, Op: customer.OpClear})
		case t.opt.Set:
			out = append(out, customer.Change{Field: t.name, Value: t.opt.Value})
		}
	}
	for _, key := range sortedKeys(p.Custom) {
		ch := customer.Change{Field: customer.CustomPrefix + key, Op: customer.OpClear}
		if v := p.Custom[key]; v != nil {
			ch.Op, ch.Value = customer.OpSet, string(*v)
		}
		out = append(out, ch)
	}
	if p.Groups.Set {
		out = append(out, customer.Change{Field: "groups", Op: customer.OpSet, IDs: parseIDs(group.Prefix, "groups", p.Groups.Value, &wrong)})
	}
	if p.Reseller.Set {
		ch := customer.Change{Field: "reseller", Op: customer.OpClear}
		if p.Reseller.Value != "" {
			ch.Op, ch.IDs = customer.OpSet, parseIDs(customer.Prefix, "reseller", []string{p.Reseller.Value}, &wrong)
		}
		out = append(out, ch)
	}
	return out, wrong.Err()
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func parseIDs(prefix, field string, texts []string, wrong *errs.Fields) []int64 {
	var out []int64
	for _, t := range texts {
		n, err := id.Parse(prefix, t)
		if err != nil {
			wrong.Add(field, "bad_id", "%q is %s.", t, err)
			continue
		}
		out = append(out, n)
	}
	return out
}

// draft is the patch as a new customer.
func (p *CustomerPatch) draft(s *customer.Service) (customer.Draft, error) {
	var d customer.Draft
	var wrong errs.Fields
	for _, t := range p.texts() {
		if t.opt.Set && !t.opt.Null {
			s.SetField(&d, t.name, t.opt.Value, true)
		}
	}
	for key, v := range p.Custom {
		if v != nil && !s.SetField(&d, customer.CustomPrefix+key, string(*v), true) {
			wrong.Add(customer.CustomPrefix+key, "unknown_field", "There is no field %q.", key)
		}
	}
	d.Groups = parseIDs(group.Prefix, "groups", p.Groups.Value, &wrong)
	if p.Reseller.Value != "" {
		if ids := parseIDs(customer.Prefix, "reseller", []string{p.Reseller.Value}, &wrong); len(ids) == 1 {
			d.Reseller = ids[0]
		}
	}
	return d, wrong.Err()
}

// CustomerPath is the path parameter of one customer.
type CustomerPath struct {
	ID string `path:"id" doc:"cus_... or the short customer ID"`
}

// Customers is the routes of customers, but for those that make many.
func Customers(s *customer.Service, erased Erased) Module {
	return func(api *API) {
		customerReads(api, s, erased)
		customerWrites(api, s)
		customerExports(api, s)
	}
}

const customerTag = "Customers"

func customerReads(api *API, s *customer.Service, erased Erased) {
	Register(api, Route{Method: http.MethodGet, Path: "/customers", ID: "list-customers", Summary: "List customers", Tag: customerTag, Needs: access.CustomerRead,
		Doc: "Closed customers are left out unless the filter speaks of the status. Sorted by -created_at unless sort says otherwise.",
		Also: map[string]RawHandler{"text/csv": func(w http.ResponseWriter, r *http.Request) error {
			return exportCustomers(w, r, s, exportFromQuery(r, "csv"))
		}}},
		func(ctx context.Context, in *struct{ ListParams }) (*Answer[PageBody[CustomerBody]], error) {
			rows, page, err := s.List(ctx, in.Query())
			if err != nil {
				return nil, err
			}
			return pageOf(rows, page, customerBody), nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/customers/fields", ID: "list-customer-fields", Summary: "Fields of customers", Tag: customerTag, Needs: access.CustomerRead},
		func(ctx context.Context, _ *Nothing) (*Answer[FieldsBody], error) {
			fields, err := s.Fields(ctx)
			return &Answer[FieldsBody]{FieldsBody{fields}}, err
		})
	Register(api, Route{Method: http.MethodGet, Path: "/customers/aggregate", ID: "aggregate-customers", Summary: "Sums over a range of rows", Tag: customerTag, Needs: access.CustomerRead},
		func(ctx context.Context, in *struct {
			ListParams
			From   int    `query:"from" minimum:"0" doc:"first row"`
			To     int    `query:"to" minimum:"0" doc:"row behind the last"`
			Fields string `query:"fields" doc:"names, parted by commas"`
		}) (*Answer[AggregateBody], error) {
			rows, sums, err := s.Aggregate(ctx, in.Query(), splitNames(in.Fields), in.From, in.To)
			if err != nil {
				return nil, err
			}
			return &Answer[AggregateBody]{aggregateBody(rows, sums)}, nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/customers/{id}", ID: "get-customer", Summary: "One customer", Tag: customerTag, Needs: access.CustomerRead},
		func(ctx context.Context, in *CustomerPath) (*Single[CustomerBody], error) {
			n, err := s.Resolve(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			c, err := s.Get(ctx, n)
			if err != nil {
				return nil, err
			}
			b := oneCustomer(c)
			if b.ErasedAt != nil {
				if b.Erased, err = erased.of(ctx, c.ID, 0); err != nil {
					return nil, err
				}
			}
			return &Single[CustomerBody]{ETag(c.Version), b}, nil
		})
}

func customerWrites(api *API, s *customer.Service) {
	Register(api, Route{Method: http.MethodPost, Path: "/customers", ID: "create-customer", Summary: "Create a customer, provider or reseller", Tag: customerTag, Needs: access.CustomerCreate, Status: http.StatusCreated,
		Made: &Made{customer.Table, customer.Prefix, "/customers"}, Delays: &Delays{Resource: customer.Table, Op: schedule.OpCreate}},
		func(ctx context.Context, in *struct{ Body CustomerPatch }) (*Created[CustomerBody], error) {
			d, err := in.Body.draft(s)
			if err != nil {
				return nil, err
			}
			c, err := s.Create(ctx, d)
			if err != nil {
				return nil, err
			}
			return &Created[CustomerBody]{base + "/customers/" + id.Format(customer.Prefix, c.ID), ETag(c.Version), oneCustomer(c)}, nil
		})
	Register(api, Route{Method: http.MethodPatch, Path: "/customers/{id}", ID: "update-customer", Summary: "Change a customer", Tag: customerTag, Needs: access.CustomerUpdate,
		Delays: &Delays{Resource: customer.Table, Op: schedule.OpUpdate}},
		func(ctx context.Context, in *struct {
			CustomerPath
			MatchParam
			Body CustomerPatch
		}) (*Single[CustomerBody], error) {
			n, version, err := addressedCustomer(ctx, s, in.ID, in.MatchParam)
			if err != nil {
				return nil, err
			}
			changes, err := in.Body.changes()
			if err != nil {
				return nil, err
			}
			c, err := s.Update(ctx, n, version, changes)
			if err != nil {
				return nil, current(err, oneCustomer)
			}
			return &Single[CustomerBody]{ETag(c.Version), oneCustomer(c)}, nil
		})
	Register(api, Route{Method: http.MethodDelete, Path: "/customers/{id}", ID: "delete-customer", Summary: "Close a customer", Tag: customerTag, Needs: access.CustomerDelete,
		Delays: &Delays{Resource: customer.Table, Op: schedule.OpDelete},
		Doc:    "Documents stay; e-mail and reference are free again. 409 names what blocks it."},
		func(ctx context.Context, in *struct {
			CustomerPath
			MatchParam
			Reason string `query:"reason" maxLength:"200" doc:"kept as the status reason"`
		}) (*Nothing, error) {
			n, version, err := addressedCustomer(ctx, s, in.ID, in.MatchParam)
			if err != nil {
				return nil, err
			}
			return nil, current(s.Delete(ctx, n, version, in.Reason), oneCustomer)
		})
}

func addressedCustomer(ctx context.Context, s *customer.Service, text string, match MatchParam) (customerID, version int64, err error) {
	if version, err = match.Version(); err != nil {
		return 0, 0, err
	}
	customerID, err = s.Resolve(ctx, text)
	return customerID, version, err
}

// AggregateBody is what a range of rows adds up to.
type AggregateBody struct {
	Rows    int64                  `json:"rows"`
	Columns map[string]SumsOfField `json:"columns"`
}

// SumsOfField is the sums of one column: of numbers as decimal texts; of dates min and max alone, as the list writes
// them; of all else the count.
type SumsOfField struct {
	Count   int64  `json:"count" doc:"rows with a value"`
	Sum     string `json:"sum,omitempty"`
	Average string `json:"average,omitempty"`
	Min     string `json:"min,omitempty"`
	Max     string `json:"max,omitempty"`
}

func aggregateBody(rows int64, sums map[string]customer.Sums) AggregateBody {
	out := AggregateBody{Rows: rows, Columns: map[string]SumsOfField{}}
	for name, s := range sums {
		f := SumsOfField{Count: s.Count}
		switch {
		case s.Sum == nil || s.Count == 0:
		case s.Type == list.TypeDate || s.Type == list.TypeDay:
			f.Min, f.Max = dateText(s.Type, s.Min), dateText(s.Type, s.Max)
		default:
			f.Sum, f.Min, f.Max = millionths(s.Sum), millionths(s.Min), millionths(s.Max)
			f.Average = millionths(roundedQuotient(s.Sum, s.Count))
		}
		out.Columns[name] = f
	}
	return out
}

// dateText writes an instant or a day as the list does.
func dateText(kind list.Type, n *big.Int) string {
	if kind == list.TypeDay {
		return time.Unix(n.Int64()*86400, 0).UTC().Format(time.DateOnly)
	}
	return clock.Time(n.Int64()).UTC().Format(time.RFC3339Nano)
}

func splitNames(text string) []string {
	var out []string
	for _, name := range strings.Split(text, ",") {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, name)
		}
	}
	return out
}

func fileName(what, format string, now time.Time) string {
	return fmt.Sprintf("%s-%s.%s", what, now.Format("2006-01-02"), format)
}
