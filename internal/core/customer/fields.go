package customer

import (
	"fmt"
	"slices"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/core/customfield"
	"tandem/internal/kit/list"
)

// field is one field of a customer: how lists, forms, imports and bulk changes see it, and where a Draft keeps it.
type field struct {
	list.Field
	text   func(*Draft) *string // nil: not kept in a Draft as text
	max    int                  // characters; 0 where the form decides
	create bool                 // given at creation, fixed afterwards
}

func choices(pairs ...string) []list.Choice {
	var out []list.Choice
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, list.Choice{Value: pairs[i], Label: pairs[i+1]})
	}
	return out
}

const (
	headingIdentity = "identity"
	headingContact  = "contact"
	headingAddress  = "address"
	headingBilling  = "billing"
	headingRecord   = "record"
)

// The fields every installation has. THE declaration: the API's list, the grid and its filters, saved filters,
// export, import and bulk change all follow it.
var builtin = []field{
	given(list.Field{Name: "customer_id", Label: "Customer ID", Type: list.TypeID, Key: "c.customer_id", Search: "lower(c.customer_id)", Fragments: true, Visible: true, Width: 120, Group: headingIdentity}),
	text("name", "Name", 200, headingIdentity, func(d *Draft) *string { return &d.Name }).shown(220).required(),
	choice("kind", "Kind", headingIdentity, choices("customer", "Customer", "provider", "Provider", "reseller", "Reseller"), func(d *Draft) *string { return (*string)(&d.Kind) }).shown(130).atCreate().required(),
	choice("billing_type", "Billing type", headingBilling, choices("prepaid", "Prepaid", "postpaid", "Postpaid"), func(d *Draft) *string { return (*string)(&d.BillingType) }).shown(130).atCreate().required(),
	choice("status", "Status", headingIdentity, choices("active", "Active", "inactive", "Inactive", "penalty", "Penalty", "pending", "Pending", "closed", "Closed"), func(d *Draft) *string { return (*string)(&d.Status) }).shown(120).bulk("set").required(),
	text("reference", "Reference number", 100, headingIdentity, func(d *Draft) *string { return &d.Reference }).shown(150),
	text("company", "Company", 200, headingIdentity, func(d *Draft) *string { return &d.Company }).shown(180),
	text("first_name", "First name", 100, headingIdentity, func(d *Draft) *string { return &d.FirstName }),
	text("last_name", "Last name", 100, headingIdentity, func(d *Draft) *string { return &d.LastName }),
	text("email", "E-mail", 254, headingContact, func(d *Draft) *string { return &d.Email }).shown(230),
	code("telephone", "Telephone", headingContact, func(d *Draft) *string { return &d.Telephone }).shown(150).masked(access.MaskTelephone),
	text("city", "City", 100, headingAddress, func(d *Draft) *string { return &d.City }).shown(140).bulk("set", "clear"),
	code("country", "Country", headingAddress, func(d *Draft) *string { return &d.Country }).shown(110).bulk("set", "clear"),
	{Field: list.Field{Name: "groups", Label: "Groups", Type: list.TypeMultiRef, Prefix: "grp", Filter: true, Visible: true, Width: 180, Editable: true, Importable: true, Group: headingIdentity,
		Bulk: []string{"add", "remove", "set"}, Members: &list.Members{Table: "group_members", Row: "customer_id", Ref: "group_id"}}},
	{Field: list.Field{Name: "reseller", Label: "Reseller", Type: list.TypeRef, Prefix: "cus", Key: "c.reseller_id", Sortable: true, Filter: true, Width: 170, Editable: true, Importable: true, Group: headingIdentity, Bulk: []string{"set", "clear"}}},
	choice("party", "Party", headingIdentity, choices("person", "Person", "organization", "Organization"), func(d *Draft) *string { return (*string)(&d.Party) }).bulk("set").required(),
	text("description", "Description", 1000, headingIdentity, func(d *Draft) *string { return &d.Description }).bulk("set", "clear"),
	text("status_reason", "Status reason", 200, headingIdentity, func(d *Draft) *string { return &d.StatusReason }),
	code("currency", "Currency", headingBilling, func(d *Draft) *string { return &d.Currency }).bulk("set"),
	text("address_1", "Address line 1", 200, headingAddress, func(d *Draft) *string { return &d.Address1 }),
	text("address_2", "Address line 2", 200, headingAddress, func(d *Draft) *string { return &d.Address2 }),
	text("province", "Province", 100, headingAddress, func(d *Draft) *string { return &d.Province }).bulk("set", "clear"),
	text("postal_code", "Postal code", 30, headingAddress, func(d *Draft) *string { return &d.PostalCode }),
	code("timezone", "Time zone", headingContact, func(d *Draft) *string { return &d.Timezone }).bulk("set", "clear"),
	code("language", "Language", headingContact, func(d *Draft) *string { return &d.Language }).bulk("set", "clear"),
	text("tax_number", "Tax number", 60, headingBilling, func(d *Draft) *string { return &d.TaxNumber }),
	text("external_id", "External ID", 120, headingIdentity, func(d *Draft) *string { return &d.ExternalID }),
	given(list.Field{Name: "created_at", Label: "Created", Type: list.TypeDate, Key: "c.created_at", Visible: true, Width: 190, Group: headingRecord}),
	given(list.Field{Name: "updated_at", Label: "Changed", Type: list.TypeDate, Key: "c.updated_at", Width: 190, Group: headingRecord}),
}

// keywords is where the keyword search looks.
var keywords = []string{"name", "customer_id", "reference", "email", "telephone", "company"}

func given(f list.Field) field {
	f.Sortable, f.Filter = true, true
	return field{Field: f}
}

func text(name, label string, max int, group string, at func(*Draft) *string) field {
	key := "c." + name + "_key"
	if name == "description" { // long: its index holds the beginning
		key = "substr(c.description_key, 1, 100)"
	}
	f := field{text: at, max: max, Field: list.Field{Name: name, Label: label, Type: list.TypeText, Key: key, Sortable: true, Filter: true, Fragments: true,
		Editable: true, Importable: true, Group: group, Width: 160}}
	if name == "description" {
		f.Search = "c.description_key"
	}
	return f
}

// code is a short text in one spelling, which is its own key.
func code(name, label, group string, at func(*Draft) *string) field {
	f := text(name, label, 0, group, at)
	f.Key = "c." + name
	switch name {
	case "country", "currency", "timezone", "language":
		f.Type, f.Fragments = list.TypeChoice, false
	}
	return f
}

func choice(name, label, group string, values []list.Choice, at func(*Draft) *string) field {
	return field{text: at, Field: list.Field{Name: name, Label: label, Type: list.TypeChoice, Key: "c." + name, Choices: values, Sortable: true, Filter: true,
		Editable: true, Importable: true, Group: group, Width: 120}}
}

func (f field) shown(width int) field      { f.Visible, f.Width = true, width; return f }
func (f field) required() field            { f.Required = true; return f }
func (f field) atCreate() field            { f.create = true; return f }
func (f field) masked(m access.Mask) field { f.Mask = string(m); return f }
func (f field) bulk(ops ...string) field   { f.Bulk = ops; return f }

// CustomPrefix begins the names of fields that the operator defined.
const CustomPrefix = "custom."

// customField is an operator's field as one of ours.
func customField(c customfield.Field) field {
	f := list.Field{Name: CustomPrefix + c.Key, Label: c.Label, Sortable: true, Filter: true, Custom: true, Editable: true, Importable: true,
		Required: c.Required, Help: c.Help, Group: "custom", Width: 140, Bulk: []string{"set", "clear"}}
	column := "c." + c.Column
	f.Key = column
	switch c.Type {
	case customfield.TypeText:
		f.Type, f.Key, f.Fragments = list.TypeText, column+"_key", true
	case customfield.TypeNumber:
		f.Type, f.Right = list.TypeNumber, true
		f.Bulk = append(f.Bulk, "increase", "decrease")
	case customfield.TypeDate:
		f.Type = list.TypeDay
	case customfield.TypeChoice:
		f.Type = list.TypeChoice
		f.Choices = c.Choices
	}
	return field{Field: f, max: 200}
}

// schema is the fields of one edition of the operator's definitions. It does not change.
type schema struct {
	edition int64
	custom  []customfield.Field
	fields  []field
	byName  map[string]*field
	table   *list.Table
	columns string // SELECT list of every kept column, in the order scan reads them
}

// index is where fragments of customers' texts are looked up.
var index = &list.FragmentIndex{Table: SearchTable, Row: "customer_id", Together: baseOpen, Apart: baseClosed}

func newSchema(edition int64, custom []customfield.Field) *schema {
	s := &schema{edition: edition, custom: custom, byName: map[string]*field{}}
	s.fields = append(s.fields, builtin...)
	for _, c := range custom {
		s.fields = append(s.fields, customField(c))
	}
	t := &list.Table{Name: "customers", From: "customers c", ID: "c.id", Keywords: keywords, Default: "-created_at", Base: base,
		Index: index, Scopes: scopes}
	for i := range s.fields {
		s.byName[s.fields[i].Name] = &s.fields[i]
		t.Fields = append(t.Fields, s.fields[i].Field)
	}
	s.table = t
	s.columns = s.selectList()
	return s
}

const (
	baseOpen   = "c.closed = 0"
	baseClosed = "c.closed = 1"
	baseAll    = "c.closed IN (0, 1)" // spelled out, so that indexes which lead with closed serve it
)

// base leaves closed customers out unless the filter speaks of the status: then it is read from what the filter's
// top conditions allow.
func base(n *list.Node) (string, bool) {
	if !n.Mentions("status") {
		return baseOpen, true
	}
	open, closed := true, true
	top := []*list.Node{n}
	if len(n.And) > 0 {
		top = n.And
	}
	for _, c := range top {
		if c.Field == nil || c.Field.Name != "status" {
			continue
		}
		has := slices.Contains(c.Keys, any(string(StatusClosed)))
		switch c.Op {
		case list.OpEq, list.OpIn:
			closed = closed && has
			open = open && (len(c.Keys) > 1 || !has)
		case list.OpNe, list.OpNin:
			closed = closed && !has
		}
	}
	switch {
	case open && !closed:
		return baseOpen, true
	case closed && !open:
		return baseClosed, true
	}
	return baseAll, false
}

// get is the field's value as text.
func (f *field) get(d *Draft) string {
	if f.text != nil {
		return *f.text(d)
	}
	if key, ok := strings.CutPrefix(f.Name, CustomPrefix); ok {
		return d.Custom[key]
	}
	return ""
}

// set puts a text into the field. Validate tells whether it is a good one.
func (f *field) set(d *Draft, value string) {
	if f.text != nil {
		*f.text(d) = value
		return
	}
	if key, ok := strings.CutPrefix(f.Name, CustomPrefix); ok {
		if d.Custom == nil {
			d.Custom = map[string]string{}
		}
		d.Custom[key] = value
	}
}

// settable tells whether Set may write the field on a new (creating) or present customer.
func (f *field) settable(creating bool) bool {
	return f.Editable && (creating || !f.create)
}

func (s *schema) selectList() string {
	var columns []string
	for _, c := range keptColumns {
		columns = append(columns, "c."+c.name)
	}
	for _, c := range s.custom {
		columns = append(columns, "c."+c.Column)
	}
	return strings.Join(columns, ", ") + ", COALESCE((SELECT r.name FROM customers r WHERE r.id = c.reseller_id), '')"
}

func (f *field) tooLong(value string) string {
	return fmt.Sprintf("%s may have at most %d characters.", f.Label, f.max)
}
